"""The pile of items of the content: 30 at a time, to teach the next version or to compare two.

Each verdict is in the registry before the next item shows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.base.session import Session
from cli.terminal.piles import Pile, Said, Stop
from cli.terminal.reviewer import Reviewer
from cli.terminal.tested_items import ANSWERS
from cultivar import operations
from cultivar.core.errors import NotReady
from cultivar.core.review.content_batch import RENEWED_AFTER
from cultivar.core.review.order import NOT_SURE

if TYPE_CHECKING:
    from cultivar.operations.review.cards import Card
    from cultivar.operations.review.from_content import ContentState


@dataclass(frozen=True, slots=True)
class Batches:
    """How batches of one purpose are opened and closed; both are the caller's.

    ``open`` makes sure that one is open, ``close`` ends it and returns what to say; ``enter`` and
    ``ranking`` are what Enter does at the end of a batch, and what goes on before one opens.
    ``more`` says whether another batch may follow, ``renew`` draws the rest of one again by what
    its verdicts teach.
    """

    purpose: str
    open: Callable[[], "ContentState"]
    close: Callable[[], str]
    enter: str
    ranking: str
    more: bool
    renew: Callable[[], "ContentState"] | None = None


class ContentItems(Pile):
    """The items of the open batch that wait for a verdict, and those of the batches after it."""

    answers = ANSWERS
    why = "content batch"

    def __init__(self, session: Session, classifier: str, batches: Batches) -> None:
        super().__init__(session, classifier)
        self._batches = batches
        self._state: ContentState | None = None
        self._closed = False

    def more(self, sitting: "Reviewer") -> "list[Card]":
        """Return the next items of the batch that is open, drawn again; open the next one first."""
        if self._closed and not self._batches.more:
            return []
        try:
            with sitting.working(self._batches.ranking):
                self._state = self._opened()
        except NotReady as end:
            if end.code != "nothing-to-review" or not sitting.given:
                raise
            self.ended = end.sentence
            return []
        self._closed = False
        count = RENEWED_AFTER if self._batches.renew else None
        items = operations.review.next_content_items(*self._who, self._batches.purpose, count)
        return [operations.review.card_of_sampled(each) for each in items]

    def _opened(self) -> "ContentState":
        state, renew = self._batches.open(), self._batches.renew
        return renew() if renew and state.unanswered < state.presented else state

    def heading(self, waiting: int) -> tuple[str, ...]:
        """Return the place in the batch, and what the verdicts are for."""
        state = self._state
        if state is None:
            return (self.classifier,)
        number = min(state.presented - state.unanswered + 1, state.presented)
        where = f"{self.classifier} · content, item {number} of {state.presented}"
        if self._batches.more:
            return where, f"{state.judged} judged before · they teach and count as no review"
        return where, "one version labels each item, the other does not"

    def judge(self, card: "Card", verdict: str | None) -> None:
        """Keep a verdict."""
        self._state = operations.review.record_content_verdicts(
            *self._who, {card.item_id: verdict or NOT_SURE}, purpose=self._batches.purpose
        )

    def take_back(self, said: Said) -> None:
        """Take a verdict of the open batch back."""
        self._state = operations.review.undo_content_verdict(
            *self._who, said.card.item_id, purpose=self._batches.purpose
        )

    def stop(self, waiting: int) -> Stop | None:
        """Ask before a batch is closed: its verdicts stand from then on."""
        state = self._state
        if waiting or self._closed or state is None or state.batch is None or state.unanswered:
            return None
        return Stop(
            ("The batch is complete: each of its items has a verdict.",),
            self._batches.enter, "leaves it open for later", undo=True,
        )  # fmt: skip

    def go_on(self, sitting: "Reviewer") -> Stop | None:
        """Close the batch and do what follows from it."""
        with sitting.working("Closing the batch"):
            said = self._batches.close()
        self._closed = True
        sitting.closed()
        sitting.note(said)
        if not self._batches.more:
            self.ended = said
            sitting.end()
        return None
