"""The order of review, and what verdicts mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivar.core.review.order import is_relevant, review_order, shown_as

CLASSES = ("match", "close match", "no match")
predictions = st.dictionaries(
    st.text("abcdef0123456789", min_size=1, max_size=8), st.sampled_from(CLASSES), max_size=200
)


@given(predictions, st.text(max_size=5))
def test_the_order_holds_every_item_once_and_depends_on_the_seed_alone(
    found: dict[str, str], seed: str
) -> None:
    order = review_order(found, seed)
    assert sorted(order) == sorted(found)
    assert order == review_order(dict(reversed(found.items())), seed)


@given(predictions, st.integers(0, 200))
def test_up_to_any_point_each_class_holds_its_share(found: dict[str, str], cut: int) -> None:
    order = review_order(found, "0")
    first = order[:cut]
    for kind in CLASSES:
        size = sum(each == kind for each in found.values())
        seen = sum(found[item] == kind for item in first)
        if found:
            assert abs(seen - size * len(first) / len(found)) <= len(CLASSES)


def test_every_item_is_as_likely_to_come_early_as_late() -> None:
    found = {f"{place:03d}": CLASSES[place % 10 % 3] for place in range(100)}
    seeds = 400
    first = dict.fromkeys(found, 0)
    for seed in range(seeds):
        for item in review_order(found, str(seed))[:30]:
            first[item] += 1
    # Binomial with mean 120 and deviation 9.2: five deviations over a hundred items.
    assert all(abs(count - 0.3 * seeds) < 46 for count in first.values())


@pytest.mark.requirement("TC-53")
def test_a_verdict_says_what_the_item_is() -> None:
    assert shown_as("match") == "Relevant"
    assert shown_as("close match") == shown_as("no match") == "Not relevant"
    assert is_relevant("match", "yes") is True
    assert is_relevant("match", "no") is False
    assert is_relevant("no match", "yes") is False
    assert is_relevant("close match", "no") is True
    assert is_relevant("match", "not sure") is None
