"""Files that mail programs of older days wrote into the text of a mail (uuencode). Pure."""

import binascii
import re
from collections.abc import Iterator

_BEGIN = re.compile(r"^begin [0-7]{3,4} (?P<name>[^\n]{1,255})\n", re.M)
_END = re.compile(r"^(?:[` ]?\n)?end[ \t]*$", re.M)
_LINE = re.compile(r"[ -`]{1,90}")


def without_files(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Return a text without the files in it, and those with their names.

    What does not decode to the end stays as it is.
    """
    kept, files, at = [], [], 0
    for found in _BEGIN.finditer(text):
        end = _END.search(text, found.end())
        if found.start() < at or end is None:
            continue
        data = _decoded(text[found.end() : end.start()])
        if data is not None:
            kept.append(text[at : found.start()])
            files.append((found["name"].strip(), data))
            at = end.end()
    return ("".join([*kept, text[at:]]), files) if files else (text, [])


def _decoded(block: str) -> bytes | None:
    try:
        return b"".join(_lines(block))
    except (binascii.Error, ValueError):
        return None


def _lines(block: str) -> Iterator[bytes]:
    for line in block.split("\n"):
        if not line.strip("` "):
            continue
        if not _LINE.fullmatch(line):
            raise ValueError(line)
        # blanks at the end of a line are lost on the way
        length = -(-((ord(line[0]) - 32) & 63) // 3) * 4 + 1
        yield binascii.a2b_uu(line[:length].ljust(length).replace("`", " "))
