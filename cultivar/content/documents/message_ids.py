"""The ids that a mail states: its own, and that of the conversation it belongs to.

Reads the head of the message alone and decodes nothing; a format that is no text has none.
"""

import re

from cultivar.content.documents.characters.wide_text import narrow

_HEAD_BYTES = 1 << 18
_LONGEST = 998
_HEAD_ENDS = re.compile(rb"\r?\n\r?\n|\r\r")
_FOLD = re.compile(rb"(?:\r\n|\n|\r)[ \t]+")
_FIELD = re.compile(
    rb"^(message-id|references|in-reply-to)[ \t]*:(.*)$", re.IGNORECASE | re.MULTILINE
)
_ID = re.compile(r"<\s*([^<>]*[^<>\s])\s*>")


def ids_of(data: bytes) -> tuple[str | None, str | None]:
    """Return the Message-ID of a mail and the id of its conversation, without angle brackets.

    The conversation's is the first of the References, else the In-Reply-To, else the mail's own.
    """
    start = narrow(data[:_HEAD_BYTES]).removeprefix(b"\xef\xbb\xbf")
    end = _HEAD_ENDS.search(start)
    head = _FOLD.sub(b" ", start[: end.start()] if end else start).replace(b"\r", b"\n")
    stated: dict[str, str] = {}
    for name, value in _FIELD.findall(head):
        if found := _first_id(value.decode("ascii", "replace")):
            stated.setdefault(name.decode("ascii").lower(), found)
    own = stated.get("message-id")
    return own, stated.get("references") or stated.get("in-reply-to") or own


def _first_id(value: str) -> str | None:
    within = _ID.search(value)
    # some programs leave the brackets out
    found = within[1] if within else value.strip().partition(" ")[0]
    return "".join(found.strip("<>").replace("\0", "").split())[:_LONGEST] or None
