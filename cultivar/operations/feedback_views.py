"""What people see of feedback: what stands, what is missing, and which items may be judged.

It only reads; giving feedback is another module's.
"""

from dataclasses import asdict
from typing import Any

from cultivar.core.feedback import retraining_decision
from cultivar.core.policies.retraining import missing_conditions
from cultivar.core.roles import Action
from cultivar.operations.deeds import Deed, viewing
from cultivar.operations.feedback import retrainable
from cultivar.operations.feedback_events import state_of_feedback
from cultivar.operations.listed import ListedItem, labelled_mail, listed_items, use_of
from cultivar.store.tables import ClassifierRow, FeedbackRow, SuggestionRow
from cultivar.store.workspace import Workspace


def feedback_standing(workspace: Workspace, actor: str, classifier: str) -> dict[str, Any]:
    """Return how many items are judged, what is missing, and each verdict that stands.

    Raises:
        NotPermitted: the actor may not read the area.
    """
    with viewing(workspace, actor, Action.READ) as deed:
        row = deed.classifier(classifier)
        state = state_of_feedback(deed.session, row.id)
        decision = retraining_decision(state, deed.at)
        missing = missing_conditions(use_of(deed.session, row))
        return {
            "classifier": row.id,
            "counted": decision.counted,
            "missing": decision.missing,
            "code": decision.code,
            "sentence": decision.sentence,
            "allowed_at": decision.allowed_at,
            "not_retrainable": [each.sentence for each in missing],
            "verdicts": [asdict(given) for given in state.standing.values()],
            "suggestions": _suggestions(deed, row),
        }


def _suggestions(deed: Deed, row: ClassifierRow) -> list[dict[str, Any]]:
    """Return what other classifiers said of this one's items, oldest first."""
    rows = (
        deed.session.query(SuggestionRow)
        .join(FeedbackRow, FeedbackRow.id == SuggestionRow.feedback_id)
        .filter(FeedbackRow.classifier_id == row.id)
        .order_by(SuggestionRow.id)
    )
    return [
        {
            "item_id": each.item_id,
            "classifier": each.classifier_id,
            "version": each.version_id,
            "score": each.score,
            "prediction": each.prediction,
            "at": each.at,
        }
        for each in rows
    ]


def items_to_judge(
    workspace: Workspace, actor: str, classifier: str, prediction: str | None = None
) -> list[ListedItem]:
    """Return the listed items that may be judged: close matches first, then by id.

    Feedback on close matches helps precision most. ``prediction`` names one kind.

    Raises:
        NotPermitted: the actor may not see items, or not train the classifier.
        NotReady: a condition of retraining is missing; the sentence names it.
    """
    with viewing(workspace, actor, Action.SEE_ITEMS) as deed:
        row, use = retrainable(deed, classifier)
        places = labelled_mail(deed.session, row)
    found = [
        each
        for each in listed_items(workspace, use, places)
        if prediction is None or each.prediction == prediction
    ]
    return sorted(found, key=lambda each: (each.prediction == "match", each.item_id))
