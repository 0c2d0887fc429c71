"""The awkward real files: each has the status expected of it, and none ends the crawl.

``pytest tests/content/test_awkward_files.py -s`` prints the table of expected against found.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from cultivar.content.limits import Limits
from cultivar.content.locations import Location
from cultivar.core.texts.reading_status import has_text
from tests.content.conftest import Crawled, crawl_into

# By prefix; what a single file may do otherwise stands below, with the reason.
_BY_PREFIX = {
    "ok": {"ok"},
    "enc": {"encrypted"},
    "encopen": {"ok"},
    # Damaged files: read as far as they go, or refused with a reason.
    "bad": {"ok", "partial", "empty", "corrupt", "too large", "failed"},
    "bomb": {"ok", "partial", "empty", "too large"},
}
_OTHERWISE = {
    # Kinds that are not on the list of supported kinds.
    "ok__tika__test-documents.7z": {"unsupported"},
    "ok__tika__testOneNote.one": {"unsupported"},
    "ok__tika__testVISIO.vsd": {"unsupported"},
    "enc__tika__full_encrypted.7z": {"unsupported"},
    "bad__tika__testLZMA_oom": {"unsupported"},
    # Its cells hold blanks alone.
    "ok__tika__testEXCEL_95.xls": {"empty"},
    # Its page holds nothing but its title.
    "ok__tika__testUserDefinedCharset.mhtml": {"empty"},
    # One of its two members is encrypted, the other is not.
    "enc__tika__testZipEncrypted.zip": {"encrypted", "ok"},
    "bomb__tika__droste.zip": {"unsupported", "too large"},
}
# Words that a person sees in the file and the library does not give.
_NOT_GIVEN = {
    "ok__tika__testWORD_various.doc",  # header, footer, footnote and text box of old Word
    "ok__tika__testPPT_various.ppt",  # header and footer
    "ok__tika__testComment.docx",  # holds "Here is some text", not "This is some text"
    "ok__un__fake-email-attachment.eml",  # holds "Here's the attachments"
}


@pytest.fixture(scope="module")
def manifest(corpora: Path) -> list[dict[str, Any]]:
    return list(json.loads((corpora / "files" / "MANIFEST.json").read_text()))


@pytest.fixture(scope="module")
def awkward(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    location = Location("awkward", str(corpora / "files"))
    target = tmp_path_factory.mktemp("awkward") / "items.parquet"
    return crawl_into(target, location, limits=Limits(workers=2))


def _found(done: Crawled, file: str) -> set[str]:
    return {row["status"] for row in done.rows.values() if row["source_path"] == file}


def _normalised(text: str) -> str:
    return " ".join(text.casefold().split())


def test_every_file_has_the_status_expected_of_it(
    manifest: list[dict[str, Any]], awkward: Crawled
) -> None:
    wrong = []
    print()
    for entry in sorted(manifest, key=lambda entry: str(entry["file"])):
        file = str(entry["file"])
        expected = _OTHERWISE.get(file) or _BY_PREFIX[file.partition("__")[0]]
        found = _found(awkward, file)
        fits = bool(found) and found <= expected
        print(
            f"{'as expected' if fits else 'OTHERWISE':12}{file:55}"
            f"{', '.join(sorted(expected)):45}{', '.join(sorted(found))}"
        )
        if not fits:
            wrong.append((file, found))
    assert wrong == []


def test_every_refusal_has_a_reason(awkward: Crawled) -> None:
    for row in awkward.rows.values():
        assert has_text(row["status"]) == (row["text"] is not None), row["path"]
        assert row["status"] == "ok" or row["reason"], row["path"]


def test_good_files_yield_their_words(manifest: list[dict[str, Any]], awkward: Crawled) -> None:
    missing = {}
    for entry in manifest:
        file = str(entry["file"])
        text = _normalised(
            " ".join(
                row["text"] or "" for row in awkward.rows.values() if row["source_path"] == file
            )
        )
        absent = [words for words in entry["expect"] if _normalised(words) not in text]
        if absent and entry["cls"] == "ok" and file not in _OTHERWISE:
            missing[file] = absent
    assert set(missing) <= _NOT_GIVEN, missing
