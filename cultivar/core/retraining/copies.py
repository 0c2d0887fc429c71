"""Which exact copies take over a verdict that a person gave on one of them.

It decides from ids and hashes; that a verdict was taken over is kept by others.
"""

from collections.abc import Collection, Mapping


def taken_over(
    given: Mapping[str, str], contents: Mapping[str, str | None], judged: Collection[str]
) -> dict[str, str]:
    """Return item id → id of the judged item whose verdict it takes over, by item id.

    ``given`` maps item ids to their verdicts, ``contents`` those and the listed ones to the hashes
    of their texts. What the same person ``judged`` before keeps its verdict. Where items of one
    text are given different verdicts, none is taken over; of several with the same, the first in
    ``given`` is named.
    """
    source: dict[str, str] = {}
    said: dict[str, set[str]] = {}
    for item_id, verdict in given.items():
        content = contents.get(item_id)
        if content:
            source.setdefault(content, item_id)
            said.setdefault(content, set()).add(verdict)
    return {
        item_id: source[content]
        for item_id, content in sorted(contents.items())
        if content in source
        and len(said[content]) == 1
        and item_id not in given
        and item_id not in judged
    }


def said_of_copies(count: int) -> str:
    """Say how many of the verdicts that were kept are on copies."""
    if not count:
        return "No exact copy took a verdict over."
    if count == 1:
        return "1 of them is on an exact copy of what you judged."
    return f"{count:,} of them are on exact copies of what you judged."
