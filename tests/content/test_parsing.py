"""Every supported kind gives its text, title and date; everything else gives a reason."""

import io
import mailbox
import random
import re
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivar.content.documents.parsing import Parsed, parse
from cultivar.content.formats import EXTENSIONS, extension_of, file_type_of
from cultivar.content.languages import language_of
from cultivar.content.limits import Limits
from tests.content import samples
from tests.content.conftest import Crawler
from tests.content.samples import CREATED, DATED, SENTENCE, TITLE, zip_file

# The parsing library must not be loaded here, so that no other test forks a process that has it:
# everything is read through a crawl.


def status_of(crawled: Crawler, content: Path, name: str, data: bytes) -> dict[str, object]:
    """Crawl one file that becomes one row; return the row."""
    (content / name).write_bytes(data)
    (row,) = crawled().rows.values()
    return row


@pytest.mark.requirement("TC-28", "TC-43")
def test_every_supported_kind_gives_its_text(content: Path, crawled: Crawler) -> None:
    names = samples.write_all(content)
    rows = crawled().rows
    assert {name: rows[name]["status"] for name in names} == dict.fromkeys(names, "ok")
    for name in names:
        assert SENTENCE in rows[name]["text"], name
        assert rows[name]["language"] == "en", name
        assert rows[name]["media_type"] != "application/octet-stream", name
    for extension, source in DATED.items():
        row = rows[f"contract.{extension}"]
        assert (row["created_at"], row["created_source"]) == (CREATED, source), extension
    for extension in ("docx", "xlsx", "pptx", "pdf", "odt", "rtf", "eml", "html"):
        assert rows[f"contract.{extension}"]["title"] == TITLE, extension


@pytest.mark.requirement("TC-28", "TC-43")
def test_other_kinds_are_unsupported_with_a_reason(content: Path, crawled: Crawler) -> None:
    names = ["setup.exe", "photo.jpg", "README", "a.7z", ".txt", "a.docx.bak"]
    for name in names:
        (content / name).write_bytes(b"MZ\x90\x00 not to be read")
    rows = crawled().rows
    assert sorted(rows) == sorted(names)
    for row in rows.values():
        assert row["status"] == "unsupported"
        assert "is not among the supported kinds" in row["reason"]
        assert row["text"] is None
        assert len(row["sha256"]) == 64


def test_images_need_ocr(content: Path, crawled: Crawler) -> None:
    row = status_of(crawled, content, "scan.tiff", b"II*\x00")
    assert row["reason"] == "reading text from images needs OCR, which is off"


def test_what_stands_beside_the_body_is_read_once(content: Path, crawled: Crawler) -> None:
    (content / "a.docx").write_bytes(samples.docx_file(header="Confidential & private"))
    (content / "a.xlsx").write_bytes(samples.xlsx_file(remark="Ask the buyer about it."))
    (content / "a.odt").write_bytes(samples.odt_file(footer="Page of the agreement"))
    rows = crawled().rows
    for name, beside in (
        ("a.docx", "Confidential & private"),
        ("a.xlsx", "Ask the buyer about it."),
        ("a.odt", "Page of the agreement"),
    ):
        assert rows[name]["text"].count(beside) == 1, name
        assert rows[name]["text"].count(SENTENCE) == 1, name


def test_a_style_that_nobody_wrote_is_no_text(content: Path, crawled: Crawler) -> None:
    import docx

    document = docx.Document()
    document.add_heading("Annual review", level=0)
    document.add_paragraph("Costs (style_name: none of these) rose.")
    document.save(str(content / "a.docx"))
    row = crawled().rows["a.docx"]
    assert row["text"].startswith("Annual review\n")
    assert "Costs (style_name: none of these) rose." in row["text"]


def test_an_attachment_counts_once(content: Path, crawled: Crawler) -> None:
    row = status_of(crawled, content, "letter.eml", samples.eml_file())
    assert str(row["text"]).count("A clause of the attachment.") == 1
    assert "0123456789@mail.example.com" not in str(row["text"])


def test_what_cannot_be_read_says_why(content: Path, crawled: Crawler) -> None:
    cases = {
        "nothing.txt": (b"", "empty"),
        "blank.txt": (b" \n\t ", "empty"),
        "nothing.docx": (b"", "corrupt"),
        "beginning.docx": (b"PK\x03\x04 nothing behind it", "corrupt"),
        "cut.docx": (samples.docx_file()[:2_000], "corrupt"),
        "beginning.zip": (b"PK\x03\x04 nothing behind it", "corrupt"),
        "nothing.zip": (zip_file({}), "empty"),
        "nothing.mbox": (b"", "empty"),
        "beginning.pdf": (b"%PDF-1.7 nothing behind it", "corrupt"),
        "sealed.pdf": (samples.pdf_file(password="sesame"), "encrypted"),
        "other.msg": (b"no compound file", "corrupt"),
    }
    for name, (data, _) in cases.items():
        (content / name).write_bytes(data)
    done = crawled()
    assert done.statuses == {name: status for name, (_, status) in sorted(cases.items())}
    assert all(row["reason"] and row["text"] is None for row in done.rows.values())


