"""The telling words of the items of a sitting, found while the person reads the one before.

It explains; it draws nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from cli.base.session import Session
from cultivar import operations
from cultivar.core.closing import Closing

if TYPE_CHECKING:
    from cultivar.core.learning.explanation import Contribution
    from cultivar.core.learning.model import Model
    from cultivar.operations.review.cards import Card

# Only what pushed the score the most: a text full of marks tells a reviewer nothing.
WORDS = 12
EXPLAINED_WITHIN = 60.0


class Explainer(Closing):
    """Explains items in a thread of its own; use it as a context manager.

    ``told`` is called from that thread whenever an item is explained.
    """

    def __init__(self, session: Session, told: Callable[[], None]) -> None:
        self.session = session
        self.told = told
        self._thread = ThreadPoolExecutor(1, "explain")
        self._models: dict[str, Model] = {}
        self._explained: dict[str, Future[list[Contribution]]] = {}

    def close(self) -> None:
        """Begin no further explanation."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def prepare(self, cards: "Iterable[Card]") -> None:
        """Begin to explain what comes next."""
        for card in cards:
            if card.item_id not in self._explained:
                work = self._thread.submit(self._explain, card)
                self._explained[card.item_id] = work
                work.add_done_callback(lambda _: self.told())

    def words_of(self, card: "Card", *, wait: bool) -> "Sequence[Contribution]":
        """Return a prepared card's telling words: none while, or where, there is no explanation."""
        work = self._explained[card.item_id]
        if not (wait or work.done()) or work.cancelled():
            return ()
        return () if work.exception(EXPLAINED_WITHIN) is not None else work.result()

    def _explain(self, card: "Card") -> "list[Contribution]":
        from cultivar.core.learning.explanation import telling

        if card.version_id not in self._models:
            self._models[card.version_id] = operations.scoring.model_of(
                self.session.workspace, card.version_id
            )
        return telling(self._models[card.version_id].explain(card.text, None))[:WORDS]
