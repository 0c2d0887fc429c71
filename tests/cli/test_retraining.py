"""The commands of feedback, retraining and release: given, followed, decided, pointed back."""

import csv
from pathlib import Path
from typing import Any

import pytest

from cultivar.store.workspace import Workspace
from tests.cli.conftest import Command
from tests.operations.mail import CLASSIFIER, in_use, judged, listed, retrain
from tests.operations.organisation import Organisation


@pytest.fixture
def used(reviewable: Workspace) -> Organisation:
    made = Organisation(reviewable)
    for _ in range(7):
        made.review_batch(CLASSIFIER)
        made.settle(CLASSIFIER)
    return in_use(made)


def answered(cultivar: Command, *arguments: str) -> Any:
    answer = cultivar(*arguments, "--json")
    assert answer.code == 0, answer.out
    return answer.json


@pytest.mark.requirement("RT-20", "RT-21")
def test_feedback_is_listed_given_shown_and_withdrawn(
    used: Organisation, cultivar: Command
) -> None:
    items = answered(cultivar, "feedback", CLASSIFIER, "--list")["items"]
    one, two = items[0]["item_id"], items[1]["item_id"]
    sent = answered(cultivar, "feedback", CLASSIFIER, "--match", one, "--not-a-match", two)["sent"]
    assert (sent["items"], sent["missing"], sent["due"]) == (2, 28, False)
    standing = answered(cultivar, "feedback", CLASSIFIER)["feedback"]
    assert {each["verdict"] for each in standing["verdicts"]} == {"match", "not a match"}
    answered(cultivar, "feedback", CLASSIFIER, "--withdraw", one)
    assert answered(cultivar, "retrain", "status", CLASSIFIER)["retraining"]["counted"] == 1
    assert cultivar("feedback", CLASSIFIER, "--match", "0" * 32, "--json").error == "not-listed"


@pytest.mark.requirement("RT-19", "RT-28", "RT-29", "RT-31", "RT-33")
def test_an_overview_is_read_republished_and_pointed_back(
    used: Organisation, cultivar: Command, tmp_path: Path
) -> None:
    assert cultivar("retrain", "overview", CLASSIFIER, "--json").error == "never-retrained"
    file = tmp_path / "verdicts.csv"
    with file.open("w", newline="", encoding="utf-8") as text:
        writer = csv.writer(text)
        writer.writerow(["item_id", "verdict"])
        writer.writerows((each.item_id, each.verdict) for each in judged(listed(used)[:30]))
    sent = answered(cultivar, "feedback", CLASSIFIER, "--verdicts", str(file))
    assert sent["sent"]["due"]
    version = retrain(used)
    found = answered(cultivar, "retrain", "overview", CLASSIFIER)["overview"]
    assert found["recommendation"]["action"] in {"re-publish", "provide more feedback"}
    assert found["retrained_version"] == version
    moved = answered(
        cultivar, "retrain", "republish", CLASSIFIER, "--reason", "Agreed with the records board"
    )["publication"]
    assert moved["version_id"] == version
    back = answered(cultivar, "point-back", CLASSIFIER)["publication"]
    assert back["evidence"]["replaces"] == version
    assert cultivar("retrain", "more", CLASSIFIER, "--json").error == "already-decided"


def test_a_release_report_is_shown_and_its_sample_drawn(
    used: Organisation, cultivar: Command
) -> None:
    report = answered(cultivar, "release", "report", CLASSIFIER)["release_report"]
    assert report["grade"] == "inferred"
    sizes = answered(cultivar, "release", "sample", CLASSIFIER)["reviews"]
    assert set(sizes) == {"match", "close match", "no match"}
    assert len(answered(cultivar, "release", "review", CLASSIFIER)["items"]) == 30
    [drift] = answered(cultivar, "drift", CLASSIFIER)["reports"]
    assert drift["verdict"] == "sample more"
    for command in (("release", "report"), ("retrain", "status"), ("drift",), ("feedback",)):
        shown = cultivar(*command, CLASSIFIER)
        assert shown.code == 0, shown.out
