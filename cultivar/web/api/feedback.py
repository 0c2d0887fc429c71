"""Feedback on what a published classifier lists in mail; the 30th judged item retrains it.

Verdict and suggestion are sent together or not at all.
"""

from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import Field

from cultivar.operations.retraining.feedback import Verdict, give_feedback
from cultivar.operations.retraining.feedback_views import feedback_status, items_to_judge
from cultivar.operations.retraining.sends import feedback_sends, withdraw_send
from cultivar.operations.retraining.withdrawals import withdraw_feedback
from cultivar.web.api.routing import Body, ItemId, Name, Page, answer_of, page_of, router_of
from cultivar.web.context import Context, CurrentUser
from cultivar.web.pagination import Paging

router = router_of("feedback")
AT_ONCE = 1_000
Prediction = Annotated[Literal["match", "close match"] | None, Query()]


class JudgedBody(Body):
    """One item judged, with other classifiers that should judge it."""

    item: str = Field(min_length=1, max_length=100)
    verdict: Literal["match", "not a match"]
    suggested: list[str] = Field(default=[], max_length=20)


class FeedbackBody(Body):
    """Items judged at once; with ``copies``, exact copies that are listed take the verdict over."""

    items: list[JudgedBody] = Field(min_length=1, max_length=AT_ONCE)
    copies: bool = False


@router.get("/classifiers/{name}/feedback")
def show_feedback(context: Context, user: CurrentUser, name: Name) -> dict[str, Any]:
    """Show how many items are judged, what is missing, and each verdict that stands."""
    return answer_of(feedback_status(context.workspace, user.actor, name))


@router.get("/classifiers/{name}/feedback/items")
def show_items(
    context: Context, user: CurrentUser, name: Name, paging: Paging, prediction: Prediction = None
) -> Page:
    """List the items that may be judged: close matches first."""
    found = items_to_judge(context.workspace, user.actor, name, prediction)
    return page_of(found, lambda each: [each.prediction == "match", each.item_id], paging)


@router.post("/classifiers/{name}/feedback")
def send_feedback(
    context: Context, user: CurrentUser, name: Name, given: FeedbackBody
) -> dict[str, Any]:
    """Keep verdicts on one or many items, all or none; the 30th makes a retraining due.

    With copies, listed items with the text of a judged one take its verdict over where you have
    not judged them.
    """
    verdicts = [Verdict(each.item, each.verdict, tuple(each.suggested)) for each in given.items]
    sent = give_feedback(context.workspace, user.actor, name, verdicts, copies=given.copies)
    if sent.due:
        context.nudge()
    return answer_of(sent)


@router.get("/classifiers/{name}/feedback/sends")
def show_sends(context: Context, user: CurrentUser, name: Name, paging: Paging) -> Page:
    """List what was sent at once, by whom, and how much of it still stands."""
    found = feedback_sends(context.workspace, user.actor, name)
    return page_of(found, lambda each: [each.number], paging)


@router.delete("/classifiers/{name}/feedback/sends/{number}")
def withdraw_a_send(
    context: Context, user: CurrentUser, name: Name, number: Annotated[int, Path(ge=1)]
) -> dict[str, Any]:
    """Take back every verdict of one of one's own sends; what stood before stands again."""
    return answer_of(withdraw_send(context.workspace, user.actor, name, number))


@router.delete("/classifiers/{name}/feedback/{item}")
def withdraw(context: Context, user: CurrentUser, name: Name, item: ItemId) -> dict[str, Any]:
    """Take one's own verdict on an item back."""
    return answer_of(withdraw_feedback(context.workspace, user.actor, name, [item]))
