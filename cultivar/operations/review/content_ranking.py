"""The head of the content as a version ranks it: scored once a version and content, then reused.

It scores and reads ties; which items are judged is the core's.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cultivar.core.identity.families import Relative
from cultivar.core.learning.model import Model
from cultivar.core.reference import ArtifactReference
from cultivar.core.review.content_batch import AT_HAND
from cultivar.core.schemas import PREDICTIONS
from cultivar.core.texts.own_words import TEXT_COLUMNS, with_own_words
from cultivar.core.texts.reading_status import WITH_TEXT
from cultivar.operations.engines import model_at
from cultivar.operations.reuse import made_once
from cultivar.operations.scoring.scoring import scored
from cultivar.operations.scoring.version_models import version_model
from cultivar.operations.tenant.baseline import Content, content_of
from cultivar.operations.training.seeds import as_schema
from cultivar.store.item_rows import item_rows
from cultivar.store.origin import Producer
from cultivar.store.tables import ClassifierRow
from cultivar.store.workspace import Workspace

HEAD = AT_HAND
"""How many items are kept at least; every item that some operating point labels is."""
_COLUMNS = ["item_id", "sha256", *TEXT_COLUMNS, "status", "duplicate_of"]
_ORIGINAL = pc.field("status").isin(WITH_TEXT) & pc.field("duplicate_of").is_null()
_RELATED_BY = ["item_id", "duplicate_of", "near_duplicate_of", "message_id", "thread_id"]
_HASHES = ["sha256", "text_sha256"]


@dataclass(frozen=True, slots=True)
class Tied:
    """An item of the content by what ties it to others, and the crawl that holds its text."""

    relative: Relative
    items_sha256: str


def rank_content(workspace: Workspace, version_id: str) -> ArtifactReference:
    """Return the likeliest items of the whole content by a version, the best first.

    Raises:
        NotReady: codes ``no-location``, ``not-crawled``.
    """
    content = content_of(workspace)
    sha256 = version_model(workspace, version_id)
    inputs = {"model": sha256, **{part: each.sha256 for part, each in content.items.items()}}

    def ranked() -> ArtifactReference:
        model = model_at(workspace, workspace.artifacts.reference(sha256))
        rows = _head(workspace, content, model, version_id)
        return workspace.artifacts.write(
            PREDICTIONS.name, rows, producer=Producer.REVIEW_GATE, inputs=inputs
        )

    return made_once(workspace, PREDICTIONS.name, Producer.REVIEW_GATE, inputs, ranked).artifact


def _head(workspace: Workspace, content: Content, model: Model, version_id: str) -> pa.Table:
    floor = model.operating.lowest if model.operating else model.threshold
    listed, rest = [PREDICTIONS.arrow.empty_table()], PREDICTIONS.arrow.empty_table()
    for batch in content.batches(workspace, _COLUMNS):
        own = with_own_words(batch.filter(_ORIGINAL))
        table = as_schema(scored(own, model, version_id), PREDICTIONS.arrow)
        reached = np.asarray(table.column("score").to_numpy()) >= np.float32(floor)
        listed.append(table.filter(pa.array(reached)))
        rest = _best(pa.concat_tables([rest, table.filter(pa.array(~reached))]), HEAD)
    head = pa.concat_tables(listed)
    more = _best(rest, max(0, HEAD - len(head)))
    return _best(pa.concat_tables([head, more]), len(head) + len(more))


def _best(table: pa.Table, count: int) -> pa.Table:
    order = [("score", "descending"), ("item_id", "ascending")]
    return table.sort_by(order).slice(0, count).combine_chunks()


def scores_of(workspace: Workspace, ranking: ArtifactReference) -> dict[str, float]:
    """Return item id → score, the best first."""
    table = workspace.artifacts.read(ranking, columns=["item_id", "score"])
    columns = (table.column(name).to_pylist() for name in ("item_id", "score"))
    return dict(zip(*columns, strict=True))


def tied_items(workspace: Workspace, wanted: Collection[str]) -> dict[str, Tied]:
    """Return what ties items to others, by id; those that no crawl holds any more are left out."""
    found: dict[str, Tied] = {}
    for reference in content_of(workspace).items.values():
        for row in _rows(workspace, reference, wanted):
            relative = _relative(row)
            found[relative.item_id] = Tied(relative, reference.sha256)
    return found


def _rows(
    workspace: Workspace, reference: ArtifactReference, wanted: Collection[str]
) -> Iterator[Mapping[str, str | None]]:
    columns = [*_RELATED_BY, *_HASHES]
    for rows in item_rows(workspace.artifacts, reference, wanted, columns):
        yield from rows.to_pylist()


def _relative(row: Mapping[str, str | None]) -> Relative:
    ties = {name: row.get(name) for name in _RELATED_BY}
    return Relative(content=row["text_sha256"] or row["sha256"], **ties)  # type: ignore[arg-type]


def taught_with(workspace: Workspace, row: ClassifierRow) -> list[Relative]:
    """Return the seeds of a classifier and its test items."""
    store, found = workspace.artifacts, []
    for sha256, columns in (
        (row.seed_set_sha256, [*_RELATED_BY, *_HASHES]),
        (row.test_set_sha256, ["item_id", *_HASHES]),
    ):
        if sha256 is not None:
            rows = store.read(store.reference(sha256), columns=[*columns, "used"])
            found += [_relative(each) for each in rows.to_pylist() if each["used"]]
    return found
