"""Which labels the enabled policies give at a location, and what that changes.

It writes the two artifacts that an application rests on, and applies nothing. An application moves
a location's labels as a whole; the million rows behind it are compared on disk, a range of items
at a time.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.policies.assigning import evaluation
from cultivar.core.policies.basis import Basis
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import Action, AnyActor
from cultivar.core.schemas import LABEL_CHANGES, LABELS
from cultivar.core.vocabulary import how_many
from cultivar.operations.content.locations import crawled_content
from cultivar.operations.policies.inputs import EvaluationInput, evaluation_input, rows_of
from cultivar.operations.policies.label_changes import SORTS, Writers, changes_between
from cultivar.operations.policies.policies import enabled_policies
from cultivar.operations.transactions import snapshot
from cultivar.store.origin import Producer
from cultivar.store.partitions import Partitioned, partitioned, ranges_for
from cultivar.store.tables import ApplicationRow, LocationRow, PolicyVersionRow
from cultivar.store.workspace import Workspace

Progress = Callable[[int, int | None], None]
_KEPT = ["item_id", "location", "workload", "path", "folder", "name", "sha256", "source_path"]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What the policies give at a location, and what of the active labels that changes.

    ``counts``: items, labels, kept for people, and added, removed, changed, renewed, carried,
    unchanged.
    ``reconsidered``: other versions of policies or classifiers than those behind the labels in
    force were asked; ``republished``: of a classifier, or at another operating
    point. ``before`` is the number of the application active, 0 for none.
    """

    location: str
    labels: ArtifactReference
    changes: ArtifactReference
    basis: Basis
    before: int
    counts: Mapping[str, int]
    reconsidered: bool
    republished: bool

    @property
    def token(self) -> str:
        """What a person names to accept exactly this difference."""
        return self.changes.sha256[:12]

    @property
    def needs_acceptance(self) -> bool:
        """Whether another version takes or changes labels that stood, or a republished one adds."""
        if self.republished and self.counts["added"]:
            return True
        return self.reconsidered and bool(self.counts["removed"] + self.counts["changed"])

    @property
    def only_adds(self) -> bool:
        """Whether no label that stood is taken back or changed."""
        return not self.counts["removed"] + self.counts["changed"]

    @property
    def why_it_waits(self) -> str | None:
        """A sentence on what waits to be accepted and why, None where nothing does."""
        if not self.needs_acceptance:
            return None
        removed, changed, added = (self.counts[name] for name in ("removed", "changed", "added"))
        other = "classifiers" if self.republished else "policies or classifiers"
        return (
            f"At {self.location}, other versions of {other} would take back "
            f"{how_many(removed, 'label')}, change {changed:,} and add {added:,}."
        )


def locations_to_apply(
    workspace: Workspace, actor: AnyActor, locations: Collection[str] | None = None
) -> list[str]:
    """Return the locations whose labels do not follow from the newest of everything yet.

    Content locations that were crawled count, or those that are named.

    Raises:
        NotPermitted: the actor may not label.
        NotFound: code ``unknown-location``.
        InvalidInput: code ``not-content``; a location that is named holds seeds or test items.
        NotReady: codes ``not-crawled``, ``not-labelled``.
    """
    with snapshot(workspace, actor, Action.LABEL) as tx:
        session = tx.session
        for name in locations or ():
            crawled_content(session, name)
        policies = enabled_policies(session)
        found = []
        for name in locations if locations is not None else content_locations(session):
            target = evaluation_input(session, name, policies)
            last = current_application(session, name)
            if last is None and not policies:
                continue
            if last is None or last.basis != target.basis:
                found.append(name)
        return found


def content_locations(session: Session) -> list[str]:
    """Return the names of the content locations that were crawled."""
    rows = session.scalars(
        select(LocationRow.name)
        .where(LocationRow.purpose == "content", LocationRow.items_sha256.is_not(None))
        .order_by(LocationRow.name)
    )
    return list(rows)


def current_application(session: Session, location: str) -> ApplicationRow | None:
    """Return the application whose labels a location's items have, None before the first."""
    return session.scalars(
        select(ApplicationRow)
        .where(ApplicationRow.location == location)
        .order_by(ApplicationRow.number.desc())
        .limit(1)
    ).first()


def evaluate(
    workspace: Workspace, actor: AnyActor, location: str, advance: Progress | None = None
) -> Evaluated:
    """Write what the enabled policies give at a location, and what of it is new.

    Nothing takes effect. The same policies, predictions and active labels give the same files.

    Raises: as ``locations_to_apply``.
    """
    with snapshot(workspace, actor, Action.LABEL) as tx:
        target = evaluation_input(tx.session, location, enabled_policies(tx.session))
        last = current_application(tx.session, location)
        writers = writers_by_version(tx.session)
    tally = Tally()
    labels = _write_labels(workspace, target, tally, advance)
    changes, changed = _write_changes(workspace, labels, last, writers)
    counts = {
        "items": tally.items, "labels": labels.rows, "kept for people": tally.kept, **changed
    }  # fmt: skip
    return Evaluated(
        location, labels, changes, target.basis, last.number if last else 0, counts,
        last is not None and _differs(last.basis, target.basis),
        last is not None and _republished(last.basis, target.basis),
    )  # fmt: skip


