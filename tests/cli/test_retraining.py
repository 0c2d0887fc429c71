"""The commands of feedback, retraining and release: given, followed, decided, pointed back."""

import csv
import re
from pathlib import Path
from typing import Any

import pytest

from cultivar.operations.classifiers.classifiers import grant_trainer
from cultivar.operations.content.item_names import names_of
from cultivar.operations.policies.expected_errors import expected_wrong
from cultivar.operations.retraining.retraining import begin_retraining, fail_retraining
from cultivar.operations.retraining.retrainings import why_not_yet
from cultivar.operations.tenant.people import grant_role
from cultivar.store.tables import PolicyRow, ReleaseItemRow
from tests.cli.conftest import Command
from tests.operations.mail import (
    CLASSIFIER,
    add_mail,
    give,
    judged,
    label,
    listed,
    retrain,
)
from tests.operations.organisation import ADMINISTRATOR, CONTRACT, Organisation, documents


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


def test_copies_go_with_verdicts_alone_and_are_told(used: Organisation, cultivar: Command) -> None:
    item = listed(used)[0].item_id
    assert cultivar("feedback", CLASSIFIER, "--copies").code == 2
    said = cultivar("feedback", CLASSIFIER, "--match", item, "--copies").out
    assert "No exact copy took a verdict over." in " ".join(said.split())


def test_a_file_that_holds_no_verdicts_is_refused_with_the_reason(
    used: Organisation, cultivar: Command, tmp_path: Path
) -> None:
    wrong = (
        (b"\xff\xfe\x00", "bad-verdicts", "UTF-8"),
        (b"", "bad-verdicts", "empty"),
        (b"item_id,verdict\n", "bad-verdicts", "no verdict"),
        (b"item,verdict\n1,match\n", "unknown-column", "item_id, path"),
        (b"verdict,item_id\nmatch\n", "no-item", "Line 2"),
        (b"verdict,item_id\nmatch,ffffffffffff\n", "not-listed", "Line 2 names no item"),
        (b"relevant,path\n?,inbox/20000.txt\n", "unknown-verdict", "yes, y, true"),
        (b"relevant,path\nyes,20000.txt\nno,20000.txt\n", "conflicting-verdicts", "2 and 3"),
    )
    file = tmp_path / "verdicts.csv"
    for content, code, said in wrong:
        file.write_bytes(content)
        answer = cultivar("feedback", CLASSIFIER, "--verdicts", str(file), "--json")
        assert (answer.code, answer.error) == (1, code)
        assert said in answer.json["error"]["message"]
    assert answered(cultivar, "feedback", CLASSIFIER)["feedback"]["verdicts"] == []


@pytest.mark.requirement("RT-20", "RT-21")
def test_what_the_lists_print_is_accepted_and_what_stands_is_told_by_path(
    used: Organisation, cultivar: Command, tmp_path: Path
) -> None:
    items = answered(cultivar, "feedback", CLASSIFIER, "--list")["items"]
    shown = cultivar("feedback", CLASSIFIER, "--list").out
    assert f"{items[0]['item_id'][:12]}" in shown
    assert "mail/inbox/" in shown
    one, two, three = items[:3]
    given = cultivar(
        "feedback", CLASSIFIER, "--match", one["path"], "--match",
        two["path"].removeprefix("mail/"), "--not-a-match", three["name"],
    )  # fmt: skip
    assert "3 verdicts kept: 3 count towards the next retraining." in given.out, given.err
    standing = cultivar("feedback", CLASSIFIER).out
    assert f"match  {one['path']}  by alex" in standing
    assert one["item_id"] not in standing
    back = cultivar("feedback", CLASSIFIER, "--withdraw", one["path"])
    assert "1 verdict taken back." in back.out
    # two mails of one name: the name alone is refused with both, each path is taken
    add_mail(used, documents(CONTRACT, 3, "inbox", 20_000), name="second")
    label(used.workspace)
    refused = cultivar("feedback", CLASSIFIER, "--match", "20000.txt", "--json")
    assert refused.error == "ambiguous-item"
    for path in ("mail/inbox/20000.txt", "second/inbox/20000.txt"):
        assert path in refused.json["error"]["message"]
        assert answered(cultivar, "feedback", CLASSIFIER, "--match", path)["sent"]["items"] == 1
    assert cultivar("feedback", CLASSIFIER, "--match", "other.txt", "--json").error == "not-listed"


@pytest.mark.requirement("RT-19", "RT-23")
def test_the_list_for_feedback_is_filled_in_and_sent_back(
    used: Organisation, cultivar: Command, tmp_path: Path
) -> None:
    file = tmp_path / "list.csv"
    assert cultivar("feedback", CLASSIFIER, "--csv", str(file)).code == 0
    with file.open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    assert {row["relevant"] for row in rows} == {""}
    for row in rows[:12]:
        row["relevant"] = "no" if "/mixed/" in row["path"] else "yes"
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    sent = answered(cultivar, "feedback", CLASSIFIER, "--verdicts", str(file), "--skip-empty")
    assert (sent["sent"]["items"], sent["sent"]["counting"]) == (12, 12)
    listed = answered(cultivar, "feedback", CLASSIFIER, "--list")["items"]
    assert sum(each["relevant"] is not None for each in listed) == 12
    said = {each["item_id"]: each["relevant"] for each in listed}
    assert all(said[row["item_id"]] == row["relevant"] for row in rows[:12])


