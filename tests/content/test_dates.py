"""A document's date: its own where it makes sense, else the store's, else its last change."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivar.content.dates import created, read_date
from cultivar.content.documents.pdf_objects import noted_in

MODIFIED = datetime(2024, 5, 17, 12, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2011-09-17T12:31:00Z", datetime(2011, 9, 17, 12, 31, tzinfo=UTC)),
        ("2009-10-05T19:04:01", datetime(2009, 10, 5, 19, 4, 1, tzinfo=UTC)),
        ("2022-08-24T16:22:45.741000000", datetime(2022, 8, 24, 16, 22, 45, 741000, tzinfo=UTC)),
        ("2023-08-25T18:00:55.353+02:00", datetime(2023, 8, 25, 16, 0, 55, 353000, tzinfo=UTC)),
        ("Tue, 28 Aug 2012 09:53:28 +0300", datetime(2012, 8, 28, 6, 53, 28, tzinfo=UTC)),
        ("Wed, 20 Jul 2016 17:35:02 -0000", datetime(2016, 7, 20, 17, 35, 2, tzinfo=UTC)),
        ("D:20240517120000", MODIFIED),
        ("20240517", datetime(2024, 5, 17, tzinfo=UTC)),
        ("D:20190331013000+02'00'", datetime(2019, 3, 30, 23, 30, tzinfo=UTC)),
        ("D:20190101003000+10'30'", datetime(2018, 12, 31, 14, tzinfo=UTC)),
        ("D:20190331013000-08'00", datetime(2019, 3, 31, 9, 30, tzinfo=UTC)),
        ("D:20190331013000-0830", datetime(2019, 3, 31, 10, tzinfo=UTC)),
        ("D:20190331013000Z00'00'", datetime(2019, 3, 31, 1, 30, tzinfo=UTC)),
        ("20190331013000Z", datetime(2019, 3, 31, 1, 30, tzinfo=UTC)),
        ("D:201903310130+0200", datetime(2019, 3, 30, 23, 30, tzinfo=UTC)),
        ("D:2019033101Z", datetime(2019, 3, 31, 1, tzinfo=UTC)),
        ("D:2019", datetime(2019, 1, 1, tzinfo=UTC)),
        ("D:201903", datetime(2019, 3, 1, tzinfo=UTC)),
        ("Tue, 02 May 2023 10:00:00 GMT+02:00", datetime(2023, 5, 2, 8, tzinfo=UTC)),
        ("Tue, 02 May 2023 10:00:00 -03:30", datetime(2023, 5, 2, 13, 30, tzinfo=UTC)),
        ("Tue, 02 May 2023 10:00:00 CEST", datetime(2023, 5, 2, 8, tzinfo=UTC)),
        ("Tue, 02 May 2023 10:00:00 +0200 (CEST)", datetime(2023, 5, 2, 8, tzinfo=UTC)),
    ],
)
def test_dates_are_read_as_documents_write_them(written: str, meant: datetime) -> None:
    assert read_date(written) == meant


@pytest.mark.parametrize("written", [None, "", "yesterday", "D:99999999", "2024-13-45", "\x00"])
def test_what_is_no_date_is_none(written: str | None) -> None:
    assert read_date(written) is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_dates(written: str) -> None:
    moment = read_date(written)
    assert moment is None or moment.utcoffset() == timedelta(0)


@given(MOMENTS, st.integers(-23, 23))
def test_every_zone_becomes_utc(moment: datetime, hours: int) -> None:
    shown = moment.astimezone(timezone(timedelta(hours=hours)))
    assert read_date(shown.isoformat()) == moment


@pytest.mark.requirement("TC-18")
@given(st.none() | MOMENTS, st.none() | MOMENTS, MOMENTS)
def test_the_first_sensible_source_wins(
    own: datetime | None, store: datetime | None, modified: datetime
) -> None:
    def sensible(moment: datetime | None) -> bool:
        return moment is not None and moment.year >= 1970 and moment - modified <= timedelta(days=1)

    moment, source = created(own, "metadata", store, modified)
    if sensible(own):
        assert (moment, source) == (own, "metadata")
    elif sensible(store):
        assert (moment, source) == (store, "source")
    else:
        assert (moment, source) == (modified, "modified")


def test_an_absurd_date_is_passed_over() -> None:
    for absurd in (MODIFIED + timedelta(days=2), datetime(1969, 12, 31, tzinfo=UTC)):
        assert created(absurd, "message", None, MODIFIED) == (MODIFIED, "modified")


@pytest.mark.parametrize(
    ("written", "known", "found"),
    [
        ("D:201903310130+0200", "2019-03-31T01:30:+0Z", True),
        ("D:20190331013000+02'00'", "2019-03-31T01:30:00Z", True),
        ("D:201903", "D:20-19-03T00:00:00Z", True),
        ("D:20180101000000", "2019-03-31T01:30:00Z", False),  # that of a file inside
    ],
)
def test_the_date_of_a_pdf_is_the_one_that_it_writes(written: str, known: str, found: bool) -> None:
    data = f"1 0 obj << /CreationDate ({written}) >> endobj".encode()
    assert noted_in(data, known).created == (written if found else None)
