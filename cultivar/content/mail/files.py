"""What hangs on a mail: files that the caller reads, and envelopes that hold another mail."""

import re
from collections import Counter
from collections.abc import Callable

from cultivar.content.mail import sealed
from cultivar.content.mail.letters import Attached, Inner, Letter, Tools
from cultivar.content.mail.tnef import letter_of_tnef
from cultivar.core.vocabulary import how_many

# What hangs on a mail and holds no text that anybody could miss.
_WITHOUT_TEXT = (
    "image/",
    "audio/",
    "video/",
    "font/",
    "text/x-amp-html",
    "text/css",
    "application/applefile",
)
_PICTURES_WITH_TEXT = frozenset({"image/tiff", "image/svg+xml"})
_NAMES_WITHOUT_TEXT = (
    *(".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".ico", ".heic", ".emf", ".wmf"),
    *(".mp3", ".mp4", ".wav", ".mov", ".avi", ".m4a", ".ttf", ".woff", ".p7s", ".sig", ".asc"),
)
_HEADER = re.compile(rb"\s*[A-Za-z-]{2,60}:[ \t]")
_ARMOUR = b"-----BEGIN PGP MESSAGE-----"
_READ = frozenset({"ok", "partial", "empty"})
_TNEF_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})

ReadMail = Callable[[bytes, Tools], Letter]


def add_file(attached: Attached, letter: Letter, tools: Tools, read_mail: ReadMail) -> None:
    """Read what hangs on a mail and note it in ``letter``: text, or what is missing."""
    name = attached.name.casefold()
    if attached.kind in sealed.SEALED_TYPES or name.endswith(sealed.SEALED_NAMES):
        _open_envelope(attached, letter, tools, read_mail)
    elif _is_encrypted(attached, name):
        letter.sealed += 1
    elif attached.kind in _TNEF_TYPES or name == "winmail.dat":
        _open_tnef(attached, letter, tools, read_mail)
    elif _is_without_text(attached, name):
        _note(attached, [], letter)
    else:
        inners = list(tools.read_file(attached))
        _note(attached, inners, letter)
        letter.lacks += _lacks(inners)


def _note(attached: Attached, inners: list[Inner], letter: Letter) -> None:
    letter.files.append((attached.name or attached.kind, len(attached.data), inners))


def _is_without_text(attached: Attached, name: str) -> bool:
    if attached.kind in sealed.SIGNATURE_TYPES or not attached.data.strip():
        return True
    named = name.endswith(_NAMES_WITHOUT_TEXT)
    # A scan holds text, which is read where OCR is on, and so does a drawing.
    is_read = name.endswith((".tif", ".tiff", ".svg")) or attached.kind in _PICTURES_WITH_TEXT
    return named or (attached.kind.startswith(_WITHOUT_TEXT) and not is_read)


def _is_encrypted(attached: Attached, name: str) -> bool:
    named = name.endswith((".rpmsg", ".pgp-encrypted")) or attached.kind in {
        sealed.RIGHTS_TYPE,
        "application/pgp-encrypted",
    }
    return named or attached.data.lstrip()[: len(_ARMOUR)] == _ARMOUR


def _open_envelope(attached: Attached, letter: Letter, tools: Tools, read_mail: ReadMail) -> None:
    envelope = sealed.opened(attached.data, attached.stated)
    if envelope.content:
        letter.absorb(read_mail(envelope.content, tools))
    elif _HEADER.match(attached.data):
        # Outlook keeps a message that is signed in the open under the same name.
        letter.absorb(read_mail(attached.data, tools))
    elif envelope.kind == "encrypted":
        letter.sealed += 1
        _note(attached, [], letter)
    else:
        letter.lacks.append("signed content cannot be read")


def _open_tnef(attached: Attached, letter: Letter, tools: Tools, read_mail: ReadMail) -> None:
    try:
        inside = letter_of_tnef(
            attached.data, tools, lambda each, into: add_file(each, into, tools, read_mail)
        )
    except (ValueError, IndexError):
        letter.lacks.append("winmail.dat cannot be read")
        return
    if any(letter.bodies):
        # Its body is the mail's own once more.
        inside.bodies.clear()
    letter.absorb(inside)


def _lacks(inners: list[Inner]) -> list[str]:
    unread = Counter(inner.status for inner in inners if inner.status not in _READ)
    lacks = [
        f"{how_many(count, 'attachment')} {'is' if count == 1 else 'are'} not read: {status}"
        for status, count in sorted(unread.items())
    ]
    if any(inner.status == "partial" for inner in inners):
        lacks.append("an attachment is read in part")
    return lacks
