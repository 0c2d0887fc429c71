"""Every format opens in the library that others would open it with, and holds the whole text."""

import io
import re
import zipfile
from collections import Counter
from datetime import UTC, datetime

import pytest
from docx import Document as WordDocument
from hypothesis import given
from hypothesis import strategies as st
from odf import teletype
from odf.opendocument import load as load_odf
from odf.text import P
from openpyxl import load_workbook
from pptx import Presentation

from cultivar.content.documents.parsing import parse
from cultivar.content.limits import Limits
from data.sample.document import Block, Document, Person, read_blocks
from data.sample.writers import WRITERS
from data.sample.writers.locked import write_locked_zip
from data.sample.writers.mail import write_mbox
from data.sample.writers.pdf import rc4, write_locked_pdf

_MATERIAL = """! Boiler report, für Müller & Søn (final)
# First part
Text with (brackets), {braces}, a back\\slash, 5 < 6 & "quotes", £200 and an é. It goes on and on
for more than one line of a page so that lines must be wrapped somewhere, and no word may be lost.

%. Scope
%%. First clause
- an item
- another item
| Widget, large | 3 | 12.50 |
| Widget, small | 14 | 0.75 |
>>>
A quoted line
<<<
From here to eternity"""


def _document(language: str = "en") -> Document:
    title, blocks = read_blocks(_MATERIAL, language)
    return Document(
        title=title,
        blocks=blocks,
        author=Person("Ann Müller", "ann.muller@tarrowmere.example"),
        recipient=Person("Bo Lund", "bo.lund@tarrowmere.example"),
        created=datetime(2022, 3, 4, 5, 6, 7, tzinfo=UTC),
        modified=datetime(2022, 4, 5, 6, 7, 8, tzinfo=UTC),
        language=language,
        key="test/1",
    )


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[^\W\d_]+|\d\d+", text))


@pytest.mark.parametrize("extension", sorted(WRITERS))
@pytest.mark.requirement("TC-28")
def test_the_crawl_reads_every_word(extension: str) -> None:
    document = _document()
    (item,) = parse(f"a.{extension}", WRITERS[extension](document), Limits())
    expected = _words(f"{document.title} {document.text}")
    assert item.status == "ok"
    assert not expected - _words(item.text or "")


@pytest.mark.parametrize("extension", sorted(WRITERS))
def test_equal_documents_give_equal_bytes(extension: str) -> None:
    assert WRITERS[extension](_document()) == WRITERS[extension](_document())


def test_word_opens_with_headings_lists_and_tables() -> None:
    opened = WordDocument(io.BytesIO(WRITERS["docx"](_document())))
    styles = {each.text: each.style.name for each in opened.paragraphs if each.style}
    assert styles["First part"] == "Heading 1"
    assert styles["an item"] == "List Bullet"
    assert [cell.text for cell in opened.tables[0].rows[1].cells] == ["Widget, small", "14", "0.75"]
    assert opened.core_properties.author == "Ann Müller"
    assert opened.core_properties.created.isoformat()[:19] == "2022-03-04T05:06:07"


def test_excel_opens_with_numbers_as_numbers() -> None:
    book = load_workbook(io.BytesIO(WRITERS["xlsx"](_document())))
    rows = [[cell for cell in row if cell is not None] for row in book.active.values]
    assert rows[0] == ["Boiler report, für Müller & Søn (final)"]
    assert ["Widget, small", 14, "0.75"] in rows
    assert book.properties.creator == "Ann Müller"


def test_powerpoint_opens_with_a_slide_for_each_heading() -> None:
    slides = Presentation(io.BytesIO(WRITERS["pptx"](_document()))).slides
    titles = [slide.shapes[0].text_frame.text for slide in slides]
    assert titles == ["Boiler report, für Müller & Søn (final)", "First part", "1. Scope"]
    assert "an item" in slides[2].shapes[1].text_frame.text


