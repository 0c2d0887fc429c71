"""A mail's bytes to its pieces: header lines, bodies, forwarded mails and files, to any depth.

What a file that hangs on a mail says is the caller's to read; nothing here opens anything.
"""

import email
import re
from email.message import Message
from email.policy import compat32

from cultivar.content.documents.characters.charsets import codec_of, decoded
from cultivar.content.documents.characters.wide_text import narrow
from cultivar.content.mail import sealed
from cultivar.content.mail.bodies import Alternative, chosen, text_of_html
from cultivar.content.mail.files import add_file
from cultivar.content.mail.headers import SHOWN, header, in_characters, in_characters_of_text
from cultivar.content.mail.letters import Attached, Letter, Tools
from cultivar.content.mail.transfer import Carried, carried, encoding_of, undecoded_bytes, unflowed
from cultivar.content.mail.uuencoded import without_files
from cultivar.core.vocabulary import how_many

_DEEPEST = 40
_BOM = b"\xef\xbb\xbf"
_BARE_RETURN = re.compile(rb"\r(?!\n)")
_ENVELOPE = re.compile(rb"\A>?From [^\n]*\n")
# Mail on macOS writes the length above a message, and its own notes below it.
_COUNT = re.compile(rb"\A\d{1,10} *\r?\n(?=[!-9;-~]+:)")
_BOUNDARY = re.compile(rb"^--(\S[^\r\n]*?)\s*\r?\nContent-", re.M | re.I)
_NOTICE = re.compile(r"multi-?part|mime", re.I)
_STATED_KIND = re.compile(r"\s*[\w.+-]+/[\w.+-]+")
_CHARSET = re.compile(r"""\bcharset\s*=\s*["']?([\w.:-]+)""", re.I)
# A page whose sender says that it is plain text.
_PAGE = re.compile(rb"\s*(?:<!doctype\s+html\b[^>]*>\s*)?<html\b[^>]*>.*</html>\s*\Z", re.I | re.S)
_UNNAMED_KINDS = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext"})


def letter_of(data: bytes, tools: Tools) -> Letter:
    """Return the mail that ``data`` holds."""
    data = _COUNT.sub(b"", narrow(data).removeprefix(_BOM).lstrip(b"\r\n"))
    data = _ENVELOPE.sub(b"", data)
    if b"\n" not in data:
        data = _BARE_RETURN.sub(b"\n", data)
    message = email.message_from_bytes(data, policy=compat32)
    return _letter(message, tools, 0)


def _letter(message: Message, tools: Tools, depth: int) -> Letter:
    letter = Letter({name: header(message, name, tools.guess) for name in SHOWN})
    _walk(message, letter, tools, depth)
    return letter


def _kind(part: Message) -> str:
    """Return the media type that a part states, also where what follows it is not as it must be."""
    kind = part.get_content_type()
    stated = _STATED_KIND.match(str(part.get("Content-Type", "")))
    if stated is None or (" " not in kind and kind != part.get_default_type()):
        return kind
    return stated[0].strip().casefold()


def _walk(part: Message, letter: Letter, tools: Tools, depth: int) -> None:
    kind = _kind(part)
    if depth > _DEEPEST:
        letter.lacks.append(f"mails are nested deeper than {_DEEPEST}")
    elif sealed.is_encrypted_part(part):
        letter.sealed += 1
    elif kind in sealed.SEALED_TYPES:
        _file(part, "smime.p7m", carried(part), letter, tools)
    elif part.is_multipart():
        _parts(part, kind, letter, tools, depth)
    elif kind.startswith("multipart/"):
        _without_parts(part, letter, tools, depth)
    else:
        _leaf(part, kind, letter, tools)


def _parts(part: Message, kind: str, letter: Letter, tools: Tools, depth: int) -> None:
    payload = part.get_payload()
    inside = [each for each in payload if isinstance(each, Message)]
    if kind == "message/rfc822" or kind in {"message/global", "message/news"}:
        letter.letters += [_forwarded(part, each, tools, depth) for each in inside]
    elif kind == "message/partial":
        letter.letters += [_letter(each, tools, depth + 1) for each in inside]
        letter.lacks.append("the mail holds a part of a message alone")
    elif kind.startswith("message/"):
        # A report of delivery: blocks of header lines.
        shown = ("\n".join(f"{key}: {value}" for key, value in each.items()) for each in inside)
        letter.bodies.append("\n\n".join(shown))
    elif kind == "multipart/alternative":
        _alternatives(inside, letter, tools, depth)
    else:
        for each in inside:
            _walk(each, letter, tools, depth + 1)
    if part.get_content_maintype() == "multipart":
        _beside_the_parts(part, letter, tools)