def test_a_file_larger_than_the_bound_is_not_read(content: Path, crawled: Crawler) -> None:
    (content / "large.txt").write_bytes(b"x" * 1_001)
    (content / "small.txt").write_bytes(b"just small enough " * 50)
    rows = crawled(limits=Limits(workers=1, max_bytes=1_000)).rows
    assert rows["large.txt"]["status"] == "too large"
    assert rows["large.txt"]["reason"] == "it is larger than 1,000 bytes"
    assert rows["small.txt"]["status"] == "ok"


def test_text_beyond_the_bound_is_cut_and_said_so(content: Path, crawled: Crawler) -> None:
    (content / "long.txt").write_text("word " * 1_000)
    row = crawled(limits=Limits(workers=1, max_characters=100)).rows["long.txt"]
    assert (row["status"], row["characters"]) == ("partial", 100)
    assert row["reason"] == "only its first 100 characters are kept"


def test_members_of_an_archive_are_items_in_path_order(content: Path, crawled: Crawler) -> None:
    members = {
        "z.txt": b"the last of the letters",
        "folder/a.docx": samples.docx_file(),
        "b.exe": b"MZ",
        "inner.zip": zip_file({"deep.txt": b"a letter in a box in a box"}),
    }
    (content / "box.zip").write_bytes(zip_file(members))
    rows = crawled().rows
    assert {path: row["status"] for path, row in rows.items()} == {
        "box.zip!/b.exe": "unsupported",
        "box.zip!/folder/a.docx": "ok",
        "box.zip!/inner.zip!/deep.txt": "ok",
        "box.zip!/z.txt": "ok",
    }
    inside = rows["box.zip!/folder/a.docx"]
    assert (inside["folder"], inside["name"]) == ("box.zip!/folder", "a.docx")
    assert inside["created_at"] == CREATED
    assert inside["source_path"] == "box.zip"
    assert len({row["item_id"] for row in rows.values()}) == 4


def test_the_order_inside_an_archive_changes_nothing(content: Path, crawled: Crawler) -> None:
    members = [(f"{number:02}.txt", f"letter number {number}".encode()) for number in range(20)]
    (content / "box.zip").write_bytes(zip_file(dict(members)))
    first = crawled().table.select(["path", "text", "item_id"])
    random.Random(4).shuffle(members)
    (content / "box.zip").write_bytes(zip_file(dict(members)))
    assert crawled().table.select(["path", "text", "item_id"]).equals(first)


def test_two_members_of_one_name_are_two_items(content: Path, crawled: Crawler) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.txt", "the first letter")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.txt", "the second letter")
    (content / "box.zip").write_bytes(target.getvalue())
    rows = crawled().rows
    assert [row["text"] for row in rows.values()] == ["the first letter", "the second letter"]
    assert len({row["item_id"] for row in rows.values()}) == 2


def test_a_bomb_is_bounded(content: Path, crawled: Crawler) -> None:
    (content / "flat.zip").write_bytes(zip_file({"zeros.txt": b"0" * 60_000_000}))
    (content / "many.zip").write_bytes(zip_file({f"{number}.txt": b"a" for number in range(300)}))
    nested = zip_file({"deep.txt": b"at the bottom"})
    for _ in range(30):
        nested = zip_file({"inner.zip": nested})
    (content / "nested.zip").write_bytes(nested)
    limits = Limits(workers=1, max_bytes=1_000_000, max_members=200)
    rows = crawled(limits=limits).rows
    assert rows["flat.zip!/zeros.txt"]["status"] == "too large"
    assert rows["many.zip"]["status"] == "too large"
    assert rows["nested.zip!/inner.zip!/inner.zip!/inner.zip"]["status"] == "too large"
    assert len(rows) == 1 + 201 + 1


def test_a_pdf_was_made_in_its_own_zone(content: Path, crawled: Crawler) -> None:
    made = samples.pdf_file()
    for name, zone in (("east", b"+10'30'"), ("west", b"-08'00'")):
        written = re.sub(rb"(/CreationDate \(D:20210409083000)[^)]*", rb"\1" + zone, made)
        assert zone in written
        (content / f"{name}.pdf").write_bytes(written)
    rows = crawled().rows
    assert rows["east.pdf"]["created_at"] == CREATED - timedelta(hours=10, minutes=30)
    assert rows["west.pdf"]["created_at"] == CREATED + timedelta(hours=8)


def test_a_mailbox_beyond_the_bound_keeps_what_was_read(content: Path, crawled: Crawler) -> None:
    message = "From a@example.org Tue May  2 10:00:01 2023\nSubject: s\n\nletter {0}\n\n"
    (content / "all.mbox").write_text("".join(map(message.format, range(20))))
    rows = crawled(limits=Limits(workers=1, max_members=5)).rows
    assert len(rows) == 6
    assert rows["all.mbox"]["status"] == "too large"
    assert rows["all.mbox"]["reason"] == (
        "it holds over 5 messages, the bound of the setting max_members"
    )
    assert [rows[f"all.mbox!/{number}"]["status"] for number in range(1, 6)] == ["ok"] * 5


