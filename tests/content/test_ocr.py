"""Text in scans is read where Tesseract is installed, page after page; its lack is said first."""

import io
import shutil
from pathlib import Path
from zipfile import ZipFile

import pytest
from PIL import Image, ImageDraw, ImageFont

from cultivar.content.by_name import read_named
from cultivar.content.crawl.requests import read_with
from cultivar.content.documents import ocr
from cultivar.content.documents.ocr import (
    OCR_IS_OFF,
    language_data,
    read_scan,
    read_scanned_pages,
    require_ocr,
)
from cultivar.content.documents.parsing import parse
from cultivar.content.limits import Limits
from cultivar.content.locations import Location
from cultivar.core.errors import NotReady
from tests.content.conftest import Crawler

ON = Limits(workers=1, ocr=True)
PAGES = ("First page about pumps", "Second page about valves", "Third page about invoices")


def _is_installed() -> bool:
    try:
        language_data()
    except NotReady:
        return False
    return True


needs_tesseract = pytest.mark.skipif(not _is_installed(), reason="Tesseract is not installed")


def page(text: str, mode: str = "L") -> Image.Image:
    picture = Image.new("L", (1_000, 200), 255)
    font = ImageFont.load_default(size=48)
    ImageDraw.Draw(picture).text((60, 60), text, fill=0, font=font)
    return picture.convert(mode)


def tiff(*texts: str, mode: str = "L", **options: object) -> bytes:
    made = io.BytesIO()
    first, *others = (page(text, mode) for text in texts)
    first.save(made, "TIFF", save_all=True, append_images=others, **options)
    return made.getvalue()


@needs_tesseract
@pytest.mark.requirement("TC-28")
@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("L", {}),
        ("1", {"compression": "group4"}),
        ("RGB", {"compression": "jpeg", "quality": 90}),
        ("L", {"compression": "tiff_lzw"}),
        ("L", {"big_tiff": True}),
    ],
)
def test_every_page_of_a_scan_is_read(mode: str, options: dict[str, object]) -> None:
    read = read_scan(tiff(*PAGES, mode=mode, **options), ON)
    assert read.text == "\n\n".join(PAGES)
    assert read.media_type == "image/tiff"


@needs_tesseract
def test_a_scan_becomes_an_item_with_its_date_also_inside_an_archive(
    content: Path, crawled: Crawler
) -> None:
    scan = tiff(PAGES[0], tiffinfo={306: "2021:03:04 05:06:07"})
    (content / "scan.tif").write_bytes(scan)
    with ZipFile(content / "box.zip", "w") as archive:
        archive.writestr("inside.tiff", tiff(PAGES[1]))
    rows = crawled(limits=ON).rows
    assert rows["scan.tif"]["text"] == PAGES[0]
    assert (rows["scan.tif"]["status"], rows["scan.tif"]["created_source"]) == ("ok", "metadata")
    assert rows["scan.tif"]["created_at"].isoformat() == "2021-03-04T05:06:07+00:00"
    assert rows["box.zip!/inside.tiff"]["text"] == PAGES[1]


@needs_tesseract
def test_what_needed_ocr_is_read_once_it_is_on_and_nothing_else_is(
    content: Path, crawled: Crawler
) -> None:
    (content / "scan.tiff").write_bytes(tiff(PAGES[0]))
    (content / "program.exe").write_bytes(b"MZ")
    (content / "note.txt").write_text("a note")
    off = crawled()
    assert off.rows["scan.tiff"]["reason"] == OCR_IS_OFF
    on = crawled(previous=off, limits=ON)
    assert (on.summary.changed, on.summary.unchanged) == (1, 2)
    assert on.rows["scan.tiff"]["text"] == PAGES[0]
    assert not crawled(previous=on, limits=ON).changed
    assert not crawled(previous=on).changed


@needs_tesseract
def test_scans_that_cannot_be_read_are_rows_with_their_reason(
    content: Path, crawled: Crawler
) -> None:
    whole = tiff(PAGES[0])
    (content / "cut.tiff").write_bytes(whole[: len(whole) // 2])
    (content / "noise.tiff").write_bytes(b"II*\0" + b"\x01" * 100)
    png = io.BytesIO()
    page(PAGES[0]).save(png, "PNG")
    (content / "other.tiff").write_bytes(png.getvalue())
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000), 1).save(bomb, "TIFF", compression="group4")
    (content / "bomb.tiff").write_bytes(bomb.getvalue())
    (content / "blank.tiff").write_bytes(tiff(""))
    assert crawled(limits=ON).statuses == {
        "cut.tiff": "corrupt",
        "noise.tiff": "corrupt",
        "other.tiff": "corrupt",
        "bomb.tiff": "too large",
        "blank.tiff": "empty",
    }


@needs_tesseract
def test_pages_beyond_the_bounds_are_not_read() -> None:
    read = read_scan(tiff(*PAGES), Limits(ocr=True, max_characters=30))
    assert read.text == "\n\n".join(PAGES[:2])
    with pytest.raises(Exception, match="over 2 pages"):
        read_scan(tiff(*PAGES), Limits(ocr=True, max_members=2))


