"""Text that is harmless on a terminal, and how a part of it is marked as strong."""

from cultivar.core.texts.safe_text import SHOWN_INSTEAD, on_a_line, printable

__all__ = ["SHOWN_INSTEAD", "on_a_line", "printable", "strong"]

# Characters that no text holds (Unicode keeps them for a program's own use) mark what is strong.
BEGIN_STRONG, END_STRONG = "\ufdd0", "\ufdd1"


def strong(text: object) -> str:
    """Return a name or a value that the session's console prints in bold, whatever is in it."""
    return f"{BEGIN_STRONG}{on_a_line(str(text))}{END_STRONG}"
