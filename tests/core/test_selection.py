"""Which items become seeds and test items."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivar.core.errors import InvalidInput
from cultivar.core.selection import (
    Candidate,
    declared_by_file,
    declared_by_folder,
    require_room,
    skipped_seeds,
    skipped_test_items,
)

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def candidate(number: int, minutes: int | None = None, status: str = "ok") -> Candidate:
    created = EPOCH + timedelta(minutes=number if minutes is None else minutes)
    return Candidate(f"id{number}", f"{number:05d}.txt", f"text {number}", created, status)


@pytest.mark.requirement("TC-18")
def test_of_520_seeds_the_newest_500_are_used_and_20_listed() -> None:
    found = [candidate(number) for number in range(520)]
    Random(1).shuffle(found)
    skipped = skipped_seeds(found)
    assert set(skipped) == {f"id{number}" for number in range(20)}
    assert set(skipped.values()) == {"not among the 500 most recently created"}


@pytest.mark.requirement("TC-17")
def test_500_seeds_are_all_used() -> None:
    assert skipped_seeds([candidate(number) for number in range(500)]) == {}


def test_unreadable_and_repeated_seeds_leave_room_for_others() -> None:
    found = [candidate(number) for number in range(500)]
    repeated = Candidate("again", "zzz.txt", "text 7", EPOCH + timedelta(days=9), "ok")
    skipped = skipped_seeds([*found, candidate(900, status="encrypted"), repeated])
    assert skipped == {"id900": "encrypted", "again": "duplicate"}


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.integers(1, 10), st.randoms())
def test_ties_fall_the_same_way_in_any_order(
    minutes: list[int], at_most: int, random: Random
) -> None:
    found = [candidate(number, minute) for number, minute in enumerate(minutes)]
    expected = skipped_seeds(found, at_most)
    shuffled = found.copy()
    random.shuffle(shuffled)
    assert skipped_seeds(shuffled, at_most) == expected
    used = [each.created_at for each in found if each.item_id not in expected]
    assert len(used) == min(at_most, len(found))
    left_out = [each.created_at for each in found if each.item_id in expected]
    assert not left_out or max(left_out) <= min(used)


@pytest.mark.requirement("TC-22")
def test_a_test_item_that_is_or_resembles_a_seed_is_left_out() -> None:
    found = [candidate(number) for number in range(5)]
    skipped = skipped_test_items(found, {"text 1", "id2"}, {"id3"}, {"id1", "id3", "id4"})
    assert skipped == {
        "id1": "equals a seed",
        "id2": "equals a seed",
        "id3": "nearly equals a seed",
        "id4": "in the family of a seed",
    }


@pytest.mark.requirement("TC-41")
def test_10000_test_items_are_accepted_and_10001_refused_with_the_number() -> None:
    require_room(10_000)
    with pytest.raises(InvalidInput) as refused:
        require_room(10_001)
    assert refused.value.code == "too-many-test-items"
    assert "10,001" in refused.value.sentence


def test_the_first_folder_declares() -> None:
    assert declared_by_folder("positive/a/b.txt") is True
    assert declared_by_folder("Negative/b.txt") is False
    assert declared_by_folder("a/positive/b.txt") is None
    assert declared_by_folder("positive") is None


def test_a_labels_file_declares_item_by_item() -> None:
    assert declared_by_file("\ufeffpath,label\na.txt,positive\n./b/c.txt , 0\n\n") == {
        "a.txt": True,
        "b/c.txt": False,
    }


@pytest.mark.parametrize("text", ["a.txt,perhaps", "a.txt", ",positive"])
def test_a_label_that_is_none_is_refused_by_its_row_and_not_by_its_path(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        declared_by_file(f"good.txt,yes\n{text}")
    assert refused.value.code == "bad-labels"
    assert "Item 2" in refused.value.sentence
    assert "a.txt" not in refused.value.sentence
