"""Retrained against published: figures, the test, the recommendation and the list of flips."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from sklearn.metrics import accuracy_score, precision_score, recall_score

from cultivar.core.accuracy import wilson_interval
from cultivar.core.comparison import (
    ACTIONS,
    KEEP,
    MARGIN,
    NOT_ENOUGH,
    ORIGINAL,
    REPUBLISH,
    SETS,
    WITH_FEEDBACK,
    Comparison,
    JudgedItem,
    Predicted,
    comparison,
    mcnemar,
)

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
    assert found.reasons[0] == (
        "On the items with feedback, precision rises from 69.0% to 80.0% (+11.0 points)."
    )
    assert (
        "right on 16 and the published one on 0 (exact McNemar test, p = 3.1e-05)"
        in (found.reasons[-1])
    )


@pytest.mark.requirement("RT-29", "RT-37")
def test_worse_on_one_set_by_more_than_a_point_is_kept_however_good_on_the_other() -> None:
    found = comparison(
        [
            *BASE,
            *items(WITH_FEEDBACK, False, True, False, 30),
            *items(ORIGINAL, True, True, False, 2),
        ]
    )
    assert found.mcnemar.favours_retrained
    assert found.recommendation.decision == KEEP
    assert found.recommendation.action == "provide more feedback"
    assert (
        "On the original items, recall falls from 80.8% to 76.9%"
        in (found.recommendation.reasons[0])
    )
    assert found.recommendation.reasons[-1] == "Give at least 30 more items feedback."


@pytest.mark.requirement("RT-29", "RT-37")
def test_no_difference_is_not_enough_evidence() -> None:
    found = comparison(BASE).recommendation
    assert (found.decision, found.action) == (NOT_ENOUGH, "provide more feedback")
    assert found.reasons == (
        "Precision and recall move by no more than one point on either set.",
        "The two versions label the same items.",
        "Give at least 30 more items feedback.",
    )


@pytest.mark.requirement("RT-37")
def test_a_loss_of_exactly_one_point_does_not_keep_and_one_item_more_does() -> None:
    base = [*items(ORIGINAL, True, True, True, 98), *items(WITH_FEEDBACK, True, True, True, 10)]
    improved = [*base, *items(WITH_FEEDBACK, True, False, True, 5)]
    lost = items(ORIGINAL, True, True, False, 1)
    held = items(ORIGINAL, True, True, True, 99)[-1]
    assert decision([*improved, held, *lost]) == REPUBLISH  # 1 of 100
    assert decision([*improved, *lost]) == KEEP  # 1 of 99


@pytest.mark.requirement("RT-37")
def test_mcnemar_alone_can_favour_the_retrained_version() -> None:
    found = comparison(
        [
            *items(ORIGINAL, True, True, True, 1000),
            *items(ORIGINAL, True, False, True, 8),
            *items(WITH_FEEDBACK, True, True, True, 30),
        ]
    )
    assert found.mcnemar.p_value == pytest.approx(2 * 0.5**8)
    assert found.recommendation.decision == REPUBLISH


def test_matching_nothing_is_no_gain_when_recall_falls() -> None:
    assert decision([*BASE, *items(ORIGINAL, True, True, False, 40)]) == KEEP
    only_others = [
        *items(WITH_FEEDBACK, False, False, True, 3),
        *items(ORIGINAL, False, False, False, 3),
    ]
    assert decision(only_others) == KEEP
    assert decision(swapped(only_others)) == REPUBLISH


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


@given(st.integers(0, 40), st.integers(0, 40))
def test_the_exact_test_equals_a_sum_of_binomial_terms(retrained: int, published: int) -> None:
    found = mcnemar(
        [
            *items(ORIGINAL, True, False, True, retrained),
            *items(ORIGINAL, True, True, False, published),
        ]
    )
    tail = binom.cdf(min(retrained, published), retrained + published, 0.5)
    assert found.p_value == pytest.approx(min(1.0, 2 * tail))


@pytest.mark.requirement("RT-37")
@given(judged)
def test_swapping_the_versions_never_republishes_both_ways(given_items: list[JudgedItem]) -> None:
    there, back = decision(given_items), decision(swapped(given_items))
    assert REPUBLISH not in {there} & {back}
    if there == REPUBLISH and comparison(given_items).recommendation.reasons[0].startswith("On"):
        assert back == KEEP


def _losses(found: Comparison) -> list[float]:
    falls = []
    for versions in found.performance.values():
        for measure in ("precision", "recall"):
            before, after = (getattr(versions[v], measure) for v in ("published", "retrained"))
            if before and after:
                falls.append(before.estimate - after.estimate)
    return falls


@pytest.mark.requirement("RT-37")
@given(judged)
def test_nothing_that_loses_more_than_a_point_is_republished(given_items: list[JudgedItem]) -> None:
    found = comparison(given_items)
    if max(_losses(found), default=0.0) > MARGIN + 1e-6:
        assert found.recommendation.decision == KEEP
    assert found.recommendation.action == ACTIONS[found.recommendation.decision]
    assert found.recommendation.reasons


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
