"""What a part of a mail holds once its encoding for the way is undone, damaged or not.

Pure; a part's meaning is not known here.
"""

import base64
import binascii
import quopri
import re
from dataclasses import dataclass
from email.message import Message

_IN_ALPHABET = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_NOT_IN_ALPHABET = re.compile(r"[^A-Za-z0-9+/]")
_FIRST_WORD = re.compile(r"[\w-]+")
_SOFT_END = re.compile(rb"=[ \t]+\r?\n")
_LONG = 40
_MOSTLY = 0.9
_QUOTE = re.compile(r"(>*)")


@dataclass(frozen=True, slots=True)
class Carried:
    """A part's bytes, text that others put behind them, and whether some of them are lost."""

    data: bytes
    behind: bytes = b""
    damaged: bool = False


def carried(part: Message) -> Carried:
    """Return what a part without parts of its own holds."""
    raw, encoding = undecoded_bytes(part), encoding_of(part)
    if encoding == "base64":
        return from_base64(raw.decode("utf-8", "surrogateescape"))
    if encoding == "quoted-printable":
        # Blanks that were added on the way do not count (RFC 2045).
        return Carried(quopri.decodestring(_SOFT_END.sub(b"=\n", raw)))
    if encoding in {"x-uuencode", "uuencode", "uue", "x-uue"}:
        decoded = part.get_payload(decode=True)
        return Carried(decoded if isinstance(decoded, bytes) else raw)
    return Carried(raw)


def encoding_of(part: Message) -> str:
    """Return how a part says that it is encoded for the way."""
    found = _FIRST_WORD.search(str(part.get("Content-Transfer-Encoding", "")))
    return found[0].casefold() if found else ""


def undecoded_bytes(part: Message) -> bytes:
    """Return a part's bytes as they came: the parser decodes as soon as it hands out text."""
    stated = part.get_all("Content-Transfer-Encoding", [])
    del part["Content-Transfer-Encoding"]
    raw = part.get_payload(decode=True)
    for each in stated:
        part["Content-Transfer-Encoding"] = each
    return raw if isinstance(raw, bytes) else b""


def _bytes(raw: str) -> bytes:
    return raw.encode("utf-8", "surrogateescape")


def from_base64(raw: str) -> Carried:
    """Decode base64 as far as it goes: a footer of a mailing list may stand behind it.

    What does not look like base64 at all is taken as it stands.
    """
    joined = "".join(raw.split())
    if _IN_ALPHABET.fullmatch(joined) and not _looks_plain(raw):
        return _decoded(joined)
    lines = raw.splitlines()
    count, damaged = _encoded_lines(lines)
    if not count:
        return Carried(_bytes(raw))
    inside = _decoded("".join(map(_in_alphabet, lines[:count])))
    behind = "\n".join(lines[count:]).strip()
    return Carried(inside.data, _bytes(behind), inside.damaged or damaged)


def _looks_plain(raw: str) -> bool:
    # A few words without points or digits are in the alphabet too.
    return " " in raw.strip() and not any(len(word) >= _LONG for word in raw.split())


def _encoded_lines(lines: list[str]) -> tuple[int, bool]:
    """Return how many of the first lines are base64, and whether strange signs are among them."""
    width, damaged = 0, False
    for at, line in enumerate(map(str.strip, lines)):
        if not line and not width:
            continue
        pure = bool(line) and _IN_ALPHABET.fullmatch(line) is not None
        if not pure and not _is_damaged(line, width):
            return (at, damaged) if width else (0, False)
        damaged = damaged or not pure
        if line.endswith("=") or (width and len(line) < width - 1):
            return at + 1, damaged
        width = width or len(line)
    return len(lines), damaged


def _is_damaged(line: str, width: int) -> bool:
    strange = len(_NOT_IN_ALPHABET.findall(line))
    return len(line) >= _LONG and len(line) == width and strange <= (1 - _MOSTLY) * len(line)


def _in_alphabet(line: str) -> str:
    return _NOT_IN_ALPHABET.sub("", line)


def _decoded(text: str) -> Carried:
    text = text.rstrip("=")
    left = len(text) % 4
    whole = text[:-1] if left == 1 else text
    try:
        data = base64.b64decode(whole + "=" * (-len(whole) % 4))
    except (binascii.Error, ValueError):
        return Carried(text.encode(), damaged=True)
    return Carried(data, damaged=left == 1)


def unflowed(text: str, *, delete_space: bool) -> str:
    """Return text of ``format=flowed`` with its paragraphs on one line each (RFC 3676)."""
    lines: list[str] = []
    open_depth = -1
    for line in text.splitlines():
        found = _QUOTE.match(line)
        depth = len(found[1]) if found else 0
        content = line[depth:].removeprefix(" ")
        flows = content.endswith(" ") and content != "-- "
        if flows and delete_space:
            content = content[:-1]
        if depth == open_depth and content != "-- ":
            lines[-1] += content
        else:
            lines.append(f"{'>' * depth} {content}" if depth else content)
        open_depth = depth if flows else -1
    return "\n".join(lines)
