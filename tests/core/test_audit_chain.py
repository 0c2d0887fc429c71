"""Any change of the audit log shows, and the first broken row is named."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cultivar.core.audit_chain import (
    BEFORE_THE_FIRST,
    Anchor,
    Entry,
    Row,
    anchored,
    as_line,
    canonical_json,
    chained,
    from_line,
    verify,
    verify_lines,
)
from cultivar.core.errors import Damaged, InvalidInput

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    # lone surrogates are no text
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner)
    ),
    max_leaves=6,
)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
entries = st.builds(
    Entry,
    at=st.datetimes(timezones=st.just(UTC)),
    actor=words,
    action=words,
    subject=words,
    details=st.dictionaries(words, plain, max_size=3),
    origin=st.none() | st.dictionaries(words, words, max_size=3),
)
logs = st.lists(entries, min_size=1, max_size=6)


def chain(log: list[Entry]) -> list[Row]:
    rows: list[Row] = []
    head = Anchor()
    for entry in log:
        rows.append(chained(head, entry))
        head = anchored(rows[-1])
    return rows


def events(count: int) -> list[Row]:
    return chain(
        [Entry(NOON + timedelta(minutes=n), "ada", "publish", f"v{n}", {}) for n in range(count)]
    )


def test_a_row_hashes_to_what_anyone_can_compute_without_this_code() -> None:
    row = chained(Anchor(), Entry(NOON, "ada", "publish", "invoices", {"b": 1, "a": "é"}))
    written = (
        '{"action":"publish","actor":"ada","at":"2026-11-21T12:00:00.000000Z",'
        '"details":{"a":"é","b":1},"number":1,'
        f'"previous":"{BEFORE_THE_FIRST}","subject":"invoices"}}'
    )
    assert row.hash == hashlib.sha256(written.encode()).hexdigest()


def test_the_zone_in_which_a_moment_is_given_does_not_matter() -> None:
    here = NOON.astimezone(timezone(timedelta(hours=5)))
    assert chained(Anchor(), Entry(here, "a", "b", "c", {})).hash == (
        chained(Anchor(), Entry(NOON, "a", "b", "c", {})).hash
    )


@settings(max_examples=50)
@given(logs)
def test_an_untouched_chain_is_whole_and_may_have_grown_past_its_anchor(log: list[Entry]) -> None:
    rows = chain(log)
    for anchor in (None, Anchor(), anchored(rows[0]), anchored(rows[-1])):
        verdict = verify(rows, anchor).require()
        assert verdict.sound
        assert verdict.anchor == anchored(rows[-1])


@settings(max_examples=50)
@given(logs, st.data())
def test_a_changed_field_is_found_at_its_row(log: list[Entry], data: st.DataObject) -> None:
    rows = chain(log)
    place = data.draw(st.integers(0, len(rows) - 1))
    field = data.draw(st.sampled_from(["at", "actor", "action", "subject", "details", "origin"]))
    entry = rows[place].entry
    other = data.draw(entries.filter(lambda e: getattr(e, field) != getattr(entry, field)))
    changed = replace(entry, **{field: getattr(other, field)})
    rows[place] = replace(rows[place], entry=changed)
    verdict = verify(rows)
    assert (verdict.sound, verdict.broken, verdict.code) == (False, place + 1, "audit-changed")


@settings(max_examples=50)
@given(logs, st.data())
def test_a_row_that_is_rehashed_breaks_the_one_after_it(
    log: list[Entry], data: st.DataObject
) -> None:
    rows = chain([*log, log[0]])
    place = data.draw(st.integers(0, len(rows) - 2))
    before = Anchor(place, rows[place].previous)
    forged = chained(before, replace(rows[place].entry, actor=rows[place].entry.actor + "x"))
    verdict = verify([*rows[:place], forged, *rows[place + 1 :]])
    assert (verdict.sound, verdict.broken, verdict.code) == (False, place + 2, "audit-unlinked")


@settings(max_examples=50)
@given(logs, st.data())
def test_a_removed_row_is_named(log: list[Entry], data: st.DataObject) -> None:
    rows = chain(log)
    place = data.draw(st.integers(0, len(rows) - 1))
    left = rows[:place] + rows[place + 1 :]
    verdict = verify(left, anchored(rows[-1]))
    expected = "audit-shortened" if place == len(rows) - 1 else "audit-gap"
    assert (verdict.sound, verdict.broken, verdict.code) == (False, place + 1, expected)


@settings(max_examples=50)
@given(logs, st.data())
def test_an_inserted_or_moved_row_is_named(log: list[Entry], data: st.DataObject) -> None:
    rows = chain([*log, log[0]])
    first = data.draw(st.integers(0, len(rows) - 2))
    second = data.draw(st.integers(first + 1, len(rows) - 1))
    swapped = list(rows)
    swapped[first], swapped[second] = rows[second], rows[first]
    assert verify(swapped).broken == first + 1
    twice = [*rows[: first + 1], rows[first], *rows[first + 1 :]]
    assert verify(twice).broken == first + 2


def test_only_an_anchor_shows_that_the_last_rows_are_gone() -> None:
    rows = events(5)
    assert verify(rows[:3]).sound
    verdict = verify(rows[:3], anchored(rows[-1]))
    assert (verdict.sound, verdict.broken, verdict.code) == (False, 4, "audit-shortened")
    assert "ends after 3 rows; the anchor remembers 5" in verdict.sentence
    with pytest.raises(Damaged, match="were removed") as raised:
        verdict.require()
    assert raised.value.code == "audit-shortened"


def test_a_log_written_anew_differs_from_its_anchor() -> None:
    forged = chain([replace(row.entry, actor="eve") for row in events(4)])
    assert verify(forged).sound
    verdict = verify(forged, anchored(events(4)[2]))
    assert (verdict.broken, verdict.code) == (3, "audit-rewritten")


def test_an_empty_log_is_whole_unless_an_anchor_remembers_rows() -> None:
    assert verify([]).sound
    assert verify([], Anchor()).sound
    assert verify([], anchored(events(1)[0])).code == "audit-shortened"


@settings(max_examples=50)
@given(logs)
def test_an_export_reads_back(log: list[Entry]) -> None:
    lines = [as_line(row) for row in chain(log)]
    assert all("\n" not in line for line in lines)
    assert [as_line(from_line(line, 1)) for line in lines] == lines
    assert verify_lines(lines).sound


@settings(max_examples=50)
@given(logs, st.data())
def test_any_flipped_bit_of_an_export_is_found_at_its_line(
    log: list[Entry], data: st.DataObject
) -> None:
    lines = [as_line(row).encode() for row in chain(log)]
    place = data.draw(st.integers(0, len(lines) - 1))
    byte = data.draw(st.integers(0, len(lines[place]) - 1))
    bit = data.draw(st.integers(0, 7))
    flipped = bytearray(lines[place])
    flipped[byte] ^= 1 << bit
    lines[place] = bytes(flipped)
    verdict = verify_lines(line.decode(errors="replace") for line in lines)
    assert not verdict.sound
    assert verdict.broken == place + 1


@pytest.mark.parametrize("line", ["", "[]", "{}", "null", '{"number":1}', "[" * 100_000])
def test_a_line_that_is_no_row_is_refused_without_a_traceback(line: str) -> None:
    with pytest.raises(Damaged) as raised:
        from_line(line, 7)
    assert raised.value.code == "audit-unreadable"
    assert raised.value.facts == {"row": 7}


def test_spaces_and_further_keys_are_not_as_written() -> None:
    line = as_line(events(1)[0])
    assert not verify_lines([line.replace(":", ": ", 1)]).sound
    assert not verify_lines([line[:-1] + ',"note":1}']).sound


@given(plain)
def test_canonical_json_reads_back_and_is_stable(value: object) -> None:
    text = canonical_json(value)
    assert json.loads(text) == value
    assert canonical_json(json.loads(text)) == text


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), NOON, b"x", {1, 2}, {10: 0, 9: 0}, "\ud800", {"a": {"b": NOON}}],
)
def test_what_json_cannot_say_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput) as raised:
        canonical_json(value)
    assert raised.value.code == "not-json"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidInput) as raised:
        chained(Anchor(), Entry(datetime(2026, 1, 1), "a", "b", "c", {}))  # noqa: DTZ001
    assert raised.value.code == "no-time-zone"
