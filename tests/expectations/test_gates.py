"""Every gate over good tables, over a planted fault a check, and over what cannot be judged."""

from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import expectations
from cultivar.core.schemas import SCHEMAS
from cultivar.core.serialisation import as_json
from cultivar.store.origin import LISTS
from tests.expectations.tables import (
    FAULTS,
    GOOD,
    NOW,
    a_test_set_of,
    as_table,
    facts_of,
    good,
)

GATES = sorted(GOOD)
PLANTED = [(gate, code) for gate in GATES for code in FAULTS[gate]]
# Where a column or all rows are gone, or a type is wrong, other checks have nothing to judge.
STRUCTURAL = {"missing-column", "wrong-type"}
COUNTS = {
    rule.code
    for gate in GATES
    for rule in expectations.rules_of(gate, **facts_of(gate))
    if rule.expectation == "ExpectTableRowCountToBeBetween"
}


def _codes(result: expectations.GateResult, outcome: str) -> set[str]:
    return {check.code for check in result.checks if check.outcome == outcome}


def test_there_is_one_suite_for_every_declared_table() -> None:
    # a list of parts is judged by the rows of its parts; no stage advances on a swept crawl
    judged = SCHEMAS.keys() - LISTS.keys() - {"crawl_differences"}
    assert set(expectations.SUITES) == judged == set(FAULTS)


@pytest.mark.parametrize("gate", GATES)
def test_a_good_table_passes_every_check(gate: str) -> None:
    result = expectations.evaluate(gate, good(gate), **facts_of(gate))
    assert result.opens, result.blocking()
    assert len(_codes(result, "pass")) == len(result.checks)


@pytest.mark.parametrize("gate", GATES)
def test_a_good_frame_passes_like_a_good_table(gate: str) -> None:
    assert expectations.evaluate(gate, good(gate).to_pandas(), **facts_of(gate)).opens


@pytest.mark.parametrize("gate", GATES)
def test_every_check_has_a_planted_fault(gate: str) -> None:
    result = expectations.evaluate(gate, good(gate), **facts_of(gate))
    every = facts_of(gate) | ({"listed": 1} if gate == "assignments" else {})
    stated = {rule.code for rule in expectations.rules_of(gate, {"declared": True}, **every)}
    assert {check.code for check in result.checks} == stated | STRUCTURAL == set(FAULTS[gate])


@pytest.mark.requirement("TC-16", "TC-22", "TC-41")
@pytest.mark.parametrize(("gate", "code"), PLANTED)
def test_a_planted_fault_makes_exactly_its_check_bite(gate: str, code: str) -> None:
    table = as_table(gate, FAULTS[gate][code](GOOD[gate]()))
    result = expectations.evaluate(gate, table, **facts_of(gate))
    assert code in _codes(result, "fail")
    assert not result.opens
    # Of nothing, nothing can be right: other counts fail too, and the rest is not evaluated.
    assert _codes(result, "fail") <= ({code} if len(table) else COUNTS)
    if len(table) and code not in STRUCTURAL | {"nothing-usable"}:
        assert not _codes(result, "not evaluated")
    _assert_teaches(next(check for check in result.checks if check.code == code))


def _assert_teaches(check: expectations.Check) -> None:
    """What was wrong, what was found, what to do."""
    assert check.observed in check.sentence
    assert check.sentence.endswith(".")
    assert "{" not in check.sentence
    assert len(check.sentence.split(". ")) >= 2 or "; " in check.sentence


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize("kind", ["table", "frame"])
def test_an_empty_table_never_passes_and_no_check_passes_for_want_of_rows(
    gate: str, kind: str
) -> None:
    table = good(gate).slice(0, 0)
    given = table if kind == "table" else table.to_pandas()
    result = expectations.evaluate(gate, given, **facts_of(gate))
    assert result.outcome == "fail"
    counts = {"missing-column", "wrong-type", "too-many-seeds", "too-many-test-items"}
    assert _codes(result, "pass") <= counts


@pytest.mark.parametrize(
    ("gate", "column"), [(gate, column) for gate in GATES for column in expectations.COLUMNS[gate]]
)
def test_a_missing_column_never_passes(gate: str, column: str) -> None:
    result = expectations.evaluate(gate, good(gate).drop_columns([column]), **facts_of(gate))
    assert "missing-column" in _codes(result, "fail")
    assert (
        column in next(check for check in result.checks if check.code == "missing-column").sentence
    )


_ABSENT = [
    (gate, column)
    for gate in GATES
    for column in expectations.COLUMNS[gate]
    if (gate, column) not in {("test_set", "declared"), ("labels", "score")}
]


@pytest.mark.parametrize(
    ("gate", "column", "kind"),
    [
        (gate, column, ("declared type", "null type", "frame")[place % 3])
        for place, (gate, column) in enumerate(_ABSENT)
    ],
)
def test_a_column_without_values_never_passes(gate: str, column: str, kind: str) -> None:
    table = good(gate)
    place = table.column_names.index(column)
    empty = pa.nulls(len(table), pa.null() if kind == "null type" else table[column].type)
    table = table.set_column(place, column, empty)
    given: Any = table.to_pandas() if kind == "frame" else table
    assert not expectations.evaluate(gate, given, **facts_of(gate)).opens


class _Poisoned:
    """A value that any metric stumbles over, and whose text must not get out."""

    def __repr__(self) -> str:
        raise RuntimeError("CANARY-7f3a")

    __str__ = __repr__
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("CANARY-7f3a")

    def __lt__(self, other: object) -> bool:
        raise RuntimeError("CANARY-7f3a")


