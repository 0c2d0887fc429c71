"""The demonstration as a person runs it: to its end, from own documents, and killed on the way."""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from benchmarks import kill_demo
from tests.small import grow

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_200)]


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """Arguments that name a person's own folders: 260 contracts, 260 other documents."""
    root = tmp_path_factory.mktemp("own")
    made = grow(root / "made", seeds=0, tests=520, content=0)
    shutil.move(made.tests / "positive", root / "contracts")
    shutil.move(made.tests / "negative", root / "others")
    return ("--positives", str(root / "contracts"), "--others", str(root / "others"))


def _demo(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if "PREFECT" not in name}
    return subprocess.run(
        [sys.executable, "-m", "cli", "demo", *arguments, "--json"],
        env=environment | {"CULTIVAR_HOME": str(home), "CULTIVAR_USER": "alex"},
        capture_output=True,
        text=True,
        timeout=1_000,
        check=False,
    )


def _report(answer: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    assert answer.returncode == 0, answer.stderr[-3_000:]
    return dict(json.loads(answer.stdout)["demo"])


def test_the_sample_organisation_gets_a_published_classifier(tmp_path: Path) -> None:
    report = _report(_demo(tmp_path / "home"))
    assert report["status"] == "Ready to use"
    assert report["published_version"].startswith("patient-letters-")
    assert report["review"] == "simulated from held labels"
    assert report["decided"] >= 200
    assert report["interval"][0] >= 0.80
    assert {row["location"] for row in report["labelled"]} == {"mail", "onedrive", "sites"}
    held = report["against_held_labels"]
    assert held["precision"] > 0.7
    assert held["recall"] > 0.7


def _ended_badly(home: Path) -> list[tuple[str, str]]:
    """Return the runs that Prefect shows as crashed or cancelled, or as at work still."""
    with closing(sqlite3.connect(home / "prefect" / "prefect.db")) as database:
        rows = database.execute("SELECT name, state_type FROM flow_run").fetchall()
    return [row for row in rows if row[1] not in ("COMPLETED", "FAILED", "SCHEDULED")]


@pytest.mark.requirement("RT-02", "RT-08", "RT-27", "RT-31")
def test_the_second_half_retrains_by_itself_and_evaluates_labels_again(tmp_path: Path) -> None:
    report = _report(_demo(tmp_path / "home", "--retrain"))
    assert _ended_badly(tmp_path / "home") == []
    second = report["second_half"]
    assert {each["kind"] for each in second["policies"]} == {
        "sensitivity label",
        "retention label",
        "communication compliance",
    }
    assert all(each["would_label"] for each in second["dry_runs"])
    assert second["applied"]["added"] == sum(each["would_label"] for each in second["dry_runs"])
    assert sum(second["verdicts"].values()) == 30
    assert second["verdicts_by"] == "simulated from held labels"
    assert second["decision"] == "republished"
    assert second["versions"]["retrained"] != second["versions"]["published"]
    again = second["evaluated_again"]
    assert again["removed"] > 0, "the difference between the versions shows in the labels"
    assert again["removed"] + again["changed"] + again["unchanged"] == second["applied"]["added"]
    assert second["undone"]["taken_back"] > 0
    held = second["against_held_labels"]
    assert held["judged"] == 30
    assert held["published"]["items"] == held["retrained"]["items"]
    assert held["retrained"]["precision"] > held["published"]["precision"]
    assert held["retrained"]["recall"] >= held["published"]["recall"] - 0.02


def test_the_second_half_goes_on_wherever_it_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if "PREFECT" in name]:
        monkeypatch.delenv(name)
    home, steps = tmp_path / "killed", ("Apply the policies", "Retrain", "Evaluate", "Undo")
    for begun in steps:
        kill_demo.kill_at(begun, home, ("--retrain",))
    kill_demo.run(home, ("--retrain",))
    kill_demo.run(tmp_path / "undisturbed", ("--retrain",))
    assert kill_demo.outcome(home) == kill_demo.outcome(tmp_path / "undisturbed")


def test_own_documents_come_to_labels_wherever_it_is_killed(
    tmp_path: Path, documents: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if "PREFECT" in name]:
        monkeypatch.delenv(name)
    took = kill_demo.run(tmp_path / "undisturbed", documents)
    wanted = kill_demo.outcome(tmp_path / "undisturbed")
    draw = random.Random(len(documents))
    for number in range(3):
        home = tmp_path / f"killed-{number}"
        kill_demo.kill_after(draw.uniform(0.2, took), home, documents)
        kill_demo.run(home, documents)
        assert kill_demo.outcome(home) == wanted


def test_own_documents_that_do_not_suffice_are_a_sentence(tmp_path: Path) -> None:
    made = grow(tmp_path / "made", seeds=0, tests=318, content=0)
    for number in range(20):
        copy = made.tests / "positive" / f"copy-{number}.txt"
        shutil.copy(made.tests / "positive" / "item-001.txt", copy)
    answer = _demo(
        tmp_path / "home",
        *("--positives", str(made.tests / "positive")),
        *("--others", str(made.tests / "negative")),
    )
    assert answer.returncode != 0
    error = json.loads(answer.stdout)["error"]
    assert error["code"] == "too-few-documents"
    assert "holds 159 files, 20 copies of others left out;" in error["message"]
    assert "at least 160 positives and 250 others" in error["message"]


def test_the_smallest_folders_that_are_taken_are_published_where_some_cannot_be_used(
    tmp_path: Path,
) -> None:
    made = grow(tmp_path / "made", seeds=0, tests=500, content=0)
    positives = sorted((made.tests / "positive").iterdir())
    for file in positives[160:]:
        file.unlink()
    # some repeat the words of another, with other bytes
    for kind in ("positive", "negative"):
        files = sorted((made.tests / kind).iterdir())
        for first, second in zip(files[:20:2], files[1:20:2], strict=True):
            second.write_text(f"{first.read_text(encoding='utf-8')}\n\n", encoding="utf-8")
    report = _report(
        _demo(
            tmp_path / "home",
            *("--positives", str(made.tests / "positive")),
            *("--others", str(made.tests / "negative")),
        )
    )
    assert report["decided"] >= 200
    assert report["published_version"]
