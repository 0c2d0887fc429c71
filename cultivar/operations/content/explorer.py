"""The content explorer: what is listed and labelled where, for those who may see it.

Opening it takes the roles of the area; items and folders take the list viewer's role besides, and
content the content viewer's (see ``opening``). It decides about no label.
"""

import csv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TextIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.content.formats import EXTENSIONS, MEDIA_TYPES
from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import InvalidInput, NotReady
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.policies.policy import Kind
from cultivar.core.roles import Action, AnyActor
from cultivar.core.serialisation import fields_of
from cultivar.core.spreadsheets import cell as harmless
from cultivar.core.texts.safe_text import on_a_line
from cultivar.core.vocabulary import WORKLOADS
from cultivar.operations.content.aggregation import basis_of, explorer_folder
from cultivar.operations.content.explorer_answers import (
    ClassifierEntry,
    ExplorerGroup,
    ExplorerGroups,
    FolderCount,
    FolderCounts,
    ItemLabel,
    ItemVerdict,
    LabelEntry,
    ListedItem,
    Listing,
)
from cultivar.operations.content.locations import crawled_location
from cultivar.operations.lookups import unknown
from cultivar.operations.policies.policies import every_policy
from cultivar.operations.transactions import Transaction, snapshot, transaction
from cultivar.store.explorer.files import current
from cultivar.store.explorer.filters import Filters, plain_type
from cultivar.store.explorer.questions import opened
from cultivar.store.tables import ClassifierRow, FeedbackRow, PersonLabelRow
from cultivar.store.workspace import Workspace

if TYPE_CHECKING:
    from cultivar.store.explorer.questions import Explorer

__all__ = ["Filters", "explore", "explorer_groups", "folder_counts", "write_csv"]

