"""Exported suites in Great Expectations as anybody runs it, in a process without Cultivar."""

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import expectations
from cultivar.core.limits import Thresholds
from expectations.exporting import exported
from tests.expectations.tables import FAULTS, GOOD, NOW, as_table

_PLAIN = """
import json, sys
import great_expectations as gx, pandas as pd
if sys.argv[3] == "own": import expectations.custom
suite = gx.ExpectationSuite(**json.load(open(sys.argv[1])))
frame = pd.read_parquet(sys.argv[2])
asset = gx.get_context(mode="ephemeral").data_sources.add_pandas("p").add_dataframe_asset("a")
batch = asset.add_batch_definition_whole_dataframe("w").get_batch({"dataframe": frame})
found = batch.validate(suite).results
print(json.dumps({each.expectation_config.meta["check_id"]: each.success for each in found}))
"""


@pytest.mark.parametrize("gate", sorted(expectations.SUITES))
def test_every_suite_is_plain_json_with_each_rule(gate: str) -> None:
    suite = json.loads(json.dumps(exported(gate, now=NOW)))
    codes = [each["meta"]["check_id"] for each in suite["expectations"]]
    labelled = dict.fromkeys(expectations.COLUMNS[gate], True)
    rules = {rule.code for rule in expectations.rules_of(gate, labelled)}
    assert set(codes) == rules | {"missing-column"}
    used = {each["type"] for each in suite["expectations"]}
    assert set(suite["meta"]["cultivar"]["custom"]) <= used


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
    suite, rows = tmp_path / "suite.json", tmp_path / "rows.parquet"
    suite.write_text(json.dumps(exported(gate, now=NOW)), encoding="utf-8")
    verdicts = []
    for columns in (GOOD[gate](), FAULTS[gate][code](GOOD[gate]())):
        pq.write_table(as_table(gate, columns), rows)
        done = subprocess.run(
            [sys.executable, "-c", _PLAIN, str(suite), str(rows), imports],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        verdicts.append(json.loads(done.stdout.splitlines()[-1]))
    good, faulty = verdicts
    assert all(good.values())
    assert [name for name, success in faulty.items() if not success] == [code]
