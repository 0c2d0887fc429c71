"""The screen of a terminal review: an item at once, and again with its words if they come late.

It draws; it takes no keys and keeps no verdict.
"""

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Self

from flows.cli.session import Session

if TYPE_CHECKING:
    from cultivar.core.learning.explanation import Contribution
    from cultivar.core.learning.model import Model
    from flows.cli.cards import Card

# Only what pushed the score the most: a text full of marks tells a reviewer nothing.
WORDS = 12
EXPLAINED_WITHIN = 60.0


class Screen:
    """Shows one card after another; use it as a context manager."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._thread = ThreadPoolExecutor(1, "explain")
        self._models: dict[str, Model] = {}
        # The item on the screen, and the lock that whoever draws holds.
        self._at = ""
        self._drawing = Lock()
        self._explained: dict[str, Future[list[Contribution]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def prepare(self, cards: "Iterable[Card]") -> None:
        """Begin to explain what comes next."""
        for card in cards:
            if card.item_id not in self._explained:
                self._explained[card.item_id] = self._thread.submit(self._explain, card)

    def show(self, progress: str, card: "Card") -> None:
        """Show a prepared card at once, and again with its telling words should they come later."""
        explained = self._explained[card.item_id]
        with self._drawing:
            self._at = card.item_id
        if self.session.json:
            return
        if not self.session.console.is_terminal:
            explained.exception(EXPLAINED_WITHIN)
        late = not explained.done()
        self._draw(progress, card, [] if late else explained.result())
        if late:
            explained.add_done_callback(lambda done: self._draw_late(progress, card, done))

    def leave(self) -> None:
        """Draw nothing any more of what is on the screen."""
        with self._drawing:
            self._at = ""

    def _explain(self, card: "Card") -> "list[Contribution]":
        from cultivar.operations.scoring import model_of

        if card.version_id not in self._models:
            self._models[card.version_id] = model_of(self.session.workspace, card.version_id)
        return self._models[card.version_id].explain(card.text, WORDS)

    def _draw_late(self, progress: str, card: "Card", done: "Future[list[Contribution]]") -> None:
        """Draw again with the words; without them, the item stays as it is shown."""
        if not done.cancelled() and done.exception() is None:
            self._draw(progress, card, done.result())

    def _draw(self, progress: str, card: "Card", words: "list[Contribution]") -> None:
        from flows.cli.cards import show_card

        with self._drawing:
            if self._at == card.item_id:
                show_card(self.session.console, progress, card, words)
