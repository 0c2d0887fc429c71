"""How the reading of an item went: the words of the column ``status``, and which hold text."""

OK = "ok"
PARTIAL = "partial"
EMPTY = "empty"
# Text of these is learned from, scored, labelled and counted; that of ``partial`` is known to be
# incomplete, and the reason says what is missing.
WITH_TEXT = (OK, PARTIAL)
READINGS = (
    *WITH_TEXT,
    EMPTY,
    "encrypted",
    "corrupt",
    "unsupported",
    "too large",
    "timed out",
    "out of memory",
    "failed",
)


def has_text(status: object) -> bool:
    """Tell whether items of this status hold text."""
    return status in WITH_TEXT
