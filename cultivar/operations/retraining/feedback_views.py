"""What people see of feedback: what stands, what is missing, and which items may be judged.

It only reads, and finds items by the names that people give; giving feedback is another module's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cultivar.core.errors import NotFound, NotPermitted
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.policies.retraining import missing_conditions
from cultivar.core.retraining.feedback import VerdictGiven, retraining_decision
from cultivar.core.review.item_names import Named, Names, are_whole
from cultivar.core.roles import Action, AnyActor, may
from cultivar.operations.retraining.candidates import (
    Candidate,
    labelled_mail,
    listed_items,
    names_of,
    use_of,
)
from cultivar.operations.retraining.feedback import retrainable
from cultivar.operations.retraining.feedback_events import feedback_rows, state_of_feedback
from cultivar.operations.transactions import Transaction, snapshot
from cultivar.store.tables import ClassifierRow, FeedbackRow, SuggestionRow
from cultivar.store.workspace import Workspace

NOT_LISTED = (
    "not-listed",
    "names|name no item that is listed under an enabled retention policy. `cultivar feedback NAME "
    "--list` shows what can be judged.",
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What another classifier says of an item that was suggested to it."""

    item_id: str
    classifier: str
    version: str
    score: float
    prediction: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FeedbackStatus:
    """How many items are judged, what is missing for a retraining, and each verdict that stands.

    ``not_retrainable`` holds a sentence for each condition of retraining that is missing.
    """

    classifier: str
    counted: int
    missing: int
    code: str
    sentence: str
    allowed_at: datetime | None
    not_retrainable: tuple[str, ...]
    verdicts: tuple[VerdictGiven, ...]
    suggestions: tuple[Suggestion, ...]


def feedback_status(workspace: Workspace, actor: AnyActor, classifier: str) -> FeedbackStatus:
    """Return how many items are judged, what is missing, and each verdict that stands.

    Raises:
        NotPermitted: the actor may not read the area.
    """
    with snapshot(workspace, actor, Action.READ) as tx:
        row = tx.classifier(classifier)
        state = state_of_feedback(tx.session, row.id)
        decision = retraining_decision(state, tx.at)
        missing = missing_conditions(use_of(tx.session, row))
        return FeedbackStatus(
            classifier=row.id,
            counted=decision.counted,
            missing=decision.missing,
            code=decision.code,
            sentence=decision.sentence,
            allowed_at=decision.allowed_at,
            not_retrainable=tuple(each.sentence for each in missing),
            verdicts=tuple(state.standing.values()),
            suggestions=_suggestions(tx, row),
        )


def _suggestions(tx: Transaction, row: ClassifierRow) -> tuple[Suggestion, ...]:
    """Return what other classifiers said of this one's items, oldest first."""
    rows = (
        tx.session.query(SuggestionRow)
        .join(FeedbackRow, FeedbackRow.id == SuggestionRow.feedback_id)
        .filter(FeedbackRow.classifier_id == row.id)
        .order_by(SuggestionRow.id)
    )
    return tuple(
        Suggestion(
            each.item_id, each.classifier_id, each.version_id, each.score, each.prediction, each.at
        )
        for each in rows
    )


def items_to_judge(
    workspace: Workspace, actor: AnyActor, classifier: str, prediction: str | None = None
) -> list[Candidate]:
    """Return the listed items that may be judged: close matches first, then by id.

    Feedback on close matches helps precision most. ``prediction`` names one kind.

    Raises:
        NotPermitted: the actor may not see items, or not train the classifier.
        NotReady: a condition of retraining is missing; the sentence names it.
    """
    with snapshot(workspace, actor, Action.SEE_ITEMS) as tx:
        row, use = retrainable(tx, classifier)
        places = labelled_mail(tx.session, row)
    found = [
        each
        for each in listed_items(workspace, use, places)
        if prediction is None or each.prediction == prediction
    ]
    return sorted(found, key=lambda each: (each.prediction == "match", each.item_id))


def own_verdicts(workspace: Workspace, actor: AnyActor, classifier: str) -> dict[str, str]:
    """Return item id → the actor's own standing verdict.

    Raises:
        NotPermitted: the actor may not read the area.
    """
    with snapshot(workspace, actor, Action.READ) as tx:
        row = tx.classifier(classifier)
        standing = state_of_feedback(tx.session, row.id).standing
        return {item: given.verdict for (item, who), given in standing.items() if who == tx.actor}


def names_judged(workspace: Workspace, actor: AnyActor, classifier: str) -> dict[str, Named]:
    """Return item id → names of each item with a standing verdict; none to who may not see them."""
    with snapshot(workspace, actor, Action.READ) as tx:
        row = tx.classifier(classifier)
        if not may(tx.roles, Action.SEE_ITEMS):
            return {}
        judged = {item for item, _ in state_of_feedback(tx.session, row.id).standing}
        newest = {
            each.item_id: each.items_sha256
            for each in feedback_rows(tx.session, row.id)
            if each.item_id in judged
        }
    crawls: dict[str, list[str]] = {}
    for item_id, sha256 in newest.items():
        crawls.setdefault(sha256, []).append(item_id)
    return names_of(workspace, crawls)


def names_to_judge(
    workspace: Workspace, actor: AnyActor, classifier: str, asked: Sequence[str]
) -> Names:
    """Return the names of the items that may be judged; whole ids need no right to see items.

    Raises: as ``items_to_judge``.
    """
    try:
        return Names(each.named for each in items_to_judge(workspace, actor, classifier))
    except NotPermitted:
        if not are_whole(asked):
            raise
        return Names(map(Named.bare, asked))


def items_to_send(
    workspace: Workspace, actor: AnyActor, classifier: str, texts: Sequence[str]
) -> list[str]:
    """Return the ids of listed items that a person names by id, its beginning, path or file name.

    Whole ids are returned as they are; giving feedback looks whether they are listed.

    Raises:
        NotFound: code ``not-listed``.
        InvalidInput: code ``ambiguous-item``; the sentence names the items that fit.
        NotPermitted, NotReady: as ``items_to_judge``.
    """
    if are_whole(texts):
        return list(texts)
    names = names_to_judge(workspace, actor, classifier, texts)
    return [_listed(names, classifier, text) for text in texts]


def _listed(names: Names, classifier: str, text: str) -> str:
    found = names.one(text)
    if found is None:
        raise NotFound(
            "not-listed",
            f"{text!r} is not an item that {classifier} lists under an enabled retention policy.",
            remedy=Remedy(NextStep.LIST_JUDGEABLE, classifier),
        )
    return found


def items_to_withdraw(
    workspace: Workspace, actor: AnyActor, classifier: str, texts: Sequence[str]
) -> list[str]:
    """Return the ids of items with a verdict of the actor, named as in ``items_to_send``.

    What fits none is returned as it is, for the withdrawal to refuse. Who may not see items names
    them by their ids.

    Raises:
        InvalidInput: code ``ambiguous-item``.
    """
    with snapshot(workspace, actor, Action.READ) as tx:
        row = tx.classifier(classifier)
        standing = state_of_feedback(tx.session, row.id).standing
        own = [item for item, person in standing if person == tx.actor]
    named = names_judged(workspace, actor, row.id)
    names = Names(named.get(item_id, Named.bare(item_id)) for item_id in own)
    return [names.one(text) or text for text in texts]
