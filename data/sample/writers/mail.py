"""Writes messages and mailboxes byte by byte.

The standard library's generator folds headers differently from one Python release to the next, so
it is not used for writing; the tests read every message back with it.
"""

import base64
import hashlib
from collections.abc import Iterable
from datetime import datetime

from data.sample.document import Document, Person
from data.sample.words import file_name
from data.sample.writers.pdf import write_pdf
from data.sample.writers.plain import html_body

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_PLAIN, _HTML = 'text/plain; charset="utf-8"', 'text/html; charset="utf-8"'
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def write_eml(document: Document) -> bytes:
    """One message: plain text, HTML, or both as alternatives, by the document's key.

    An attachment goes along as a PDF.
    """
    style = int(_digest(document)[:2], 16) % 10
    if style < 6:
        kind, body = _PLAIN, document.text + "\n"
    elif style < 8:
        kind, body = _HTML, _page(document)
    else:
        kind, body = _alternatives(document)
    if document.attachment is not None:
        kind, body = _with_attachment(document, document.attachment, f"{_part(kind)}{body}")
    return ("\n".join(_headers(document)) + f"\n{_part(kind)}{body}").encode()


def _part(kind: str) -> str:
    return f"Content-Type: {kind}\nContent-Transfer-Encoding: 8bit\n\n"


def _with_attachment(document: Document, attached: Document, body: str) -> tuple[str, str]:
    boundary = f"mixed-{_digest(document)[:16]}"
    name = f"{file_name(attached.title).replace('/', '-')}.pdf"
    content = base64.encodebytes(write_pdf(attached)).decode()
    file = (
        f'Content-Type: application/pdf; name="{name}"\nContent-Transfer-Encoding: base64\n'
        f'Content-Disposition: attachment; filename="{name}"\n\n{content}'
    )
    parts = f"--{boundary}\n{body}\n--{boundary}\n{file}\n--{boundary}--\n"
    return f'multipart/mixed; boundary="{boundary}"', parts


def write_mbox(documents: Iterable[Document]) -> bytes:
    """A mailbox (mboxrd): messages one after the other, inner ``From`` lines quoted."""
    return b"".join(_mailbox_entry(document) for document in documents)


def _mailbox_entry(document: Document) -> bytes:
    lines = write_eml(document).split(b"\n")
    quoted = (b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in lines)
    stamp = f"From {document.author.address} {_ctime(document.created)}\n"
    return stamp.encode() + b"\n".join(quoted).rstrip(b"\n") + b"\n\n"


def _headers(document: Document) -> list[str]:
    domain = document.author.address.partition("@")[2]
    return [
        f"From: {_mailbox(document.author)}",
        f"To: {_mailbox(document.recipient)}",
        f"Subject: {_word(document.title)}",
        f"Date: {_date(document.created)}",
        f"Message-ID: <{_digest(document)[:20]}@{domain}>",
        "MIME-Version: 1.0",
    ]


def _alternatives(document: Document) -> tuple[str, str]:
    boundary = f"part-{_digest(document)[:16]}"
    plain = f"{_part(_PLAIN)}{document.text}"
    page = f"{_part(_HTML)}{_page(document)}"
    parts = f"--{boundary}\n{plain}\n--{boundary}\n{page}\n--{boundary}--\n"
    return f'multipart/alternative; boundary="{boundary}"', parts


def _page(document: Document) -> str:
    return f"<html><body>\n{html_body(document.blocks)}</body></html>\n"


def _mailbox(person: Person) -> str:
    return f"{_word(person.name)} <{person.address}>"


def _word(text: str) -> str:
    """A header value, as encoded words (RFC 2047) where it holds anything but ASCII."""
    if text.isascii():
        return text
    pieces = [text[at : at + 16] for at in range(0, len(text), 16)]
    return "\n ".join(f"=?utf-8?b?{base64.b64encode(p.encode()).decode()}?=" for p in pieces)


def _date(moment: datetime) -> str:
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day}, {moment.day:02d} {month} {moment:%Y %H:%M:%S} +0000"


def _ctime(moment: datetime) -> str:
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day} {month} {moment.day:2d} {moment:%H:%M:%S %Y}"


def _digest(document: Document) -> str:
    return hashlib.sha256(f"{document.key}\n{document.title}".encode()).hexdigest()
