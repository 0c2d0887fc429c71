"""Verdicts that exact copies take over."""

from hypothesis import given
from hypothesis import strategies as st

from cultivar.core.retraining.copies import said_of_copies, taken_over

item_ids = st.sampled_from("abcdefgh")
texts = st.dictionaries(item_ids, st.sampled_from(["x", "y", None]))
verdicts = st.dictionaries(item_ids, st.sampled_from(["match", "not a match"]))


@given(verdicts, texts, st.sets(item_ids))
def test_a_verdict_goes_to_copies_alone_and_replaces_none(
    said: dict[str, str], contents: dict[str, str | None], judged: set[str]
) -> None:
    found = taken_over(said, contents, judged)
    assert not set(found) & (set(said) | judged)
    for item in set(contents) - set(said) - judged:
        agreed = {said[other] for other in said if contents.get(other) == contents[item]}
        copied = contents[item] is not None and len(agreed) == 1
        assert (item in found) == copied
        if copied:
            assert contents[found[item]] == contents[item]
            assert said[found[item]] in agreed


def test_the_first_of_several_is_named() -> None:
    contents = {"a": "x", "b": "x", "c": "x", "d": "y"}
    assert taken_over({"b": "match", "a": "match"}, contents, ()) == {"c": "b"}
    assert taken_over({"b": "match", "a": "not a match"}, contents, ()) == {}


def test_copies_are_counted_in_words() -> None:
    assert said_of_copies(0) == "No exact copy took a verdict over."
    assert said_of_copies(1) == "1 of them is on an exact copy of what you judged."
    assert said_of_copies(1_200) == "1,200 of them are on exact copies of what you judged."
