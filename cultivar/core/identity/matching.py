"""Items of a crawl found again in the next one, by what they are and not by where they are.

Evidence counts in the order of trust: the Message-ID of a mail (with its content, which tells
copies apart; then alone), the content, the store's own id, and last the place. An item at the same
place whose content changed is the same item, unless its old content is found elsewhere; two
different Message-IDs are never one item. Of several copies the one at the old path keeps the id,
then one in the same file, then one whose file is in the old state, as a moved file keeps its time
of change and a copy has a new one; the others follow in the order of their paths, messages by
number. Where even that decides between copies, ``undecided`` names the items.

Items that left at an earlier crawl are found again by evidence and never by place.
"""

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

_NUMBERS = re.compile(r"(\d+)")
_MEMBER = "!/"


@dataclass(frozen=True, slots=True)
class Trace:
    """What tells an item from others.

    ``content`` is the hash of its bytes, empty where it has none. ``store_id`` is the store's own
    id, with the place inside the file for a part of one. ``state`` is what the store says of the
    state of its file, such as time and size; None where that is not known. ``has_left`` tells that
    an earlier crawl did not find the item any more.
    """

    item_id: str
    path: str
    content: str = ""
    message_id: str | None = None
    store_id: str | None = None
    state: str | None = None
    has_left: bool = False

    def may_be(self, other: "Trace") -> bool:
        """Tell whether nothing speaks against both being one item."""
        return not self.message_id or not other.message_id or self.message_id == other.message_id


Evidence = Callable[[Trace], object]
_EVIDENCE: tuple[Evidence, ...] = (
    lambda each: (each.message_id, each.content) if each.message_id and each.content else None,
    lambda each: each.message_id or None,
    lambda each: each.content or None,
    lambda each: each.store_id or None,
)


def id_of(location: str, path: str, number: int = 1) -> str:
    """Return the id of a new item: 32 hex digits that follow from its location and first path.

    Where that id belongs to another item, a ``number`` above one makes the next that may be free.
    """
    told = f"{location}\0{path}" + (f"\0{number}" if number > 1 else "")
    return sha256(told.encode()).hexdigest()[:32]


def free_id(location: str, path: str, taken: Callable[[str], bool]) -> str:
    """Return the first id for a path that is not taken."""
    number = 1
    while taken(found := id_of(location, path, number)):
        number += 1
    return found


def matched(known: Sequence[Trace], found: Sequence[Trace]) -> dict[int, int]:
    """Return which of the known items each found one is: index in ``found`` → in ``known``.

    The answer depends on the items alone and not on their order.
    """
    pairs: dict[int, int] = {}
    left = set(range(len(known)))
    for evidence in _EVIDENCE:
        for each, old in _paired(known, found, _grouped(known, left, evidence), evidence, pairs):
            pairs[each] = old
            left.discard(old)
    return pairs | dict(_in_place(known, found, left, pairs))


def _grouped(
    traces: Sequence[Trace], wanted: Iterable[int], evidence: Evidence
) -> dict[object, list[int]]:
    groups: dict[object, list[int]] = defaultdict(list)
    for at in wanted:
        if (key := evidence(traces[at])) is not None:
            groups[key].append(at)
    return groups


def _paired(
    known: Sequence[Trace],
    found: Sequence[Trace],
    olds: dict[object, list[int]],
    evidence: Evidence,
    pairs: dict[int, int],
) -> list[tuple[int, int]]:
    """Pair what shares its evidence, each with what is nearest to where it was."""
    free = (at for at in range(len(found)) if at not in pairs)
    made: list[tuple[int, int]] = []
    for key, news in _grouped(found, free, evidence).items():
        if key in olds:
            made += _nearest(known, found, olds[key], news)
    return made


def _nearest(
    known: Sequence[Trace], found: Sequence[Trace], olds: list[int], news: list[int]
) -> Iterable[tuple[int, int]]:
    left = sorted(news, key=lambda at: _order(found[at]))
    for has_left in (False, True):
        rest = [at for at in olds if known[at].has_left == has_left]
        rest.sort(key=lambda at: _order(known[at]))
        for place in _NEAREST:
            stayed = _at(place, known, found, rest, left)
            yield from stayed.items()
            used = set(stayed.values())
            rest = [at for at in rest if at not in used]
            left = [at for at in left if at not in stayed]


