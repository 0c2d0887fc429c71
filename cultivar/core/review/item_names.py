"""What a person calls an item: its id, how the id begins, its path, or its file's name.

It answers from the items that it is told of; it does not know where they come from.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from string import hexdigits
from unicodedata import normalize

from cultivar.core.errors import InvalidInput

WHOLE_ID, SHORTEST_ID = 32, 6
_LISTED = 5


@dataclass(frozen=True, slots=True)
class Named:
    """An item by its names: ``path`` is within the location, ``folder`` and ``name`` its parts."""

    item_id: str
    location: str
    path: str
    folder: str
    name: str

    @classmethod
    def of(cls, row: Mapping[str, str]) -> "Named":
        """Return the names that stand in an item's row."""
        return cls(row["item_id"], row["location"], row["path"], row["folder"], row["name"])

    @classmethod
    def bare(cls, item_id: str) -> "Named":
        """Return an item of which the id alone is known."""
        return cls(item_id, "", "", "", "")

    @property
    def below(self) -> str:
        """Folder and file name, as a person reads them."""
        return "/".join(part for part in (self.folder, self.name) if part)

    @property
    def shown(self) -> str:
        """Location, folder and file name: how lists print an item."""
        return "/".join(part for part in (self.location, self.below) if part)


class Names:
    """Finds items by any of their names; the most exact kind of name that fits decides."""

    def __init__(self, known: Iterable[Named]) -> None:
        self.items = {each.item_id: each for each in known}
        self._ids = sorted(self.items)
        self._kinds: list[dict[str, list[str]]] = [defaultdict(list) for _ in range(3)]
        for each in self.items.values():
            for found, names in zip(self._kinds, _names_of(each), strict=True):
                for name in names:
                    found[name].append(each.item_id)

    def by_id(self, text: str) -> tuple[str, ...]:
        """Return the ids that a whole id, or the first six or more of its characters, may mean."""
        if text in self.items:
            return (text,)
        if len(text) < SHORTEST_ID:
            return ()
        first = bisect_left(self._ids, text)
        last = bisect_left(self._ids, text + "\x7f")
        return tuple(self._ids[first:last])

    def by_path(self, text: str) -> tuple[str, ...]:
        """Return the ids that a path may mean: with location, without it, or a file's name."""
        for found in self._kinds:
            if text in found:
                return tuple(sorted(found[text]))
        folded = normalize("NFKC", text)
        for kind in self._folded:
            if folded in kind:
                return tuple(sorted(kind[folded]))
        return ()

    @cached_property
    def _folded(self) -> list[dict[str, set[str]]]:
        """The kinds of names in one form of Unicode: a keyboard seldom writes that of a file."""
        made: list[dict[str, set[str]]] = []
        for kind in self._kinds:
            made.append(defaultdict(set))
            for name, ids in kind.items():
                made[-1][normalize("NFKC", name)].update(ids)
        return made

    def meant(self, text: str) -> tuple[str, ...]:
        """Return the ids that any name may mean; a whole id and a path win over a beginning."""
        return (text,) if text in self.items else self.by_path(text) or self.by_id(text)

    def one(self, text: str) -> str | None:
        """Return the one id that is meant, None where nothing is.

        Raises:
            InvalidInput: code ``ambiguous-item``; the sentence names the items that fit.
        """
        found = self.meant(text)
        if len(found) > 1:
            raise InvalidInput(
                "ambiguous-item", f"{self.several(text, found)} Give the id of one of them."
            )
        return found[0] if found else None

    def several(self, text: str, found: Collection[str]) -> str:
        """Return a sentence that lists the first items that a name fits."""
        listed = ", ".join(f"{each} ({self.items[each].shown})" for each in list(found)[:_LISTED])
        more = " …" if len(found) > _LISTED else ""
        return f"{text!r} fits {len(found)} items: {listed}{more}."


def _names_of(item: Named) -> tuple[set[str], set[str], set[str]]:
    """Return an item's names, the most exact kind first."""
    return (
        {f"{item.location}/{item.path}", item.shown},
        {item.path, item.below},
        {item.name},
    )


def are_whole(texts: Iterable[str]) -> bool:
    """Tell whether all are whole ids, so that nothing need be looked up."""
    return all(len(text) == WHOLE_ID and set(text) <= set(hexdigits) for text in texts)
