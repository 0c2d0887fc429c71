"""A document that cannot be read, and text that is none."""

import re

# Tabs, ends of lines and pages, and the escapes of terminals stand in texts.
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_SEEN = 20_000
_MOST = 0.1


class Unreadable(Exception):
    """A document cannot be read; ``status`` is the items column's, ``reason`` holds no content."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def refuse_what_is_no_text(text: str) -> None:
    """Refuse what is not text, though its name says so.

    Raises:
        Unreadable: status ``corrupt``; more than a tenth of its beginning are control characters or
            places that gave no character.
    """
    if is_no_text(text):
        raise Unreadable("corrupt", "its content is not text")


def is_blank(text: str) -> bool:
    """Tell whether a text shows nothing: blanks, marks and control characters alone."""
    return not any(each.isprintable() and not each.isspace() for each in text)


def is_no_text(text: str) -> bool:
    """Tell whether control characters and places without a character are a share of a text."""
    seen = text[:_SEEN]
    return len(_CONTROL.findall(seen)) + seen.count("\ufffd") > _MOST * len(seen)
