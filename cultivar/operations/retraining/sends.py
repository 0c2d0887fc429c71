"""Verdicts of feedback as they were sent: those of one file, or of one call, taken back as a whole.

What stood before a send stands again once it is taken back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import NotFound, NotPermitted, NotReady
from cultivar.core.roles import Action, AnyActor
from cultivar.core.vocabulary import how_many
from cultivar.operations.retraining.feedback import Sent, sent_of
from cultivar.operations.retraining.feedback_events import (
    feedback_rows,
    mark_retraining_due,
    state_of_feedback,
)
from cultivar.operations.retraining.withdrawals import learned_from, put_again
from cultivar.operations.transactions import Transaction, snapshot, transaction
from cultivar.store.tables import ClassifierRow, FeedbackRow
from cultivar.store.workspace import Workspace

_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Send:
    """Verdicts that one person sent at once: how many, and how many of them still stand."""

    number: int
    person: str
    at: datetime
    verdicts: int
    standing: int


def feedback_sends(workspace: Workspace, actor: AnyActor, classifier: str) -> list[Send]:
    """Return what was sent for a classifier, numbered from 1 in the order in which it came.

    Raises:
        NotPermitted: the actor may not read the area.
    """
    with snapshot(workspace, actor, Action.READ) as tx:
        rows = feedback_rows(tx.session, tx.classifier(classifier).id)
        last = _last(rows)
        return [
            Send(
                number, sent[0].person, sent[0].at, len(sent),
                sum(last[_key(row)] is row for row in sent),
            )
            for number, sent in enumerate(_sends(rows), start=1)
        ]  # fmt: skip


def withdraw_send(workspace: Workspace, actor: AnyActor, classifier: str, number: int) -> Sent:
    """Take back every verdict of one of the actor's sends that still stands, on record.

    Where a verdict of the same person stood before, it stands again.

    Raises:
        NotFound: code ``unknown-send``.
        NotPermitted: the actor may not train the classifier; or code ``not-your-send``.
        NotReady: code ``nothing-to-take-back``; none of its verdicts stands any more.
    """
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        rows = feedback_rows(tx.session, row.id)
        sent = _sent(tx, row, rows, number)
        last = _last(rows)
        standing = [each for each in sent if last[_key(each)] is each]
        if not standing:
            raise NotReady(
                "nothing-to-take-back",
                f"None of the verdicts of send {number} stands any more: later ones took their "
                "place, or they were taken back.",
            )
        state = state_of_feedback(tx.session, row.id)
        used = sum(_key(each) in state.used for each in standing)
        again = 0
        for each in standing:
            earlier = _before(rows, each)
            again += earlier is not None
            _take_back(tx, row, each, earlier, number)
        made = sent_of(row, len(standing), mark_retraining_due(tx, row.id))
        stands = (
            f"{how_many(again, 'earlier verdict')} {'stands' if again == 1 else 'stand'} again. "
        )
        said = f"{stands if again else ''}{learned_from(state.used_by, used)}{made.sentence}"
        return replace(made, sentence=said)


def _sent(
    tx: Transaction, row: ClassifierRow, rows: Sequence[FeedbackRow], number: int
) -> list[FeedbackRow]:
    sends = _sends(rows)
    if not 1 <= number <= len(sends):
        raise NotFound(
            "unknown-send",
            f"Of {row.name} there is no send {number}; there are {len(sends)}. "
            f"`cultivar feedback {row.id} --sends` lists them.",
            {"sends": len(sends)},
        )
    found = sends[number - 1]
    if found[0].person != tx.actor:
        raise NotPermitted(
            "not-your-send",
            f"Send {number} is of {found[0].person}, who alone can take it back.",
            {"person": found[0].person},
        )
    return found


def _take_back(
    tx: Transaction, row: ClassifierRow, given: FeedbackRow, before: FeedbackRow | None, number: int
) -> None:
    tx.session.add(put_again(tx, before or given, verdict=before.verdict if before else None))
    tx.audit(
        AuditAction.FEEDBACK_WITHDRAWN, row.id, item=given.item_id, version=given.version_id,
        send=number, **({"stands_again": before.verdict} if before else {}),
    )  # fmt: skip


def _sends(rows: Sequence[FeedbackRow]) -> list[list[FeedbackRow]]:
    """Return the verdicts by send: one person's of one moment, but for those taken back."""
    given = [row for row in rows if row.verdict is not None]
    return [list(sent) for _, sent in groupby(given, lambda row: (row.person, row.at))]


def _last(rows: Sequence[FeedbackRow]) -> dict[_Key, FeedbackRow]:
    return {_key(row): row for row in rows}


def _before(rows: Sequence[FeedbackRow], given: FeedbackRow) -> FeedbackRow | None:
    """Return the verdict that stood when another one took its place, if one did."""
    earlier = [row for row in rows if _key(row) == _key(given) and row.id < given.id]
    return earlier[-1] if earlier and earlier[-1].verdict is not None else None


def _key(row: FeedbackRow) -> _Key:
    return row.item_id, row.person