@pytest.mark.parametrize(
    ("gate", "column"), [(gate, column) for gate in GATES for column in expectations.COLUMNS[gate]]
)
def test_an_exception_inside_a_metric_never_passes_nor_leaks(gate: str, column: str) -> None:
    frame = good(gate).to_pandas().astype({column: object})
    frame[column] = [_Poisoned(), *frame[column][1:]]
    result = expectations.evaluate(gate, frame, **facts_of(gate))
    assert not result.opens
    assert "CANARY-7f3a" not in str(as_json(result))


@pytest.mark.parametrize("gate", GATES)
def test_something_that_is_no_table_is_not_evaluated(gate: str) -> None:
    nothing: Any = None
    result = expectations.evaluate(gate, nothing, **facts_of(gate))
    assert result.outcome == "not evaluated"


@pytest.mark.requirement("TC-16")
def test_49_seeds_fail_and_50_pass() -> None:
    seeds = GOOD["seed_set"]()
    for usable, opens in ((49, False), (50, True)):
        table = as_table("seed_set", seeds | {"used": [row < usable for row in range(61)]})
        result = expectations.evaluate("seed_set", table, now=NOW)
        assert result.opens is opens
    assert "49 of 61" not in str(as_json(result))


@pytest.mark.requirement("TC-16")
def test_49_seeds_are_named_in_the_sentence() -> None:
    table = as_table("seed_set", GOOD["seed_set"]() | {"used": [row < 49 for row in range(61)]})
    [check] = expectations.evaluate("seed_set", table, now=NOW).blocking()
    assert check.code == "too-few-seeds"
    assert "at least 50" in check.sentence
    assert "49 of 61" in check.sentence


@pytest.mark.requirement("TC-17")
def test_500_seeds_pass() -> None:
    columns = FAULTS["seed_set"]["too-many-seeds"]({})
    table = as_table("seed_set", {name: values[:500] for name, values in columns.items()})
    assert expectations.evaluate("seed_set", table, now=NOW).opens


@pytest.mark.requirement("TC-41")
def test_10000_test_items_pass_and_10001_are_refused_with_the_number_found() -> None:
    assert expectations.evaluate(
        "test_set", as_table("test_set", a_test_set_of(10_000)), now=NOW
    ).opens
    table = as_table("test_set", a_test_set_of(10_001))
    [check] = expectations.evaluate("test_set", table, now=NOW).blocking()
    assert (check.code, check.observed) == ("too-many-test-items", "10,001")


@pytest.mark.requirement("TC-25")
@pytest.mark.parametrize(
    ("positives", "opens"), [(79, False), (80, True), (120, True), (121, False)]
)
def test_the_rarer_kind_holds_at_least_40_percent(positives: int, opens: bool) -> None:
    columns = a_test_set_of(200) | {"declared": [int(row < positives) for row in range(201)]}
    result = expectations.evaluate("test_set", as_table("test_set", columns), now=NOW)
    assert result.opens is opens


def test_without_declared_labels_balance_is_left_to_the_predictions_which_say_so() -> None:
    columns = a_test_set_of(200) | {"declared": [None] * 201}
    result = expectations.evaluate("test_set", as_table("test_set", columns), now=NOW)
    assert result.opens
    assert "unbalanced-test-set" not in {check.code for check in result.checks}
    table = as_table(
        "predictions", FAULTS["predictions"]["unbalanced-test-set"](GOOD["predictions"]())
    )
    [check] = expectations.evaluate("predictions", table, items=100).blocking()
    assert "as the classifier itself predicts" in check.sentence
    assert expectations.evaluate("predictions", table, items=100, declared=True).opens


def test_a_labelling_that_matches_nothing_passes_only_when_it_says_what_it_scored() -> None:
    empty = good("assignments").slice(0, 0)
    assert expectations.evaluate("assignments", empty, scored=900, listed=0).opens
    assert not expectations.evaluate("assignments", empty, scored=0, listed=0).opens
    assert not expectations.evaluate("assignments", empty).opens
    assert not expectations.evaluate("assignments", good("assignments"), scored=900, listed=0).opens


@pytest.mark.requirement("TC-22")
def test_a_few_seeds_in_the_test_folder_are_left_out_and_do_not_shut_the_gate() -> None:
    columns = a_test_set_of(200)
    columns["seed_overlap"][:3] = [1, 1, 1]
    columns["used"][:3] = [False, False, False]
    assert expectations.evaluate("test_set", as_table("test_set", columns), now=NOW).opens


@pytest.mark.requirement("TC-22")
def test_a_folder_of_seeds_is_refused_as_a_test_folder() -> None:
    columns = a_test_set_of(60) | {"seed_overlap": [1] * 61, "used": [False] * 61}
    result = expectations.evaluate("test_set", as_table("test_set", columns), now=NOW)
    assert [check.code for check in result.blocking()[:2]] == [
        "seed-test-overlap",
        "nothing-usable",
    ]


def test_one_implausible_date_does_not_stop_a_location() -> None:
    columns = GOOD["items"]()
    columns["created_at"][0] = NOW.replace(year=2999)
    assert expectations.evaluate("items", as_table("items", columns), now=NOW).opens


def test_an_unknown_fact_is_a_defect_of_the_caller() -> None:
    with pytest.raises(TypeError, match="classifier"):
        expectations.evaluate("seed_set", good("seed_set"), classifier="complaints")


def test_the_frame_is_not_changed() -> None:
    frame = good("test_set").to_pandas()
    before = frame.copy(deep=True)
    expectations.evaluate("test_set", frame, now=NOW)
    pd.testing.assert_frame_equal(frame, before)