MOST_ROWS = 1000
# Labels set while an index was made, which takes less than that, are not in it.
_BUILDING = timedelta(days=1)
TRAINABLE = "Trainable classifiers"
# The groups of labels beside the classifiers, as a person reads them.
_GROUPS = {
    Kind.SENSITIVITY: "Sensitivity labels",
    Kind.RETENTION: "Retention labels",
    Kind.COMMUNICATION: "Communication labels",
}
_COLUMNS = (
    "location", "workload", "folder", "name", "type", "classifier", "version", "prediction",
    "score", "labels", "size", "modified_at", "created_at", "path", "item_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Age:
    """How old the index is."""

    aggregated_at: datetime
    stale: bool


def explorer_groups(workspace: Workspace, actor: AnyActor) -> ExplorerGroups:
    """Return what there is to filter by, in groups, with counts; names no item and no folder.

    The group of trainable classifiers has one entry for each published classifier.

    Raises:
        NotPermitted: the actor may not read the area.
        NotReady: code ``not-aggregated``.
    """
    with snapshot(workspace, actor, Action.READ) as tx:
        with _opened(workspace, tx.session) as (index, aged):
            counts, labels, types = index.classifiers(), index.labels(), index.types()
        published = tx.session.scalars(
            select(ClassifierRow)
            .where(ClassifierRow.published_version_id.is_not(None))
            .order_by(ClassifierRow.name)
        ).all()
    groups = [ExplorerGroup(TRAINABLE, tuple(_entry(row, counts) for row in published))]
    for kind, title in _GROUPS.items():
        of_kind = tuple(LabelEntry(name, n) for k, name, n in labels if k == str(kind))
        groups.append(ExplorerGroup(title, of_kind))
    return ExplorerGroups(tuple(groups), tuple(types), aged.aggregated_at, aged.stale)


def _entry(row: ClassifierRow, counts: Mapping[str, tuple[int, int]]) -> ClassifierEntry:
    return ClassifierEntry(row.id, row.name, row.published_version_id, *counts.get(row.id, (0, 0)))


def explore(
    workspace: Workspace,
    actor: AnyActor,
    filters: Filters | None = None,
    *,
    order: str = "place",
    after: str | None = None,
    limit: int = 50,
    page: int = 1,
) -> Listing:
    """Return one page of listed items; ``after`` is the cursor that the page before gave.

    ``page`` counts pages of ``limit`` rows from there, the next one being 1.

    Labels that people set, and feedback, are as of now, for filters too; all else, and which items
    there are, is as of ``aggregated_at``.

    Raises:
        NotPermitted: the actor may not read the area, or not see items.
        NotFound: codes ``unknown-classifier``, ``unknown-location``, ``unknown-label``,
            ``unknown-type``.
        NotReady: codes ``not-aggregated``, ``not-crawled``.
        InvalidInput: codes ``unknown-order``, ``unknown-prediction``, ``unknown-workload``,
            ``bad-cursor``.
        Conflict: code ``aggregated-anew``; begin with the first page.
    """
    with snapshot(workspace, actor, None) as tx:
        tx.allow(Action.SEE_ITEMS, Action.READ)
        with _opened(workspace, tx.session) as (index, aged):
            size = max(1, min(limit, MOST_ROWS))
            skip = size * (page - 1)
            found = index.page(_meant(tx, filters, index), order, after, size, skip=skip)
        rows = _overlaid(tx.session, found.rows)
        return Listing(rows, found.next, aged.aggregated_at, aged.stale)


def folder_counts(
    workspace: Workspace,
    actor: AnyActor,
    filters: Filters | None = None,
    *,
    after: str | None = None,
    limit: int = 1000,
    page: int = 1,
) -> FolderCounts:
    """Return predictions, matches and close matches, in all and for each folder that has some.

    ``page`` counts pages of ``limit`` folders behind ``after``, the next one being 1.

    Raises: as ``explore``.
    """
    with snapshot(workspace, actor, None) as tx:
        tx.allow(Action.SEE_ITEMS, Action.READ)
        with _opened(workspace, tx.session) as (index, aged):
            size = max(1, limit)
            skip = size * (page - 1)
            found = index.counts(_meant(tx, filters, index), after, size, skip=skip)
    folders = tuple(FolderCount(**each) for each in found.folders)
    told = fields_of(found) | {"folders": folders}
    return FolderCounts(**told, **fields_of(aged))


def write_csv(
    workspace: Workspace,
    actor: AnyActor,
    file: TextIO,
    filters: Filters | None = None,
    *,
    order: str = "place",
    limit: int | None = None,
) -> int:
    """Write what the filters show as CSV, page by page, and return the number of rows.

    That the list left the explorer is on record. No cell begins as a formula of a spreadsheet or
    holds a control character.

    Raises: as ``explore``.
    """
    asked = {k: str(v) for k, v in asdict(filters or Filters()).items() if v is not None}
    with snapshot(workspace, actor, None) as tx:
        tx.allow(Action.SEE_ITEMS, Action.READ)
    with transaction(workspace, actor, Action.SEE_ITEMS) as tx:
        tx.audit(AuditAction.LIST_EXPORTED, "explorer", filters=asked)
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    written = 0
    for rows in _pages(workspace, actor, filters, order, limit):
        writer.writerows([_cell(row, name) for name in _COLUMNS] for row in rows)
        written += len(rows)
    return written


def _pages(
    workspace: Workspace, actor: AnyActor, filters: Filters | None, order: str, limit: int | None
) -> Iterator[tuple[ListedItem, ...]]:
    with (
        snapshot(workspace, actor, Action.READ) as tx,
        _opened(workspace, tx.session) as (index, _),
    ):
        meant, after, left = _meant(tx, filters, index), None, limit
        while left is None or left > 0:
            page = index.page(meant, order, after, min(MOST_ROWS, left or MOST_ROWS))
            yield _overlaid(tx.session, page.rows)
            after = page.next
            left = left - len(page.rows) if left is not None else None
            if after is None:
                return


def _cell(row: ListedItem, name: str) -> str | int | float:
    value = getattr(row, name)
    if name == "path":
        # with its location, as lists of verdicts print it
        value = "/".join(part for part in (row.location, row.folder, row.name) if part)
    if name == "labels":
        value = "; ".join(each.label for each in value)
    if isinstance(value, int | float):
        return value
    text = value.isoformat() if isinstance(value, datetime) else str(value or "")
    return on_a_line(harmless(text))


def _meant(tx: Transaction, filters: Filters | None, index: "Explorer") -> Filters:
    """Return the filters with the classifier's id in place of its name; refuse what is unknown."""
    filters = filters or Filters()
    if filters.workload is not None and filters.workload not in WORKLOADS:
        raise InvalidInput(
            "unknown-workload",
            f"Unknown workload {filters.workload!r}. There are: {', '.join(WORKLOADS)}.",
        )
    if filters.location is not None:
        crawled_location(tx.session, filters.location)
    if filters.label is not None:
        _require_label(tx.session, filters.label, index)
    if filters.type is not None:
        _require_type(filters.type, index)
    if filters.classifier is None:
        return filters
    return replace(filters, classifier=tx.classifier(filters.classifier).id)


def _require_label(session: Session, label: str, index: "Explorer") -> None:
    """Refuse a label that no item has and no policy gives: it may be misspelt."""
    by_hand = session.scalars(select(PersonLabelRow.label).distinct())
    given = {policy.action.label for policy in every_policy(session)}
    known = {name for _, name, _ in index.labels()} | given | {each for each in by_hand if each}
    if label not in known:
        raise unknown("label", label, known, {"label": label})


def _require_type(kind: str, index: "Explorer") -> None:
    """Refuse a type that is not listed and that no file of a kind that is read has."""
    wanted, listed = plain_type(kind), index.types_and_extensions()
    if wanted not in listed and wanted not in EXTENSIONS and wanted not in MEDIA_TYPES:
        raise unknown("type", kind, listed, {"type": kind}, note=" among what is listed")


@contextmanager
def _opened(workspace: Workspace, session: Session) -> Iterator[tuple["Explorer", _Age]]:
    found = current(explorer_folder(workspace))
    if found is None:
        raise NotReady(
            "not-aggregated",
            "Nothing was aggregated for the explorer yet. Labelling and applying policies do it.",
            remedy=Remedy(NextStep.REFRESH_EXPLORER, effect="does that alone"),
        )
    stale = found.basis != basis_of(session)
    with opened(found.path) as index:
        if stale and (by_hand := _by_hand_since(session, found.aggregated_at - _BUILDING)):
            index.heed(by_hand)
        yield index, _Age(found.aggregated_at, stale)


def _by_hand_since(session: Session, moment: datetime) -> dict[str, dict[str, str | None]]:
    found: dict[str, dict[str, str | None]] = {}
    for each in session.scalars(select(PersonLabelRow).where(PersonLabelRow.at >= moment)):
        found.setdefault(each.item_id, {})[each.kind] = each.label
    return found


def _overlaid(session: Session, rows: list[dict[str, Any]]) -> tuple[ListedItem, ...]:
    """Put what people decided since into the rows of a page: labels by hand, and verdicts."""
    ids = {row["item_id"] for row in rows}
    by_hand: dict[str, dict[str, str | None]] = {}
    for each in session.scalars(select(PersonLabelRow).where(PersonLabelRow.item_id.in_(ids))):
        by_hand.setdefault(each.item_id, {})[each.kind] = each.label
    verdicts = _verdicts(session, ids)
    return tuple(
        ListedItem(
            **row
            | {
                "labels": _labels(row["labels"], by_hand.get(row["item_id"], {})),
                "feedback": tuple(verdicts.get((row["classifier"], row["item_id"]), ())),
            }
        )
        for row in rows
    )


def _labels(
    labels: list[dict[str, str]], by_hand: Mapping[str, str | None]
) -> tuple[ItemLabel, ...]:
    kept = [ItemLabel(**each, by_hand=False) for each in labels if each["kind"] not in by_hand]
    set_ = [ItemLabel(kind, label, True) for kind, label in by_hand.items() if label is not None]
    return tuple(sorted(kept + set_, key=lambda each: (each.kind, each.label)))


def _verdicts(session: Session, ids: set[str]) -> dict[tuple[str | None, str], list[ItemVerdict]]:
    """Return the verdicts that stand, by classifier and item: the last of each person."""
    last: dict[tuple[str, str, str], FeedbackRow] = {}
    query = select(FeedbackRow).where(FeedbackRow.item_id.in_(ids)).order_by(FeedbackRow.id)
    for row in session.scalars(query):
        last[row.classifier_id, row.item_id, row.person] = row
    found: dict[tuple[str | None, str], list[ItemVerdict]] = {}
    for (classifier, item, person), row in last.items():
        if row.verdict is not None:
            told = ItemVerdict(person, row.verdict, row.at)
            found.setdefault((classifier, item), []).append(told)
    return found
