"""Which items belong together: copies, near copies, and the mails of one conversation.

What is learned from one item of a family tells of the others, so a family stays on one side.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Relative:
    """What ties an item to others; empty or None ties it to nothing.

    ``content`` is the hash by which two items are the same: of the text, or of the bytes where
    there is none. ``duplicate_of`` and ``near_duplicate_of`` are ids of items that need not be
    there themselves; the mail that ``thread_id`` names need not be either.
    """

    item_id: str
    content: str | None = None
    duplicate_of: str | None = None
    near_duplicate_of: str | None = None
    message_id: str | None = None
    thread_id: str | None = None

    def ties(self) -> list[tuple[str, str]]:
        """Return everything that the item shares with its family, its own id among it."""
        known = [
            ("item", self.item_id),
            ("item", self.duplicate_of),
            ("item", self.near_duplicate_of),
            ("content", self.content),
            # a mail that states no first mail of its thread names the one that it answers
            ("mail", self.message_id),
            ("mail", self.thread_id),
        ]
        return [(kind, value) for kind, value in known if value]


def families(items: Iterable[Relative]) -> dict[str, str]:
    """Return item id → id of its family: the smallest item id in it, whatever the order.

    Items with a tie in common are one family, and so are those that others join.
    """
    joined = _Joined()
    first: dict[str, tuple[str, str]] = {}
    for each in items:
        ties = each.ties()
        first[each.item_id] = ties[0]
        for tie in ties[1:]:
            joined.join(ties[0], tie)
    named: dict[tuple[str, str], str] = {}
    for item_id in sorted(first):
        named.setdefault(joined.root(first[item_id]), item_id)
    return {item_id: named[joined.root(tie)] for item_id, tie in first.items()}


def in_families_of(items: Iterable[Relative], others: Collection[Relative]) -> set[str]:
    """Return the ids of the items whose family holds one of the others."""
    own = list(items)
    family = families([*own, *others])
    theirs = {family[each.item_id] for each in others}
    return {each.item_id for each in own if family[each.item_id] in theirs}


class _Joined:
    """Ties that were found to be of one family (union-find)."""

    def __init__(self) -> None:
        self._above: dict[tuple[str, str], tuple[str, str]] = {}

    def root(self, tie: tuple[str, str]) -> tuple[str, str]:
        path = []
        while (above := self._above.get(tie, tie)) != tie:
            path.append(tie)
            tie = above
        for each in path:
            self._above[each] = tie
        return tie

    def join(self, left: tuple[str, str], right: tuple[str, str]) -> None:
        left, right = self.root(left), self.root(right)
        if left != right:
            self._above[right] = left
