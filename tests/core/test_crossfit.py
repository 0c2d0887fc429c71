"""Folds: the same on every machine, even, and never splitting copies of a text."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from cultivar.core.retraining.crossfit import FOLDS, folds_of

ITEMS = st.lists(st.tuples(st.text(max_size=3), st.booleans()), max_size=60)


@given(ITEMS, st.integers(0, 2**32 - 1))
def test_copies_share_a_fold_and_the_order_of_items_does_not_matter(
    items: list[tuple[str, bool]], seed: int
) -> None:
    truth: dict[str, bool] = {}
    rows = [(text, truth.setdefault(text.strip(), kind)) for text, kind in items]
    texts, kinds = [row[0] for row in rows], [row[1] for row in rows]
    folds = folds_of(texts, kinds, seed)
    by_text = {text.strip(): fold for text, fold in zip(texts, folds, strict=True)}
    assert [by_text[text.strip()] for text in texts] == folds
    assert folds_of(texts[::-1], kinds[::-1], seed) == folds[::-1]


def test_folds_are_even_within_each_kind() -> None:
    texts = [f"text {number}" for number in range(103)]
    kinds = [number < 37 for number in range(103)]
    folds = folds_of(texts, kinds, 7)
    for kind in (True, False):
        sizes = Counter(fold for fold, each in zip(folds, kinds, strict=True) if each is kind)
        assert len(sizes) == FOLDS
        assert max(sizes.values()) - min(sizes.values()) <= 1


def test_another_seed_deals_otherwise() -> None:
    texts = [f"text {number}" for number in range(40)]
    assert folds_of(texts, [True] * 40, 1) != folds_of(texts, [True] * 40, 2)
