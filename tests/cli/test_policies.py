"""The commands of policies: written, tried, applied, shown, undone; and labels by hand."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cultivar.core.errors import InvalidInput
from cultivar.operations.policies.acceptance import require_waiting
from cultivar.store.tables import DriveRow
from cultivar.store.workspace import Workspace
from tests.cli.conftest import Command
from tests.operations.organisation import Organisation
from tests.operations.policing import apply, make, matches, publish_and_label, retrained
from tests.operations.services import Service, serving
from tests.orchestration import Orchestrator

CREATE = (
    "policy", "create", "Keep contracts", "--kind", "retention", "--classifier", "contracts",
    "--label", "Contract", "--retain-days", "3650", "--then", "review before deletion",
)  # fmt: skip


@pytest.fixture
def labelled(reviewable: Workspace) -> Workspace:
    made = Organisation(reviewable)
    made.agree()
    publish_and_label(made)
    return reviewable


def test_only_a_token_that_waits_can_be_accepted() -> None:
    waits = {"0c9f1a2b3d4e": "sites"}
    require_waiting(("0c9f1a2b3d4e",), waits)
    for wrong in ("nonsense", "77aa00bb11cc"):
        with pytest.raises(InvalidInput) as refused:
            require_waiting(("0c9f1a2b3d4e", wrong), waits)
        assert refused.value.code == "unknown-token"
        assert f"the token {wrong} waits" in refused.value.sentence
        assert "What waits: 0c9f1a2b3d4e (sites)." in refused.value.sentence
    with pytest.raises(InvalidInput, match="What waits: nothing"):
        require_waiting(("nonsense",), {})


def matched(workspace: Workspace) -> list[str]:
    return sorted(path for path, found in matches(workspace).items() if found == "match")


def answered(cultivar: Command, *arguments: str) -> Any:
    answer = cultivar("policy", *arguments, "--json")
    assert answer.code == 0, answer.out
    return answer.json


def test_a_policy_is_written_changed_listed_and_switched(
    labelled: Workspace, cultivar: Command
) -> None:
    made = cultivar(*CREATE, "--json")
    assert made.code == 0, made.out
    assert made.json["policy"]["policy_id"] == "keep-contracts"
    assert made.json["next"] == "cultivar policy dry-run keep-contracts"
    assert cultivar(*CREATE, "--json").error == "name-taken"
    changed = answered(
        cultivar, "update", "keep-contracts", "--classifier", "contracts", "--at-least", "0.9",
        "--folder", "legal", "--writer", "attributes",
    )  # fmt: skip
    assert [each["version"] for each in changed["policy"]["versions"]] == [2, 1]
    assert changed["policy"]["writers"] == ["attributes"]
    shown = cultivar("policy", "show", "keep contracts").out
    assert "contracts is at least 90 % sure and the folder is legal or below it" in shown
    surest = ("policy", "update", "keep-contracts", "--classifier", "contracts", "--at-least")
    for wrong in ("193%", "besure"):
        assert "--at-least: the minimum confidence" in cultivar(*surest, wrong).err
    told = cultivar(*surest, "be-sure").out
    assert "contracts is a match at the point be-sure" in told
    assert "Found of the relevant" in told
    points = answered(cultivar, *surest[1:], "85%")["minimum_confidence"]
    assert [each["point"] for each in points[0]["points"]] == ["find-most", "balanced", "be-sure"]
    answered(cultivar, "disable", "keep-contracts")
    assert "disabled" in cultivar("policy", "list").out
    (listed,) = answered(cultivar, "list")["policies"]
    assert not listed["enabled"]
    assert cultivar("policy", "archive", "keep-contracts", "--yes").code == 0
    none_left = "No policy is in use; 1 policy is archived: `cultivar policy list --archived`."
    assert none_left in cultivar("policy", "list").out.replace("\n", " ")
    assert cultivar("policy", "restore", "keep-contracts").code == 0
    both = ("--condition", '{"classifier": "contracts"}', "--folder", "legal")
    assert cultivar("policy", "update", "keep-contracts", *both).code == 2
    for without in ((), ("--folder", "legal"), both[:2]):
        alone = cultivar("policy", "update", "keep-contracts", "--at-least", "0.5", *without)
        assert alone.code == 2
        assert "--classifier" in alone.err or "--condition" in alone.err
    changed = answered(cultivar, "update", "keep-contracts", "--writer", "none")
    assert changed["policy"]["writers"] == []


def test_matches_lead_to_a_policy_then_to_labels_then_to_the_explorer(
    labelled: Workspace, cultivar: Command, tmp_path: Path
) -> None:
    def following() -> set[str]:
        return {
            cultivar("status", *name).out.partition("Next: ")[2] for name in ((), ("contracts",))
        }

    written = (
        'cultivar policy create "NAME" --kind sensitivity --label LABEL --classifier contracts'
    )
    assert following() == {f"{written}\n"}
    cultivar(*CREATE)
    assert following() == {"cultivar policy apply\n"}
    apply(labelled)
    assert following() == {"cultivar explore counts --classifier contracts\n"}
    # a crawl leads on to the label command too, and not back to a first classifier
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "letter.txt").write_text("The lessee pays the rent in advance.")
    cultivar("location", "add", "desk", str(tmp_path / "desk"))
    assert cultivar("crawl", "desk").out.endswith("Next: cultivar label\n")


def test_a_location_that_is_not_there_is_refused_in_a_condition(
    labelled: Workspace, cultivar: Command
) -> None:
    cultivar("role", "grant", "alex", "record management")
    wrong = cultivar(*CREATE, "--location", "intranett")
    assert (wrong.code, wrong.err.partition(":")[0]) == (1, "unknown-location")
    assert "--location: there is no location 'intranett'. There are: " in wrong.err
    assert cultivar(*CREATE, "--location", "intranet").code == 0
    condition = '{"and": [{"classifier": "contracts"}, {"location": ["nowhere"]}]}'
    wrong = cultivar("policy", "update", "keep-contracts", "--condition", condition)
    assert "At $.condition.and[1]: there is no location 'nowhere'." in wrong.err
    asked = ("--classifier", "contract", "--location", "intranet")
    wrong = cultivar("policy", "update", "keep-contracts", *asked)
    assert "--classifier: there is no classifier 'contract'." in wrong.err


def test_a_condition_can_be_json_and_must_be(labelled: Workspace, cultivar: Command) -> None:
    start = (*CREATE[:5], *CREATE[7:])
    made = cultivar(
        *start, "--json", "--condition",
        '{"and": [{"classifier": "contracts", "at_least": "close match"},'
        ' {"not": {"size": {"at_most": 10}}}]}',
    )  # fmt: skip
    assert made.code == 0, made.out
    assert "not (the size is at most 10 bytes)" in made.json["policy"]["sentence"]
    assert cultivar(*start, "--condition", "{", "--json").error == "bad-json"
    assert cultivar(*start, "--condition", "@nowhere", "--json").error == "bad-json"


def test_a_dry_run_shows_counts_sample_newest_and_expected_errors(
    labelled: Workspace, cultivar: Command
) -> None:
    cultivar(*CREATE)
    found = answered(cultivar, "dry-run", "keep-contracts")
    assert found["would_label"] == len(matched(labelled))
    assert found["expected_wrong"][0]["grade"] in {"not evaluated", "inferred"}
    assert found["sample"][0]["words"]
    shown = cultivar("policy", "dry-run", "keep-contracts").out
    assert "items would be labelled" in shown
    assert "Expected wrong labels" in shown
    assert "A random sample" in shown
    assert shown.count("Words that decided") == 1, "what was created last is listed without words"


def test_a_release_report_counts_what_is_classified_and_estimates_the_rest(
    labelled: Workspace, cultivar: Command
) -> None:
    found = cultivar("release", "report", "contracts", "--json").json["release_report"]
    assert found["counted"] == {"labelled": len(matched(labelled)), "documents": 250}
    shown = cultivar("release", "report", "contracts").out
    assert "the version has classified all 250 items" in shown
    assert re.search(rf"labelled[^\n]*\b{len(matched(labelled))}\b[^\n]*counted", shown)


def test_an_item_is_labelled_by_hand(labelled: Workspace, cultivar: Command) -> None:
    item = matched(labelled)[0]
    assert cultivar("policy", "label", item, "--kind", "retention", "--json").error == "usage"
    given = answered(cultivar, "label", item, "--kind", "retention", "--set", "By hand")
    assert given["label"] == "By hand"
    said = cultivar("policy", "label", item, "--kind", "retention", "--release").out
    assert "is left to the policies" in said


@pytest.mark.slow
def test_policies_are_applied_shown_accepted_and_undone_by_commands(
    labelled: Workspace, cultivar: Command, orchestrator: Orchestrator
) -> None:
    cultivar(*CREATE)
    count = len(matched(labelled))
    (shown,) = answered(cultivar, "apply", "--preview", "--list", "5")["locations"]
    assert (shown["application"], shown["counts"]["added"]) == (None, count)
    assert {row["change"] for row in shown["changes"]} == {"added"}
    (applied,) = answered(cultivar, "apply", "--yes")["locations"]
    assert (applied["application"], applied["counts"]["labels"]) == (1, count)
    assert answered(cultivar, "apply", "--yes")["locations"] == []
    answered(cultivar, "update", "keep-contracts", "--label", "Other", *CREATE[9:])
    answer = answered(cultivar, "apply", "--yes")
    (waits,) = answer["locations"]
    assert waits["waits"]
    assert answer["next"] == f"cultivar policy apply --accept {waits['token']}"
    (applied,) = answered(cultivar, "apply", "--accept", waits["token"])["locations"]
    assert (applied["application"], applied["counts"]["changed"]) == (2, count)
    undone = answered(cultivar, "undo", "keep-contracts", "--reason", "Too broad", "--yes")
    assert undone["taken_back"] == {"intranet": count}
    assert answered(cultivar, "undo", "keep-contracts", "--yes")["taken_back"] == {}


@pytest.mark.slow
def test_what_a_republished_version_only_adds_is_applied_with_yes(
    labelled: Workspace, cultivar: Command, orchestrator: Orchestrator
) -> None:
    certain = {"classifier": "contracts", "at_least": 1.0}
    make(labelled, condition=certain)
    answered(cultivar, "apply", "--yes")
    retrained(labelled)
    make(labelled, kind="sensitivity label", name="Secret")
    (seen,) = answered(cultivar, "apply", "--preview")["locations"]
    assert seen["waits"]
    assert seen["counts"]["added"] > 0
    assert "classifiers would take back 0 labels, change 0 and add" in seen["why"]
    (applied,) = answered(cultivar, "apply", "--yes")["locations"]
    assert (applied["waits"], applied["why"], applied["application"]) == (False, None, 2)
    answered(cultivar, "disable", "secret")
    said = cultivar("policy", "apply", "--yes")
    assert said.code == 0
    shown = " ".join(said.out.split())
    assert "At intranet, other versions of policies or classifiers would take back" in shown
    assert "`cultivar policy apply --accept" in shown


def test_a_drive_is_named_for_a_crawled_location(labelled: Workspace, cultivar: Command) -> None:
    assert cultivar("policy", "drive", "nowhere", "b!k3x", "--json").error == "unknown-location"
    for drive in ("b!k3x", "b!other"):
        named = answered(cultivar, "drive", "intranet", drive)
        assert named == {"location": "intranet", "drive": drive}
        with labelled.registry.reading() as session:
            assert session.get_one(DriveRow, "intranet").drive_id == drive


@pytest.mark.slow
def test_labels_are_written_where_a_policy_asks_for_it_and_taken_back_by_undo(
    labelled: Workspace,
    cultivar: Command,
    orchestrator: Orchestrator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    count, service = len(matched(labelled)), Service()
    with serving(service) as address:
        monkeypatch.setenv("CULTIVAR_WEBHOOK_URL", address)
        monkeypatch.setenv("CULTIVAR_WEBHOOK_SECRET", "shared")
        cultivar(*CREATE, "--writer", "webhook")
        answered(cultivar, "apply", "--yes")
        assert answered(cultivar, "write")["writes"]["done"] == count
        assert answered(cultivar, "write")["writes"]["done"] == 0
        answered(cultivar, "undo", "keep-contracts", "--yes")
        assert f"{count:,} done" in cultivar("policy", "write").out
    told = [json.loads(body)["event"] for *_, body in service.calls]
    assert told == ["label set"] * count + ["label removed"] * count
