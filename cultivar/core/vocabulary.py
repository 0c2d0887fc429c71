"""Words that several packages share: what a prediction may be, where content lives, plurals.

Words alone; what follows from them stands where it is decided.
"""

MATCH = "match"
CLOSE_MATCH = "close match"
NO_MATCH = "no match"
PREDICTIONS = (MATCH, CLOSE_MATCH, NO_MATCH)
# What an assignment may say: the other items are counted, not listed.
LISTED = (MATCH, CLOSE_MATCH)

WORKLOADS = ("exchange", "sharepoint", "onedrive", "teams", "files")

# the purpose of a location that was removed: its row stays, as records refer to it
REMOVED = "removed"


def how_many(count: int, noun: str, nouns: str | None = None) -> str:
    """Return a count with its noun: "1 verdict", "1,200 verdicts"; ``nouns`` is its plural."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"
