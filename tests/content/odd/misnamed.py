"""Files whose names say one thing and whose content says another, and what is no text at all."""

import base64
import io
import random
import re
from collections.abc import Iterator

from tests.content import samples
from tests.content.compound import outlook_message
from tests.content.odd.expected import TEXTS, Odd
from tests.content.odd.mails import mail, parts
from tests.content.odd.office import rewritten, with_parts
from tests.content.samples import SENTENCE

_NOISE = random.Random(1).randbytes(5_000)
_COUNTED = "212\n"


def misnamed() -> Iterator[Odd]:
    """Yield files by what they are and what they are called, noise, and rarely met writings."""
    yield from _other_names()
    yield from _other_extensions()
    yield from _noise()
    yield from _written_otherwise()
    yield from _sheets()
    yield from _mails()


def _other_names() -> Iterator[Odd]:
    made = {
        "pdf": samples.pdf_file(),
        "docx": samples.docx_file(),
        "rtf": samples.rtf_file(),
        "html": samples.html_file(),
        "mht": samples.mht_file(),
        "eml": samples.eml_file(),
    }
    names = {
        "pdf": ("txt", "eml", "docx", "mbox", ""),
        "docx": ("txt", "eml", "zip", "odt", "pdf", ""),
        "rtf": ("txt", "eml", "docx", ""),
        "html": ("pdf", "docx", "doc", ""),
        "mht": ("doc", "xls", "html"),
        "eml": ("msg", "mbox", ""),
    }
    for kind, extensions in names.items():
        for extension in extensions:
            name = f"in-truth-{kind}.{extension}" if extension else f"in truth {kind}"
            yield Odd(name, made[kind], (SENTENCE,), ("%PDF", "{\\rtf", "endobj"))
    plain = b"plain words\tin a table\nof a program\n"
    for extension in ("doc", "xls", "xlsx", "docx", "rtf"):
        yield Odd(f"in-truth-text.{extension}", plain, ("plain words", "of a program"))
    yield Odd("in-truth-zip.docx", samples.zip_file({"a.txt": b"packedword"}), ("packedword",))
    yield Odd("in truth zip", samples.zip_file({"a.txt": b"packedword"}), ("packedword",))
    yield Odd("in-truth-msg.txt", outlook_message("s", "outlookword"), ("outlookword",))
    box = b"From - Tue May  2 10:00:01 2023\nSubject: one\n\nfirstbody\n\n"
    box += box.replace(b"first", b"second")
    yield Odd("Inbox", box, ("firstbody", "secondbody"), items=2)
    yield Odd("README", b"words of a file without extension", (), status=("unsupported",))


def _other_extensions() -> Iterator[Odd]:
    for extension in ("pptm", "potx", "ppsm"):
        yield Odd(f"kin.{extension}", samples.pptx_file(), (SENTENCE,))
    for extension in ("xltx", "xltm"):
        yield Odd(f"kin.{extension}", samples.xlsx_file(), (SENTENCE,))
    kin = {"dotm": samples.docx_file, "ott": samples.odt_file, "ots": samples.ods_file}
    for extension, make in kin.items():
        yield Odd(f"kin.{extension}", make(), (SENTENCE,))
    flat = "<office:document xmlns:office='urn:o' xmlns:text='urn:t'><text:p>flatword</text:p>"
    yield Odd("kin.fodt", f"{flat}</office:document>".encode(), ("flatword",))
    yield from _in_one_file()
    yield Odd("kin.emlx", _COUNTED.encode() + samples.eml_file(), (SENTENCE, samples.TITLE))
    for extension in ("ics", "vcf", "jsonl", "ndjson", "adoc", "org"):
        yield Odd(f"kin.{extension}", b"kinword of the file", ("kinword",))