@needs_tesseract
def test_several_languages_are_read_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, languages = language_data()
    for name in (languages[0], "deu"):
        shutil.copy(folder / f"{languages[0]}.traineddata", tmp_path / f"{name}.traineddata")
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    assert read_scan(tiff(PAGES[0]), ON).text == PAGES[0]


def test_language_data_lie_where_the_environment_says_english_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "tessdata"
    folder.mkdir()
    for name in ("deu", "eng", "osd", "deu_latf", "mine", "fra", "ita", "spa"):
        (folder / f"{name}.traineddata").touch()
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    assert language_data() == (folder, ("eng", "deu", "fra", "ita"))


def test_without_language_data_a_crawl_does_not_start(
    content: Path, crawled: Crawler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    (content / "note.txt").write_text("a note")
    with pytest.raises(NotReady) as refused:
        crawled(limits=ON)
    assert refused.value.code == "ocr-not-installed"
    assert crawled().statuses == {"note.txt": "ok"}


def test_without_the_extra_a_crawl_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(NotReady) as refused:
        require_ocr()
    assert refused.value.code == "ocr-not-installed"
    assert "cultivar[ocr]" in refused.value.sentence


def test_a_date_that_is_none_is_left_out() -> None:
    assert ocr._date(None) is None
    assert ocr._date("2021:03:04 05:06:07\0") == "2021-03-04T05:06:07"


def mixed_pdf(*pages: tuple[str, str]) -> bytes:
    """Return a PDF of typed and scanned pages: a kind and a text each."""
    import fpdf

    made = fpdf.FPDF()
    made.set_font("Helvetica", size=11)
    for kind, text in pages:
        made.add_page()
        if kind == "typed":
            made.multi_cell(0, 6, text)
        else:
            picture = Image.new("L", (1_000, 1_400), 255)
            picture.paste(page(text), (0, 0))
            made.image(picture if kind == "scan" else page(text), 0, 0, 210)
    return bytes(made.output())


TYPED = "Typed page about the harbour, its cranes and its suppliers. " * 4
MIXED = (("typed", TYPED), ("scan", PAGES[0]), ("typed", TYPED), ("scan", PAGES[1]))


@needs_tesseract
@pytest.mark.requirement("TC-28")
def test_only_the_scanned_pages_of_a_pdf_are_read_by_ocr_in_their_place(
    content: Path, crawled: Crawler
) -> None:
    (content / "mixed.pdf").write_bytes(mixed_pdf(*MIXED))
    (content / "scan.pdf").write_bytes(mixed_pdf(("scan", PAGES[2])))
    (content / "typed.pdf").write_bytes(mixed_pdf(("typed", TYPED)))
    off = crawled()
    assert off.statuses == {"mixed.pdf": "partial", "scan.pdf": "empty", "typed.pdf": "ok"}
    assert off.rows["mixed.pdf"]["reason"] == "2 pages are a picture"
    assert off.rows["scan.pdf"]["reason"] == "no text was found in it; 1 page is a picture"
    on = crawled(previous=off, limits=ON, read_with=read_with(Limits(workers=1)))
    assert on.summary.changed == 2
    assert on.statuses == dict.fromkeys(off.statuses, "ok")
    text = on.rows["mixed.pdf"]["text"]
    places = [text.index(part) for part in ("Typed page", PAGES[0], PAGES[1])]
    assert places == sorted(places)
    assert text.rindex("Typed page") > places[1]
    assert on.rows["scan.pdf"]["text"] == PAGES[2]
    assert on.rows["typed.pdf"]["text"] == off.rows["typed.pdf"]["text"]


@needs_tesseract
def test_scanned_pages_beyond_the_bounds_are_left() -> None:
    data = mixed_pdf(*(("scan", text) for text in PAGES))
    assert set(read_scanned_pages(data, [1, 2, 3], ON)) == {1, 2, 3}
    assert read_scanned_pages(data, [1, 2, 3], Limits(ocr=True, until=0.0)) == {}
    assert set(read_scanned_pages(data, [1, 2, 3], Limits(ocr=True, max_members=1))) == {1}
    assert set(read_scanned_pages(data, [1, 2, 3], Limits(ocr=True, max_characters=10))) == {1, 2}


@needs_tesseract
def test_a_language_without_its_data_is_refused_with_what_installs_it() -> None:
    folder, (first, *_) = language_data()
    assert language_data(first) == (folder, (first,))
    with pytest.raises(NotReady, match="apt-get install tesseract-ocr-xxx") as caught:
        require_ocr("eng+xxx")
    assert caught.value.code == "ocr-not-installed"


@needs_tesseract
def test_a_small_picture_on_a_page_without_text_is_read_too() -> None:
    [read] = parse("small.pdf", mixed_pdf(("typed", TYPED), ("picture", PAGES[1])), ON)
    assert read.status == "ok"
    assert PAGES[1] in (read.text or "")


@needs_tesseract
def test_projects_read_scanned_pages_too(content: Path) -> None:
    (content / "mixed.pdf").write_bytes(mixed_pdf(*MIXED))
    [read] = read_named(Location("content", str(content)), ["mixed.pdf"], ON)
    assert read.status == "ok"
    assert PAGES[1] in (read.text or "")
