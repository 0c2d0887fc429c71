"""Families: what ties items together, whatever their order."""

from itertools import combinations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from cultivar.core.identity.families import Relative, families, in_families_of

few = st.sampled_from("abc") | st.none()
# ids up to "i"; what an item repeats may be an item that is not there
relatives = st.lists(
    st.builds(
        Relative,
        st.sampled_from("abcdefghi"),
        few | st.just(""),
        st.sampled_from("abxyz") | st.none(),
        st.sampled_from("abxyz") | st.none(),
        few,
        few,
    ),
    max_size=9,
    unique_by=lambda each: each.item_id,
)


def spread(items: list[Relative]) -> dict[str, str]:
    """Families by brute force: the smallest id goes from neighbour to neighbour until all is still.

    Two items are neighbours where one thing ties both to their family.
    """
    found = {each.item_id: each.item_id for each in items}
    for _ in items:
        for left, right in combinations(items, 2):
            if set(left.ties()) & set(right.ties()):
                least = min(found[left.item_id], found[right.item_id])
                found[left.item_id] = found[right.item_id] = least
    return found


@given(relatives, st.randoms())
def test_families_are_what_ties_reach_in_any_order(items: list[Relative], random: Random) -> None:
    found = families(items)
    assert found == spread(items)
    shuffled = items.copy()
    random.shuffle(shuffled)
    assert families(shuffled) == found


@given(relatives, relatives)
def test_one_more_item_never_parts_a_family(items: list[Relative], more: list[Relative]) -> None:
    before = families(items)
    known = {each.item_id for each in items}
    after = families([*items, *(each for each in more if each.item_id not in known)])
    for left, right in combinations(before, 2):
        assert before[left] != before[right] or after[left] == after[right]


def test_equal_kinds_of_different_things_tie_nothing() -> None:
    apart = [Relative("1", "x"), Relative("2", thread_id="x"), Relative("x"), Relative("3", "")]
    assert families([*apart, Relative("4", "")]) == {each: each for each in "12x34"}


def test_an_item_is_in_the_family_of_others_by_any_tie() -> None:
    seeds = [Relative("s", "text", None, "leader", "mail", "thread")]
    items = [
        Relative("copy", "text"),
        Relative("near", near_duplicate_of="s"),
        Relative("like", duplicate_of="leader"),
        Relative("reply", "other", thread_id="thread"),
        Relative("copy of reply", "other"),
        Relative("answer", message_id="answer", thread_id="mail"),
        Relative("answer to it", message_id="last", thread_id="answer"),
        Relative("apart", "third", thread_id="fourth"),
    ]
    apart = {"apart"}
    assert in_families_of(items, seeds) == {each.item_id for each in items} - apart
    assert in_families_of(items, []) == set()


def _deep(count: int) -> list[Relative]:
    return [Relative(f"{n:06}", duplicate_of=f"{n + 1:06}") for n in range(count)]


def test_a_long_chain_is_one_family() -> None:
    assert set(families(_deep(20_000)).values()) == {"000000"}
