"""Gates by command: what each asks for, and suites for Great Expectations."""

import json
from pathlib import Path

import pytest

from cultivar.store.workspace import Workspace
from expectations import SUITES
from tests.cli.conftest import Command


def test_every_gate_is_listed_with_its_thresholds_in_force_and_its_last_outcome(
    cultivar: Command, reviewable: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CULTIVAR_SEEDS_AT_LEAST", "60")
    gates = cultivar("gate", "list", "--json").json["gates"]
    assert list(gates) == list(SUITES)
    assert gates["seed_set"]["thresholds"]["seeds_at_least"] == 60
    assert gates["seed_set"]["last"]["outcome"] == "pass"
    assert gates["seed_set"]["last"]["classifier"] == "contracts"
    assert gates["feedback"]["last"] is None
    shown = cultivar("gate", "list").out
    assert "seeds_at_least 60" in shown
    assert "not evaluated yet" in shown


def test_gates_are_listed_before_anything_is_set_up(cultivar: Command) -> None:
    assert set(cultivar("gate", "list", "--json").json["gates"]) == set(SUITES)


def test_a_suite_is_written_with_the_thresholds_in_force(
    cultivar: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CULTIVAR_SEEDS_AT_LEAST", "60")
    file = tmp_path / "seeds.json"
    assert cultivar("gate", "export", "seed_set", "--to", file).code == 0
    written = json.loads(file.read_text(encoding="utf-8"))
    by_code = {each["meta"]["check_id"]: each for each in written["expectations"]}
    assert by_code["too-few-seeds"]["kwargs"]["min_value"] == 60
    printed = json.loads(cultivar("gate", "export", "seed_set").out)
    assert len(printed["expectations"]) == len(written["expectations"])


def test_an_unknown_gate_and_a_place_that_cannot_be_written_are_refused(
    cultivar: Command, tmp_path: Path
) -> None:
    unknown = cultivar("gate", "export", "seeds")
    assert unknown.err.startswith("unknown-gate: ")
    near = cultivar("gate", "export", "test-set").err
    assert "Did you mean test_set" in near
    assert "seed_set" in unknown.err
    nowhere = tmp_path / "no" / "seeds.json"
    assert cultivar("gate", "export", "seed_set", "--to", nowhere, "--json").error == "cannot-write"
