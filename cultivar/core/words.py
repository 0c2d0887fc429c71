"""Words that several rooms share, spelt once: what a prediction may be, and where content lives.

Words alone; what follows from them stands where it is decided.
"""

MATCH = "match"
CLOSE_MATCH = "close match"
NO_MATCH = "no match"
PREDICTIONS = (MATCH, CLOSE_MATCH, NO_MATCH)
# What an assignment may say: the other items are counted, not listed.
LISTED = (MATCH, CLOSE_MATCH)

WORKLOADS = ("exchange", "sharepoint", "onedrive", "teams", "files")


def how_many(count: int, noun: str) -> str:
    """Return a count with its noun, as in ``1 verdict`` and ``1,200 verdicts``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
