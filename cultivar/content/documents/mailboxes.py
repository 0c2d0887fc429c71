"""Where one message of a mailbox ends and the next begins, as mail programs write it.

Pure: bytes in, bytes of messages out.
"""

import re
from collections.abc import Iterator

from cultivar.content.documents.characters.wide_text import narrow

_BOM = b"\xef\xbb\xbf"
_TIME = rb"\d{1,2}:\d{2}(?::\d{2})?"
_MONTH = rb"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
# A date as an envelope has it: of ctime, with the zone before or after the year, or of RFC 5322.
_DATED = re.compile(
    rb" (?:" + _MONTH + rb"[ ]+\d{1,2}[ ]+|\d{1,2}[ -]" + _MONTH + rb"[ -]\d{2,4}[ ]+)"
    + _TIME + rb"[^\n]{0,60}\Z",
    re.I,
)  # fmt: skip
# What stands below it.
_HEADER = re.compile(rb"(?:>?From [^\n]*\r?\n)*(?:[!-9;-~]+[ \t]*:|\r?\n|\Z)")
# What only a mail has below it, so that no blank line is needed above.
_OF_A_MAIL = re.compile(
    rb"(?:return-path|received|delivered-to|message-id|mime-version|date|subject|from|to|x-[a-z-]+)"
    rb":[^\n]*\r?\n(?:[ \t][^\n]*\n)*[!-9;-~]+:",
    re.I,
)
_BEGINNING = b"From "
# Between the messages of another kind of mailbox.
_MMDF = b"\x01\x01\x01\x01\n"
_LONGEST_ENVELOPE = 1_000
# Where nothing else is found: any line of the kind at the very beginning.
_ANY_FIRST = re.compile(rb"\AFrom [^\n]*\r?\n")
_CONTENT_LENGTH = re.compile(rb"^Content-Length:[ \t]*(\d{1,12})[ \t]*\r?$", re.I | re.M)
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_QUOTED = re.compile(rb"^>(>*From )", re.M)
_UNQUOTED = re.compile(rb"^From ", re.M)
_BARE_RETURN = re.compile(rb"\r(?!\n)")


def messages_of(data: bytes) -> Iterator[bytes]:
    """Yield the messages of a mailbox in its order, without separators and their quoting.

    A message ends where its ``Content-Length`` says, if a separator or the end stands there; else
    at the next line that begins with "From ", ends with a date, and stands below a blank line and
    above a header, or without a blank line above two headers of a mail. What comes before the first
    separator is a message too, if it is not blank.
    """
    data = narrow(data).removeprefix(_BOM).lstrip(b"\r\n")
    if data.startswith(_MMDF):
        yield from filter(bytes.strip, data.split(_MMDF))
        return
    if b"\n" not in data:
        data = _BARE_RETURN.sub(b"\n", data)
    first = _separator_at(data, 0)
    if first is None and (line := _ANY_FIRST.match(data)):
        first = line.end()
    start = first or 0
    while start < len(data):
        length = _stated_length(data, start)
        if length is None:
            end, following = _next_separator(data, start)
        else:
            end = _behind(data, start + length)
            following = _separator_at(data, end) or len(data)
        message = data[start:end]
        if message.strip():
            yield _without_quoting(message, by_length=length is not None)
        start = following


def is_mailbox(data: bytes) -> bool:
    """Tell whether bytes begin as a mailbox does: with a dated separator above a header."""
    return _separator_at(narrow(data).removeprefix(_BOM), 0) is not None


def is_mail(data: bytes) -> bool:
    """Tell whether bytes begin as a mail does: with header lines, one of them that mails have."""
    return _OF_A_MAIL.match(narrow(data).removeprefix(_BOM).lstrip(b"\r\n")) is not None


def _next_separator(data: bytes, start: int) -> tuple[int, int]:
    """Return where the next separator begins and ends; the end of the data without one."""
    at = data.find(_BEGINNING, start)
    while at >= 0:
        end = _separator_at(data, at)
        if end is not None:
            return at, end
        at = data.find(_BEGINNING, at + len(_BEGINNING))
    return len(data), len(data)


def _separator_at(data: bytes, at: int) -> int | None:
    """Return where the separator ends that begins at a place; None where none does."""
    if not data.startswith(_BEGINNING, at):
        return None
    if at and not data.endswith(b"\n", 0, at):
        return None
    end = data.find(b"\n", at, at + _LONGEST_ENVELOPE)
    if end < 0 or not _DATED.search(data[at:end].rstrip(b"\r")):
        return None
    is_apart = not at or data.endswith((b"\n\n", b"\n\r\n"), 0, at)
    below = _HEADER if is_apart else _OF_A_MAIL
    return end + 1 if below.match(data, end + 1) else None


def _stated_length(data: bytes, start: int) -> int | None:
    """Return how long headers and body are together, where the statement can be true."""
    gap = _END_OF_HEADERS.search(data, start)
    if gap is None:
        return None
    stated = _CONTENT_LENGTH.search(data, start, gap.end())
    if stated is None:
        return None
    end = gap.end() + int(stated[1])
    behind = _behind(data, end)
    is_end = behind >= len(data) and end <= len(data) + 2
    return end - start if is_end or _separator_at(data, behind) else None


def _behind(data: bytes, at: int) -> int:
    """Return the place behind the blank lines that a mail program puts after a message."""
    while at < len(data) and data[at] in b"\r\n":
        at += 1
    return at


def _without_quoting(message: bytes, *, by_length: bool) -> bytes:
    if by_length and _UNQUOTED.search(message):
        # Who goes by the length alone quotes nothing.
        return message
    return _QUOTED.sub(rb"\1", message)
