"""How far a review is, in words: the same at the end of a batch and at the end of a sitting.

Figures are the operation's.
"""

from typing import TYPE_CHECKING

from cli.base.session import Session
from cli.terminal.accuracy import accuracy_text
from cultivar import operations
from cultivar.core.lifecycle import Status
from cultivar.core.vocabulary import how_many

if TYPE_CHECKING:
    from cultivar.operations.review.from_content import ContentState
    from cultivar.operations.review.state import ReviewState


def standing_lines(state: "ReviewState", *, published: bool) -> list[str]:
    """Return how far a review is, its accuracy, and whether publish is open, or why not.

    ``published`` says that the version that publish would move to is live already.
    """
    lines = [
        f"Reviewed {state.reviewed:,} of {state.items:,} items; {state.decided:,} are decided (yes "
        f"or no) in closed batches, {state.reviews_needed:,} are needed."
    ]
    if state.accuracy is not None:
        lines.append(f"Accuracy {accuracy_text(state)}.")
    if state.learning:
        return [*lines, "The last batch is still to be learned from; `cultivar review` does that."]
    if state.status == Status.READY_TO_USE:
        said = "the newest version is published" if published else "publish is open"
        return [*lines, f"Accuracy is stable: {said}."]
    lines += ["Publish is not open yet:", *(f"  {reason}" for reason in state.reasons)]
    if state.reviews_left and not state.items_needed:
        lines.append(f"  About {state.reviews_left} more reviews are needed.")
    return lines


def next_in_review(state: "ReviewState") -> str:
    """Return the command that takes a review on, which may need more test items first."""
    if state.items_needed:
        return f"cultivar add-test {state.classifier_id} FOLDER"
    return f"cultivar review {state.classifier_id}"


def verdicts_standing(state: "ContentState") -> str:
    """Return how many verdicts from the content teach, and how many the open batch lacks."""
    waits = (
        f"; {how_many(state.unanswered, 'item')} of the open batch "
        f"{'waits' if state.unanswered == 1 else 'wait'} for one"
        if state.batch is not None
        else ""
    )
    verb = "teaches" if state.judged == 1 else "teach"
    return f"{how_many(state.judged, 'verdict')} {verb}{waits}."


def is_published(session: Session, classifier: str) -> bool:
    """Tell whether the newest version of a classifier is the live one."""
    found = operations.classifier_state.classifier_state(session.workspace, classifier)
    return (
        found.published_version is not None and found.published_version == found.candidate_version
    )
