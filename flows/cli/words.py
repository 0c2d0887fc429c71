"""Numbers of things in words: the right plural beside each number.

It words; it counts nothing.
"""


def number_of(count: int, one: str, many: str | None = None) -> str:
    """Return ``1 verdict`` or ``2 verdicts``; ``many`` is the plural where it is no ``s``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
