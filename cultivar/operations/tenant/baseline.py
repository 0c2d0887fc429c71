"""The baseline: what the tenant's content is like, counted at opt-in and again every week.

It reads the newest items of the content locations and writes three artifacts; whether they
suffice is decided by their gates.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

import pyarrow as pa
import pyarrow.compute as pc

from cultivar.core.errors import NotReady
from cultivar.core.learning.text import add_frequencies, document_frequencies
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas import BASELINE, DOCUMENT_FREQUENCIES, UNLABELLED
from cultivar.core.texts.own_words import TEXT_COLUMNS, with_own_words
from cultivar.core.texts.reading_status import WITH_TEXT
from cultivar.operations.reuse import existing_artifact
from cultivar.operations.tenant.opting_in import content_locations
from cultivar.operations.tenant.tenant import Baseline
from cultivar.operations.training.seeds import as_schema
from cultivar.operations.transactions import tenant_of
from cultivar.store.origin import Producer
from cultivar.store.workspace import Workspace

UNKNOWN_LANGUAGE = "und"
_KEYS = ["location", "workload", "media_type", "language", "status"]
_COUNTED = ["size", "characters", "duplicate_of", "near_duplicate_of"]
_NAMES = {
    "one_sum": "items",
    "size_sum": "bytes",
    "characters_sum": "characters",
    "duplicate_sum": "duplicates",
    "near_duplicate_sum": "near_duplicates",
}
_READABLE = pc.field("status").isin(WITH_TEXT)


@dataclass(frozen=True, slots=True)
class Content:
    """The items artifacts of the tenant's content, by part of the lineage."""

    items: Mapping[str, ArtifactReference]

    def batches(self, workspace: Workspace, columns: list[str]) -> Iterator[pa.Table]:
        """Yield the rows of every location, in the order of their names."""
        for reference in self.items.values():
            for batch in workspace.artifacts.batches(reference, columns=columns):
                yield pa.Table.from_batches([batch])


def content_of(workspace: Workspace) -> Content:
    """Return the newest items of every content location that was crawled.

    Raises:
        NotReady: codes ``no-location``, ``not-crawled``.
    """
    known = content_locations(workspace)
    crawled = [each.items_sha256 for each in known if each.items_sha256]
    if not crawled:
        raise NotReady(
            "not-crawled",
            f"None of the {len(known)} locations was crawled yet.",
            remedy=Remedy(NextStep.CRAWL, effect="crawls them"),
        )
    return Content(
        {
            f"items {number}": workspace.artifacts.reference(sha256)
            for number, sha256 in enumerate(crawled, start=1)
        }
    )


def take_baseline(workspace: Workspace, content: Content) -> Baseline:
    """Count the content, its document frequencies, and draw the unlabelled sample.

    The same content gives the same artifacts; those that exist already are not made again.
    Memory grows with the sample, not with the content.
    """
    baseline = existing_artifact(
        workspace, BASELINE.name, Producer.OPT_IN, content.items
    ) or _counted(workspace, content)
    frequencies = existing_artifact(
        workspace, DOCUMENT_FREQUENCIES.name, Producer.OPT_IN, content.items
    ) or _frequencies(workspace, content)
    unlabelled = _unlabelled(workspace, content)
    table = workspace.artifacts.read(baseline, columns=["status", "items"])
    documents = pc.sum(table.filter(_READABLE).column("items")).as_py() or 0
    return Baseline(baseline, frequencies, unlabelled, int(documents))


def _counted(workspace: Workspace, content: Content) -> ArtifactReference:
    parts = [_counts(batch) for batch in content.batches(workspace, [*_KEYS, *_COUNTED])]
    sums = [(name, "sum") for name in _NAMES.values()]
    total = pa.concat_tables(parts).group_by(_KEYS).aggregate(sums)
    total = total.rename_columns([name.removesuffix("_sum") for name in total.column_names])
    ordered = total.sort_by([(key, "ascending") for key in _KEYS])
    return workspace.artifacts.write(
        BASELINE.name,
        as_schema(ordered, BASELINE.arrow),
        producer=Producer.OPT_IN,
        inputs=content.items,
    )


def _counts(items: pa.Table) -> pa.Table:
    language = pc.fill_null(items.column("language"), UNKNOWN_LANGUAGE)
    flagged = (
        items.set_column(items.column_names.index("language"), "language", language)
        .append_column("one", pa.array([1] * len(items), pa.int64()))
        .append_column("duplicate", _flag(items.column("duplicate_of")))
        .append_column("near_duplicate", _flag(items.column("near_duplicate_of")))
    )
    sums = [(name.removesuffix("_sum"), "sum") for name in _NAMES]
    counts = flagged.group_by(_KEYS).aggregate(sums)
    return counts.rename_columns([_NAMES.get(name, name) for name in counts.column_names])


def _flag(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.cast(pc.is_valid(column), pa.int64())


def _frequencies(workspace: Workspace, content: Content) -> ArtifactReference:
    table = DOCUMENT_FREQUENCIES.arrow.empty_table()
    for batch in content.batches(workspace, ["status", *TEXT_COLUMNS]):
        texts = with_own_words(batch.filter(_READABLE)).column("text")
        table = add_frequencies(table, document_frequencies(texts))
    return workspace.artifacts.write(
        DOCUMENT_FREQUENCIES.name, table, producer=Producer.OPT_IN, inputs=content.items
    )


def _unlabelled(workspace: Workspace, content: Content) -> ArtifactReference:
    seed = _seed(workspace)
    wanted = workspace.settings.unlabelled_sample
    drawn = heapq.nsmallest(wanted, _draws(_candidates(workspace, content), seed))
    known = existing_artifact(workspace, UNLABELLED.name, Producer.OPT_IN, content.items)
    if known is not None and known.rows == len(drawn):
        return known
    chosen = pa.array([item_id for _, item_id in drawn], pa.string())
    return workspace.artifacts.write(
        UNLABELLED.name,
        _rows(workspace, content, chosen),
        producer=Producer.OPT_IN,
        inputs=content.items,
    )


def _rows(workspace: Workspace, content: Content, chosen: pa.Array) -> Iterator[pa.Table]:
    yield UNLABELLED.arrow.empty_table()
    for batch in content.batches(workspace, UNLABELLED.arrow.names):
        taken = batch.filter(pc.is_in(batch.column("item_id"), chosen))
        yield as_schema(taken, UNLABELLED.arrow)


def _candidates(workspace: Workspace, content: Content) -> Iterator[str]:
    """Yield the ids of readable items, each content once a location."""
    columns = ["item_id", "status", "characters", "duplicate_of"]
    original = _READABLE & (pc.field("characters") > 0) & pc.field("duplicate_of").is_null()
    for batch in content.batches(workspace, columns):
        yield from batch.filter(original).column("item_id").to_pylist()


def _draws(item_ids: Iterable[str], seed: int) -> Iterator[tuple[bytes, str]]:
    """Yield each item with its draw: a hash, so that the sample is the same on every machine."""
    for item_id in item_ids:
        yield sha256(f"{seed}\nunlabelled\n{item_id}".encode()).digest()[:8], item_id


def _seed(workspace: Workspace) -> int:
    with workspace.registry.reading() as session:
        return tenant_of(session).seed