def _at(
    place: Callable[[Trace], str | None],
    known: Sequence[Trace],
    found: Sequence[Trace],
    olds: Iterable[int],
    news: Iterable[int],
) -> dict[int, int]:
    """Pair those at one place, each with the next that is left there."""
    here: dict[str, deque[int]] = defaultdict(deque)
    for old in olds:
        if (key := place(known[old])) is not None:
            here[key].append(old)
    stayed: dict[int, int] = {}
    for new in news:
        candidates = here.get(place(found[new]) or "")
        if candidates and known[candidates[0]].may_be(found[new]):
            stayed[new] = candidates.popleft()
    return stayed


def _file(trace: Trace) -> str:
    return trace.path.partition(_MEMBER)[0]


# the same path, then the same file, then a file in the same state, then anywhere
_NEAREST: tuple[Callable[[Trace], str | None], ...] = (
    lambda each: each.path,
    _file,
    lambda each: each.state,
    lambda _: "",
)


def undecided(
    known: Sequence[Trace], found: Sequence[Trace], pairs: Mapping[int, int]
) -> list[int]:
    """Return which of the known items the order of paths alone gave to one of several copies.

    Neither their places nor the state of their files told which of the copies each one is.
    """
    moved = {new: old for new, old in pairs.items() if _file(found[new]) != _file(known[old])}
    alike: dict[str, list[int]] = defaultdict(list)
    wanted = {_same(found[new]) for new in moved} - {""}
    for new, trace in enumerate(found):
        if _same(trace) in wanted and (new in moved or new not in pairs):
            alike[_same(trace)].append(new)
    return sorted(
        old
        for new, old in moved.items()
        if any(
            other != new
            and _is_as_it_was(found[other], known[old]) == _is_as_it_was(found[new], known[old])
            for other in alike[_same(found[new])]
        )
    )


def _same(trace: Trace) -> str:
    return trace.content or trace.message_id or ""


def _is_as_it_was(trace: Trace, known: Trace) -> bool:
    return known.state is not None and trace.state == known.state


def _order(trace: Trace) -> tuple[list[tuple[int, str]], str]:
    """Sort the tenth message behind the second."""
    parts = _NUMBERS.split(trace.path)
    return [(int(part) if part.isdigit() else 0, part) for part in parts], trace.item_id


def _in_place(
    known: Sequence[Trace], found: Sequence[Trace], left: set[int], pairs: dict[int, int]
) -> Iterable[tuple[int, int]]:
    """Pair what has no evidence and stands where it stood: its content was edited."""
    olds = {known[at].path: at for at in sorted(left) if not known[at].has_left}
    shifted = _shifted(known, found, pairs)
    for new, trace in enumerate(found):
        old = olds.get(trace.path)
        if new in pairs or old is None or known[old].message_id not in (None, trace.message_id):
            continue
        if _box(trace.path) not in shifted:
            del olds[trace.path]
            yield new, old


def _box(path: str) -> str | None:
    """Return the mailbox of a message, which its number in there places; None for another item."""
    box, member, number = path.rpartition(_MEMBER)
    return box if member and number.isdigit() else None


def _shifted(known: Sequence[Trace], found: Sequence[Trace], pairs: dict[int, int]) -> set[object]:
    """Return the mailboxes in which a number does not mean the same message any more."""
    fewer: dict[str, int] = defaultdict(int)
    for trace in known:
        if not trace.has_left and (box := _box(trace.path)) is not None:
            fewer[box] += 1
    for trace in found:
        if (box := _box(trace.path)) is not None:
            fewer[box] -= 1
    boxes: set[object] = {box for box, count in fewer.items() if count > 0}
    for new, old in pairs.items():
        if found[new].path != known[old].path:
            boxes |= {_box(found[new].path), _box(known[old].path)}
    return boxes - {None}
