"""What a sitting is over: a pile of items, the answers to give, and what becomes of them.

A pile brings cards and keeps answers; it neither draws nor takes keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.base.session import Session
from cultivar import operations

if TYPE_CHECKING:
    from cli.terminal.reviewer import Reviewer
    from cultivar.operations.review.cards import Card


@dataclass(frozen=True, slots=True)
class Answer:
    """What a key says: the verdict (None: none, on to the next item), and its words."""

    verdict: str | None
    short: str
    long: str


@dataclass(frozen=True, slots=True)
class Stop:
    """A point at which the person decides how it goes on: what is so, and what Enter and q do."""

    lines: tuple[str, ...]
    enter: str
    leave: str
    undo: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """An item with the answer that it got, so that it can be taken back."""

    card: "Card"
    verdict: str | None


class Pile:
    """The items of a sitting; the pile of a kind of item says how it differs.

    ``why`` is what the audit log says of an opened document.
    """

    answers: Mapping[str, Answer]
    # a key that suggests something beside the verdict, with its words
    aside: Mapping[str, str] = {}
    why: str

    def __init__(self, session: Session, classifier: str) -> None:
        self.session = session
        self.classifier = classifier
        # why nothing is left, once that is so
        self.ended = ""
        self._who = (session.workspace, session.actor, classifier)

    def more(self, sitting: "Reviewer") -> "list[Card]":
        """Return the next items to judge; none when nothing is left, or a stop comes first."""
        raise NotImplementedError

    def heading(self, waiting: int) -> tuple[str, ...]:
        """Return where the sitting is, with so many items at hand."""
        raise NotImplementedError

    def judge(self, card: "Card", verdict: str | None) -> None:
        """Keep an answer."""
        raise NotImplementedError

    def take_back(self, said: Said) -> None:
        """Take an answer back."""
        raise NotImplementedError

    def earlier(self) -> Said | None:
        """Return the last answer of an earlier sitting that can still be taken back."""
        return None

    def stop(self, waiting: int) -> Stop | None:
        """Return what is to be decided before the next item, if anything."""
        return None

    def leaving(self) -> Stop | None:
        """Return what is to be decided before the person leaves, if anything."""
        return None

    def go_on(self, sitting: "Reviewer") -> Stop | None:
        """Do what Enter does at a stop; return what is to be decided next, if anything."""
        return None

    def suggest(self, sitting: "Reviewer", card: "Card") -> str:
        """Take a suggestion on an item; return what to answer."""
        return ""

    def opened(self, card: "Card") -> None:
        """Record that the person opens a whole document.

        Raises:
            NotPermitted: the person may not open content.
        """
        operations.review.record_opening(
            self.session.workspace, self.session.actor, card.item_id, self.why
        )
