"""A mail as it is shown, and what of it its senders wrote. Pure."""

import re
from collections.abc import Iterator

from cultivar.content.mail.headers import SHOWN
from cultivar.content.mail.letters import Letter
from cultivar.content.mail.own_words import own_words

# What programs put before the subject of an answer or of a mail that is passed on.
_PREFIXES = re.compile(
    r"^(?:\s*(?:re|aw|sv|vs|fwd?|wg|tr|rv|antw|回复|답장|전달)(?:\[\d+\])?\s*:)+\s*", re.I
)
_UNITS = ("B", "kB", "MB", "GB")


def shown(letter: Letter) -> str:
    """Return all of a mail: header lines, bodies, and the mails and files in it."""
    return "\n\n".join(filter(None, _blocks(letter)))


def _blocks(letter: Letter) -> Iterator[str]:
    yield "\n".join(f"{name}: {letter.headers[name]}" for name in SHOWN if letter.headers.get(name))
    yield from (body.strip() for body in letter.bodies)
    for inside in letter.letters:
        yield shown(inside)
    for _, _, inners in letter.files:
        yield from ((inner.text or "").strip() for inner in inners)
    if letter.files:
        names = (f"  {name} ({_size(size)})" for name, size, _ in letter.files)
        yield "\n".join(["Attachments:", *names])


def _size(size: int) -> str:
    unit = 0
    while size >= 1_000 and unit < len(_UNITS) - 1:
        size, unit = size // 1_000, unit + 1
    return f"{size} {_UNITS[unit]}"


def own(letter: Letter) -> str:
    """Return subjects, bodies and files of a mail and of those inside it, in their own words."""
    return "\n\n".join(filter(None, _own_blocks(letter)))


def _own_blocks(letter: Letter) -> Iterator[str]:
    subject = letter.headers.get("Subject", "")
    yield _PREFIXES.sub("", subject)
    yield from (own_words(body, subject) for body in letter.bodies)
    yield from map(own, letter.letters)
    for _, _, inners in letter.files:
        yield from (_own_of(inner.own_text, inner.text) for inner in inners)


def _own_of(own_text: str | None, text: str | None) -> str:
    return (own_text if own_text is not None else text or "").strip()
