"""The terminal review of a release sample: one item after another, a key for each verdict.

It shows and takes keys; each verdict is in the registry before the next item shows.
"""

from typing import TYPE_CHECKING

from cultivar.core.reviewing import NO, NOT_SURE, YES
from flows.cli import keys
from flows.cli.cards import card_of_sample
from flows.cli.screens import Screen
from flows.cli.session import Session

if TYPE_CHECKING:
    from cultivar.operations.release_samples import SampledItem

VERDICT_KEYS = {"y": YES, "n": NO, "?": NOT_SURE}


class SampledReviewer:
    """Reviews the release sample of one version of a classifier."""

    def __init__(self, session: Session, classifier: str, version: str | None) -> None:
        self.session = session
        self.classifier = classifier
        self.version = version
        self.given = 0
        self.left: int | None = None

    def run(self) -> int:
        """Review until the person leaves or nothing is left; return the number of verdicts."""
        with keys.single(), Screen(self.session) as screen:
            while waiting := self._waiting():
                if not self._sitting(screen, waiting):
                    return self.given
        self.session.tell("Every item of the release sample has a verdict.")
        return self.given

    def _waiting(self) -> "list[SampledItem]":
        from cultivar.operations.release_samples import next_sampled

        return next_sampled(
            self.session.workspace, self.session.actor, self.classifier, version=self.version
        )

    def _sitting(self, screen: Screen, waiting: "list[SampledItem]") -> bool:
        """Take a verdict on each item; False when the person leaves."""
        place = 0
        while place < len(waiting):
            key = self._ask(screen, waiting[place : place + 3])
            if key == "q":
                return False
            if key == "u":
                if place == 0:
                    self.session.tell("Nothing of these items can be taken back.")
                place = max(0, place - 1)
            else:
                self._give(waiting[place], VERDICT_KEYS[key])
                place += 1
        return True

    def _ask(self, screen: Screen, coming: "list[SampledItem]") -> str:
        cards = [card_of_sample(each) for each in coming]
        screen.prepare(cards)
        screen.show(self._progress(), cards[0])
        key = keys.read({}, "yn?uq")
        screen.leave()
        return key

    def _progress(self) -> str:
        left = "" if self.left is None else f" · {self.left} left"
        return f"Release sample of {self.classifier} · {self.given} verdicts in this sitting{left}"

    def _give(self, item: "SampledItem", verdict: str) -> None:
        """Keep a verdict; one on an item that was taken back replaces the earlier one."""
        from cultivar.operations.release_samples import judge_sampled

        self.left = judge_sampled(
            self.session.workspace, self.session.actor, self.classifier, {item.item_id: verdict},
            version=self.version,
        )  # fmt: skip
        self.given += 1
