"""What an item was labelled with on a day, by which version, and who approved that and why.

It answers from the audit log, the publications and the artifacts of that day; it labels nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import NotFound
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.artifacts.crawl_names import names_in_crawl
from cultivar.operations.content.former_names import name_now, renamings
from cultivar.operations.content.items import find_item, fits
from cultivar.operations.content.label_history import BY_HAND, LEFT, LabelDeed, label_deeds
from cultivar.operations.transactions import snapshot
from cultivar.store.item_rows import item_rows
from cultivar.store.tables import (
    ApplicationRow,
    AuditRow,
    PublicationRow,
    VersionRow,
)
from cultivar.store.workspace import Workspace

LABELLED = AuditAction.LABELLED.value


@dataclass(frozen=True, slots=True)
class Approval:
    """The publication that made a version live: by whom, when, on what evidence."""

    number: int
    actor: str
    at: datetime
    evidence: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Version:
    """A version as it stood: number, model, why it was made, and its approval before the action."""

    version_id: str
    number: int
    model_sha256: str
    reason: str
    created_at: datetime
    approval: Approval | None


@dataclass(frozen=True, slots=True)
class Predicted:
    """What a classifier's version said of the item in the labelling that held on that day.

    ``prediction`` is ``no match`` where the version did not list the item.
    """

    classifier: str
    version: Version
    prediction: str
    score: float | None
    labelled_at: datetime
    labelled_by: str


@dataclass(frozen=True, slots=True)
class Label:
    """A label active on that day: given by a policy's version, or by a person."""

    kind: str
    label: str
    given_at: datetime
    given_by: str
    policy: str | None = None
    policy_version: int | None = None
    version: Version | None = None
    score: float | None = None
    application: int | None = None
    run_id: str | None = None


@dataclass(frozen=True, slots=True)
class ItemOn:
    """The answer for one item and one moment; ``history`` is all that befell its labels by then."""

    item_id: str
    location: str
    path: str
    on: datetime
    predictions: tuple[Predicted, ...]
    labels: tuple[Label, ...]
    history: tuple[LabelDeed, ...]


def item_on(workspace: Workspace, actor: AnyActor, item: str, on: datetime | None = None) -> ItemOn:
    """Return what labelled an item at a moment, now if left out; ``find_item`` says how to name it.

    An item that was deleted since is found too, in the crawl that was labelled then.

    Raises:
        NotPermitted: the actor may not read the area, or not see items.
        NotFound: code ``unknown-item``.
    """
    with snapshot(workspace, actor, None) as tx:
        tx.allow(Action.SEE_ITEMS, Action.READ)
        on = on or tx.at
        done = _labellings(tx.session, on)
        item_id, location, path = _identified(workspace, item, done)
        here = [row for where, row in done if where == location]
        predictions = [_predicted(workspace, tx.session, row, item_id) for row in here]
        labels = _labels(workspace, tx.session, location, item_id, on)
        history = label_deeds(workspace, tx.session, location, item_id, on)
    return ItemOn(item_id, location, path, on, tuple(predictions), tuple(labels), tuple(history))


_Done = Sequence[tuple[str, AuditRow]]


def _labellings(session: Session, on: datetime) -> _Done:
    """Return the record of the last labelling of each location by each classifier.

    Before each stands what the location is named now.
    """
    query = select(AuditRow).where(AuditRow.action == LABELLED, AuditRow.at <= on)
    renamed = renamings(session)
    last = {
        (name_now(renamed, row.details["location"], row.id), row.subject): row
        for row in session.scalars(query.order_by(AuditRow.id))
        if "assignments_sha256" in row.details
    }
    return [(key[0], last[key]) for key in sorted(last)]


def _identified(workspace: Workspace, item: str, done: _Done) -> tuple[str, str, str]:
    """Return an item's id, location and path."""
    try:
        found = find_item(workspace, item)
    except NotFound:
        crawls = {row.details["items_sha256"]: where for where, row in done}
        for sha256, location in crawls.items():
            earlier = _earlier(workspace, sha256, location, item)
            if earlier is not None:
                return earlier[0], location, earlier[1]
        raise
    return found.item_id, found.location, found.path


