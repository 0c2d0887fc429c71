"""Looking at a seed set before anybody trusts what learns from it: nothing is written.

What is in doubt is found in the core; this brings it the seeds and the everyday content.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from cultivar.content.locations import Source
from cultivar.core.identity.families import Relative
from cultivar.core.learning.model import Model
from cultivar.core.roles import Action, AnyActor
from cultivar.core.seeds.check import Seed, SeedCheck, require_enough
from cultivar.core.seeds.check import check_seeds as check
from cultivar.core.selection import skipped_seeds
from cultivar.core.texts.own_words import TEXT_COLUMNS, with_own_words
from cultivar.operations.content.locations import items_of
from cultivar.operations.engines import configured_engine
from cultivar.operations.lookups import classifier_named
from cultivar.operations.training.seeds import candidates, read_source, with_selection
from cultivar.operations.training.training import compared_with, learning_input
from cultivar.operations.transactions import snapshot
from cultivar.store.models import read_model
from cultivar.store.tables import VersionRow
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


def check_seeds(
    workspace: Workspace, actor: AnyActor, source: Source, classifier: str | None = None
) -> CheckedSeeds:
    """Return what is found in the seeds that a source gives, from its last crawl.

    A model of the ``classifier`` that learned from just these seeds is taken; else one is trained
    and not kept.

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
    require_enough(len(used), len(items))
    texts = with_own_words(used)
    given = learning_input(workspace, parts, seed, texts)
    trained = _trained(workspace, classifier, parts, used)
    everyday = workspace.artifacts.reference(parts["unlabelled"])
    spoken = workspace.artifacts.read(everyday, columns=["language"])["language"].to_pylist()
    found = check(_seeds(texts), given, configured_engine(workspace), trained, spoken)
    paths = dict(zip(used["item_id"].to_pylist(), used["path"].to_pylist(), strict=True))
    return CheckedSeeds(source, found, paths)


def _trained(
    workspace: Workspace, classifier: str | None, parts: Mapping[str, str], used: pa.Table
) -> Model | None:
    """Return the model of a classifier that these seeds and nothing else taught."""
    if classifier is None:
        return None
    with workspace.registry.reading() as session:
        row = classifier_named(session, classifier)
        version = session.get(VersionRow, row.candidate_version_id or "")
    if version is None:
        return None
    store = workspace.artifacts
    model = read_model(store, store.reference(version.model_sha256))
    rest = dict(model.inputs)
    seed_set = rest.pop("seed_set", None)
    if seed_set is None or rest != dict(parts):
        return None
    learned = store.read(store.reference(seed_set), columns=["item_id", "text_sha256", "used"])
    same = (_identity(learned.filter(learned["used"])), _identity(used))
    return model if same[0] == same[1] else None


def _identity(seeds: pa.Table) -> list[tuple[str, str]]:
    columns = (seeds.column(name).to_pylist() for name in ("item_id", "text_sha256"))
    return sorted(zip(*columns, strict=True))


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