def test_a_mailbox_that_runs_out_of_time_keeps_what_was_read() -> None:
    message = "From a@example.org Tue May  2 10:00:01 2023\nSubject: s\n\nletter {0}\n\n"
    data = "".join(map(message.format, range(200_000))).encode()
    items = list(parse("all.mbox", data, Limits(seconds=0.2, max_members=1_000_000)))
    assert 1 < len(items) < 200_000
    assert all(item.status == "ok" for item in items[:-1])
    assert (items[-1].member, items[-1].status) == ("", "timed out")
    assert items[-1].reason == f"the time ran out behind {len(items) - 1:,} items of it"


def test_an_encrypted_member_is_a_row_beside_the_readable_ones(
    content: Path, crawled: Crawler
) -> None:
    archive = bytearray(zip_file({"open.txt": b"an open letter", "sealed.txt": b"a sealed one"}))
    # The standard library writes no encrypted archives: the flag is what readers go by.
    at = archive.rindex(b"PK\x01\x02", 0, archive.rindex(b"sealed.txt"))
    archive[at + 8] |= 1
    (content / "box.zip").write_bytes(archive)
    statuses = crawled().statuses
    assert statuses == {"box.zip!/open.txt": "ok", "box.zip!/sealed.txt": "encrypted"}


def test_a_mailbox_with_one_bad_message_keeps_the_others(content: Path, crawled: Crawler) -> None:
    box = mailbox.mbox(content / "all.mbox")
    box.add("Subject: one\n\nA letter that can be read by anybody.\n")
    box.add(
        "Content-Type: multipart/mixed; boundary=none\nSubject: \udce9\n\n".encode(
            "utf-8", "ignore"
        )
    )
    box.add("Subject: three\n\nAnother letter that can be read.\n")
    box.close()
    rows = crawled().rows
    assert [rows[f"all.mbox!/{number}"]["status"] == "ok" for number in (1, 3)] == [True, True]
    assert len(rows) == 3


_DAMAGED_KINDS = ("docx", "pdf", "xlsx", "odt", "eml", "rtf", "zip")


def test_damaged_files_are_rows(content: Path, crawled: Crawler) -> None:
    """Cut short, bytes overturned, blocks zeroed: a hundred variants, all answered."""
    generator = random.Random(8)
    whole = {kind: samples.MADE[kind]() for kind in _DAMAGED_KINDS if kind != "zip"}
    whole["zip"] = zip_file({"a.docx": whole["docx"], "b.txt": b"a letter"})
    expected = set()
    for kind, data in whole.items():
        for number in range(15):
            damaged = bytearray(data[: generator.randrange(len(data))] if number % 3 == 0 else data)
            for _ in range(generator.randrange(1, 30)) if number % 3 == 1 and damaged else ():
                damaged[generator.randrange(len(damaged))] = generator.randrange(256)
            if number % 3 == 2:
                at = generator.randrange(len(damaged))
                damaged[at : at + 200] = bytes(len(damaged[at : at + 200]))
            (content / f"{kind}-{number}.{kind}").write_bytes(damaged)
            expected.add(f"{kind}-{number}.{kind}")
    done = crawled(limits=Limits(workers=2))
    assert {row["source_path"] for row in done.rows.values()} == expected
    assert set(done.summary.by_status) <= {"ok", "partial", "empty", "corrupt", "encrypted"} | {
        "unsupported",
        "too large",
    }


@given(st.text(max_size=30))
def test_any_name_has_an_extension_or_none(name: str) -> None:
    extension = extension_of(name)
    assert "." not in extension
    assert "/" not in extension
    assert (file_type_of(name).family is None) == (extension not in EXTENSIONS)
    assert file_type_of(name).media_type.count("/") == 1


@given(
    st.sampled_from(sorted(EXTENSIONS)),
    st.text(st.characters(exclude_characters="/"), min_size=1, max_size=20),
)
def test_a_listed_extension_counts_in_any_case(extension: str, stem: str) -> None:
    assert file_type_of(f"{stem}.{extension.upper()}").family == EXTENSIONS[extension][0]


@given(st.binary(max_size=200), st.sampled_from(["exe", "tif", "zip", "7z", ""]))
def test_parsing_never_raises(data: bytes, extension: str) -> None:
    items = list(parse(f"name.{extension}", data, Limits()))
    assert items
    assert all(isinstance(item, Parsed) and item.status != "ok" for item in items)


def test_languages_are_told_apart_and_short_texts_are_not() -> None:
    assert language_of("Der Lieferant liefert die Ware innerhalb von dreißig Tagen.") == "de"
    assert language_of("Le fournisseur livre la marchandise dans les trente jours.") == "fr"
    assert language_of(SENTENCE) == "en"
    assert language_of("42 + 17") == "und"
    assert language_of("") == "und"
