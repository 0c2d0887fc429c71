"""No odd file loses anything under ``ok``: what it holds is there, or the row says otherwise."""

from collections.abc import Iterator
from typing import Any

import pytest

from cultivar.content.limits import Limits
from cultivar.content.locations import Location
from cultivar.core.texts.reading_status import has_text
from tests.content.conftest import Crawled, crawl_into
from tests.content.odd.books import books
from tests.content.odd.carriers import carriers
from tests.content.odd.expected import Odd
from tests.content.odd.mails import mails
from tests.content.odd.misnamed import misnamed
from tests.content.odd.office import office
from tests.content.odd.texts import texts

Rows = dict[str, list[dict[str, Any]]]


def every() -> Iterator[Odd]:
    yield from texts()
    yield from mails()
    yield from carriers()
    yield from office()
    yield from books()
    yield from misnamed()


@pytest.fixture(scope="module")
def odd() -> list[Odd]:
    return list(every())


@pytest.fixture(scope="module")
def read(odd: list[Odd], tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    folder = tmp_path_factory.mktemp("odd")
    for each in odd:
        (folder / each.name).write_bytes(each.data)
    target = tmp_path_factory.mktemp("items") / "items.parquet"
    return crawl_into(target, Location("odd", str(folder)), limits=Limits(workers=2))


@pytest.fixture(scope="module")
def rows_of(read: Crawled) -> Rows:
    found: Rows = {}
    for row in read.table.to_pylist():
        found.setdefault(row["source_path"], []).append(row)
    return found


def test_there_are_many_and_each_has_a_name_of_its_own(odd: list[Odd]) -> None:
    assert len(odd) >= 850
    assert len({each.name for each in odd}) == len(odd)


def test_what_a_file_holds_is_in_its_text(odd: list[Odd], rows_of: Rows) -> None:
    wrong = []
    for each in odd:
        rows = rows_of[each.name]
        text = " ".join(" ".join(row["text"] or "" for row in rows).split())
        absent = [word for word in each.words if " ".join(word.split()) not in text]
        if rows[0]["status"] == "ok" or each.status == ("partial",):
            wrong += [(each.name, "absent", word) for word in absent]
        wrong += [(each.name, "there", word) for word in each.never if word in text]
    assert wrong == []


def test_each_has_the_status_that_is_right(odd: list[Odd], rows_of: Rows) -> None:
    wrong = []
    for each in odd:
        rows = rows_of[each.name]
        found = {row["status"] for row in rows}
        if not found <= set(each.status) or len(rows) != each.items:
            wrong.append((each.name, found, each.status, rows[0]["reason"], len(rows)))
    assert wrong == []


def test_whatever_is_missing_is_said(read: Crawled) -> None:
    for path, row in read.rows.items():
        assert (row["status"] == "ok") == (row["reason"] is None), path
        assert has_text(row["status"]) == (row["text"] is not None), path


def test_own_words_are_a_part_of_what_is_shown(read: Crawled) -> None:
    for path, row in read.rows.items():
        if row["own_text"] is not None:
            shown = set(row["text"].split())
            assert set(row["own_text"].split()) <= shown, path
