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
    seen = text[:_SEEN]
    strange = len(_CONTROL.findall(seen)) + seen.count("\ufffd")
    if strange > _MOST * len(seen):
        raise Unreadable("corrupt", "its content is not text")
