"""Rows of parts, whatever night they came in, stand where the location's order has them."""

import itertools
from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cultivar.core.parts.compaction import SMALL_AT_MOST, Bounds, Cutting, to_merge
from cultivar.core.parts.runs import Part, continued, owners, part_of, whole

SMALL = Bounds(rows=10, size=1_000)


@dataclass
class Place:
    """A location as parts, and the rows that they are to hold: (part, row), in order."""

    parts: list[Part]
    rows: list[tuple[str, int]]


@st.composite
def nights(draw: st.DrawFn) -> list[list[int]]:
    """What each night does: how many old rows to pass over before each row that is kept or new."""
    return draw(st.lists(st.lists(st.integers(-1, 2), max_size=12), min_size=1, max_size=6))


def after(place: Place, night: list[int], name: str) -> Place:
    """Carry some rows over and put new ones between them: -1 is a new row, n passes n rows over."""
    origins: list[int] = []
    made: list[int] = []
    old = 0
    for step in night:
        if step >= 0 and old + step < len(place.rows):
            old += step
            origins.append(old)
            old += 1
        else:
            origins.append(-1)
    rows = []
    for number, origin in enumerate(origins):
        if origin >= 0:
            rows.append(place.rows[origin])
        else:
            rows.append((name, len(made)))
            made.append(number)
    parts = continued(place.parts, np.array(origins, np.int64))
    if made:
        parts.append(part_of(name, len(made), 0, np.arange(len(made)), np.array(made)))
    return Place(parts, rows)


def held(parts: list[Part]) -> list[tuple[str, int]]:
    found = {
        int(place): (part.sha256, int(row))
        for part in parts
        for row, place in zip(part.live_rows, part.live_places, strict=True)
    }
    return [found[place] for place in range(len(found))]


@given(nights())
def test_rows_that_are_carried_over_stay_in_their_parts_and_in_order(each: list[list[int]]) -> None:
    place = Place([], [])
    for number, night in enumerate(each):
        place = after(place, night, f"night {number}")
        assert held(place.parts) == place.rows
        whose = [place.parts[at].sha256 for at in owners(place.parts).tolist()]
        assert whose == [name for name, _ in place.rows]
        for part in place.parts:
            assert part.live + part.superseded == part.rows
            assert (np.diff(part.live_rows) > 0).all()
            assert (np.diff(part.live_places) > 0).all()


def test_a_part_of_which_nothing_holds_is_left_out() -> None:
    assert continued([whole("a", 3)], np.full(2, -1, np.int64)) == []
    [kept] = continued(
        [
            whole("a", 3),
        ],
        np.array([1], np.int64),
    )
    assert (kept.live, kept.superseded) == (1, 2)


@given(st.lists(st.lists(st.integers(0, 60), max_size=9), max_size=9))
def test_parts_are_cut_within_their_bounds_however_rows_arrive(batches: list[list[int]]) -> None:
    bounds = Bounds(rows=4, size=100)

    def cut(given: list[list[int]]) -> list[list[int]]:
        cutting = Cutting(bounds)
        parts: list[list[int]] = []
        for batch in given:
            for start, end, begins in cutting.pieces(np.array(batch, np.int64)):
                if begins:
                    parts.append([])
                parts[-1] += batch[start:end]
        return parts

    parts = cut(batches)
    sizes = [size for batch in batches for size in batch]
    assert [size for part in parts for size in part] == sizes
    assert all(len(part) <= 4 and sum(part) <= 100 for part in parts)
    # no part is cut before it must be
    full = itertools.pairwise(parts)
    assert all(len(one) == 4 or sum(one) + next_one[0] > 100 for one, next_one in full)
    assert cut([sizes]) == cut([[size] for size in sizes]) == parts


def test_a_row_beyond_the_bound_is_a_part_of_its_own() -> None:
    pieces = list(Cutting(Bounds(rows=4, size=100)).pieces(np.array([10, 500, 10])))
    assert pieces == [(0, 1, True), (1, 2, True), (2, 3, True)]


def _part(rows: int, live: int, size: int = 10) -> Part:
    return part_of("a", rows, size, np.arange(live), np.arange(live))


def test_parts_are_merged_when_it_pays() -> None:
    full, wasted, small = _part(10, 7), _part(10, 6), _part(4, 4)
    assert to_merge([full, wasted, small], SMALL) == [1]
    assert to_merge([small] * SMALL_AT_MOST, SMALL) == []
    assert to_merge([full, *[small] * SMALL_AT_MOST, wasted], SMALL) == [17]
    assert to_merge([full, *[small] * (SMALL_AT_MOST + 1)], SMALL) == list(range(1, 18))
    # few rows with much text are no small part
    assert to_merge([_part(4, 4, 500)] * 20, SMALL) == []


def test_merging_writes_less_than_twice_what_was_dropped() -> None:
    for rows in range(1, 60):
        for live in range(rows + 1):
            part = _part(rows, live)
            if to_merge([part], Bounds(rows=1, size=1)):
                assert live < 2 * part.superseded