def _differs(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    parts = ("policies", "versions", "points", "undone")
    return any(before.get(part) != after.get(part) for part in parts)


def _republished(before: Basis, after: Basis) -> bool:
    """Tell whether a classifier decides by another version, or at another point, than it did."""
    points, points_after = before.get("points", {}), after.get("points", {})
    return any(
        name in before["versions"]
        and (before["versions"][name], points.get(name)) != (version, points_after.get(name))
        for name, version in after["versions"].items()
    )


@dataclass(slots=True)
class Tally:
    """Items seen, and labels of people that stayed."""

    items: int = 0
    kept: int = 0


def _write_labels(
    workspace: Workspace, target: EvaluationInput, tally: Tally, advance: Progress | None
) -> ArtifactReference:
    inputs = {f"assignments of {name}": sha256 for name, sha256 in target.listed.items()}
    return workspace.artifacts.write(
        LABELS.name,
        _labels(workspace, target, tally, advance),
        producer=Producer.POLICIES,
        inputs={"items": target.location.items_sha256 or "", **inputs},
    )


def _labels(
    workspace: Workspace, target: EvaluationInput, tally: Tally, advance: Progress | None
) -> Iterator[pa.Table]:
    total = workspace.artifacts.reference(target.location.items_sha256).rows
    yield LABELS.arrow.empty_table()
    for items in rows_of(workspace, target):
        found = evaluation(target.policies, items, target.versions, target.manual)
        tally.items += items.num_rows
        tally.kept += found.kept_for_people
        yield _identified(found.labels, items)
        if advance is not None:
            advance(tally.items, total)


def _identified(labels: pa.Table, items: pa.Table) -> pa.Table:
    at = pc.index_in(labels["item_id"], value_set=items["item_id"].combine_chunks())
    identity = items.select(_KEPT).take(at)
    decided = labels.drop_columns(["item_id", "sha256"])
    for place, name in enumerate(_KEPT):
        decided = decided.add_column(place, name, identity[name])
    application = pa.array([0] * labels.num_rows, pa.int32())
    return decided.append_column("application", application).cast(LABELS.arrow)


def writers_by_version(session: Session) -> Writers:
    """Return the writers of every version of every policy."""
    rows = session.scalars(select(PolicyVersionRow))
    return {(row.policy_id, row.version): tuple(row.writers) for row in rows}


def _write_changes(
    workspace: Workspace,
    labels: ArtifactReference,
    last: ApplicationRow | None,
    writers: Writers,
) -> tuple[ArtifactReference, dict[str, int]]:
    store = workspace.artifacts
    inputs = {"after": labels.sha256, **({"before": last.labels_sha256} if last else {})}
    counts = dict.fromkeys(SORTS, 0)
    with both_sides(workspace, labels, last) as sides:
        changes = store.write(
            LABEL_CHANGES.name,
            _changes(sides, writers, counts),
            producer=Producer.POLICIES,
            inputs=inputs,
        )
    return changes, counts


def _changes(sides: "Sides", writers: Writers, counts: dict[str, int]) -> Iterator[pa.Table]:
    yield LABEL_CHANGES.arrow.empty_table()
    for before, after in sides:
        found = changes_between(before, after, writers)
        for name, count in found.counts.items():
            counts[name] += count
        yield found.changes


@dataclass(frozen=True, slots=True)
class Sides:
    """Labels before and after, range by range; it can be gone through again."""

    before: Partitioned
    after: Partitioned

    def __iter__(self) -> Iterator[tuple[pa.Table, pa.Table]]:
        """Yield the labels before and after of each range of items."""
        for number in range(len(self.after)):
            yield self.before.read(number), self.after.read(number)


@contextmanager
def both_sides(
    workspace: Workspace, labels: ArtifactReference, last: ApplicationRow | None
) -> Iterator[Sides]:
    """Set the active labels and the labels given aside, to be compared for the block's length."""
    before = workspace.artifacts.reference(last.labels_sha256) if last else None
    bounds = ranges_for(max(labels.rows, before.rows if before else 0))
    schema = LABELS.arrow
    with (
        partitioned(_tables(workspace, before), schema, "item_id", bounds) as earlier,
        partitioned(_tables(workspace, labels), schema, "item_id", bounds) as later,
    ):
        yield Sides(earlier, later)


def _tables(workspace: Workspace, labels: ArtifactReference | None) -> Iterator[pa.Table]:
    for batch in workspace.artifacts.batches(labels) if labels else ():
        yield pa.Table.from_batches([batch])