def _forwarded(part: Message, inside: Message, tools: Tools, depth: int) -> Letter:
    if encoding_of(part) in {"base64", "quoted-printable"} and not inside.keys():
        # The parser of mail does not undo an encoding that a mail in a mail may not have.
        inside["Content-Transfer-Encoding"] = encoding_of(part)
        inside = email.message_from_bytes(carried(inside).data, policy=compat32)
    return _letter(inside, tools, depth + 1)


def _beside_the_parts(part: Message, letter: Letter, tools: Tools) -> None:
    for beside in (part.preamble, part.epilogue):
        if beside and beside.strip() and not _NOTICE.search(beside):
            letter.bodies.append(in_characters_of_text(beside, tools.guess).strip())


def _without_parts(part: Message, letter: Letter, tools: Tools, depth: int) -> None:
    """Read what says that it has parts and names a boundary that is not there."""
    payload = undecoded_bytes(part)
    found = _BOUNDARY.search(payload)
    if found is None or found[1].decode("latin-1") == part.get_boundary():
        letter.bodies.append(decoded(payload, None, tools.guess).text)
        return
    head = b'Content-Type: multipart/mixed; boundary="' + found[1] + b'"\n\n'
    _walk(email.message_from_bytes(head + payload, policy=compat32), letter, tools, depth + 1)


def _alternatives(parts: list[Message], letter: Letter, tools: Tools, depth: int) -> None:
    """Take the body that says most; whatever else hangs among the alternatives is taken too."""
    offers: list[Alternative] = []
    for part in parts:
        kind = part.get_content_type()
        if kind.startswith("text/x-amp"):
            continue
        trial = Letter()
        _walk(part, trial, tools, depth + 1)
        offers.append(Alternative(kind, "\n\n".join(trial.bodies)))
        trial.bodies.clear()
        letter.absorb(trial)
    letter.bodies += chosen(offers)


def _leaf(part: Message, kind: str, letter: Letter, tools: Tools) -> None:
    held, name = carried(part), _name(part, tools)
    if held.damaged:
        letter.lacks.append("the encoding of a part is damaged")
    if kind == "message/rfc822":
        letter.letters.append(letter_of(held.data, tools))
    elif _is_body(part, kind, name):
        letter.bodies.append(_body(part, kind, held, tools, letter))
    else:
        _file(part, name, held, letter, tools)
    if held.behind:
        letter.bodies.append(decoded(held.behind, None, tools.guess).text)


def _is_body(part: Message, kind: str, name: str) -> bool:
    if part.get_content_disposition() == "attachment":
        return False
    return kind.startswith("text/") and (not name or kind in _UNNAMED_KINDS)


def _body(part: Message, kind: str, held: Carried, tools: Tools, letter: Letter) -> str:
    is_page = kind == "text/plain" and _PAGE.match(held.data)
    if is_page or kind in {"text/html", "text/enriched", "text/richtext", "text/watch-html"}:
        page = text_of_html(held.data, _charset(part), tools.guess)
        _count_lost(page.lost, letter)
        return page.text
    if kind == "text/rtf":
        body = Attached("body.rtf", kind, None, held.data)
        return "\n\n".join(inner.text or "" for inner in tools.read_file(body))
    text = _text(part, held, tools, letter)
    text, blocks = sealed.without_armour(text)
    letter.sealed += blocks
    text, files = without_files(text)
    for name, data in files:
        add_file(Attached(name, "application/octet-stream", None, data), letter, tools, letter_of)
    if str(part.get_param("format", "")).casefold() == "flowed":
        return unflowed(text, delete_space=str(part.get_param("delsp", "")).casefold() == "yes")
    return text


def _text(part: Message, held: Carried, tools: Tools, letter: Letter) -> str:
    found = decoded(held.data, _charset(part), tools.guess)
    _count_lost(found.lost, letter)
    return found.text.replace("\r\n", "\n").replace("\r", "\n")


def _charset(part: Message) -> str | None:
    stated = part.get_content_charset()
    if stated is None and (found := _CHARSET.search(str(part.get("Content-Type", "")))):
        stated = found[1]
    # "unknown-8bit", "x-unknown" and the like say nothing.
    return stated if stated and codec_of(stated) else None


def _count_lost(lost: int, letter: Letter) -> None:
    if lost:
        letter.lacks.append(f"{how_many(lost, 'place', 'places')} of its text cannot be decoded")


def _file(part: Message, name: str, held: Carried, letter: Letter, tools: Tools) -> None:
    attached = Attached(
        name,
        part.get_content_type(),
        _charset(part),
        held.data,
        stated=str(part.get_param("smime-type", "")).casefold(),
    )
    add_file(attached, letter, tools, letter_of)


def _name(part: Message, tools: Tools) -> str:
    try:
        name = part.get_filename()
    except (ValueError, LookupError, TypeError):
        return ""
    return in_characters(name, tools.guess) if name else ""
