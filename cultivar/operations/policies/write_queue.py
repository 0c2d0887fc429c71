"""Hands what applications changed to the writers' queue, a step at a time, and makes the writers.

How far an application is handed over is kept together with each step, so a crash queues no change
twice and loses none. Nothing is queued for policies that ask for no writer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from cultivar.core.audit_actions import AuditAction
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.content.locations import KnownLocation, crawled_location
from cultivar.operations.policies.delivery import same_place
from cultivar.operations.policies.evaluation import writers_by_version
from cultivar.operations.policies.label_changes import Writers
from cultivar.operations.policies.writers.attributes import Attributes
from cultivar.operations.policies.writers.graph import Graph
from cultivar.operations.policies.writers.places import Place, Writer
from cultivar.operations.policies.writers.tags import Tags
from cultivar.operations.policies.writers.webhook import Webhook
from cultivar.operations.transactions import Transaction, snapshot, transaction
from cultivar.settings import Settings
from cultivar.store.tables import ApplicationRow, DriveRow, WriteRow
from cultivar.store.workspace import Workspace

ROWS_A_STEP = 2_000
OVERTAKEN = "a later change of the same label took its place"


def writers_from(settings: Settings) -> dict[str, Writer]:
    """Return the writers that the settings allow; graph and webhook need theirs to be set."""
    made: dict[str, Writer] = {"attributes": Attributes(), "tags": Tags()}
    if settings.graph_token:
        made["graph"] = Graph(settings.graph_url, settings.graph_token)
    if settings.webhook_url and settings.webhook_secret:
        made["webhook"] = Webhook(settings.webhook_url, settings.webhook_secret)
    return made


def name_drive(workspace: Workspace, actor: AnyActor, location: str, drive_id: str) -> None:
    """State which Microsoft Graph drive a location's files are in.

    Raises:
        NotFound: code ``unknown-location``.
        NotReady: code ``not-crawled``.
        NotPermitted: the actor may not add locations.
    """
    with transaction(workspace, actor, Action.ADD_LOCATION) as tx:
        crawled_location(tx.session, location)
        row = tx.session.get(DriveRow, location)
        if row is None:
            row = DriveRow(location=location)
            tx.session.add(row)
        row.drive_id, row.named_by, row.at = drive_id, tx.actor, tx.at
        tx.audit(AuditAction.DRIVE_NAMED, f"location:{location}", drive=drive_id)


@dataclass(frozen=True, slots=True)
class WriteStatus:
    """How many writes of a writer are ``due``, ``done``, ``skipped`` or ``failed``, and why."""

    writer: str
    state: str
    reason: str | None
    writes: int


def write_status(workspace: Workspace, actor: AnyActor) -> list[WriteStatus]:
    """Return how many writes of each writer stand where, and why those that failed did.

    Raises:
        NotPermitted: the actor may not label.
    """
    columns = (WriteRow.writer, WriteRow.state, WriteRow.reason)
    query = select(*columns, func.count()).group_by(*columns).order_by(*columns)
    with snapshot(workspace, actor, Action.LABEL) as tx:
        rows = tx.session.execute(query).all()
    return [WriteStatus(*row) for row in rows]


def retry_writes(workspace: Workspace, actor: AnyActor) -> int:
    """Make every write due again that was given up or refused; return how many there were.

    One that a later write of the same place has overtaken is skipped for good: repeated, it would
    bring back what was undone or changed since.

    Raises:
        NotPermitted: the actor may not label.
    """
    with transaction(workspace, actor, Action.LABEL) as tx:
        for row in tx.session.scalars(_failed().where(_overtaken())):
            row.state, row.reason = "skipped", OVERTAKEN
        tx.session.flush()
        rows = tx.session.scalars(_failed()).all()
        for row in rows:
            row.state, row.attempts, row.next_at, row.ended_at = "due", 0, tx.at, None
        if rows:
            tx.audit(AuditAction.WRITES_MADE_DUE_AGAIN, "tenant", writes=len(rows))
    return len(rows)


def _failed() -> Select[WriteRow]:
    return select(WriteRow).where(WriteRow.state == "failed")


def _overtaken() -> ColumnElement[bool]:
    later = aliased(WriteRow)
    return exists().where(later.id > WriteRow.id, *same_place(later))


def queue_writes(workspace: Workspace, actor: AnyActor) -> int:
    """Queue what applications changed since the last time; return how many writes were queued."""
    queued = 0
    for location, number, sha256, done in _unqueued(workspace):
        for start, rows in _steps(workspace, sha256, done):
            queued += _queue_step(workspace, actor, (location, number), start, rows)
    return queued


def _unqueued(workspace: Workspace) -> list[tuple[str, int, str, int]]:
    with workspace.registry.reading() as session:
        rows = session.execute(
            select(
                ApplicationRow.location,
                ApplicationRow.number,
                ApplicationRow.changes_sha256,
                ApplicationRow.queued,
            ).order_by(ApplicationRow.location, ApplicationRow.number)
        ).all()
    return [
        (location, number, sha256, queued)
        for location, number, sha256, queued in rows
        if queued < workspace.artifacts.reference(sha256).rows
    ]


def _steps(
    workspace: Workspace, sha256: str, done: int
) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Yield the changes that are not queued yet, each step with the place of its first row."""
    at = 0
    store = workspace.artifacts
    for batch in store.batches(store.reference(sha256), batch_size=ROWS_A_STEP):
        start = max(at, done)
        if start < at + batch.num_rows:
            yield start, batch.slice(start - at).to_pylist()
        at += batch.num_rows


