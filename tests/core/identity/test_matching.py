"""Items are found again by what they are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cultivar.core.identity.matching import Trace, free_id, id_of, matched, undecided
from tests.core.identity.store import live


def _pairs(known: list[Trace], found: list[Trace]) -> dict[str, str]:
    return {found[new].path: known[old].item_id for new, old in matched(known, found).items()}


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
def test_no_judgement_comes_to_another_item_and_none_is_lost_unsaid(seed: int) -> None:
    live(seed, steps=50)


@pytest.mark.slow
def test_two_thousand_histories() -> None:
    judged = sum(len(live(seed, steps=50).judged) for seed in range(2_000))
    assert judged > 10_000


OLD = [
    Trace(f"id{number}", f"in.mbox!/{number}", f"c{number}", f"{number}@x") for number in (1, 2, 3)
]


def test_a_compacted_mailbox_keeps_the_ids_of_its_messages() -> None:
    found = [Trace("", "in.mbox!/1", "c2", "2@x"), Trace("", "in.mbox!/2", "c3", "3@x")]
    assert _pairs(OLD, found) == {"in.mbox!/1": "id2", "in.mbox!/2": "id3"}


def test_a_message_whose_head_was_rewritten_is_known_by_its_message_id() -> None:
    assert _pairs(OLD, [Trace("", "in.mbox!/1", "rewritten", "3@x")]) == {"in.mbox!/1": "id3"}


def test_another_message_id_at_the_place_is_another_item() -> None:
    assert not _pairs(OLD[:1], [Trace("", "in.mbox!/1", "other", "9@x")])
    assert not _pairs(OLD[:1], [Trace("", "in.mbox!/1", "other")])


def test_edited_content_at_its_place_stays_the_item() -> None:
    known = [Trace("a", "a.txt", "old")]
    assert _pairs(known, [Trace("", "a.txt", "new")]) == {"a.txt": "a"}
    moved = [Trace("", "a.txt", "new"), Trace("", "b.txt", "old")]
    assert _pairs(known, moved) == {"b.txt": "a"}


def test_a_place_in_a_mailbox_that_shrank_or_shifted_says_nothing() -> None:
    known = [Trace(f"id{number}", f"in.mbox!/{number}", f"c{number}") for number in (1, 2, 3)]
    assert not _pairs(known[:2], [Trace("", "in.mbox!/1", "edited")])
    shifted = [Trace("", "in.mbox!/1", "edited"), Trace("", "in.mbox!/2", "c3")]
    assert _pairs(known, shifted) == {"in.mbox!/2": "id3"}
    in_place = [Trace("", "in.mbox!/1", "c1"), Trace("", "in.mbox!/2", "edited")]
    assert _pairs(known[:2], in_place) == {"in.mbox!/1": "id1", "in.mbox!/2": "id2"}
    member = [Trace("", "in.zip!/a.txt", "edited")]
    assert _pairs([Trace("m", "in.zip!/a.txt", "c"), Trace("n", "in.zip!/b.txt", "d")], member)


def test_of_copies_the_one_at_the_old_path_keeps_the_id() -> None:
    known = [Trace("a", "b.txt", "same")]
    copies = [Trace("", "a.txt", "same"), Trace("", "b.txt", "same"), Trace("", "c.txt", "same")]
    assert _pairs(known, copies) == {"b.txt": "a"}
    assert _pairs(known, [copies[2], copies[0]]) == {"a.txt": "a"}


def test_copies_of_a_mail_stay_in_their_mailboxes() -> None:
    known = [Trace("a", "a.mbox!/2", "c", "1@x"), Trace("b", "b.mbox!/10", "c", "1@x")]
    found = [Trace("", "b.mbox!/9", "c", "1@x")]
    assert _pairs(known, found) == {"b.mbox!/9": "b"}


def test_messages_are_ordered_by_number() -> None:
    known = [Trace(f"id{number}", f"old.mbox!/{number}", "same") for number in (2, 10)]
    found = [Trace("", f"new.mbox!/{number}", "same") for number in (9, 1)]
    assert _pairs(known, found) == {"new.mbox!/1": "id2", "new.mbox!/9": "id10"}


def test_the_store_knows_what_was_renamed_and_edited() -> None:
    known = [Trace("a", "a.docx", "old", store_id="7"), Trace("b", "b.docx", "b", store_id="8")]
    found = [Trace("", "a.docx", "x", store_id="9"), Trace("", "c.docx", "new", store_id="7")]
    assert _pairs(known, found) == {"c.docx": "a"}


def test_what_left_returns_by_evidence_and_not_by_place() -> None:
    left = [Trace("a", "a.txt", "old", has_left=True)]
    assert not _pairs(left, [Trace("", "a.txt", "other")])
    assert _pairs(left, [Trace("", "z.txt", "old")]) == {"z.txt": "a"}
    here = [Trace("b", "b.txt", "old")]
    assert _pairs([*left, *here], [Trace("", "a.txt", "old")]) == {"a.txt": "b"}


@given(st.permutations(OLD), st.permutations(OLD))
def test_the_order_of_what_is_given_does_not_matter(one: list[Trace], other: list[Trace]) -> None:
    found = [Trace("", f"out.mbox!/{4 - at}", "same") for at in (1, 2, 3)]
    known = [Trace(each.item_id, each.path, "same") for each in one]
    again = [Trace(each.item_id, each.path, "same") for each in other]
    assert _pairs(known, found) == _pairs(again, found[::-1])


@pytest.mark.slow
def test_many_copies_are_matched_in_good_time() -> None:
    known = [Trace(str(number), f"a/{number}", "same") for number in range(50_000)]
    found = [Trace("", f"b/{number}", "same") for number in range(50_000)]
    assert len(matched(known, found)) == 50_000


def test_an_id_that_is_taken_is_not_given_again() -> None:
    first = id_of("shelf", "a.txt")
    assert free_id("shelf", "a.txt", set().__contains__) == first
    second = free_id("shelf", "a.txt", {first}.__contains__)
    assert second == id_of("shelf", "a.txt", 2) != first


def test_of_copies_elsewhere_the_one_in_the_old_state_is_the_item() -> None:
    known = [Trace("a", "old.txt", "same", state="2020-5")]
    moved, copy = (
        Trace("", "z.txt", "same", state="2020-5"),
        Trace("", "b.txt", "same", state="26-5"),
    )
    assert _pairs(known, [copy, moved]) == {"z.txt": "a"}
    assert not undecided(known, [copy, moved], matched(known, [copy, moved]))
    # a copy that keeps the time cannot be told from the one that moved
    twin = Trace("", "c.txt", "same", state="2020-5")
    assert _pairs(known, [copy, moved, twin]) == {"c.txt": "a"}
    assert undecided(known, [copy, moved, twin], matched(known, [copy, moved, twin])) == [0]
    both_new = [copy, Trace("", "d.txt", "same", state="27-5")]
    assert undecided(known, both_new, matched(known, both_new)) == [0]
    stayed = [copy, Trace("", "old.txt", "same", state="27-5")]
    assert not undecided(known, stayed, matched(known, stayed))


def test_two_equal_items_that_moved_cannot_be_told_apart_but_by_their_state() -> None:
    known = [Trace("a", "1.txt", "same", state="x"), Trace("b", "2.txt", "same", state="y")]
    found = [Trace("", "3.txt", "same", state="y"), Trace("", "4.txt", "same", state="x")]
    assert _pairs(known, found) == {"3.txt": "b", "4.txt": "a"}
    assert not undecided(known, found, matched(known, found))
    alike = [Trace("", "3.txt", "same", state="x"), Trace("", "4.txt", "same", state="x")]
    twins = [Trace("a", "1.txt", "same", state="x"), Trace("b", "2.txt", "same", state="x")]
    assert undecided(twins, alike, matched(twins, alike)) == [0, 1]
