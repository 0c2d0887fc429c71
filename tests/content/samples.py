"""Real files of every supported kind, made on the spot by the libraries that write them."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

SENTENCE = "The supplier delivers the goods within thirty days of the order."
TITLE = "Framework agreement"
CREATED = datetime(2021, 4, 9, 8, 30, tzinfo=UTC)


def docx_file(header: str | None = None) -> bytes:
    import docx

    document = docx.Document()
    if header:
        document.sections[0].header.paragraphs[0].text = header
    document.add_paragraph(SENTENCE)
    document.core_properties.title = TITLE
    document.core_properties.created = CREATED.replace(tzinfo=None)
    return _saved(document.save)


def xlsx_file(remark: str | None = None) -> bytes:
    import openpyxl
    from openpyxl.comments import Comment

    book = openpyxl.Workbook()
    book.active["A1"] = SENTENCE
    if remark:
        book.active["A1"].comment = Comment(remark, "A Reader")
    book.properties.title = TITLE
    book.properties.created = CREATED.replace(tzinfo=None)
    return _saved(book.save)


def pptx_file() -> bytes:
    import pptx

    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.placeholders[1].text = SENTENCE
    show.core_properties.title = TITLE
    show.core_properties.created = CREATED.replace(tzinfo=None)
    return _saved(show.save)


def pdf_file(password: str | None = None) -> bytes:
    import fpdf

    document = fpdf.FPDF()
    document.set_title(TITLE)
    document.set_creation_date(CREATED)
    document.add_page()
    document.set_font("Helvetica", size=11)
    document.multi_cell(0, 6, SENTENCE)
    if password:
        document.set_encryption(owner_password=password, user_password=password)
    return bytes(document.output())


def odt_file(footer: str | None = None) -> bytes:
    from odf.dc import Title
    from odf.meta import CreationDate
    from odf.opendocument import OpenDocumentText
    from odf.style import Footer, MasterPage, PageLayout
    from odf.text import P

    document = OpenDocumentText()
    if footer:
        layout, foot = PageLayout(name="layout"), Footer()
        foot.addElement(P(text=footer))
        master = MasterPage(name="Standard", pagelayoutname=layout)
        master.addElement(foot)
        document.automaticstyles.addElement(layout)
        document.masterstyles.addElement(master)
    document.text.addElement(P(text=SENTENCE))
    document.meta.addElement(Title(text=TITLE))
    document.meta.addElement(CreationDate(text="2021-04-09T08:30:00"))
    return _saved(document.save)


def ods_file() -> bytes:
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    document = OpenDocumentSpreadsheet()
    table, row, cell = Table(name="one"), TableRow(), TableCell(valuetype="string")
    cell.addElement(P(text=SENTENCE))
    row.addElement(cell)
    table.addElement(row)
    document.spreadsheet.addElement(table)
    return _saved(document.save)


def odp_file() -> bytes:
    from odf.draw import Frame, Page, TextBox
    from odf.opendocument import OpenDocumentPresentation
    from odf.style import MasterPage, PageLayout
    from odf.text import P

    document = OpenDocumentPresentation()
    layout = PageLayout(name="layout")
    document.automaticstyles.addElement(layout)
    master = MasterPage(name="master", pagelayoutname=layout)
    document.masterstyles.addElement(master)
    page, frame, box = Page(masterpagename=master), Frame(width="9cm", height="9cm"), TextBox()
    box.addElement(P(text=SENTENCE))
    frame.addElement(box)
    page.addElement(frame)
    document.presentation.addElement(page)
    return _saved(document.save)


def eml_file() -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = TITLE, "a@example.com", "b@example.com"
    message["Date"] = "Fri, 09 Apr 2021 10:30:00 +0200"
    message["Message-ID"] = "<0123456789@mail.example.com>"
    message.set_content(SENTENCE)
    message.add_attachment("A clause of the attachment.", filename="annex.txt")
    return bytes(message)


def mht_file() -> bytes:
    return (
        f"From: <Saved by a browser>\r\nSubject: {TITLE}\r\n"
        "Date: Fri, 09 Apr 2021 10:30:00 +0200\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; type="text/html"; boundary="--b"\r\n\r\n'
        "----b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        f"<html><body><p>{SENTENCE}</p></body></html>\r\n----b--\r\n"
    ).encode()


def html_file() -> bytes:
    head = f"<head><title>{TITLE}</title><script>var hidden = 1;</script></head>"
    return f"<!DOCTYPE html><html>{head}<body><p>{SENTENCE}</p></body></html>".encode()


def rtf_file() -> bytes:
    made = "{\\info{\\title " + TITLE + "}{\\creatim\\yr2021\\mo4\\dy9\\hr8\\min30}}"
    return ("{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}" + made + "\\f0 " + SENTENCE + "\\par}").encode()


def xml_file() -> bytes:
    return f'<?xml version="1.0"?><contract><clause>{SENTENCE}</clause></contract>'.encode()


def text_file() -> bytes:
    return SENTENCE.encode()


def zip_file(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target.getvalue()


def flat_file(data: bytes) -> bytes:
    """Return an OpenDocument file in one XML file, with a picture in it."""
    from odf.opendocument import load

    picture = b"<office:binary-data>QUJDREVG</office:binary-data></office:body>"
    return bytes(load(io.BytesIO(data)).xml().replace(b"</office:body>", picture))


def xml_parts(data: bytes) -> dict[str, str]:
    """Return the XML parts of a package without their declarations."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        names = [name for name in package.namelist() if name.endswith((".xml", ".rels"))]
        parts = {name: package.read(name).decode() for name in names}
    return {name: re.sub(r"<\?xml.*?\?>", "", part) for name, part in parts.items()}


def without_member(data: bytes, left_out: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as whole:
        names = [name for name in whole.namelist() if name != left_out]
        return zip_file({name: whole.read(name) for name in names})


def _saved(save: Callable[[io.BytesIO], object]) -> bytes:
    target = io.BytesIO()
    save(target)
    return target.getvalue()


# What each supported extension is made of, and whether it carries a title and a date of its own.
MADE: dict[str, Callable[[], bytes]] = {
    **dict.fromkeys(("docx", "docm", "dotx"), docx_file),
    **dict.fromkeys(("xlsx", "xlsm"), xlsx_file),
    **dict.fromkeys(("pptx", "ppsx"), pptx_file),
    **dict.fromkeys(("mht", "mhtml"), mht_file),
    **dict.fromkeys(("html", "htm"), html_file),
    **dict.fromkeys(("txt", "log", "csv", "md", "py", "java", "c", "sql", "json"), text_file),
    "pdf": pdf_file,
    "odt": odt_file,
    "ods": ods_file,
    "odp": odp_file,
    "eml": eml_file,
    "rtf": rtf_file,
    "xml": xml_file,
}
DATED = {"docx": "metadata", "xlsx": "metadata", "pptx": "metadata", "pdf": "metadata"} | {
    "odt": "metadata",
    "rtf": "metadata",
    "eml": "message",
    "mht": "message",
}


def write_all(folder: Path) -> list[str]:
    """Write one file of every kind and return their names."""
    for extension, make in MADE.items():
        (folder / f"contract.{extension}").write_bytes(make())
    return [f"contract.{extension}" for extension in MADE]
