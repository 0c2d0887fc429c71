"""The pile of a release sample: items drawn from the baseline, which nothing learns from.

Each verdict is in the registry before the next item shows.
"""

from typing import TYPE_CHECKING

from cli.base.session import Session
from cli.terminal.piles import Pile, Said
from cli.terminal.tested_items import ANSWERS
from cultivar import operations
from cultivar.core.review.order import NOT_SURE

if TYPE_CHECKING:
    from cli.terminal.reviewer import Reviewer
    from cultivar.operations.review.cards import Card


class SampledItems(Pile):
    """The items of one version's release sample that wait for a verdict."""

    answers = ANSWERS
    why = "release sample"

    def __init__(self, session: Session, classifier: str, version: str | None) -> None:
        super().__init__(session, classifier)
        self.version = version
        self.left = 0

    def more(self, sitting: "Reviewer") -> "list[Card]":
        """Return the next items without a verdict."""
        items = operations.publishing.next_sampled(*self._who, version=self.version)
        self.left = operations.publishing.sampled_left(*self._who, version=self.version)
        if not items:
            self.ended = "Every item of the release sample has a verdict."
            return []
        return [operations.review.card_of_sampled(each) for each in items]

    def heading(self, waiting: int) -> tuple[str, ...]:
        """Return how many are left."""
        return (f"{self.classifier} · release sample · {self.left:,} left",)

    def judge(self, card: "Card", verdict: str | None) -> None:
        """Keep a verdict."""
        said = {card.item_id: verdict or NOT_SURE}
        self.left = operations.publishing.judge_sampled(*self._who, said, version=self.version)

    def take_back(self, said: Said) -> None:
        """Take a verdict back."""
        self.left = operations.publishing.unjudge_sampled(
            *self._who, said.card.item_id, version=self.version
        )