def _earlier(workspace: Workspace, sha256: str, location: str, item: str) -> tuple[str, str] | None:
    """Return id and path of the item of an earlier crawl that fits best, or None."""
    best: tuple[int, str, str] | None = None
    for batch in names_in_crawl(workspace, sha256):
        for fit, meant in fits(batch, location, item):
            rows = batch.filter(meant).to_pylist()
            if rows and (best is None or fit < best[0]):
                best = (fit, rows[0]["item_id"], rows[0]["path"])
    return best[1:] if best else None


def _rows(
    workspace: Workspace, sha256: str, columns: list[str], item_id: str
) -> Iterator[dict[str, Any]]:
    """Yield the rows of an item in an artifact, narrowed to some columns."""
    store = workspace.artifacts
    for rows in item_rows(store, store.reference(sha256), [item_id], columns):
        yield from rows.to_pylist()


def _predicted(workspace: Workspace, session: Session, row: AuditRow, item_id: str) -> Predicted:
    columns = ["item_id", "prediction", "score"]
    found = next(_rows(workspace, row.details["assignments_sha256"], columns, item_id), None)
    return Predicted(
        row.subject,
        _version(session, row.details["version"], row.at),
        found["prediction"] if found else "no match",
        found["score"] if found else None,
        row.at,
        row.actor,
    )


def _version(session: Session, version_id: str, at: datetime) -> Version:
    row = session.get_one(VersionRow, version_id)
    published = session.scalars(
        select(PublicationRow)
        .where(PublicationRow.version_id == version_id, PublicationRow.at <= at)
        .order_by(PublicationRow.number.desc())
        .limit(1)
    ).first()
    approval = (
        Approval(published.number, published.actor, published.at, published.evidence)
        if published is not None
        else None
    )
    return Version(
        row.id, row.number, row.model_sha256, row.reason, row.created_at, approval
    )  # fmt: skip


def _labels(
    workspace: Workspace, session: Session, location: str, item_id: str, on: datetime
) -> list[Label]:
    by_hand, decided = _manual_labels(session, item_id, on)
    given = [
        each
        for each in _policies(workspace, session, location, item_id, on)
        if each.kind not in decided
    ]
    return sorted(given + by_hand, key=lambda each: (each.kind, each.label))


def _manual_labels(session: Session, item_id: str, on: datetime) -> tuple[list[Label], set[str]]:
    """Return the labels that people had set, and the kinds that people had decided on."""
    query = select(AuditRow).where(
        AuditRow.subject == f"item:{item_id}", AuditRow.action.in_(BY_HAND), AuditRow.at <= on
    )
    last = {row.details["kind"]: row for row in session.scalars(query.order_by(AuditRow.id))}
    held = {kind: row for kind, row in last.items() if row.action != LEFT}
    labels = [
        Label(kind, row.details["label"], row.at, row.actor)
        for kind, row in held.items()
        if row.details["label"] is not None
    ]
    return labels, set(held)


def _policies(
    workspace: Workspace, session: Session, location: str, item_id: str, on: datetime
) -> Iterator[Label]:
    applied = session.scalars(
        select(ApplicationRow)
        .where(ApplicationRow.location == location, ApplicationRow.at <= on)
        .order_by(ApplicationRow.number.desc())
        .limit(1)
    ).first()
    if applied is None:
        return
    columns = [
        "item_id", "kind", "label", "policy_id", "policy_version", "version_id", "score",
        "application",
    ]  # fmt: skip
    for row in _rows(workspace, applied.labels_sha256, columns, item_id):
        by = session.get(ApplicationRow, (location, row["application"])) or applied
        version = _version(session, row["version_id"], by.at) if row["version_id"] else None
        yield Label(
            row["kind"], row["label"], by.at, by.actor, row["policy_id"], row["policy_version"],
            version, row["score"], by.number, by.run_id,
        )  # fmt: skip
