"""Header lines of a mail in characters, whatever their senders did to them."""

import base64
import binascii
import quopri
import re
from email.message import Message

from cultivar.content.documents.characters.charsets import Guess, decoded

# The lines that people are shown, in this order.
SHOWN = ("Subject", "From", "To", "Cc", "Date")
_WORD = re.compile(r"=\?([^?\s*]+)(?:\*[^?\s]*)?\?([bq])\?([^?]*)\?=", re.I)
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?)")
_FOLD = re.compile(r"\r?\n[ \t]*|\r")


def header(message: Message, name: str, guess: Guess) -> str:
    """Return a header's value in one line of characters; empty where there is none."""
    wanted = name.casefold()
    for key, raw in message.raw_items():
        if key.casefold() == wanted:
            return in_characters(str(raw), guess)
    return ""


def in_characters(raw: str, guess: Guess) -> str:
    """Return what an encoded or raw value of a header says."""
    raw = _FOLD.sub(" ", raw)
    if not raw.isascii():
        raw = decoded(raw.encode("utf-8", "surrogateescape"), None, guess).text
    if "=?" not in raw:
        return raw.strip()
    raw = _BETWEEN_WORDS.sub(r"\1", raw)
    found: list[str] = []
    at = 0
    words = list(_WORD.finditer(raw))
    place = 0
    while place < len(words):
        first = words[place]
        found.append(raw[at : first.start()])
        data = b""
        # A character may be cut in two by the end of a word.
        while place < len(words):
            word = words[place]
            if data and (word.start() != at or word[1].casefold() != first[1].casefold()):
                break
            data += _bytes_of(word)
            at = word.end()
            place += 1
        found.append(decoded(data, first[1], guess).text)
    found.append(raw[at:])
    return " ".join("".join(found).split())


def _bytes_of(word: re.Match[str]) -> bytes:
    written = word[3]
    if word[2].casefold() == "q":
        return quopri.decodestring(written.encode("utf-8"), header=True)
    try:
        return base64.b64decode(written + "=" * (-len(written) % 4))
    except (binascii.Error, ValueError):
        return written.encode("utf-8")


def in_characters_of_text(raw: str, guess: Guess) -> str:
    """Return text that the parser of mail left as it found it."""
    return decoded(raw.encode("utf-8", "surrogateescape"), None, guess).text
