"""Words that several rooms share, spelt once: what a prediction may be, where content lives.

Names alone; what follows from them stands where it is decided.
"""

MATCH = "match"
CLOSE_MATCH = "close match"
NO_MATCH = "no match"
PREDICTIONS = (MATCH, CLOSE_MATCH, NO_MATCH)
# What an assignment may say: the other items are counted, not listed.
LISTED = (MATCH, CLOSE_MATCH)

WORKLOADS = ("exchange", "sharepoint", "onedrive", "teams", "files")


def amount(count: int, noun: str, plural: str | None = None) -> str:
    """Return a count with its noun in the right number: "1 label", "1,140 labels"."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
