"""Text of others, made harmless for whoever reads it: no control characters, no false direction.

A document, a file's name or a policy's must not move a cursor, colour a terminal or turn a line
around. Each such character becomes U+FFFD, which shows that it was there.
"""

import re

# Control characters but tab and newline, marks without width, marks of direction, and halves of
# characters, which a name that is not UTF-8 brings.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff"
    r"\ud800-\udfff\ufdd0-\ufdef]"
)
# Joiners and marks of direction belong to letters in Persian, Arabic and Hebrew: a document keeps
# them, a name does not.
_OF_LETTERS = re.compile(r"[\u200c-\u200f]")
SHOWN_INSTEAD = "\ufffd"


def printable(text: str) -> str:
    """Return text without control characters; line ends become newlines."""
    return _CONTROL.sub(SHOWN_INSTEAD, text.replace("\r\n", "\n").replace("\r", "\n"))


def readable(text: str) -> str:
    """Return a document's text without control characters, its joiners and directions kept."""
    parts = re.split(f"({_OF_LETTERS.pattern})", text)
    return "".join(each if _OF_LETTERS.fullmatch(each) else printable(each) for each in parts)


def on_a_line(text: str) -> str:
    """Return a name or a value as it may stand within a line: newlines and tabs show as well."""
    return printable(text).replace("\n", SHOWN_INSTEAD).replace("\t", SHOWN_INSTEAD)
