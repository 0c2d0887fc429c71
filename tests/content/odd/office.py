"""Odd Office packages and PDF: what the standards allow and few programs write."""

import io
import re
import struct
import zipfile
from collections.abc import Callable, Iterator

from tests.content import samples
from tests.content.compound import compound_file
from tests.content.odd.expected import TEXTS, Odd
from tests.content.samples import SENTENCE

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
Rewrite = Callable[[str, bytes], "tuple[str, bytes]"]


def office() -> Iterator[Odd]:
    """Yield packages of Word, Excel, PowerPoint and OpenDocument, and PDF."""
    yield from _prefixes()
    yield from _charsets()
    yield from _names()
    yield from _beside()
    yield from _sheets()
    yield from _pdf()
    yield from _archives()


def rewritten(data: bytes, rewrite: Rewrite, extra: dict[str, bytes] | None = None) -> bytes:
    """Return a package with each part renamed or changed, and parts added."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            new.writestr(*rewrite(info.filename, old.read(info)))
        for name, content in (extra or {}).items():
            new.writestr(name, content)
    return target.getvalue()


def _renamed(old: str, new: str) -> Rewrite:
    def rewrite(name: str, data: bytes) -> tuple[str, bytes]:
        for before, after in ((f"<{old}:", f"<{new}:"), (f"</{old}:", f"</{new}:")):
            data = data.replace(before.encode(), after.encode())
        data = re.sub(
            rb"(\s)" + old.encode() + rb":([\w-]+=)", rb"\1" + new.encode() + rb":\2", data
        )
        return name, data.replace(f"xmlns:{old}=".encode(), f"xmlns:{new}=".encode())

    return rewrite


def _prefixes() -> Iterator[Odd]:
    made = {
        "docx": (samples.docx_file, ("w", "r")),
        "pptx": (samples.pptx_file, ("p", "a", "r")),
        "odt": (samples.odt_file, ("office", "text", "style")),
        "ods": (samples.ods_file, ("office", "text", "table")),
        "odp": (samples.odp_file, ("office", "text", "draw")),
    }
    for kind, (make, prefixes) in made.items():
        for prefix in prefixes:
            for other in ("ns0", "x"):
                data = rewritten(make(), _renamed(prefix, other))
                yield Odd(f"{prefix}-{other}.{kind}", data, (SENTENCE,))
    for prefix in ("x", "ns0"):
        named = f"<{prefix}:".encode()

        def prefixed(name: str, data: bytes, named: bytes = named) -> tuple[str, bytes]:
            if not name.startswith("xl/") or not name.endswith(".xml"):
                return name, data
            data = re.sub(rb"<(?=[A-Za-z])", named, data)
            data = re.sub(rb"</(?=[A-Za-z])", named.replace(b"<", b"</"), data)
            return name, data.replace(b"xmlns=", b"xmlns:" + named[1:-1] + b"=")

        yield Odd(f"all-{prefix}.xlsx", rewritten(samples.xlsx_file(), prefixed), (SENTENCE,))
    paragraph = f"<p><r><t>{SENTENCE}</t></r></p>"
    default = f'<?xml version="1.0"?><document xmlns="{_W}"><body>{paragraph}</body></document>'
    parts = {"word/document.xml": default.encode()}
    plain = rewritten(samples.docx_file(), lambda name, data: (name, parts.get(name, data)))
    yield Odd("default.docx", plain, (SENTENCE,))


def _charsets() -> Iterator[Odd]:
    parts = {
        "docx": (samples.docx_file, "word/document"),
        "xlsx": (samples.xlsx_file, "xl/"),
        "pptx": (samples.pptx_file, "ppt/slides/slide"),
        "odt": (samples.odt_file, "content"),
        "ods": (samples.ods_file, "content"),
        "odp": (samples.odp_file, "content"),
    }
    for kind, (make, beginning) in parts.items():
        for codec in ("utf-16", "utf-8-sig"):

            def coded(
                name: str, data: bytes, beginning: str = beginning, codec: str = codec
            ) -> tuple[str, bytes]:
                if not name.startswith(beginning) or not name.endswith(".xml"):
                    return name, data
                text = re.sub(r"""(encoding=)["'][\w-]+["']""", r"", data.decode("utf-8"))
                return name, text.encode(codec)

            yield Odd(f"{codec}.{kind}", rewritten(make(), coded), (SENTENCE,))


def _names() -> Iterator[Odd]:
    word = samples.docx_file()

    def other(name: str, data: bytes) -> tuple[str, bytes]:
        if name in {"_rels/.rels", "[Content_Types].xml"}:
            return name, data.replace(b"word/document.xml", b"word/document2.xml")
        return name.replace("document.xml", "document2.xml"), data

    yield Odd("main-part.docx", rewritten(word, other), (SENTENCE,))
    makes = {"docx": word, "xlsx": samples.xlsx_file(), "pptx": samples.pptx_file()}
    for kind, data in makes.items():
        back = rewritten(data, lambda name, part: (name.replace("/", "\\"), part))
        yield Odd(f"backslashes.{kind}", back, (SENTENCE,))
    upper = rewritten(word, lambda name, part: (name.replace("word/doc", "Word/Doc"), part))
    yield Odd("capitals.docx", upper, (SENTENCE,))
    for extension in ("doc", "dot"):
        yield Odd(f"package.{extension}", word, (SENTENCE,))
    yield Odd("package.xls", samples.xlsx_file(), (SENTENCE,))
    yield Odd("page.xls", samples.html_file(), (SENTENCE,))


def _beside() -> Iterator[Odd]:
    note = b'<p:cmLst xmlns:p="urn:p"><p:cm><p:text>remarkword</p:text></p:cm></p:cmLst>'
    new = b'<q:cm xmlns:q="u" xmlns:a="v"><a:p><a:r><a:t>remarkword</a:t></a:r></a:p></q:cm>'
    for name, part in (("comment1", note), ("modernComment_1", new)):
        extra = {f"ppt/comments/{name}.xml": part}
        data = rewritten(samples.pptx_file(), lambda name, part: (name, part), extra)
        yield Odd(f"{name}.pptx", data, (SENTENCE, "remarkword"))
    yield Odd("remark.xlsx", samples.xlsx_file(remark="remarkword"), (SENTENCE, "remarkword"))
    thread = b"<ThreadedComments><threadedComment><text>remarkword</text></threadedComment>"
    extra = {"xl/threadedComments/threadedComment1.xml": thread + b"</ThreadedComments>"}
    sheet = rewritten(samples.xlsx_file(), lambda name, part: (name, part), extra)
    yield Odd("thread.xlsx", sheet, (SENTENCE, "remarkword"))
    yield Odd("header.docx", samples.docx_file(header="headerword"), (SENTENCE, "headerword"))
    yield Odd("footer.odt", samples.odt_file(footer="footerword"), (SENTENCE, "footerword"))
    yield Odd("short-header.docx", samples.docx_file(header="goo"), (f"{SENTENCE} goo",))
    numbered = rewritten(samples.odt_file(footer="footerword"), _with_page_number)
    yield Odd("numbered.odt", numbered, (SENTENCE, "footerword"), ("<number>",))
    inserted = {
        "afchunk.htm": b"<style>stylename</style><p>insertedword</p>",
        "afchunk.rtf": b"{\\rtf1\\ansi insertedword\\par}",
        "afchunk.txt": b"insertedword",
    }
    for name, part in inserted.items():
        data = with_parts({f"word/{name}": part})
        yield Odd(f"inserted-{name}.docx", data, (SENTENCE, "insertedword"), ("stylename",))
    files = {
        "Microsoft_Word_Document.docx": samples.docx_file(header="insidehead"),
        "oleObject1.bin": compound_file({"CONTENTS": samples.pdf_file()}),
        "oleObject2.bin": compound_file({"Package": samples.docx_file()}),
        "oleObject3.bin": compound_file({"\x01Ole10Native": _packaged("a.txt", b"nativeword")}),
    }
    for name, part in files.items():
        words = ("nativeword",) if "3" in name else (SENTENCE,)
        yield Odd(f"holds-{name}.docx", with_parts({f"word/embeddings/{name}": part}), words)
    equation = compound_file({"Equation Native": bytes(60)})
    yield Odd("equation.docx", with_parts({"word/embeddings/oleObject1.bin": equation}), ())
    unknown = compound_file({"Strange": bytes(60)})
    lost = with_parts({"word/embeddings/oleObject1.bin": unknown})
    yield Odd("unknown-object.docx", lost, (SENTENCE,), status=("partial",))


def _with_page_number(name: str, data: bytes) -> tuple[str, bytes]:
    number = b"footerword <text:page-number>&lt;number&gt;</text:page-number>"
    return name, data.replace(b"footerword", number)


def with_parts(extra: dict[str, bytes]) -> bytes:
    """Return a Word file with further parts."""
    return rewritten(samples.docx_file(), lambda name, part: (name, part), extra)


def _packaged(name: str, data: bytes) -> bytes:
    path = name.encode() + b"\0"
    inside = bytes(6) + path + path + bytes(4) + len(path).to_bytes(4, "little") + path
    return inside + len(data).to_bytes(4, "little") + data


def _sheets() -> Iterator[Odd]:
    cell = '<table:table-cell office:value-type="string"><text:p>{0}</text:p></table:table-cell>'
    first = f"<table:table-row>{cell.format('firstword')}</table:table-row>"
    for count in (1_048_570, 60_000, 5_000):
        gap = f'<table:table-row table:number-rows-repeated="{count}"><table:table-cell/>'
        last = f"<table:table-row>{cell.format('lastword')}</table:table-row>"
        rows = f"{first}{gap}</table:table-row>{last}"
        yield Odd(f"gap-{count}.ods", _with_rows(rows), ("firstword", "lastword"))
    wide = '<table:table-cell table:number-columns-repeated="16000"/>'
    row = f"<table:table-row>{cell.format('firstword')}{wide}{cell.format('lastword')}"
    for page, language in ((1252, "de"), (1251, "ru")):
        text = TEXTS[language]
        words = (text, "12.5")
        yield Odd(f"of-1995-{language}.xls", _sheet_of_1995(text, page), words)
    yield Odd("wide.ods", _with_rows(f"{row}</table:table-row>"), ("firstword", "lastword"))


def _sheet_of_1995(text: str, page: int) -> bytes:
    """Return a workbook as Excel 95 writes it: a text and a number in one row."""
    coded = text.encode(f"cp{page}")
    records = [
        (0x0809, "<HHHH", (0x0500, 5, 2412, 1997), b""),
        (0x0042, "<H", (page,), b""),
        (0x0085, "<IBBB", (_RECORDS_ABOVE, 0, 0, 5), b"Sheet"),
        (0x000A, "", (), b""),
        (0x0809, "<HHHH", (0x0500, 16, 2412, 1997), b""),
        (0x0204, "<HHHH", (0, 0, 0, len(coded)), coded),
        (0x0203, "<HHHd", (0, 1, 0, 12.5), b""),
        (0x000A, "", (), b""),
    ]
    stream = b""
    for kind, form, numbers, rest in records:
        content = struct.pack(form, *numbers) + rest
        stream += struct.pack("<HH", kind, len(content)) + content
    return compound_file({"Book": stream})


_RECORDS_ABOVE = 38  # bytes that describe the workbook


def _with_rows(rows: str) -> bytes:
    def rewrite(name: str, data: bytes) -> tuple[str, bytes]:
        if name != "content.xml":
            return name, data
        return name, re.sub(rb"<table:table-row>.*</table:table-row>", rows.encode(), data)

    return rewritten(samples.ods_file(), rewrite)


def _pdf() -> Iterator[Odd]:
    body = "bodyword of the page"
    annotations = {
        "note": b"/Subtype /Text /Contents (remarkword \\(one\\))",
        "free": b"/Subtype /FreeText /Contents (remarkword \\(one\\))",
        "marked": b"/Subtype /Highlight /QuadPoints [1 1 2 2 1 1] /Contents (remarkword \\(one\\))",
        "figure": b"/Subtype /Link /S /Figure /Alt (remarkword \\(one\\))",
        "hex": b"/Subtype /Text /Contents <" + b"remarkword (one)".hex().encode() + b">",
    }
    for name, annotation in annotations.items():
        for inline in (True, False):
            data = _pages(body, annotation, inline=inline)
            words = (body, "remarkword (one)")
            yield Odd(f"{name}-{'inline' if inline else 'object'}.pdf", data, words)
    for language in ("de", "ko", "ru"):
        coded = (b"\xfe\xff" + TEXTS[language].encode("utf-16-be")).hex().encode()
        annotation = b"/Subtype /Text /Contents <" + coded + b">"
        yield Odd(f"remark-{language}.pdf", _pages(body, annotation), (body, TEXTS[language]))
    import fpdf

    docx = samples.docx_file()
    packed = samples.zip_file({"deep/a.txt": b"insideword"})
    for name, held in {"a.txt": b"insideword", "a.docx": docx, "a.zip": packed}.items():
        document = fpdf.FPDF()
        document.add_page()
        document.set_font("Helvetica", size=11)
        document.multi_cell(0, 6, body)
        document.embed_file(bytes=held, basename=name)
        words = (body, SENTENCE if name == "a.docx" else "insideword")
        yield Odd(f"portfolio-{name}.pdf", bytes(document.output()), words, ("ZIP Archive",))


def _pages(text: str, annotation: bytes, *, inline: bool = False) -> bytes:
    shown = f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET".encode()
    note = b"<< /Type /Annot /Rect [10 10 30 30] " + annotation + b" >>"
    resources = b"/Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] " + resources + b" /Annots ["
        + (note if inline else b"6 0 R") + b"] >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shown), shown),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        note,
    ]  # fmt: skip
    made, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer << /Root 1 0 R /Size 7 >>\nstartxref\n%d\n%%%%EOF" % len(made)
    return made + b"xref\n0 7\n0000000000 65535 f \n" + table + end


def _archives() -> Iterator[Odd]:
    members = {
        "a.htm": TEXTS["de"].encode("cp1252").join((b"<meta charset=windows-1252><p>", b"</p>")),
        "b.eml": b"Subject: s\r\nContent-Type: text/html\r\n\r\n<style>stylename</style>mailword",
        "c.mbox": b"From a Tue May  2 10:00:01 2023\nSubject: s\n\nboxword\n",
        "d.docx": samples.docx_file(),
    }
    words = (TEXTS["de"], "mailword", "boxword", SENTENCE)
    yield Odd("many.zip", samples.zip_file(members), words, ("stylename",), items=4)