def _in_one_file() -> Iterator[Odd]:
    """Office files in one XML file, in which pictures and settings are no text."""
    never = ("binary", "office:", "style-name", "QUJDREVG", "version")
    made = {"fodt": samples.odt_file(), "fods": samples.ods_file(), "fodp": samples.odp_file()}
    for extension, data in made.items():
        flat = samples.flat_file(data)
        yield Odd(f"flat.{extension}", flat, (SENTENCE,), never)
        yield Odd(f"flat-{extension}.xml", flat, (SENTENCE,), never)
    parts = (
        f'<pkg:part pkg:name="/{name}"><pkg:xmlData>{part}</pkg:xmlData></pkg:part>'
        for name, part in samples.xml_parts(samples.docx_file()).items()
    )
    picture = (
        '<pkg:part pkg:name="/word/a.png"><pkg:binaryData>QUJDREVG</pkg:binaryData></pkg:part>'
    )
    package = f'<pkg:package xmlns:pkg="urn:pkg">{"".join(parts)}{picture}</pkg:package>'
    yield Odd("flat-word.xml", package.encode(), (SENTENCE,), (*never, "pkg:"))


def _noise() -> Iterator[Odd]:
    for extension in ("eml", "msg", "mbox", "html", "xml", "rtf", "docx", "doc", "mht", "odt"):
        yield Odd(f"only-noise.{extension}", _NOISE, (), status=("corrupt",))
    for extension in ("html", "eml", "xml"):
        yield Odd(f"zero.{extension}", bytes(4_000), (), status=("corrupt",))
    yield Odd("marks.txt", "\ufeff\u200b \n".encode(), (), status=("empty",))
    body = mail("X-A: b", _NOISE)
    yield Odd("noise-below-head.eml", body, ("subjectword",), status=("partial",))
    forks = {"._a.docx": b"\x00\x05\x16\x07\x00\x02", "~$a.docx": b"\x03Ada" + bytes(50)}
    for name, data in forks.items():
        yield Odd(name, data, (), status=("unsupported",))


def _written_otherwise() -> Iterator[Odd]:
    coded = rb'{"a": "K\u00fcndigung\nsecondline \ud83d\ude00", "b": "\uacc4\uc57d \"q\""}'
    words = ("Kündigung secondline 😀", '계약 "q"')
    yield Odd("numbers.json", coded, words, ("\\u", "\\n"))
    paired = "größer ".encode() + b"\xed\xa0\xbd\xed\xb8\x80" + TEXTS["de"].encode()
    yield Odd("paired.txt", paired, (f"größer 😀{TEXTS['de']}",))
    entity = '<!DOCTYPE a [<!ENTITY co "companyword">]><a>&co; body<![CDATA[a <b> sign]]></a>'
    yield Odd("entity.xml", entity.encode(), ("companyword body", "a <b> sign"), ("CDATA",))
    for root in ("a", "p", "i"):
        bare = f'<{root}><Name no="attributeword">one</Name><Price>5</Price></{root}>'
        yield Odd(f"bare-{root}.xml", bare.encode(), ("attributeword",), ("one5",))
    pair = rb"{\rtf1\ansi\uc1 before \u-10179?\u-8704? after \u-10174?\u-8263?}"
    yield Odd("pair.rtf", pair, ("before 😀 after 𠮹",))
    yield Odd("mac.rtf", rb"{\rtf1\mac macword \'8a}", ("macword ä",))
    blank = b"<text:p>one<text:s text:c='3'/>two<text:span>three</text:span></text:p>"

    def with_blank(name: str, data: bytes) -> tuple[str, bytes]:
        return name, data.replace(b"</office:text>", blank + b"</office:text>")

    yield Odd("blank.odt", rewritten(samples.odt_file(), with_blank), (SENTENCE, "one two"))
    content = blank.join((b"<office:text>", b"</office:text>"))
    inside = rewritten(samples.odt_file(), lambda *part: part, {"Object 1/content.xml": content})
    yield Odd("object.odt", inside, (SENTENCE, "twothree"))
    deep = {"word/chunks/part1.html": b"<p>chunkword</p>"}
    yield Odd("chunk.docx", with_parts(deep), (SENTENCE, "chunkword"))
    frame = '<iframe srcdoc="&lt;p&gt;framedword&lt;/p&gt;"></iframe>secondword'
    yield Odd("frame.html", frame.encode(), ("framedword", "secondword"))
    pdf = samples.pdf_file()
    yield Odd("cut.pdf", pdf[:-200], (SENTENCE,), status=("partial",))
    form = pdf.replace(b"/Type /Catalog", b"/Type /Catalog\n/AcroForm << /XFA (x) >>")
    yield Odd("form.pdf", form, (SENTENCE,), status=("partial",))


