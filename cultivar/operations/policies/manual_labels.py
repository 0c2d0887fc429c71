"""Labels that a person sets, takes away, or leaves to the policies again.

What a person decided stays: no policy overwrites it, and only a person takes it back.
"""

from dataclasses import dataclass
from datetime import datetime

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import InvalidInput
from cultivar.core.policies.policy import PERMISSION_FOR, Kind
from cultivar.core.policies.policy_checks import LONGEST_NAME, is_one_line
from cultivar.core.roles import AnyActor
from cultivar.operations.content.items import find_item
from cultivar.operations.content.left_items import left_item_id
from cultivar.operations.transactions import Transaction, snapshot, transaction
from cultivar.store.tables import PersonLabelRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class PersonLabel:
    """A person's decision on one item; ``label`` None says that it has none of that kind."""

    item_id: str
    location: str
    kind: str
    label: str | None
    person: str
    at: datetime


def set_label(
    workspace: Workspace, actor: AnyActor, item: str, kind: str, label: str | None
) -> PersonLabel:
    """Give an item (id, how it begins, or path) a label by hand; None takes it away for good.

    It stands at once, and in place of a policy's label of that kind from the next application on.

    Raises:
        InvalidInput: codes ``unknown-kind``, ``no-label``, ``bad-text``.
        NotFound: code ``unknown-item``.
        NotPermitted: the actor may not write policies of that kind.
    """
    named = _labelled_kind(kind)
    _require_label(label)
    with snapshot(workspace, actor, PERMISSION_FOR[named]):
        pass
    found = find_item(workspace, item)
    with transaction(workspace, actor, PERMISSION_FOR[named]) as tx:
        row = tx.session.get(PersonLabelRow, (found.item_id, str(named)))
        if row is None:
            row = PersonLabelRow(item_id=found.item_id, kind=str(named))
            tx.session.add(row)
        row.location, row.label = found.location, label and label.strip()
        row.person, row.at = tx.actor, tx.at
        action = AuditAction.LABEL_SET_BY_HAND if label else AuditAction.LABEL_TAKEN_AWAY_BY_HAND
        _record(tx, action, row)
        return _plain(row)


def release_label(workspace: Workspace, actor: AnyActor, item: str, kind: str) -> bool:
    """Leave an item's label of a kind to the policies again; return whether a person held it.

    An item that no crawl finds any more may be named by its id or its last path.

    Raises: as ``set_label``.
    """
    named = _labelled_kind(kind)
    with snapshot(workspace, actor, PERMISSION_FOR[named]):
        pass
    item_id = left_item_id(workspace, item) or find_item(workspace, item).item_id
    with transaction(workspace, actor, PERMISSION_FOR[named]) as tx:
        row = tx.session.get(PersonLabelRow, (item_id, str(named)))
        if row is None:
            return False
        _record(tx, AuditAction.LABEL_LEFT_TO_THE_POLICIES, row)
        tx.session.delete(row)
    return True


def _require_label(label: str | None) -> None:
    if label is not None and not label.strip():
        raise InvalidInput("no-label", "No label is named.")
    if not is_one_line(label or ""):
        raise InvalidInput("bad-text", f"A label is one line of at most {LONGEST_NAME} letters.")


def _labelled_kind(kind: str) -> Kind:
    known = {str(each): each for each in (Kind.SENSITIVITY, Kind.RETENTION)}
    short = {each.split()[0]: each for each in known}
    found = known.get(short.get(kind, kind))
    if found is None:
        raise InvalidInput(
            "unknown-kind",
            f"{kind!r} is not a kind of label that a person sets. There are: {', '.join(known)}.",
        )
    return found


def _record(tx: Transaction, action: AuditAction, row: PersonLabelRow) -> None:
    tx.audit(action, f"item:{row.item_id}", location=row.location, kind=row.kind, label=row.label)


def _plain(row: PersonLabelRow) -> PersonLabel:
    return PersonLabel(row.item_id, row.location, row.kind, row.label, row.person, row.at)
