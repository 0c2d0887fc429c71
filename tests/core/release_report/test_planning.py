"""The release sample: as many items as the bound needs, drawn by hashes."""

from collections import Counter
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivar.core.release_report.measured import Stratum
from cultivar.core.release_report.planning import (
    Plan,
    release_order,
    release_plan,
    release_sample,
)


def strata(match: int, close: int, rest: int) -> list[Stratum]:
    return [
        Stratum("match", True, match, 0, 0),
        Stratum("close match", False, close, 0, 0),
        Stratum("no match", False, rest, 0, 0),
    ]


def test_about_60_above_and_300_below_bound_elusion_at_one_percent() -> None:
    plan = release_plan(100_000, strata(2_000, 0, 18_000))
    assert plan.sizes["match"] == 60
    assert plan.sizes["no match"] == pytest.approx(300, abs=15)
    assert plan.elusion_bound <= 0.01
    assert plan.total == 60 + plan.sizes["no match"]


def test_close_matches_have_their_share_and_the_bound_still_holds() -> None:
    plan = release_plan(100_000, strata(1_000, 1_000, 18_000))
    assert plan.sizes["close match"] >= 30
    assert 300 <= plan.sizes["close match"] + plan.sizes["no match"] <= 420
    assert plan.elusion_bound <= 0.01


def test_a_looser_bound_needs_fewer_reviews() -> None:
    loose = release_plan(100_000, strata(1_000, 500, 18_500), wanted=0.05)
    strict = release_plan(100_000, strata(1_000, 500, 18_500), wanted=0.005)
    assert loose.total < strict.total
    assert strict.elusion_bound <= 0.005


def test_what_all_scored_items_cannot_bound_is_said() -> None:
    plan = release_plan(100_000, strata(5, 10, 85))
    assert plan.sizes == {"match": 5, "close match": 10, "no match": 85}
    assert plan.elusion_bound > 0.01


def test_a_small_tenant_is_reviewed_in_full_at_most() -> None:
    plan = release_plan(100, strata(5, 10, 85))
    assert all(plan.sizes[s.name] <= s.scored for s in strata(5, 10, 85))
    assert plan.elusion_bound <= 0.01


def test_the_draw_is_the_same_on_every_machine() -> None:
    members = {f"item {n}": "match" if n % 3 else "no match" for n in range(9)}
    order = release_order(members, "seed")
    by_hash = sorted(
        members, key=lambda item: sha256(f"seed\nrelease sample\n{item}".encode()).hexdigest()
    )
    assert order["no match"] == [item for item in by_hash if members[item] == "no match"]
    plan = Plan({"match": 2, "no match": 5, "close match": 1}, 0.5)
    drawn = release_sample(order, plan)
    assert drawn == [*order["match"][:2], *order["no match"]]


@given(st.sets(st.text(max_size=5), max_size=30), st.sets(st.text(max_size=5), max_size=10))
def test_added_items_do_not_disturb_the_order_of_the_others(
    first: set[str], more: set[str]
) -> None:
    before = release_order(dict.fromkeys(first, "match"), "s").get("match", [])
    after = release_order(dict.fromkeys(first | more, "match"), "s").get("match", [])
    assert [item for item in after if item in first] == before


def test_every_item_is_as_likely_to_be_drawn() -> None:
    members = dict.fromkeys((f"item {n}" for n in range(10)), "match")
    firsts = Counter(release_order(members, f"seed {n}")["match"][0] for n in range(2_000))
    assert len(firsts) == 10
    assert max(firsts.values()) < 265  # 200 expected, standard deviation 13.4
    assert min(firsts.values()) > 135
