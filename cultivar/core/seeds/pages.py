"""Lines that many seeds share: forms, letterheads and notices, which say nothing of a kind.

It sees text alone and judges no seed by its subject.
"""

from collections import Counter
from collections.abc import Sequence

_SHORTEST = 20  # characters; shorter lines are shared by chance
_SHARED_BY = 0.2  # of the seeds
_SHARED_AT_LEAST = 5


def shared_shares(texts: Sequence[str]) -> list[float]:
    """Return, for each text, the share of its characters that stand in lines many texts share.

    A line counts as shared from a fifth of the texts on, and never below five; blanks at its ends
    and runs of blanks within do not tell lines apart. 0 for a text without characters.
    """
    lines = [_lines(text) for text in texts]
    held_by = Counter(line for each in lines for line in set(each) if len(line) >= _SHORTEST)
    wanted = max(_SHARED_AT_LEAST, _SHARED_BY * len(texts))
    return [_share(each, held_by, wanted) for each in lines]


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def _share(lines: Sequence[str], held_by: Counter[str], wanted: float) -> float:
    whole = sum(map(len, lines))
    shared = sum(len(line) for line in lines if held_by[line] >= wanted)
    return shared / whole if whole else 0.0
