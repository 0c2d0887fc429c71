"""Locations renamed: whatever refers to one refers to it by its new name.

Labels, verdicts, holds, seeds, test items, projects and records of writing go along; a policy that
names it gets a version that says the new name. Its items are written once more with the new name;
artifacts of earlier days stay as they are. The audit log keeps the name that it had.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.orm import Session

from cultivar.content.locations import Location
from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import Conflict
from cultivar.core.policies.conditions import LocationIn, nodes
from cultivar.core.policies.policy import PERMISSION_FOR, Policy
from cultivar.core.policies.policy_checks import next_version
from cultivar.core.policies.policy_json import policy_as_json
from cultivar.core.policies.rewriting import with_location_renamed
from cultivar.core.roles import Action, AnyActor
from cultivar.core.schemas import ASSIGNMENTS
from cultivar.core.vocabulary import REMOVED
from cultivar.operations.content.aggregation import follow_places
from cultivar.operations.content.crawling import bounds_of
from cultivar.operations.content.former_names import require_free
from cultivar.operations.content.locations import KnownLocation, known, location_row
from cultivar.operations.outbox import TESTING_DUE
from cultivar.operations.policies.policies import every_policy, undone_versions, writers_of
from cultivar.operations.runs import require_not_running
from cultivar.operations.transactions import Transaction, snapshot, transaction
from cultivar.store.origin import PART, Producer
from cultivar.store.parts.writing import write_items
from cultivar.store.tables import (
    ApplicationRow,
    LabellingRow,
    LocationRow,
    OutboxRow,
    PolicyRow,
    PolicyVersionRow,
    ProjectRow,
    UndoRow,
    WriteRow,
    all_tables,
)
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Renamed:
    """A location under its new name, and the policies that got a version for it, by id."""

    location: KnownLocation
    before: str
    policies: tuple[str, ...]


def rename_location(workspace: Workspace, actor: AnyActor, before: str, after: str) -> Renamed:
    """Give a location another name; what refers to it keeps referring to it.

    Raises:
        NotFound: code ``unknown-location``.
        InvalidInput: the name is none that a location may have.
        Conflict: code ``location-exists`` (the name is, or was, that of another location);
            ``already-running`` (it is being crawled); ``changed-meanwhile``.
        NotPermitted: the actor may not add locations, or not write a policy that names this one.
    """
    with snapshot(workspace, actor, Action.ADD_LOCATION) as tx:
        row = location_row(tx.session, before)
        _require_may(tx, row, after)
        held = [each for each in _labellings(tx.session, before) if _is_of(each, row)]
        found = known(row)
    made = _written_anew(workspace, found, after, held)
    with transaction(workspace, actor, Action.ADD_LOCATION) as tx:
        row = location_row(tx.session, before)
        policies = _require_may(tx, row, after)
        if row.items_sha256 != found.items_sha256 or not _are_same(tx.session, before, held):
            raise Conflict(
                "changed-meanwhile",
                f"{before} was crawled or classified at the same moment, so nothing was renamed. "
                "Repeat the command.",
            )
        for each in policies:
            _name_in(tx, each, before, after)
        _move(tx.session, row, after, made)
        details = {"before": before, "policies": [each.policy_id for each in policies]}
        tx.audit(AuditAction.LOCATION_RENAMED, f"location:{after}", **details)
        renamed = known(location_row(tx.session, after))
    follow_places(workspace)
    return Renamed(renamed, before, tuple(each.policy_id for each in policies))


def _require_may(tx: Transaction, row: LocationRow, after: str) -> list[Policy]:
    """Return the policies that name the location, where nothing speaks against the new name."""
    Location(after, row.url, row.workload)
    taken = tx.session.get(LocationRow, after)
    if taken is not None:
        there = "was removed, and stays on record" if taken.purpose == REMOVED else "is there"
        raise Conflict(
            "location-exists",
            f"A location named {after} {there}, so {row.name} was not renamed. Choose another "
            "name.",
            {"name": after},
        )
    require_free(tx.session, after, row.name)
    require_not_running(tx.session, f"location:{row.name}", tx.at)
    naming = [
        each
        for archived in (False, True)
        for each in every_policy(tx.session, archived=archived)
        if any(
            isinstance(node.condition, LocationIn) and row.name in node.condition.names
            for node in nodes(each.condition)
        )
    ]
    for each in naming:
        tx.allow(PERMISSION_FOR[each.kind])
    return naming


def _name_in(tx: Transaction, policy: Policy, before: str, after: str) -> None:
    """Keep a version of a policy that says the new name; where the last was undone, so is it."""
    condition = with_location_renamed(policy.condition, before, after)
    made = next_version(policy, condition=condition)
    tx.session.add(
        PolicyVersionRow(
            policy_id=made.policy_id, version=made.version, definition=policy_as_json(made),
            writers=writers_of(tx.session, policy), created_by=tx.actor, created_at=tx.at,
        )
    )  # fmt: skip
    if policy.version in undone_versions(tx.session, policy.policy_id):
        reason = f"as version {policy.version} is"
        tx.session.add(
            UndoRow(
                policy_id=made.policy_id, policy_version=made.version, reason=reason,
                actor=tx.actor, at=tx.at,
            )
        )  # fmt: skip
    tx.session.get_one(PolicyRow, made.policy_id).version = made.version
    tx.audit(AuditAction.POLICY_CHANGED, f"policy:{made.policy_id}", version=made.version)


def _labellings(session: Session, location: str) -> list[LabellingRow]:
    query = select(LabellingRow).where(LabellingRow.location == location)
    return list(session.scalars(query.order_by(LabellingRow.classifier_id)))


def _is_of(labelling: LabellingRow, row: LocationRow) -> bool:
    return labelling.items_sha256 == row.items_sha256


def _are_same(session: Session, location: str, held: list[LabellingRow]) -> bool:
    now = {each.classifier_id: each.assignments_sha256 for each in _labellings(session, location)}
    return all(now.get(each.classifier_id) == each.assignments_sha256 for each in held)


@dataclass(frozen=True, slots=True)
class _Made:
    """The items under the new name, and by classifier what it found among them."""

    items: str | None
    assignments: dict[str, str]


def _written_anew(
    workspace: Workspace, found: KnownLocation, after: str, held: list[LabellingRow]
) -> _Made:
    if found.items_sha256 is None:
        return _Made(None, {})
    store = workspace.artifacts
    renamed = _with_location(store.batches(store.reference(found.items_sha256)), after)
    bounds = bounds_of(workspace.settings)
    items = write_items(store, renamed, producer=Producer.CRAWL, bounds=bounds).sha256
    assignments = {}
    for each in held:
        known = workspace.artifacts.inputs_of(each.assignments_sha256)
        inputs = {name: one for name, one in known.items() if not name.startswith(PART)}
        assignments[each.classifier_id] = _renamed_assignments(
            workspace, each.assignments_sha256, after, inputs | {"items": items}
        )
    return _Made(items, assignments)


def _renamed_assignments(
    workspace: Workspace, sha256: str, after: str, inputs: dict[str, str]
) -> str:
    store = workspace.artifacts
    batches = (_without_rows(batch) for batch in store.batches(store.reference(sha256)))
    rows = _with_location(batches, after)
    return store.write(ASSIGNMENTS.name, rows, producer=Producer.LABELLING, inputs=inputs).sha256


def _without_rows(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Forget where items stood in parts that are written once more."""
    at = batch.schema.get_field_index("row")
    nothing = pa.nulls(batch.num_rows, pa.int64())
    return batch.set_column(at, batch.schema.field(at), nothing)


