"""Exported suites in Great Expectations as anybody runs it, in a process without Cultivar."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import great_expectations as gx
import pyarrow.parquet as pq
import pytest

import expectations
from cultivar.core.limits import Thresholds
from expectations.exporting import exported
from tests.expectations.tables import FAULTS, GOOD, NOW, Columns, as_table, facts_of, no_rows

_PLAIN = """
import json, sys
import great_expectations as gx, pandas as pd
if "own" in sys.argv: import expectations.custom
asset = gx.get_context(mode="ephemeral").data_sources.add_pandas("p").add_dataframe_asset("a")
whole = asset.add_batch_definition_whole_dataframe("w")
for rows in ("good", "faulty"):
    suite = gx.ExpectationSuite(**json.load(open("suite.json")))
    batch = whole.get_batch({"dataframe": pd.read_parquet(rows + ".parquet")})
    found = batch.validate(suite).results
    print(json.dumps({each.expectation_config.meta["check_id"]: each.success for each in found}))
"""


@pytest.mark.parametrize("gate", sorted(expectations.SUITES))
def test_every_suite_is_plain_json_with_each_rule(gate: str) -> None:
    suite = json.loads(json.dumps(exported(gate, now=NOW)))
    codes = [each["meta"]["check_id"] for each in suite["expectations"]]
    labelled = dict.fromkeys(expectations.COLUMNS[gate], True)
    rules = {rule.code for rule in expectations.rules_of(gate, labelled) if not rule.liftable}
    assert set(codes) == rules | {"missing-column"}
    used = {each["type"] for each in suite["expectations"]}
    assert set(suite["meta"]["cultivar"]["custom"]) <= used


def _passed() -> dict[str, tuple[str, Columns, dict[str, Any]]]:
    """Return tables that pass their gates, some only by what is stated about them."""
    found = {gate: (gate, GOOD[gate](), facts_of(gate)) for gate in GOOD}
    rows = len(GOOD["test_set"]()["declared"])
    unlabelled = GOOD["test_set"]() | {"declared": [None] * rows}
    found["a test set without labels"] = ("test_set", unlabelled, facts_of("test_set"))
    few = GOOD["predictions"]() | {"prediction": ["match"] + ["no match"] * 99}
    stated = facts_of("predictions") | {"declared": True}
    found["predictions of a test set with labels"] = ("predictions", few, stated)
    for gate, facts in (
        ("assignments", {"scored": 1, "listed": 0}),
        ("labels", {"items": 1, "listed": 0}),
        ("label_changes", {"changes": 0}),
    ):
        found[f"no {gate}"] = (gate, no_rows(GOOD[gate]()), {"now": NOW} | facts)
    return found


@pytest.mark.parametrize("case", sorted(_passed()))
def test_what_passed_its_gate_passes_the_exported_suite(case: str) -> None:
    gate, columns, facts = _passed()[case]
    table = as_table(gate, columns)
    assert expectations.evaluate(gate, table, **facts).opens
    suite = gx.ExpectationSuite(**json.loads(json.dumps(exported(gate, now=NOW))))
    asset = gx.get_context(mode="ephemeral").data_sources.add_pandas("p").add_dataframe_asset("a")
    batch = asset.add_batch_definition_whole_dataframe("w").get_batch(
        {"dataframe": table.to_pandas()}
    )
    found = batch.validate(suite)
    failed = [each.expectation_config for each in found.results if not each.success]
    assert not failed, failed


def test_a_threshold_in_force_stands_in_the_suite() -> None:
    suite = exported("test_set", Thresholds(minority_share_at_least=0.25), NOW)
    balance = [each for each in suite["expectations"] if each["type"] == "expect_class_balance"]
    assert [each["kwargs"]["minority_at_least"] for each in balance] == [0.25]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("gate", "code", "imports"),
    [
        ("seed_set", "repeated-item-id", "none"),
        ("seed_set", "implausible-created-time", "none"),
        ("test_set", "unbalanced-test-set", "own"),
    ],
)
def test_plain_great_expectations_loads_a_suite_and_finds_a_planted_fault(
    tmp_path: Path, gate: str, code: str, imports: str
) -> None:
    suite = json.dumps(exported(gate, now=NOW))
    (tmp_path / "suite.json").write_text(suite, encoding="utf-8")
    faulty = FAULTS[gate][code](GOOD[gate]())
    for name, columns in (("good", GOOD[gate]()), ("faulty", faulty)):
        pq.write_table(as_table(gate, columns), tmp_path / f"{name}.parquet")
    done = subprocess.run(
        [sys.executable, "-c", _PLAIN, imports],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    before, after = (json.loads(line) for line in done.stdout.splitlines() if line.startswith("{"))
    assert all(before.values())
    assert [found for found, success in after.items() if not success] == [code]


def test_the_example_of_the_page_loads_every_rule(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "gates.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    written = exported("test_set", now=NOW)
    file = tmp_path / "suite.json"
    file.write_text(json.dumps(written), encoding="utf-8")
    names: dict[str, Any] = {"SUITE": file}
    exec(shown, names)  # noqa: S102 - what the page shows
    assert len(names["suite"].expectations) == len(written["expectations"])
