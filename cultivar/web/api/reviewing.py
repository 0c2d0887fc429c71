"""Review: items 30 at a time, verdicts, and accuracy once a batch is closed.

Learning from a closed batch is due in the registry; the state says while it goes on.
"""

from typing import Any, Literal

from pydantic import Field

from cultivar.operations.review import corrections
from cultivar.operations.review import verdicts as reviewing
from cultivar.operations.review.items import next_items
from cultivar.web.api.routing import Body, ItemId, Name, Page, answer_of, page_of, router_of
from cultivar.web.context import Context, CurrentUser
from cultivar.web.pagination import Paging

router = router_of("review")
AT_ONCE = 100


class VerdictsBody(Body):
    """Whether the prediction is right, by item id."""

    verdicts: dict[str, Literal["yes", "no", "not sure"]] = Field(min_length=1, max_length=AT_ONCE)


class CorrectionsBody(VerdictsBody):
    """What closed batches should have said, and why."""

    reason: str = Field(max_length=2_000)


@router.get("/classifiers/{name}/review")
def show_review(context: Context, user: CurrentUser, name: Name) -> dict[str, Any]:
    """Show where the review stands, and why publish is still closed."""
    return answer_of(reviewing.review_state(context.workspace, user.actor, name))


@router.post("/classifiers/{name}/review/batches")
def open_batch(context: Context, user: CurrentUser, name: Name) -> dict[str, Any]:
    """Present the next 30 items; a batch that is open stays."""
    return answer_of(reviewing.open_batch(context.workspace, user.actor, name))


@router.get("/classifiers/{name}/review/items")
def show_items(context: Context, user: CurrentUser, name: Name, paging: Paging) -> Page:
    """List the items of the open batch that have no verdict, in order."""
    found = next_items(context.workspace, user.actor, name)
    return page_of(found, lambda each: [each.position], paging)


@router.put("/classifiers/{name}/review/verdicts")
def give_verdicts(
    context: Context, user: CurrentUser, name: Name, given: VerdictsBody
) -> dict[str, Any]:
    """Keep verdicts on items of the open batch, all or none; a second one replaces the first."""
    state = reviewing.record_verdicts(context.workspace, user.actor, name, given.verdicts)
    return answer_of(state)


@router.post("/classifiers/{name}/review/corrections")
def correct_verdicts(
    context: Context, user: CurrentUser, name: Name, given: CorrectionsBody
) -> dict[str, Any]:
    """Change verdicts of closed batches, all or none; accuracy is counted and learned again."""
    state = corrections.correct_verdicts(
        context.workspace, user.actor, name, given.verdicts, given.reason
    )
    context.nudge()
    return answer_of(state)


@router.delete("/classifiers/{name}/review/verdicts/{item}")
def undo_verdict(context: Context, user: CurrentUser, name: Name, item: ItemId) -> dict[str, Any]:
    """Take back a verdict on an item of the open batch."""
    return answer_of(reviewing.undo_verdict(context.workspace, user.actor, name, item))


@router.post("/classifiers/{name}/review/items/{item}/skip")
def skip_item(context: Context, user: CurrentUser, name: Name, item: ItemId) -> dict[str, Any]:
    """Put an item at the end of the order; it counts as not presented."""
    return answer_of(reviewing.skip(context.workspace, user.actor, name, item))


@router.post("/classifiers/{name}/review/batches/close")
def close_batch(context: Context, user: CurrentUser, name: Name) -> dict[str, Any]:
    """Close the open batch, compute the accuracy again, and let the classifier learn from it."""
    point = reviewing.close_batch(context.workspace, user.actor, name)
    context.nudge()
    return answer_of(point)
