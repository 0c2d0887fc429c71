"""Writes text PDFs: one font family, wrapped lines, as many pages as the text needs.

Streams are not deflated: two zlib builds may compress one input differently.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator

from data.sample.document import Block, Document, plain_line

# Advance widths of Helvetica for the characters from space to tilde, in thousandths of the size
# (Adobe's metrics of the 14 standard fonts); other letters are as wide as an "n".
_WIDTHS = tuple(
    map(
        int,
        """
        278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556
        556 556 556 278 278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556
        833 722 778 667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 333 556 556 500
        556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500
        334 260 334 584
        """.split(),  # noqa: SIM905 - a table reads better than a list of strings
    )
)
_LEFT, _TOP, _BOTTOM, _MEASURE = 60, 780, 60, 475
_SIZES = {"heading": 14, "title": 18}
Cipher = Callable[[int, bytes], bytes]


def write_pdf(document: Document) -> bytes:
    """A PDF of the document's title and blocks, with title, author and dates in its properties."""
    return _assemble(document, lambda _, data: data, b"", [])


def write_locked_pdf(document: Document, password: str) -> bytes:
    """The same PDF, which opens with a password only.

    Encryption is the standard security handler, version 1, revision 2 (40-bit RC4): ISO 32000-1,
    section 7.6. It hides nothing from an attacker and is meant as an example of a locked file.
    """
    identity = hashlib.md5(document.title.encode(), usedforsecurity=False).digest()
    padded = (password.encode() + _PAD)[:32]
    owner = rc4(_digest(padded)[:5], padded)
    key = _digest(padded + owner + b"\xfc\xff\xff\xff" + identity)[:5]
    entry = b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>" % (
        owner.hex().encode(),
        rc4(key, _PAD).hex().encode(),
    )

    def cipher(number: int, data: bytes) -> bytes:
        return rc4(_digest(key + number.to_bytes(3, "little") + b"\0\0")[:10], data)

    return _assemble(document, cipher, identity, [entry])


_PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def _digest(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def rc4(key: bytes, data: bytes) -> bytes:
    """Data under the RC4 stream cipher."""
    box = list(range(256))
    j = 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    out = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) % 256])
    return bytes(out)


def _assemble(
    document: Document, cipher: Cipher, identity: bytes, encryption: list[bytes]
) -> bytes:
    pages = list(_pages(document))
    objects: dict[int, bytes] = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Count %d /Kids [%s] >>"
        % (len(pages), b" ".join(b"%d 0 R" % (6 + 2 * n) for n in range(len(pages)))),
        3: _font(b"Helvetica"),
        4: _font(b"Helvetica-Bold"),
        5: _properties(document, lambda data: cipher(5, data)),
    }
    for n, page in enumerate(pages):
        objects[6 + 2 * n] = _page(7 + 2 * n)
        stream = cipher(7 + 2 * n, page)
        objects[7 + 2 * n] = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream)
    extra = b""
    if encryption:
        number = len(objects) + 1
        objects[number] = encryption[0]
        extra = b" /Encrypt %d 0 R /ID [<%s> <%s>]" % (
            number,
            identity.hex().encode(),
            identity.hex().encode(),
        )
    return _file(objects, extra)


def _font(name: bytes) -> bytes:
    return b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>" % name


def _page(content: int) -> bytes:
    return (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
        b"/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>" % content
    )


def _properties(document: Document, cipher: Callable[[bytes], bytes]) -> bytes:
    values = {
        b"Title": b"\xfe\xff" + document.title.encode("utf-16-be"),
        b"Author": b"\xfe\xff" + document.author.name.encode("utf-16-be"),
        b"CreationDate": f"D:{document.created:%Y%m%d%H%M%S}Z".encode(),
        b"ModDate": f"D:{document.modified:%Y%m%d%H%M%S}Z".encode(),
    }
    entries = (b"/%s <%s>" % (name, cipher(value).hex().encode()) for name, value in values.items())
    return b"<< %s >>" % b" ".join(entries)


def _file(objects: dict[int, bytes], extra: bytes) -> bytes:
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number in sorted(objects):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, objects[number])
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 5 0 R%s >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        extra,
        start,
    )
    return bytes(out)


def _pages(document: Document) -> Iterator[bytes]:
    title = [Block("title", document.title)] if document.title else []
    page, height = bytearray(), _TOP
    for size, bold, line in _lines([*title, *document.blocks]):
        step = size * 1.35
        if height - step < _BOTTOM:
            yield bytes(page)
            page, height = bytearray(), _TOP
        height -= int(step + 0.5)
        if line:
            page += b"BT /F%d %d Tf %d %d Td (%s) Tj ET\n" % (
                2 if bold else 1,
                size,
                _LEFT,
                height,
                _escape(line),
            )
    yield bytes(page)


def _lines(blocks: Iterable[Block]) -> Iterator[tuple[int, bool, str]]:
    for block in blocks:
        size = _SIZES.get(block.kind, 10)
        for line in _wrapped(plain_line(block), _MEASURE * 1000 // size):
            yield size, size > 10, line


def _wrapped(text: str, measure: int) -> Iterator[str]:
    line, length = "", 0
    for word in text.split(" "):
        width = sum(_width(letter) for letter in word) + _WIDTHS[0]
        if line and length + width > measure:
            yield line
            line, length = "", 0
        line = f"{line} {word}" if line else word
        length += width
    yield line


def _width(letter: str) -> int:
    code = ord(letter)
    return _WIDTHS[code - 32] if 32 <= code < 127 else 556


def _escape(text: str) -> bytes:
    data = text.encode("cp1252", "replace")
    return data.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