@pytest.mark.requirement("RT-03")
def test_who_may_not_see_items_gives_feedback_by_whole_ids(
    used: Organisation, cultivar: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = listed(used)[0]
    grant_role(used.workspace, "alex", "kim", "compliance administrator")
    grant_trainer(used.workspace, "alex", CLASSIFIER, "kim")
    monkeypatch.setenv("CULTIVAR_USER", "kim")
    text = f"item_id,relevant\n{item.item_id},yes\n"
    sent = cultivar("feedback", CLASSIFIER, "--verdicts", "-", "--json", typed=text)
    assert sent.json["sent"]["items"] == 1, sent.out
    assert item.item_id in cultivar("feedback", CLASSIFIER).out
    for name in (item.item_id[:12], item.named.shown):
        assert cultivar("feedback", CLASSIFIER, "--match", name, "--json").error == "wrong-role"
    assert cultivar("feedback", CLASSIFIER, "--withdraw", item.item_id[:12]).code == 0


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
        short = cultivar(*asked, "--reason", "short").json["error"]
        assert short["code"] == "not-recommended"
        assert short["message"].startswith("The reason has 5 characters; at least 10 are needed")
    reasoned = (*asked, "--reason", "Agreed with the records board")
    assert cultivar(*reasoned).error == "not-confirmed"
    shown = cultivar("retrain", "overview", CLASSIFIER).out
    assert ("Give at least 30 more" in shown) is (against and not found["may_compare"])
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
    # the version that is live again keeps its figures, whether or not somebody looked
    stated = expected_wrong(used.workspace, back["version_id"], 100)
    assert (stated.labels, stated.grade) == (100, "inferred")
    idle = answered(cultivar, "train", CLASSIFIER)
    assert (idle["trained"], idle["next"]) == (
        False,
        answered(cultivar, "status", CLASSIFIER)["next"],
    )
    said = cultivar("train", CLASSIFIER).out
    assert "Nothing was trained" in said
    number = next(
        each["number"]
        for each in idle["classifier"]["versions"]
        if each["id"] == back["version_id"]
    )
    assert f"Version {number} ({back['version_id']}) is live." in " ".join(said.split())
    assert cultivar("retrain", "more", CLASSIFIER, "--json").error == "already-decided"


def _path(organisation: Organisation, item_id: str) -> str:
    return names_of(organisation.workspace, "alex", CLASSIFIER, [item_id])[item_id]


def test_a_release_report_is_shown_and_its_sample_drawn(
    used: Organisation, cultivar: Command
) -> None:
    report = answered(cultivar, "release", "report", CLASSIFIER)["release_report"]
    assert report["grade"] == "inferred"
    sizes = answered(cultivar, "release", "sample", CLASSIFIER)["reviews"]
    assert list(sizes) == ["match", "just below", "further below", "rest"]
    assert sum(sizes.values()) == 150
    items = answered(cultivar, "release", "review", CLASSIFIER, "--list")["items"]
    assert len(items) == sum(sizes.values())
    assert {each["path"].split("/")[0] for each in items} == {"intranet"}
    assert (
        f"{len(items)} items in the sample"
        in cultivar("release", "review", CLASSIFIER, "--list").out
    )
    [drift] = answered(cultivar, "drift", CLASSIFIER)["reports"]
    # the mailbox, nearly all contracts, is none of the places that the release looked at
    assert drift["verdict"] == "changed"
    assert "mail was not in the sample of the release." in cultivar("drift", CLASSIFIER).out
    for command in (("release", "report"), ("retrain", "status"), ("drift",), ("feedback",)):
        shown = cultivar(*command, CLASSIFIER)
        assert shown.code == 0, shown.out


def test_a_release_sample_is_reviewed_by_keys_in_any_number_of_sittings(
    used: Organisation, cultivar: Command, tmp_path: Path
) -> None:
    assert cultivar("release", "review", CLASSIFIER, "--json").error == "no-release-sample"
    sizes = answered(cultivar, "release", "sample", CLASSIFIER)["reviews"]
    first = answered(cultivar, "release", "review", CLASSIFIER, "--list")["items"]
    # the second item is judged, taken back, and judged again
    shown = cultivar("release", "review", CLASSIFIER, typed="y\nn\nu\ny\nm\nq\n")
    assert shown.code == 0, shown.err
    assert "Do you agree?" in shown.out
    assert first[0]["item_id"][:12] in shown.out
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


@pytest.mark.requirement("RT-21")
def test_the_release_sample_is_written_with_paths_filled_in_and_taken_back(
    used: Organisation, cultivar: Command, tmp_path: Path
) -> None:
    sizes = answered(cultivar, "release", "sample", CLASSIFIER)["reviews"]
    file = tmp_path / "sample.csv"
    review = ("release", "review", CLASSIFIER)
    written = cultivar(*review, "--csv", str(file))
    assert f"Next: cultivar release review {CLASSIFIER} --verdicts {file}" in written.out
    with file.open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    assert len(rows) == sum(sizes.values())
    wrong: tuple[tuple[str, str], ...] = (
        ("item_id,verdict\n1,yes\n", "ambiguous-column"),
        (f"item_id,relevant\n{rows[0]['item_id']},yes\n{'f' * 32},no\n", "not-sampled"),
        ("path,relevant\nnowhere.txt,no\n", "not-sampled"),
    )
    for typed, code in wrong:
        assert cultivar(*review, "--verdicts", "-", "--json", typed=typed).error == code
    for row in rows:
        row["relevant"] = "yes" if row["path"].startswith("intranet/legal/") else "no"
    rows[0]["relevant"] = "not sure"
    with file.open("w", encoding="utf-8-sig", newline="") as text:
        writer = csv.DictWriter(text, rows[0], delimiter=";", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
    taken = cultivar(*review, "--verdicts", str(file))
    yes = sum(row["relevant"] == "yes" for row in rows)
    assert (
        f"{len(rows)} verdicts taken (relevant: {yes} yes, {len(rows) - yes - 1} no, 1 not sure)"
        in taken.out
    ), taken.err
    kept = _sampled(used)
    said = {row["item_id"]: (row["prediction"] == "Relevant") == (row["relevant"] == "yes")
            for row in rows[1:]}  # fmt: skip
    assert all(kept[item] == ("yes" if right else "no") for item, right in said.items())
    again = answered(cultivar, *review, "--verdicts", str(file))
    assert (again["given"], again["verdicts"]["standing_already"]) == (0, len(rows))
    # by path as well, and whether the prediction is right
    one = f"path,prediction_right\n{rows[1]['path']},not sure\n"
    assert cultivar(*review, "--verdicts", "-", "--json", typed=one).json["given"] == 1
    assert _sampled(used)[rows[1]["item_id"]] == "not sure"


def _sampled(organisation: Organisation) -> dict[str, str | None]:
    with organisation.workspace.registry.reading() as session:
        return {row.item_id: row.verdict for row in session.query(ReleaseItemRow)}


@pytest.mark.requirement("RT-27")
def test_a_classifier_is_listed_under_re_training_until_somebody_decided(
    used: Organisation, cultivar: Command
) -> None:
    assert "Re-training" not in cultivar("status").out
    judged = listed(used)[:30]
    give(used, judged)
    begin_retraining(used.workspace, "alex", CLASSIFIER)
    running = cultivar("status").out.partition("Re-training")
    assert "Contracts (contracts)" in running[2]
    assert "Contracts (contracts)" not in running[0]
    assert "waits" not in running[2]
    retrain(used)
    assert "Contracts (contracts)" in cultivar("status").out.partition("Re-training")[2]
    one = cultivar("status", CLASSIFIER).out
    assert "Re-training" in one
    assert "it has finished and waits for a person's decision" in " ".join(one.split())
    assert "Next: cultivar retrain overview contracts" in one
    assert "retraining has finished and waits for a decision" in " ".join(
        cultivar("status").out.split()
    )
    assert "waits for a person's decision" in " ".join(
        cultivar("retrain", "status", CLASSIFIER).out.split()
    )
    give(used, listed(used)[30:60])
    retrain(used)
    assert "none; No. 2 followed" in " ".join(cultivar("retrain", "status", CLASSIFIER).out.split())
    cultivar("retrain", "more", CLASSIFIER)
    decided = cultivar("status").out
    assert "Re-training" not in decided
    assert "Contracts (contracts)" in decided.partition("Ready to use")[2]
    back = cultivar("feedback", CLASSIFIER, "--withdraw", judged[0].item_id)
    assert (
        "Retraining 2 learned from 1 of them: the version that it made stays as it is, and the "
        "next retraining leaves it out."
    ) in " ".join(back.out.split())


def test_the_status_says_why_a_retraining_failed_and_a_defect_may_be_tried_again(
    used: Organisation, cultivar: Command
) -> None:
    give(used, listed(used)[:30])
    failures = (
        ("ValueError", True, "No. 1 failed by a defect of Cultivar (ValueError)"),
        ("Offline", False, "No. 2 failed: Offline"),
    )
    for reason, defect, said in failures:
        begun = begin_retraining(used.workspace, ADMINISTRATOR, CLASSIFIER)
        fail_retraining(used.workspace, ADMINISTRATOR, begun, reason, defect=defect)
        assert said in " ".join(cultivar("retrain", "status", CLASSIFIER).out.split())
    told = cultivar("retrain", "status", CLASSIFIER)
    assert "none starts by itself before" in " ".join(told.out.split())
    assert f"Next: cultivar retrain start {CLASSIFIER}" in told.out
    assert why_not_yet(used.workspace, CLASSIFIER)
    assert why_not_yet(used.workspace, CLASSIFIER, asked=True) is None