def _sheets() -> Iterator[Odd]:
    far = {"rows": (1_048_576, 1), "columns": (10, 16_000), "both": (100_000, 50)}
    for name, (row, column) in far.items():
        sheet = _sheet({(1, 1): "firstword", (row, column): "lastword"})
        yield Odd(f"far-{name}.xlsx", sheet, ("firstword", "lastword"))
    yield Odd("many-cells.xlsx", _full_sheet(2_100, 50), ("r1c1", "r2100c50"))
    formula = _sheet({(1, 1): "firstword", (2, 1): "=1+1"})
    yield Odd("formula.xlsx", formula, ("firstword",), status=("partial",))


def _sheet(cells: dict[tuple[int, int], str]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    for (row, column), value in cells.items():
        book.active.cell(row, column, value)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _full_sheet(rows: int, columns: int) -> bytes:
    """Return a workbook of more full cells than the library takes unless it is asked to."""
    cell = '<c t="inlineStr"><is><t>r{}c{}</t></is></c>'.format
    made = (
        f"<row>{''.join(cell(row, column) for column in range(1, columns + 1))}</row>"
        for row in range(1, rows + 1)
    )
    data = f"<sheetData>{''.join(made)}</sheetData>".encode()

    def filled(name: str, part: bytes) -> tuple[str, bytes]:
        return name, re.sub(rb"<sheetData>.*</sheetData>", lambda _: data, part, flags=re.S)

    return rewritten(samples.xlsx_file(), filled)


def _mails() -> Iterator[Odd]:
    stated = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: "
    for name, encoding in (("comment", "base64 (a comment)"), ("quotes", '"base64"')):
        coded = "Z3LDtsOfZSB3b3Jk"
        yield Odd(f"encoding-{name}.eml", mail(stated + encoding, coded), ("größe word",), (coded,))
    soft = "one=  \r\ntwo =C3=BC=\t\r\nthree"
    yield Odd("soft.eml", mail(f"{stated}quoted-printable", soft), ("onetwo üthree",))
    page = "<html><head><style>stylename</style></head><body><p>htmlword</p></body></html>"
    never = ("stylename", "<p>")
    yield Odd("page-as-text.eml", mail("Content-Type: text/plain", page), ("htmlword",), never)
    unseparated = mail("Content-Type: text/html charset=utf-8", page)
    yield Odd("no-semicolon.eml", unseparated, ("htmlword",), never)
    docx = samples.docx_file()
    for name, head in (("ATT0001", "; name=ATT0001"), ("none", "")):
        part = (f"application/octet-stream{head}", docx)
        yield Odd(f"unnamed-{name}.eml", _coded(part), ("bodyword", SENTENCE))
    one = b"\x01\x01\x01\x01\nSubject: one\n\nfirstbody\n\x01\x01\x01\x01\n"
    box = one + one.replace(b"first", b"second")
    yield Odd("mmdf.mbox", box, ("firstbody", "secondbody"), items=2)


def _coded(part: tuple[str, bytes]) -> bytes:
    kind, data = part
    coded = f"{kind}\r\nContent-Transfer-Encoding: base64"
    return parts("mixed", ("text/plain", "bodyword"), (coded, base64.encodebytes(data)))
