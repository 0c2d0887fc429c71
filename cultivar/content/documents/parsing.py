"""One file's bytes to its items: text and date, or the reason why there are none.

Runs in workers; a file that cannot be read becomes a row and not an exception.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from cultivar.content.dates import read_date
from cultivar.content.documents.characters.charsets import codec_of
from cultivar.content.documents.containers import Member, members_of
from cultivar.content.documents.encryption import date_in_compound, is_compound, is_encrypted
from cultivar.content.documents.kinds import refuse_side_files
from cultivar.content.documents.mails import read_mail
from cultivar.content.documents.message_ids import ids_of
from cultivar.content.documents.ocr import OCR_IS_OFF, read_scan, read_scanned_pages
from cultivar.content.documents.parser import Document, ReadScans, read_document
from cultivar.content.documents.unreadable import Unreadable, is_blank
from cultivar.content.entries import safe_text
from cultivar.content.formats import INSTEAD, PDF, FileType, file_type_of, named_by_kind
from cultivar.content.limits import Limits
from cultivar.content.mail.letters import Attached, Inner, ReadFile
from cultivar.content.mail.outlook import head_of_outlook
from cultivar.content.mail.own_words import own_words_of_saved
from cultivar.core.texts.reading_status import EMPTY, OK, PARTIAL
from cultivar.core.vocabulary import how_many

_SHARE_OF_TIME = 0.9
# Web pages that browsers save as a mail with its files.
_SAVED_PAGES = frozenset({"mht", "mhtml"})


@dataclass(frozen=True, slots=True)
class Parsed:
    """One item as its bytes tell it.

    ``member`` is empty for a file of its own, else ``!/`` and the path inside its container.
    ``own_date`` is the document's own, with ``own_source`` ``metadata`` or ``message``.
    ``modified_at`` is known for members of archives only, ``message_id`` and ``thread_id`` for
    mail only. ``own_text`` is None where all of ``text`` are the document's own words.
    """

    member: str
    size: int
    sha256: str
    media_type: str
    status: str
    reason: str | None = None
    title: str | None = None
    text: str | None = None
    text_sha256: str | None = None
    own_date: datetime | None = None
    own_source: str = "metadata"
    modified_at: datetime | None = None
    own_text: str | None = None
    message_id: str | None = None
    thread_id: str | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """What is known of the members of one file, by number from 1 on, and who is told of each.

    ``avoided`` are not read: each becomes a row with the status and the reason given. No member
    behind ``last`` is read.
    """

    avoided: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    last: int | None = None
    begins: Callable[[int], None] = lambda _: None

    def refuse(self, number: int) -> None:
        """Do nothing where a member may be read or become a row.

        Raises:
            Unreadable: the members from this one on are given up.
        """
        if self.last is not None and number > self.last:
            raise Unreadable("timed out", f"what follows {how_many(self.last, 'item')} is not read")


def parse(name: str, data: bytes, limits: Limits, watch: Watch | None = None) -> Iterator[Parsed]:
    """Yield the items of one file: itself, or a container's members in path order.

    ``name`` may have folders before it.

    Raises:
        MemoryError: the process is no longer fit to parse anything.
    """
    member = Member("", name, data)
    may_be_scan = member.file_type.family == "archive" or member.file_type.media_type == PDF
    seconds = limits.time_for(len(data), may_be_scan=may_be_scan)
    # A little less than what ends the process, so that what was read by then is kept.
    limits = replace(limits, until=time.monotonic() + _SHARE_OF_TIME * seconds)
    yield from _parsed(member, limits, 0, watch)


def normalised(text: str) -> str:
    """Return what two texts must share to be the same: words without case, one space between."""
    return " ".join(text.casefold().split())


def _parsed(
    member: Member, limits: Limits, depth: int, watch: Watch | None = None
) -> Iterator[Parsed]:
    if member.problem or member.file_type.family not in {"archive", "mailbox"}:
        yield _item(member, limits, depth)
        return
    found, watch = 0, watch or Watch()
    try:
        for inner in members_of(member, limits, depth):
            _refuse_late(found, limits)
            watch.refuse(found + 1)
            found += 1
            watch.begins(found)
            if trouble := watch.avoided.get(found):
                yield _row(inner, *trouble)
            else:
                yield from _parsed(inner, limits, depth + 1)
    except Unreadable as trouble:
        yield _row(member, trouble.status, trouble.reason)
        return
    if not found:
        yield _row(member, "empty", "it holds no items")


def _refuse_late(found: int, limits: Limits) -> None:
    if found and time.monotonic() > limits.until:
        raise Unreadable("timed out", f"the time ran out behind {how_many(found, 'item')} of it")


def _item(member: Member, limits: Limits, depth: int) -> Parsed:
    if member.problem:
        return _row(member, *member.problem)
    try:
        return _read(member, limits, depth)
    except Unreadable as trouble:
        return _row(member, trouble.status, trouble.reason)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # noqa: BLE001 - a panic of the library is one
        return _row(member, "failed", f"the parser failed ({type(error).__name__})")


def _read(member: Member, limits: Limits, depth: int) -> Parsed:
    refuse_side_files(member.name, member.data)
    refuse_by_type(member.file_type, limits)
    if member.file_type.family == "image":
        return _scan(member, limits)
    compound = is_compound(member.data)
    if compound and is_encrypted(member.data):
        raise Unreadable("encrypted", "it needs a password")
    is_message = member.file_type.family == "mail" or member.file_type.extension in _SAVED_PAGES
    document = (
        read_mail(member.data, member.file_type, _reader_of_files(limits, depth))
        if is_message
        else read_document(member.data, member.file_type, _reader_of_scans(limits))
    )
    if not is_message:
        counted = own_words_of_saved(document.own_text or document.text)
        document = replace(document, own_text=counted or document.own_text)
    date = read_date(document.created) or (date_in_compound(member.data) if compound else None)
    row = _row(member, *_status(document, limits))
    source = "message" if is_message else "metadata"
    row = replace(row, media_type=document.media_type, own_date=date, own_source=source)
    return _with_text(row, document, limits)


def _reader_of_files(limits: Limits, depth: int) -> ReadFile:
    """Return what reads the files that hang on a mail, by the same rules as files of their own."""

    def read(attached: Attached) -> Iterator[Inner]:
        name = named_by_kind(attached.name, attached.kind)
        if file_type_of(name).family == "text" and attached.charset:
            data = attached.data.decode(codec_of(attached.charset) or "utf-8", "replace").encode()
        else:
            data = attached.data
        for each in _parsed(Member("", name, data), limits, depth + 1):
            yield Inner(each.text, each.status, each.own_text)

    return read


def _reader_of_scans(limits: Limits) -> ReadScans | None:
    """Return what reads pages that are pictures; None where that is off."""
    return (lambda data, numbers: read_scanned_pages(data, numbers, limits)) if limits.ocr else None


def _scan(member: Member, limits: Limits) -> Parsed:
    document = read_scan(member.data, limits)
    row = _row(member, *_status(document, limits))
    return _with_text(replace(row, own_date=read_date(document.created)), document, limits)


def refuse_by_type(file_type: FileType, limits: Limits) -> None:
    """Refuse a file whose extension is not on the list, or that needs OCR while that is off.

    Raises:
        Unreadable: status ``unsupported``.
    """
    if file_type.family is None:
        shown, instead = _shown(file_type.extension), INSTEAD.get(file_type.extension)
        what_to_do = f": {instead}" if instead else ""
        raise Unreadable("unsupported", f"{shown} is not among the supported kinds{what_to_do}")
    if file_type.family == "image" and not limits.ocr:
        raise Unreadable("unsupported", OCR_IS_OFF)


def _shown(extension: str) -> str:
    if not extension:
        return "a file without an extension"
    # A strange extension is content: it stays out of the reason.
    plain = extension.isascii() and extension.isalnum() and len(extension) <= 8
    return f"the extension .{extension}" if plain else "its extension"


def _status(document: Document, limits: Limits) -> tuple[str, str | None]:
    lacks = list(dict.fromkeys(document.lacks))
    if len(document.text) > limits.max_characters:
        lacks.append(f"only its first {limits.max_characters:,} characters are kept")
    if is_blank(document.text):
        return EMPTY, "; ".join(["no text was found in it", *lacks])
    return (PARTIAL, "; ".join(lacks)) if lacks else (OK, None)


def _with_text(row: Parsed, document: Document, limits: Limits) -> Parsed:
    title = safe_text(document.title.strip())[:1_000] if document.title else None
    if row.status == EMPTY:
        return replace(row, title=title)
    text = _kept(document.text, limits)
    own = _kept(document.own_text, limits) if document.own_text is not None else None
    same = hashlib.sha256(normalised(text).encode()).hexdigest()
    return replace(
        row, title=title, text=text, text_sha256=same, own_text=own if own != text else None
    )


def _kept(text: str, limits: Limits) -> str:
    return safe_text(text.replace("\0", " ").strip()[: limits.max_characters])


def _row(member: Member, status: str, reason: str | None) -> Parsed:
    is_mail = member.file_type.family == "mail"
    head = head_of_outlook(member.data) if is_mail and is_compound(member.data) else member.data
    message_id, thread_id = ids_of(head) if is_mail else (None, None)
    return Parsed(
        member=member.path,
        size=member.size if member.size is not None else len(member.data),
        sha256=hashlib.sha256(member.data).hexdigest() if member.is_whole else "",
        media_type=member.file_type.media_type,
        status=status,
        reason=reason,
        modified_at=member.modified_at,
        message_id=message_id,
        thread_id=thread_id,
    )
