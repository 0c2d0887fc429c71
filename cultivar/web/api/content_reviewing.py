"""Verdicts from the content: its top, 30 items at a time. They teach and count as no review.

Learning from a closed batch is due in the registry; the state says while it goes on.
"""

from typing import Any

from cultivar.operations.retraining import content_corrections
from cultivar.operations.review import from_content
from cultivar.operations.review.content_items import next_content_items
from cultivar.web.api.reviewing import CorrectionsBody, VerdictsBody
from cultivar.web.api.routing import ItemId, Name, Page, answer_of, page_of, router_of
from cultivar.web.context import Context, CurrentUser
from cultivar.web.pagination import Paging

router = router_of("review")
_AT = "/classifiers/{name}/review/content"


@router.get(_AT)
def show_content_state(context: Context, user: CurrentUser, name: Name) -> dict[str, Any]:
    """Show where the verdicts from the content stand."""
    return answer_of(from_content.content_state(context.workspace, user.actor, name))


@router.post(f"{_AT}/batches")
def open_content_batch(context: Context, user: CurrentUser, name: Name) -> dict[str, Any]:
    """Present the next 30 items from the top of the content; a batch that is open stays."""
    return answer_of(from_content.open_content_batch(context.workspace, user.actor, name))


@router.post(f"{_AT}/batches/renew")
def renew_content_batch(context: Context, user: CurrentUser, name: Name) -> dict[str, Any]:
    """Draw the items of the open batch without a verdict again, by what its verdicts teach."""
    return answer_of(from_content.renew_content_batch(context.workspace, user.actor, name))


@router.get(f"{_AT}/items")
def show_content_items(context: Context, user: CurrentUser, name: Name, paging: Paging) -> Page:
    """List the items of the open batch that have no verdict, in the order of the batch."""
    found = next_content_items(context.workspace, user.actor, name)
    return page_of(found, lambda each: [each.position], paging)


@router.put(f"{_AT}/verdicts")
def give_content_verdicts(
    context: Context, user: CurrentUser, name: Name, given: VerdictsBody
) -> dict[str, Any]:
    """Keep verdicts on items of the open batch, all or none; a second one replaces the first."""
    state = from_content.record_content_verdicts(
        context.workspace, user.actor, name, given.verdicts
    )
    return answer_of(state)


@router.delete(f"{_AT}/verdicts/{{item}}")
def undo_content_verdict(
    context: Context, user: CurrentUser, name: Name, item: ItemId
) -> dict[str, Any]:
    """Take back a verdict on an item of the open batch."""
    return answer_of(from_content.undo_content_verdict(context.workspace, user.actor, name, item))


@router.post(f"{_AT}/corrections")
def correct_content_verdicts(
    context: Context, user: CurrentUser, name: Name, given: CorrectionsBody
) -> dict[str, Any]:
    """Change verdicts of closed batches, all or none; they are learned again."""
    state = content_corrections.correct_content_verdicts(
        context.workspace, user.actor, name, given.verdicts, given.reason
    )
    context.nudge()
    return answer_of(state)


@router.post(f"{_AT}/batches/close")
def close_content_batch(context: Context, user: CurrentUser, name: Name) -> dict[str, Any]:
    """Close the open batch, and let the classifier learn from it."""
    state = from_content.close_content_batch(context.workspace, user.actor, name)
    context.nudge()
    return answer_of(state)