def _queue_step(
    workspace: Workspace,
    actor: AnyActor,
    application: tuple[str, int],
    start: int,
    rows: list[dict[str, Any]],
) -> int:
    with transaction(workspace, actor, None) as tx:
        kept = tx.session.get_one(ApplicationRow, application)
        if kept.queued != start:
            # Somebody else handed it over meanwhile.
            return 0
        kept.queued = start + len(rows)
        writes = list(_writes(tx, kept, rows))
        tx.session.add_all(writes)
        return len(writes)


def _writes(
    tx: Transaction, application: ApplicationRow, rows: list[dict[str, Any]]
) -> Iterator[WriteRow]:
    asked = writers_by_version(tx.session)
    known = crawled_location(tx.session, application.location)
    drive = _drive(tx.session, application.location)
    for row in rows:
        place = _place(row, known, drive)
        for deed_name, writer in _wanted(row, asked):
            label = row["after"] if deed_name == "put" else row["before"]
            yield WriteRow(
                location=application.location, application=application.number, writer=writer,
                deed=deed_name, item_id=place.item_id, kind=place.kind, slot=place.slot,
                target=place.as_dict(), label=label, state="due", attempts=0, next_at=tx.at,
            )  # fmt: skip


def _wanted(row: Mapping[str, Any], asked: Writers) -> list[tuple[str, str]]:
    """Return what is to be done by whom: take where a writer no longer is asked, put where it is.

    A label that stays on the same content is put by those alone who were not asked before.
    """
    before = asked.get((row["before_policy_id"], row["before_policy_version"]), ())
    after = asked.get((row["after_policy_id"], row["after_policy_version"]), ())
    new = [name for name in after if row["change"] != "carried" or name not in before]
    gone = [name for name in before if name not in after]
    return [("take", name) for name in gone] + [("put", name) for name in new]


def _drive(session: Session, location: str) -> str | None:
    row = session.get(DriveRow, location)
    return row.drive_id if row else None


def _place(row: Mapping[str, Any], known: KnownLocation, drive: str | None) -> Place:
    return Place(
        row["item_id"],
        known.name,
        known.url,
        row["source_path"],
        row["path"] == row["source_path"],
        row["kind"],
        row["slot"],
        drive,
    )