def _with_location(batches: Iterator[pa.RecordBatch], name: str) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        at = batch.schema.get_field_index("location")
        column = pa.array([name] * batch.num_rows, pa.string())
        yield batch.set_column(at, batch.schema.field(at), column)


def _move(session: Session, row: LocationRow, after: str, made: _Made) -> None:
    """Let every row of the registry that names the location name it by its new name.

    Nothing may name a location that is not there, so the new row comes first and the old one goes
    last; so it is with the applications, to which what was written refers.
    """
    before = row.name
    for each in _labellings(session, before):
        if _is_of(each, row):
            each.items_sha256 = made.items or ""
            each.assignments_sha256 = made.assignments[each.classifier_id]
    session.flush()
    tables = all_tables()
    location = tables.tables["location"]
    _copied(session, location, location.c.name, before, after)
    application = tables.tables["application"]
    _copied(session, application, application.c.location, before, after)
    session.execute(update(WriteRow).where(WriteRow.location == before).values(location=after))
    session.execute(delete(ApplicationRow).where(ApplicationRow.location == before))
    for table in tables.sorted_tables:
        for column in table.columns:
            if any(key.column is location.c.name for key in column.foreign_keys):
                session.execute(update(table).where(column == before).values({column: after}))
    session.execute(
        update(ProjectRow).where(ProjectRow.container == before).values(container=after)
    )
    _rename_what_is_due(session, before, after)
    session.execute(delete(LocationRow).where(LocationRow.name == before))
    session.expire_all()
    moved = session.get_one(LocationRow, after)
    moved.items_sha256 = made.items


def _copied(session: Session, table: Table, column: Any, before: str, after: str) -> None:
    """Write the rows that have a name once more with another one."""
    rows = session.execute(select(table).where(column == before)).mappings().all()
    if rows:
        session.execute(insert(table), [{**row, column.name: after} for row in rows])


def _rename_what_is_due(session: Session, before: str, after: str) -> None:
    due = select(OutboxRow).where(OutboxRow.kind == TESTING_DUE, OutboxRow.done_at.is_(None))
    for each in session.scalars(due):
        if each.payload.get("site") == before:
            each.payload = {**each.payload, "site": after}
