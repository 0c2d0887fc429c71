"""Headers, footers and page numbers of a document in pages: what most pages repeat at their edges.

Pure: the texts of pages in, the same without their furniture out.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

# So many lines from the top or the bottom may be furniture, of a document of so many pages.
_EDGE = 4
_PAGES_AT_LEAST = 3
# Books have other headers on even pages than on odd ones.
_SHARE = 0.4
_NUMBER = re.compile(r"\d{1,5}")
_NUMBERS_AT_MOST = 6

_Key = tuple[str, int]


def without_furniture(pages: Sequence[str]) -> list[str] | None:
    """Return the pages without what most of them repeat; None where there is nothing of the kind.

    A line is furniture where others at the same edge are the same, or differ by a number alone
    that counts the pages.
    """
    if len(pages) < _PAGES_AT_LEAST:
        return None
    lines = [page.split("\n") for page in pages]
    tops = [_edge(page) for page in lines]
    bottoms = [_edge(page[::-1]) for page in lines]
    repeated = _repeated(tops), _repeated(bottoms)
    cuts = [
        (_depth(top, at, repeated[0]), _depth(bottom, at, repeated[1]))
        for at, (top, bottom) in enumerate(zip(tops, bottoms, strict=True))
    ]
    if not any(top or bottom for top, bottom in cuts):
        return None
    return [
        "\n".join(page[top : max(top, len(page) - bottom)]).strip("\n")
        for page, (top, bottom) in zip(lines, cuts, strict=True)
    ]


def _edge(lines: Sequence[str]) -> list[tuple[int, str]]:
    """Return the outermost lines with text, each with how many lines end with it."""
    found = ((at, " ".join(line.casefold().split())) for at, line in enumerate(lines, start=1))
    with_text = ((at, line) for at, line in found if line)
    return [line for _, line in zip(range(_EDGE), with_text, strict=False)]


def _repeated(edges: Sequence[list[tuple[int, str]]]) -> set[_Key]:
    seen: Counter[_Key] = Counter()
    for page, edge in enumerate(edges):
        seen.update({key for _, line in edge for key in _keys(line, page)})
    at_least = max(_PAGES_AT_LEAST, _SHARE * len(edges))
    return {key for key, count in seen.items() if count >= at_least}


def _depth(edge: Sequence[tuple[int, str]], page: int, repeated: set[_Key]) -> int:
    """Return how many lines from the edge on are furniture."""
    depth = 0
    for at, line in edge:
        if repeated.isdisjoint(_keys(line, page)):
            break
        depth = at
    return depth


def _keys(line: str, page: int) -> Iterator[_Key]:
    """Yield the line itself, and the line without each number, beside what that is ahead by."""
    yield line, -1
    for _, number in zip(range(_NUMBERS_AT_MOST), _NUMBER.finditer(line), strict=False):
        rest = f"{line[: number.start()]}\0{line[number.end() :]}"
        yield rest, int(number[0]) - page + 100_000
