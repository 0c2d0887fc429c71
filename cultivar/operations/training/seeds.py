"""The seed set of a classifier: the newest usable items of one folder, all taken as positives.

It writes the artifact; whether there are enough seeds is decided by the gate.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from cultivar.content.locations import Source
from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import NotFound
from cultivar.core.limits import SEEDS_AT_LEAST
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import Action, AnyActor
from cultivar.core.schemas import ITEMS, SEED_SET
from cultivar.core.selection import Candidate, skipped_seeds
from cultivar.operations.content.locations import KnownLocation, items_of
from cultivar.operations.lookups import near_matches
from cultivar.operations.transactions import snapshot, transaction
from cultivar.store.origin import Producer
from cultivar.store.parts.reading import PartRows
from cultivar.store.tables import ClassifierRow
from cultivar.store.workspace import Workspace

if TYPE_CHECKING:
    from cultivar.operations.content.crawling import Aside

# What selection needs of an item: never its text.
_NARROW = ("item_id", "path", "folder", "sha256", "text_sha256", "created_at", "status")


@dataclass(frozen=True, slots=True)
class Selection:
    """What a folder holds: items found, used, and how many were skipped for which reason."""

    found: int
    used: int
    skipped: Mapping[str, int]


def build_seed_set(workspace: Workspace, actor: AnyActor, classifier: str) -> ArtifactReference:
    """Write the seed set from the items of the classifier's seed folder, and return it.

    Every item of the folder has its row; the ones that are not used say why.

    Raises:
        NotReady: code ``not-crawled``.
    """
    with snapshot(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        source = Source(row.seed_site or "", row.seed_library, row.seed_folder)
    location = items_of(workspace, source)
    items = read_source(workspace, location, source)
    skipped = skipped_seeds(candidates(items), workspace.settings.seeds_at_most)
    inputs = {"items": location.items_sha256 or ""}
    table = as_schema(with_selection(items, skipped), SEED_SET.arrow)
    return workspace.artifacts.write(
        SEED_SET.name, table, producer=Producer.SEED_INGEST, inputs=inputs
    )


def attach_seed_set(
    workspace: Workspace, actor: AnyActor, classifier: str, seed_set: ArtifactReference
) -> None:
    """Make an artifact the seed set of a classifier; who attached it is audited."""
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        if row.seed_set_sha256 != seed_set.sha256:
            row.seed_set_sha256 = seed_set.sha256
            tx.audit(
                AuditAction.SEEDS_ATTACHED, row.id, items=seed_set.rows, sha256=seed_set.sha256
            )


def preview_seeds(workspace: Workspace, source: Source) -> Selection:
    """Return what the folder would give as seeds, from its last crawl; nothing is written.

    Raises:
        NotFound: codes ``unknown-location``, ``empty-folder``.
        NotReady: code ``not-crawled``.
    """
    location = items_of(workspace, source)
    try:
        narrow = read_source(workspace, location, source, _NARROW)
    except NotFound as error:
        raise _with_folders(workspace, location, source, error) from None
    skipped = skipped_seeds(candidates(narrow), workspace.settings.seeds_at_most)
    return selection_of(len(narrow), skipped)


def preview_aside(aside: "Aside", source: Source) -> Selection:
    """Return what a folder would give as seeds that was read and not kept.

    Raises:
        NotFound: code ``empty-folder``; nothing lies there.
    """
    items = aside.narrow([*_NARROW])
    chosen = pa.array([source.selects(each) for each in items["folder"].to_pylist()], pa.bool_())
    narrow = items.filter(chosen)
    if not narrow.num_rows:
        raise NotFound(
            "empty-folder",
            f"There are no files in {source.prefix or 'the folder'}. Put at least "
            f"{SEEDS_AT_LEAST} strong examples there.",
            {"location": source.site},
        )
    return selection_of(narrow.num_rows, skipped_seeds(candidates(narrow)))


def _with_folders(
    workspace: Workspace, location: KnownLocation, source: Source, error: NotFound
) -> NotFound:
    """Offer folders that may be meant: to the person who asks, as no log may hold a path."""
    items = workspace.artifacts.reference(location.items_sha256)
    folders = workspace.artifacts.read(items, columns=["folder"]).column("folder").unique()
    near = near_matches(source.prefix, folders.to_pylist())
    return NotFound(error.code, error.cause + near, error.facts, error.remedy)


def selection_of(found: int, skipped: Mapping[str, str]) -> Selection:
    """Return the counts of a selection, reasons in order of frequency."""
    return Selection(found, found - len(skipped), dict(Counter(skipped.values()).most_common()))


def read_source(
    workspace: Workspace,
    location: KnownLocation,
    source: Source,
    columns: Iterable[str] | None = None,
) -> pa.Table:
    """Return the items of a source in path order; where a location has others, past their text.

    Raises:
        NotFound: code ``empty-folder``; the last crawl found nothing there.
    """
    reference = workspace.artifacts.reference(location.items_sha256)
    names = ITEMS.arrow.names if columns is None else list(columns)
    items = PartRows(workspace.artifacts, reference)
    parts = [each.rows for each in items.chosen(["folder"], partial(_selected, source), names)]
    if not parts:
        raise NotFound(
            "empty-folder",
            f"The last crawl of {source.site} found no items in the folder that is named. "
            "Check its name.",
            {"location": source.site},
            Remedy(NextStep.CRAWL, source.site, "reads the location again"),
        )
    table = pa.concat_tables(parts)
    return table.sort_by([("path", "ascending"), ("item_id", "ascending")])


def _selected(source: Source, rows: pa.Table) -> pa.Array:
    folders = rows.column("folder").to_pylist()
    return pa.array([source.selects(folder) for folder in folders], pa.bool_())


def candidates(items: pa.Table) -> list[Candidate]:
    """Return what selection needs to know of each item; text that is the same is one content."""
    rows = items.select(
        ["item_id", "path", "text_sha256", "sha256", "created_at", "status"]
    ).to_pylist()
    return [
        Candidate(
            row["item_id"],
            row["path"],
            row["text_sha256"] or row["sha256"],
            row["created_at"],
            row["status"],
        )
        for row in rows
    ]


def with_selection(items: pa.Table, skipped: Mapping[str, str]) -> pa.Table:
    """Return the items with the columns ``used`` and ``skipped``."""
    reasons = pa.array([skipped.get(each) for each in ids(items)], pa.string())
    return items.append_column("used", pc.is_null(reasons)).append_column("skipped", reasons)


def ids(items: pa.Table) -> list[Any]:
    """Return the item ids in the order of the rows."""
    return items.column("item_id").to_pylist()


def as_schema(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return the declared columns of a table, cast to their declared types."""
    return table.select(schema.names).cast(schema)


def seeds_in_use(workspace: Workspace, row: ClassifierRow, columns: list[str]) -> pa.Table:
    """Return the seeds in use."""
    seed_set = workspace.artifacts.reference(row.seed_set_sha256)
    seeds = workspace.artifacts.read(seed_set, columns=columns)
    return seeds.filter(seeds.column("used"))
