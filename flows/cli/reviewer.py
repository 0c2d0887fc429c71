"""The terminal review: one item after another, a key for each verdict.

It shows and takes keys; each verdict is in the registry before the next item shows.
"""

from enum import Enum, auto
from types import TracebackType
from typing import TYPE_CHECKING, Self

from cultivar.core.errors import NotReady
from cultivar.core.reviewing import NO, NOT_SURE, YES
from flows.cli import keys
from flows.cli.learner import Learner
from flows.cli.screens import Screen
from flows.cli.session import Session

if TYPE_CHECKING:
    from cultivar.operations.evidence import ItemToReview
    from cultivar.operations.review_states import ReviewState

WARM_FROM = 12
VERDICT_KEYS = {"y": YES, "n": NO, "?": NOT_SURE}


class Went(Enum):
    """How a batch was left."""

    ON = auto()
    AWAY = auto()


class Reviewer:
    """Reviews one classifier; use it as a context manager."""

    def __init__(self, session: Session, learner: Learner) -> None:
        self.session = session
        self.learner = learner
        self.classifier = learner.classifier
        self.given = 0
        self._screen = Screen(session)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._screen.__exit__(kind, error, trace)

    def run(self) -> int:
        """Review until the person leaves or nothing is left; return the number of verdicts."""
        with keys.single():
            return self._run()

    def _run(self) -> int:
        from cultivar.operations.reviewing import open_batch, review_state

        workspace, actor = self.session.workspace, self.session.actor
        while True:
            if review_state(workspace, actor, self.classifier).learning:
                self._learn()
            try:
                state = open_batch(workspace, actor, self.classifier)
            except NotReady as end:
                if end.code != "nothing-to-review" or not self.given:
                    raise
                self.session.tell(end.sentence)
                return self.given
            if self._batch(state) is Went.AWAY or self._close() is Went.AWAY:
                return self.given

    def _batch(self, state: "ReviewState") -> Went:
        """Take a verdict on each open item of the batch, then an agreement to close it."""
        waiting = self._items()
        answered: list[ItemToReview] = []
        while True:
            key = self._ask(state, waiting)
            if key == "q":
                return Went.AWAY
            if key == "u":
                state = self._undo(state, waiting, answered)
            elif not waiting:
                return Went.ON
            elif key == "s":
                state = self._skip(waiting[0])
                waiting = self._items()
            elif key in VERDICT_KEYS:
                state = self._give(waiting[0], VERDICT_KEYS[key])
                answered.append(waiting.pop(0))

    def _items(self) -> "list[ItemToReview]":
        from cultivar.operations.evidence import next_items

        return next_items(self.session.workspace, self.session.actor, self.classifier)

    def _ask(self, state: "ReviewState", waiting: "list[ItemToReview]") -> str:
        if state.unanswered <= WARM_FROM:
            self.learner.warm()
        if not waiting:
            self.session.tell(
                "Every item of the batch has a verdict. Enter closes it and learns from it, "
                "u takes back the last verdict, q quits."
            )
            return keys.read(keys.ENTER, "cuq")
        from flows.cli.cards import card_of, progress_line

        self._screen.prepare(card_of(each) for each in waiting[:3])
        self._screen.show(progress_line(state), card_of(waiting[0]))
        key = keys.read({}, "yn?suq")
        self._screen.leave()
        return key

    def _give(self, item: "ItemToReview", verdict: str) -> "ReviewState":
        from cultivar.operations.reviewing import record_verdict

        self.given += 1
        return record_verdict(
            self.session.workspace, self.session.actor, self.classifier, item.item_id, verdict
        )

    def _undo(
        self,
        state: "ReviewState",
        waiting: "list[ItemToReview]",
        answered: "list[ItemToReview]",
    ) -> "ReviewState":
        from cultivar.operations.reviewing import undo_verdict

        if not answered:
            self.session.tell("Nothing of this sitting can be taken back.")
            return state
        waiting.insert(0, answered.pop())
        self.given -= 1
        return undo_verdict(
            self.session.workspace, self.session.actor, self.classifier, waiting[0].item_id
        )

    def _skip(self, item: "ItemToReview") -> "ReviewState":
        from cultivar.operations.reviewing import skip

        return skip(self.session.workspace, self.session.actor, self.classifier, item.item_id)

    def _close(self) -> Went:
        """Close the batch, learn from it, and ask whether to go on."""
        from cultivar.operations.reviewing import close_batch, review_state
        from flows.cli.reviewing import show_standing

        close_batch(self.session.workspace, self.session.actor, self.classifier)
        state = review_state(self.session.workspace, self.session.actor, self.classifier)
        if not self.session.json:
            show_standing(self.session.console, state.as_dict() | {"status": ""})
        self._learn()
        after = review_state(self.session.workspace, self.session.actor, self.classifier)
        if after.stable and not self.session.json:
            show_standing(self.session.console, after.as_dict())
        self.session.tell("Enter goes on with the next 30, q quits.")
        going = keys.read(keys.ENTER, "cq")
        return Went.ON if going == "c" else Went.AWAY

    def _learn(self) -> None:
        with self.session.working("Learning from the batch"):
            self.learner.learn()
