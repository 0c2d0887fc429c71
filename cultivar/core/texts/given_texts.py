"""Which texts and files can be classified at all, and which reasons are kept.

A model answers anything, so what says nothing is refused before it is asked.
"""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE

from cultivar.core.errors import InvalidInput
from cultivar.core.vocabulary import how_many

LEAST_REASON = 10
_MARKS = (BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE)


def holds_text(text: str) -> bool:
    """Tell whether a text has a character to be read: not blank, not without width."""
    return any(each.isprintable() and not each.isspace() for each in text)


def require_text(text: str, called: str = "The text") -> str:
    """Return a text that can be classified; ``called`` begins the sentence that refuses it.

    Raises:
        InvalidInput: code ``not-readable``.
    """
    if not holds_text(text):
        raise InvalidInput("not-readable", f"{called} holds no character that can be read.")
    return text


def require_reason(reason: str) -> str:
    """Return a reason that stays on record, without blanks around it.

    Raises:
        InvalidInput: code ``no-reason``.
    """
    if len(reason.strip()) < LEAST_REASON:
        raise InvalidInput("no-reason", too_short(reason))
    return reason.strip()


def too_short(reason: str) -> str:
    """Return the sentence that refuses a reason."""
    return (
        f"The reason has {how_many(len(reason.strip()), 'character')}; at least {LEAST_REASON} are "
        "needed, as it stays on record with your name."
    )


def is_binary(content: bytes) -> bool:
    """Tell whether bytes are no text in any encoding.

    Text in bytes of two holds zeros at even or at odd places alone; other text holds none.
    """
    if content.startswith(_MARKS):
        return False
    return 0 in content[::2] and 0 in content[1::2]
