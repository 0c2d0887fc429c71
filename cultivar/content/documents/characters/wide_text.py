"""Mail and mailboxes that a program saved in UTF-16 or UTF-32, brought to one byte a sign. Pure."""

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf_32_le"),
    (codecs.BOM_UTF32_BE, "utf_32_be"),
    (codecs.BOM_UTF16_LE, "utf_16_le"),
    (codecs.BOM_UTF16_BE, "utf_16_be"),
)
_UNMARKED = (
    (re.compile(rb"(?:[\t\r\n -~]\0\0\0){4}"), "utf_32_le"),
    (re.compile(rb"(?:\0\0\0[\t\r\n -~]){4}"), "utf_32_be"),
    (re.compile(rb"(?:[\t\r\n -~]\0){4}"), "utf_16_le"),
    (re.compile(rb"(?:\0[\t\r\n -~]){4}"), "utf_16_be"),
)


def narrow(data: bytes) -> bytes:
    """Return text of two or four bytes a character in UTF-8, and anything else as it is."""
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(codec, "replace").encode()
    if b"\0" in data[:2]:
        for beginning, codec in _UNMARKED:
            if beginning.match(data):
                return data.decode(codec, "replace").encode()
    return data
