"""The commands of feedback, retraining and release: given, followed, decided, pointed back."""

import csv
import re
from pathlib import Path
from typing import Any

import pytest

from cultivar.operations.item_names import names_of
from cultivar.operations.retraining import begin_retraining
from cultivar.store.tables import PolicyRow, ReleaseItemRow
from cultivar.store.workspace import Workspace
from tests.cli.conftest import Command
from tests.operations.mail import CLASSIFIER, give, in_use, judged, listed, retrain
from tests.operations.organisation import Organisation


@pytest.fixture
def used(reviewable: Workspace) -> Organisation:
    made = Organisation(reviewable)
    made.agree()
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
    answered(cultivar, "feedback", CLASSIFIER, "--withdraw", one[:12])
    answered(cultivar, "feedback", CLASSIFIER, "--match", two[:12])
    status = answered(cultivar, "retrain", "status", CLASSIFIER)["retraining"]
    assert (status["counted"], status["not_retrainable"]) == (1, [])
    assert cultivar("feedback", CLASSIFIER, "--match", "0" * 32, "--json").error == "not-listed"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00", "UTF-8"),
        (b"", "no verdict"),
        (b"item_id,verdict\n", "no verdict"),
        (b"item,verdict\n1,match\n", "item_id and verdict"),
        (b"verdict,item_id\nmatch\n", "not listed"),
    ],
)
def test_a_file_that_holds_no_verdicts_is_refused_with_the_reason(
    used: Organisation, cultivar: Command, tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "verdicts.csv"
    file.write_bytes(content)
    answer = cultivar("feedback", CLASSIFIER, "--verdicts", str(file))
    assert answer.code == 1
    assert said in answer.err


def test_options_of_feedback_that_exclude_each_other_are_told(
    used: Organisation, cultivar: Command
) -> None:
    item = listed(used)[0].item_id
    for options in (("--match", item, "--withdraw", item), ("--list", "--match", item)):
        assert cultivar("feedback", CLASSIFIER, *options).code == 2
    assert cultivar("feedback", CLASSIFIER, "--suggest", "other").code == 2


@pytest.mark.requirement("RT-06")
def test_the_status_names_what_keeps_a_classifier_from_retraining(
    used: Organisation, cultivar: Command
) -> None:
    with used.workspace.registry.transaction() as session:
        for policy in session.query(PolicyRow):
            policy.enabled = False
    assert "switched off" in cultivar("retrain", "status", CLASSIFIER).out


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
    asked = ("retrain", "republish", CLASSIFIER, "--json")
    against = found["recommendation"]["decision"] != "republish"
    if against:
        refused = cultivar(*asked).json["error"]
        assert refused["code"] == "not-recommended"
        assert f'`cultivar retrain republish {CLASSIFIER} --reason "REASON"`' in refused["message"]
    reasoned = (*asked, "--reason", "Agreed with the records board")
    assert cultivar(*reasoned).error == "not-confirmed"
    shown = cultivar("retrain", "overview", CLASSIFIER).out
    flips = [row for row in found["items"] if row["flips"]]
    assert ("People said" in shown) is bool(flips)
    assert all(_path(used, row["item_id"]) in shown for row in flips[:20])
    for row in found["items"]:
        for side in ("published", "retrained"):
            matches, bound = row[f"{side}_prediction"] == "match", row[f"{side}_from"]
            assert matches is (bound is not None and row[f"{side}_score"] >= bound)
    moved = answered(
        cultivar,
        "retrain",
        "republish",
        CLASSIFIER,
        "--yes",
        "--reason",
        "Agreed with the records board",
    )["publication"]
    assert moved["version_id"] == version
    live = cultivar("status", CLASSIFIER).out
    assert f"Live: {version} (retraining 1) since" in live
    assert re.search(r"right on \d+ % of 30 items with feedback", live)
    assert f"of {version}" not in live.split("Accuracy in review")[1].splitlines()[0]
    assert cultivar("point-back", CLASSIFIER, "--json").error == "not-confirmed"
    assert version in cultivar("status", CLASSIFIER, "--json").json["classifier"]["live"]["version"]
    never = cultivar("point-back", CLASSIFIER, "--to", "7", "--json").json["error"]["message"]
    assert f"`cultivar point-back {CLASSIFIER} --to NUMBER`" in never
    back = answered(cultivar, "point-back", CLASSIFIER, "--yes")["publication"]
    assert back["evidence"]["replaces"] == version
    assert cultivar("retrain", "more", CLASSIFIER, "--json").error == "already-decided"


def _path(organisation: Organisation, item_id: str) -> str:
    return names_of(organisation.workspace, "alex", CLASSIFIER, [item_id])[item_id]


def test_a_release_report_is_shown_and_its_sample_drawn(
    used: Organisation, cultivar: Command
) -> None:
    report = answered(cultivar, "release", "report", CLASSIFIER)["release_report"]
    assert report["grade"] == "inferred"
    sizes = answered(cultivar, "release", "sample", CLASSIFIER)["reviews"]
    assert set(sizes) == {"match", "close match", "no match"}
    assert len(answered(cultivar, "release", "review", CLASSIFIER, "--list")["items"]) == 30
    [drift] = answered(cultivar, "drift", CLASSIFIER)["reports"]
    assert drift["verdict"] == "sample more"
    for command in (("release", "report"), ("retrain", "status"), ("drift",), ("feedback",)):
        shown = cultivar(*command, CLASSIFIER)
        assert shown.code == 0, shown.out


def test_a_release_sample_is_reviewed_by_keys_in_any_number_of_sittings(
    used: Organisation, cultivar: Command, tmp_path: Path
) -> None:
    assert cultivar("release", "review", CLASSIFIER, "--json").error == "no-release-sample"
    sizes = answered(cultivar, "release", "sample", CLASSIFIER)["reviews"]
    first = answered(cultivar, "release", "review", CLASSIFIER, "--list")["items"]
    for content in (b"\xff\xfe", b"item,verdict\n1,yes\n"):
        (tmp_path / "verdicts.csv").write_bytes(content)
        file = str(tmp_path / "verdicts.csv")
        refused = cultivar("release", "review", CLASSIFIER, "--verdicts", file, "--json")
        assert refused.error == "bad-verdicts"
    # the second item is judged, taken back, and judged again
    shown = cultivar("release", "review", CLASSIFIER, typed="y\nn\nu\ny\n?\nq\n")
    assert shown.code == 0, shown.err
    assert "Do you agree?" in shown.out
    assert "s skip" not in shown.out
    assert re.search(r"\[[+-]\w+\]", shown.out), "the words that pushed the score are marked"
    assert f"Next: cultivar release review {CLASSIFIER}" in shown.out
    kept = _sampled(used)
    assert [kept[each["item_id"]] for each in first[:3]] == ["yes", "yes", "not sure"]
    # one was not sure, so another is drawn for it
    left = sum(sizes.values()) - 2
    done = cultivar("release", "review", CLASSIFIER, typed="y\n" * left)
    assert "Every item of the release sample has a verdict." in done.err
    assert f"Next: cultivar release report {CLASSIFIER}" in done.out
    report = answered(cultivar, "release", "report", CLASSIFIER)["release_report"]
    assert report["grade"] == "measured"


def _sampled(organisation: Organisation) -> dict[str, str | None]:
    with organisation.workspace.registry.reading() as session:
        return {row.item_id: row.verdict for row in session.query(ReleaseItemRow)}


@pytest.mark.requirement("RT-27")
def test_a_classifier_is_listed_under_re_training_until_somebody_decided(
    used: Organisation, cultivar: Command
) -> None:
    assert "Re-training" not in cultivar("status").out
    give(used, listed(used)[:30])
    begin_retraining(used.workspace, "alex", CLASSIFIER)
    running = cultivar("status").out.partition("Re-training")
    assert "Contracts (contracts)" in running[2]
    assert "Contracts (contracts)" not in running[0]
    retrain(used)
    assert "Contracts (contracts)" in cultivar("status").out.partition("Re-training")[2]
    one = cultivar("status", CLASSIFIER).out
    assert "Re-training" in one
    assert "Next: cultivar retrain status contracts" in one
    cultivar("retrain", "more", CLASSIFIER)
    decided = cultivar("status").out
    assert "Re-training" not in decided
    assert "Contracts (contracts)" in decided.partition("Ready to use")[2]
