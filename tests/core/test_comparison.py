"""Retrained against published: figures of both sets, and the list of flips."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, precision_score, recall_score

from cultivar.core.retraining.actions import KEEP, NOT_ENOUGH, REPUBLISH
from cultivar.core.retraining.comparison import (
    ORIGINAL,
    SETS,
    WITH_FEEDBACK,
    JudgedItem,
    Predicted,
    comparison,
)
from cultivar.core.review.accuracy import wilson_interval

MATCHED = Predicted(0.9, "match")
CLOSE = Predicted(0.4, "close match")


def items(
    name: str, relevant: bool, published: bool, retrained: bool, count: int
) -> list[JudgedItem]:
    """Build ``count`` items of one cell."""
    said = {True: MATCHED, False: CLOSE}
    return [
        JudgedItem(
            f"{name} {relevant} {published} {retrained} {n}",
            frozenset({name}),
            relevant,
            said[published],
            said[retrained],
        )
        for n in range(count)
    ]


def agreed(name: str) -> list[JudgedItem]:
    """Build 100 items on which both versions say the same, 80 % precision and recall."""
    return [
        *items(name, True, True, True, 40),
        *items(name, False, True, True, 10),
        *items(name, True, False, False, 10),
        *items(name, False, False, False, 40),
    ]


BASE = [*agreed(WITH_FEEDBACK), *agreed(ORIGINAL)]
said = st.sampled_from([MATCHED, CLOSE, Predicted(0.05, "no match"), Predicted(0.7, "match")])
sets = st.sampled_from([frozenset({WITH_FEEDBACK}), frozenset({ORIGINAL}), frozenset(SETS)])
judged = st.lists(st.tuples(sets, st.booleans(), said, said), max_size=60).map(
    lambda rows: [JudgedItem(f"item {n}", *row) for n, row in enumerate(rows)]
)


def swapped(given_items: list[JudgedItem]) -> list[JudgedItem]:
    return [
        JudgedItem(i.item_id, i.sets, i.relevant, i.retrained, i.published) for i in given_items
    ]


def decision(given_items: list[JudgedItem]) -> str:
    return comparison(given_items).recommendation.decision


@pytest.mark.requirement("RT-29", "RT-37")
def test_better_on_both_sets_is_republished() -> None:
    found = comparison(
        [
            *BASE,
            *items(WITH_FEEDBACK, False, True, False, 8),
            *items(ORIGINAL, True, False, True, 8),
        ]
    ).recommendation
    assert (found.decision, found.action) == (REPUBLISH, "re-publish")
    assert found.reasons == (
        "On the items with feedback, the retrained version is right on 8 more of 108 "
        "(+7.4 points).",
        "On the original items, the retrained version is right on 8 more of 108 (+7.4 points).",
        "Of the 16 items on which they differ, the retrained version is right on 16 and the "
        "published one on 0 (exact McNemar test, p = 3.1e-05).",
    )


@pytest.mark.requirement("RT-29", "RT-37")
def test_worse_on_one_set_by_more_than_a_point_is_not_republished_however_good_on_the_other() -> (
    None
):
    found = comparison(
        [
            *BASE,
            *items(WITH_FEEDBACK, False, True, False, 30),
            *items(ORIGINAL, True, True, False, 2),
        ]
    )
    assert found.mcnemar.favours_retrained(0.05)
    assert found.recommendation.decision == NOT_ENOUGH
    assert found.recommendation.action == "provide more feedback"
    assert found.recommendation.reasons[0] == (
        "On the original items, the retrained version is right on 2 fewer of 102 (-2.0 points)."
    )
    assert found.recommendation.reasons[-1] == "Give at least 30 more items feedback."
    lost = comparison([*BASE, *items(ORIGINAL, True, True, False, 7)])
    assert lost.recommendation.decision == KEEP


def test_an_item_of_both_sets_counts_in_each_and_once_in_all() -> None:
    both = [
        JudgedItem(f"{n}", frozenset(SETS), n == 29, MATCHED, CLOSE if n < 7 else MATCHED)
        for n in range(30)
    ]
    found = comparison(both)
    assert (found.mcnemar.retrained_right, found.mcnemar.published_right) == (7, 0)
    assert [found.performance[name]["published"].items for name in SETS] == [30, 30]
    assert found.recommendation.decision == REPUBLISH


@pytest.mark.parametrize("name", SETS)
def test_without_items_of_both_sets_nothing_is_republished(name: str) -> None:
    found = comparison(items(name, True, False, True, 30)).recommendation
    assert found.decision == NOT_ENOUGH
    assert found.reasons[0].startswith("There are no ")


@pytest.mark.requirement("RT-34")
@settings(max_examples=60)
@given(judged)
def test_figures_of_both_sets_equal_those_of_scikit_learn(given_items: list[JudgedItem]) -> None:
    found = comparison(given_items)
    for name in SETS:
        chosen = [item for item in given_items if name in item.sets]
        relevant = [item.relevant for item in chosen]
        for version in ("published", "retrained"):
            matched = [getattr(item, version).matched for item in chosen]
            figures = found.performance[name][version]
            assert (figures.items, figures.relevant) == (len(chosen), sum(relevant))
            if figures.precision:
                hits = int(np.sum(np.logical_and(relevant, matched)))
                assert figures.precision.estimate == pytest.approx(
                    precision_score(relevant, matched)
                )
                assert figures.precision.lower == wilson_interval(hits, sum(matched))[0]
            else:
                assert not any(matched)
            if figures.recall and figures.true_positives:
                assert figures.recall.estimate == pytest.approx(recall_score(relevant, matched))
                assert figures.true_positives.upper == pytest.approx(
                    figures.recall.upper * sum(relevant)
                )
            if figures.accuracy:
                assert figures.accuracy.estimate == pytest.approx(accuracy_score(relevant, matched))


@pytest.mark.requirement("RT-37")
@given(judged)
def test_swapping_the_versions_never_republishes_both_ways(given_items: list[JudgedItem]) -> None:
    assert REPUBLISH not in {decision(given_items)} & {decision(swapped(given_items))}


@pytest.mark.requirement("RT-30")
@given(judged)
def test_rows_hold_every_item_once_with_flips_first(given_items: list[JudgedItem]) -> None:
    found = comparison(given_items)
    assert sorted(row.item_id for row in found.rows) == sorted(i.item_id for i in given_items)
    flips = [row.flips for row in found.rows]
    assert flips == sorted(flips, reverse=True)
    test = found.mcnemar
    assert sum(flips) == test.retrained_right + test.published_right


def test_the_figures_are_plain_json() -> None:
    plain = comparison(BASE).as_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert (plain["items"], plain["flips"]) == (200, 0)


def test_an_item_is_compared_once_and_belongs_to_a_set() -> None:
    one = items(ORIGINAL, True, True, True, 1)
    with pytest.raises(ValueError, match="twice"):
        comparison([*one, *one])
    with pytest.raises(ValueError, match="no known set"):
        comparison([JudgedItem("a", frozenset(), True, MATCHED, MATCHED)])