def test_opendocument_opens_with_its_paragraphs() -> None:
    opened = load_odf(io.BytesIO(WRITERS["odt"](_document())))
    paragraphs = [teletype.extractText(each) for each in opened.getElementsByType(P)]
    assert "another item" in paragraphs
    assert "From here to eternity" in paragraphs


def test_a_pdf_finds_its_objects_where_its_table_says() -> None:
    content = WRITERS["pdf"](_document())
    start = int(content.rsplit(b"startxref\n", 1)[1].split()[0])
    table = content[start:].split(b"trailer")[0].split(b"\n")[3:-1]
    for number, row in enumerate(table, 1):
        assert content[int(row[:10]) :].startswith(b"%d 0 obj" % number)


def test_a_long_pdf_has_several_pages_and_loses_nothing() -> None:
    words = " ".join(f"word{number}" for number in range(6_000))
    document = _document()
    long = Document(
        document.title,
        (Block("text", words),),
        document.author,
        document.recipient,
        document.created,
        document.modified,
    )
    content = WRITERS["pdf"](long)
    (item,) = parse("a.pdf", content, Limits())
    assert content.count(b"/Type /Page ") > 5
    assert (item.text or "").split()[-6_000:] == words.split()


def test_rtf_and_old_text_keep_their_accents() -> None:
    german = _document("de")
    assert "für Müller" in WRITERS["txt"](german).decode("latin-1")
    assert b"\\u252?" in WRITERS["rtf"](german)
    assert WRITERS["rtf"](german).isascii()


def test_a_locked_pdf_opens_with_its_password_only() -> None:
    import asyncio

    import xberg

    content = write_locked_pdf(_document(), "secret")
    assert [item.status for item in parse("a.pdf", content, Limits())] == ["encrypted"]
    assert b"eternity" not in content
    config = xberg.ExtractionConfig(
        use_cache=False, disable_ocr=True, pdf_options=xberg.PdfConfig(passwords=["secret"])
    )
    asked = xberg.ExtractInput(kind="bytes", bytes=content, filename="a.pdf")
    found = asyncio.run(xberg.extract(asked, config)).results[0]
    assert "From here to eternity" in found.content


def test_rc4_agrees_with_its_published_vector() -> None:
    # RFC 6229, 40-bit key 0102030405, offset 0
    assert rc4(bytes([1, 2, 3, 4, 5]), bytes(8)).hex() == "b2396305f03dc027"


@given(st.binary(max_size=300), st.text("abc123", min_size=1, max_size=12))
def test_a_locked_archive_opens_with_its_password_only(content: bytes, password: str) -> None:
    archive = zipfile.ZipFile(io.BytesIO(write_locked_zip("a.txt", content, password.encode())))
    assert archive.infolist()[0].flag_bits & 1
    assert archive.read("a.txt", pwd=password.encode()) == content
    with pytest.raises(RuntimeError, match="encrypted"):
        archive.read("a.txt")


def test_a_mailbox_quotes_lines_that_look_like_its_separators() -> None:
    content = write_mbox([_document(), _document()])
    assert content.count(b"\nFrom ") == 1
    assert content.startswith(b"From ann.muller@tarrowmere.example Fri Mar  4 05:06:07 2022\n")
    items = list(parse("a.mbox", content, Limits()))
    assert len(items) == 2
    assert all("From here to eternity" in (item.text or "") for item in items)


_PLAIN = st.text(
    alphabet=st.characters(min_codepoint=32, max_codepoint=255, exclude_categories=["Cc"]),
    max_size=80,
)


@given(_PLAIN, st.lists(_PLAIN, max_size=4))
def test_writers_take_any_latin_text(title: str, lines: list[str]) -> None:
    document = _document()
    odd = Document(
        title,
        tuple(Block("text", line) for line in lines),
        Person(title or "N", "n@tarrowmere.example"),
        document.recipient,
        document.created,
        document.modified,
    )
    for extension, write in WRITERS.items():
        assert isinstance(write(odd), bytes), extension
    WordDocument(io.BytesIO(WRITERS["docx"](odd)))
    load_workbook(io.BytesIO(WRITERS["xlsx"](odd)))
