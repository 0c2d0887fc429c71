"""Which items of the content are judged next: each once, a family once, nothing that is known."""

from hypothesis import given
from hypothesis import strategies as st

from cultivar.core.identity.families import Relative, families
from cultivar.core.review.content_batch import at_random, distinct

_IDS = [f"item{number:02d}" for number in range(12)]
_RELATIVES = st.lists(
    st.builds(
        Relative,
        st.sampled_from(_IDS),
        content=st.sampled_from([None, "a", "b", "c"]),
        near_duplicate_of=st.sampled_from([None, *_IDS[:3]]),
        thread_id=st.sampled_from([None, "t1", "t2"]),
    ),
    unique_by=lambda each: each.item_id,
)


@given(_RELATIVES, st.integers(0, 12))
def test_no_item_twice_no_family_twice_and_nothing_of_a_known_family(
    every: list[Relative], known_ones: int
) -> None:
    known, order = every[:known_ones], every[known_ones:]
    found = distinct(order, known)
    family = families(every)
    taken = [family[item] for item in found]
    assert len(set(taken)) == len(taken)
    assert set(taken).isdisjoint(family[each.item_id] for each in known)
    places = [each.item_id for each in order]
    assert found == sorted(found, key=places.index)
    # whatever is left out is of a family that is taken or known
    barred = {*taken, *(family[each.item_id] for each in known)}
    assert {family[each.item_id] for each in order} <= barred


@given(_RELATIVES, st.text(max_size=3))
def test_a_drawn_order_holds_each_item_and_depends_on_no_order(
    every: list[Relative], seed: str
) -> None:
    drawn = at_random(every, seed)
    assert sorted(drawn, key=str) == sorted(every, key=str)
    assert at_random(reversed(every), seed) == drawn
