"""The pile of a review: tested items, 30 at a time, and the learning after each batch.

Each verdict is in the registry before the next item shows.
"""

from typing import TYPE_CHECKING

from cli.base.session import Session
from cli.terminal.accuracy import accuracy_text
from cli.terminal.piles import Answer, Pile, Said, Stop
from cli.terminal.review_state import standing_lines
from cli.terminal.reviewer import Reviewer
from cultivar import operations
from cultivar.core.errors import NotReady
from cultivar.core.lifecycle import Status
from cultivar.core.limits import REVIEWS_AT_LEAST
from cultivar.core.review.order import NO, NOT_SURE, YES
from cultivar.core.vocabulary import how_many
from processes.learner import Learner

if TYPE_CHECKING:
    from cultivar.operations.review.cards import Card
    from cultivar.operations.review.state import ReviewState

WARM_FROM = 12
ANSWERS = {
    "y": Answer(YES, "yes", "yes, I agree with the prediction"),
    "n": Answer(NO, "no", "no, I do not agree with it"),
    "m": Answer(NOT_SURE, "not sure, next", "not sure, skip to next item: it counts neither way"),
}


def review_by_keys(session: Session, learner: Learner) -> int:
    """Review a classifier until the person leaves or nothing is left; return the verdicts given."""
    pile = TestedItems(session, learner)
    given = Reviewer(session, pile).run()
    if pile.ended:
        session.tell(pile.ended)
    return given


class TestedItems(Pile):
    """The tested items of one classifier that wait for a verdict."""

    answers = ANSWERS
    why = "review"

    def __init__(self, session: Session, learner: Learner) -> None:
        super().__init__(session, learner.classifier)
        self.learner = learner
        self._state = self._look()

    def _look(self) -> "ReviewState":
        return operations.review.review_state(*self._who)

    def more(self, sitting: "Reviewer") -> "list[Card]":
        """Open the next batch, after learning from the last one, and return its items."""
        if self._state.learning:
            self._learn(sitting)
        try:
            self._state = operations.review.open_batch(*self._who)
        except NotReady as end:
            if end.code != "nothing-to-review" or not sitting.given:
                raise
            self.ended = end.sentence
            return []
        self._warm()
        items = operations.review.next_items(*self._who)
        thresholds = {
            version: operations.review.threshold_of(self.session.workspace, version)
            for version in {each.version_id for each in items}
        }
        return [operations.review.card_of(each, thresholds[each.version_id]) for each in items]

    def heading(self, waiting: int) -> tuple[str, ...]:
        """Return the place in the batch and the review, and the accuracy so far."""
        state = self._state
        number = min(state.presented - state.unanswered + 1, state.presented)
        batch = f"Batch {state.batch}, item {number} of {state.presented} · " if state.batch else ""
        where = f"{self.classifier} · {batch}{state.reviewed} of {state.items} reviewed"
        if state.accuracy is None:
            return where, "The accuracy is stated after each batch of 30."
        return where, (
            f"Accuracy {accuracy_text(state)} after "
            f"{how_many(len(state.points), 'batch', 'batches')} · {self._publish()}"
        )

    def _publish(self) -> str:
        if self._state.status == Status.READY_TO_USE:
            return "publish is open"
        if self._state.decided < REVIEWS_AT_LEAST:
            return f"publish from {REVIEWS_AT_LEAST} reviews on"
        return "publish opens once it is stable"

    def judge(self, card: "Card", verdict: str | None) -> None:
        """Keep a verdict."""
        self._state = operations.review.record_verdict(
            *self._who, card.item_id, verdict or NOT_SURE
        )
        self._warm()

    def _warm(self) -> None:
        """Let the learner get ready while the last items of a batch are judged."""
        if self._state.unanswered <= WARM_FROM:
            self.learner.warm()

    def take_back(self, said: Said) -> None:
        """Take a verdict of the open batch back."""
        self._state = operations.review.undo_verdict(*self._who, said.card.item_id)

    def stop(self, waiting: int) -> Stop | None:
        """Ask before a batch is closed: its verdicts stand from then on."""
        if waiting or self._state.batch is None or self._state.unanswered:
            return None
        return Stop(
            (f"Batch {self._state.batch} is complete: each of its items has a verdict.",),
            "closes it and learns from it", "leaves it open for later", undo=True,
        )  # fmt: skip

    def go_on(self, sitting: "Reviewer") -> Stop | None:
        """Close the batch and learn from it; where that opens publish, ask whether to go on."""
        if self._state.batch is None:
            return None

        was_open = self._state.status == Status.READY_TO_USE
        operations.review.close_batch(*self._who)
        sitting.closed()
        self._learn(sitting)
        sitting.note(self._learned())
        if was_open or self._state.status != Status.READY_TO_USE or not sitting.pages:
            return None
        sitting.note("")
        lines = tuple(standing_lines(self._state, published=False))
        return Stop(
            lines,
            "goes on with the next 30",
            f"leaves; `cultivar publish {self.classifier}` is next",
        )

    def _learn(self, sitting: "Reviewer") -> None:
        with sitting.working("Learning from the batch"):
            self.learner.learn()
        self._state = self._look()

    def _learned(self) -> str:
        """Return what the batch came to, in a line."""
        state = self._state
        last = state.points[-1] if state.points else None
        agreed = f" You agreed {last.agreed} times of {last.decided} so far." if last else ""
        left = (
            f" About {how_many(state.reviews_left, 'more review', 'more reviews')} to go."
            if state.reviews_left
            else ""
        )
        return f"The batch is learned.{agreed}{left}"
