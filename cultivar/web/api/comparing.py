"""Comparison batches: items of the content that only one of two versions labels, judged by people.

What they recommend stands in the overview of the retraining; no pointer moves here.
"""

from typing import Any

from cultivar.core.review.content_batch import COMPARISON
from cultivar.operations.retraining import content_comparisons, content_corrections
from cultivar.operations.review import from_content
from cultivar.operations.review.content_items import next_content_items
from cultivar.web.api.reviewing import CorrectionsBody, VerdictsBody
from cultivar.web.api.routing import ItemId, Name, Page, answer_of, page_of, router_of
from cultivar.web.context import Context, CurrentUser
from cultivar.web.pagination import Paging

router = router_of("publishing")
_AT = "/classifiers/{name}/retrainings/comparison"


@router.get(_AT)
def show_comparison_state(context: Context, user: CurrentUser, name: Name) -> dict[str, Any]:
    """Show where the batch stands that compares both versions of the last retraining."""
    state = from_content.content_state(context.workspace, user.actor, name, COMPARISON)
    return answer_of(state)


@router.post(f"{_AT}/batches")
def open_comparison_batch(context: Context, user: CurrentUser, name: Name) -> dict[str, Any]:
    """Present up to 30 items that only one of the versions labels; a batch that is open stays."""
    return answer_of(content_comparisons.open_comparison(context.workspace, user.actor, name))


@router.get(f"{_AT}/items")
def show_comparison_items(context: Context, user: CurrentUser, name: Name, paging: Paging) -> Page:
    """List the items of the open batch that have no verdict, in the order of the batch."""
    found = next_content_items(context.workspace, user.actor, name, COMPARISON)
    return page_of(found, lambda each: [each.position], paging)


@router.put(f"{_AT}/verdicts")
def give_comparison_verdicts(
    context: Context, user: CurrentUser, name: Name, given: VerdictsBody
) -> dict[str, Any]:
    """Keep verdicts on items of the open batch, all or none; a second one replaces the first."""
    state = from_content.record_content_verdicts(
        context.workspace, user.actor, name, given.verdicts, purpose=COMPARISON
    )
    return answer_of(state)


@router.delete(f"{_AT}/verdicts/{{item}}")
def undo_comparison_verdict(
    context: Context, user: CurrentUser, name: Name, item: ItemId
) -> dict[str, Any]:
    """Take back a verdict on an item of the open batch."""
    state = from_content.undo_content_verdict(
        context.workspace, user.actor, name, item, purpose=COMPARISON
    )
    return answer_of(state)


@router.post(f"{_AT}/corrections")
def correct_comparison_verdicts(
    context: Context, user: CurrentUser, name: Name, given: CorrectionsBody
) -> dict[str, Any]:
    """Change verdicts of closed batches, all or none; what is recommended is worked out again."""
    state = content_corrections.correct_content_verdicts(
        context.workspace, user.actor, name, given.verdicts, given.reason, purpose=COMPARISON
    )
    context.nudge()
    return answer_of(state)


@router.post(f"{_AT}/batches/close")
def close_comparison_batch(context: Context, user: CurrentUser, name: Name) -> dict[str, Any]:
    """Close the open batch, and answer what is recommended now."""
    return answer_of(content_comparisons.close_comparison(context.workspace, user.actor, name))
