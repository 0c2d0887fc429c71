"""Looking at a seed set before anybody trusts what learns from it: nothing is written.

What is in doubt is found in the core; this brings it the seeds and the everyday content.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from cultivar.content.locations import Source
from cultivar.core.errors import InvalidInput
from cultivar.core.identity.families import Relative
from cultivar.core.roles import Action, AnyActor
from cultivar.core.seeds.check import Seed, SeedCheck
from cultivar.core.seeds.check import check_seeds as check
from cultivar.core.selection import skipped_seeds
from cultivar.core.texts.own_words import TEXT_COLUMNS, with_own_words
from cultivar.operations.content.locations import items_of
from cultivar.operations.engines import configured_engine
from cultivar.operations.training.seeds import candidates, read_source, with_selection
from cultivar.operations.training.training import compared_with, learning_input
from cultivar.operations.transactions import snapshot
from cultivar.store.workspace import Workspace

_TIES = ("duplicate_of", "near_duplicate_of", "message_id", "thread_id")
_COLUMNS = (
    "item_id", "path", "folder", "sha256", "text_sha256", "created_at", "status", "language",
    *TEXT_COLUMNS, *_TIES,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CheckedSeeds:
    """What was found in the seeds of a source, and the path of each seed by its item id."""

    source: Source
    found: SeedCheck
    paths: Mapping[str, str]


def source_of(workspace: Workspace, actor: AnyActor, classifier: str) -> Source:
    """Return the folder that a classifier takes its seeds from.

    Raises:
        NotFound: code ``unknown-classifier``.
        NotPermitted: the actor may not train it.
    """
    with snapshot(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        return Source(row.seed_site or "", row.seed_library, row.seed_folder)


def check_seeds(workspace: Workspace, actor: AnyActor, source: Source) -> CheckedSeeds:
    """Return what is found in the seeds that a source gives, from its last crawl.

    Raises:
        NotPermitted: the actor may not create classifiers.
        NotReady: codes ``not-crawled``, ``not-opted-in``.
        NotFound: codes ``unknown-location``, ``empty-folder``.
        InvalidInput: code ``too-few-seeds``; fewer than ten are readable.
    """
    with snapshot(workspace, actor, Action.CREATE):
        pass
    parts, seed = compared_with(workspace)
    items = read_source(workspace, items_of(workspace, source), source, _COLUMNS)
    skipped = skipped_seeds(candidates(items), workspace.settings.seeds_at_most)
    used = with_selection(items, skipped).filter(pc.field("used"))
    _require_enough(len(used), len(items))
    texts = with_own_words(used)
    given = learning_input(workspace, parts, seed, texts)
    found = check(_seeds(texts), given, configured_engine(workspace))
    paths = dict(zip(used["item_id"].to_pylist(), used["path"].to_pylist(), strict=True))
    return CheckedSeeds(source, found, paths)


_AT_LEAST = 10


def _require_enough(used: int, found: int) -> None:
    if used < _AT_LEAST:
        raise InvalidInput(
            "too-few-seeds",
            f"Seeds are compared with one another from {_AT_LEAST} on; {used} of {found} items "
            "are usable. Add strong examples to the folder and crawl its location again.",
            {"found": found, "used": used},
        )


def _seeds(used: pa.Table) -> list[Seed]:
    columns = ["item_id", "text", "text_sha256", "language", *_TIES]
    return [
        Seed(
            row["text"],
            row["language"],
            Relative(row["item_id"], row["text_sha256"], *(row[tie] for tie in _TIES)),
        )
        for row in used.select(columns).to_pylist()
    ]
