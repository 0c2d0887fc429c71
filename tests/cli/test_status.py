"""What the command line shows of the tenant, a classifier, its gates and its people."""

import re
import shlex
import socket
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pytest
from click.shell_completion import ShellComplete

from cli.base.program import program
from cultivar.core.roles import Role
from cultivar.core.schemas import TEST_SET
from cultivar.operations.outbox import RETRAINING_DUE
from cultivar.operations.retraining.retraining import begin_retraining, fail_retraining
from cultivar.operations.runs import claim
from cultivar.settings import read_settings
from cultivar.store.tables import ClassifierRow, OutboxRow, RunRow, VersionRow
from cultivar.store.workspace import Workspace
from tests.cli.conftest import Command
from tests.operations.mail import CLASSIFIER, give, listed
from tests.operations.organisation import Organisation


def test_an_empty_home_says_how_to_begin(cultivar: Command) -> None:
    answer = cultivar("status")
    assert answer.code == 0
    assert "Nothing is set up" in answer.out
    assert "cultivar opt-in" in answer.out


@pytest.mark.requirement("TC-32", "TC-38", "TC-49")
def test_classifiers_are_grouped_by_status(cultivar: Command, reviewable: Workspace) -> None:
    Organisation(reviewable).create("Leases")
    answer = cultivar("status")
    heading, _, listed = answer.out.partition("Trainable classifiers")
    assert "opted in" in heading
    before, _, review = listed.partition("Ready to review")
    assert "In progress" in before
    assert "Leases (leases), by alex" in before
    assert "Contracts (contracts), by alex" in review


@pytest.mark.requirement("TC-40", "TC-55")
def test_a_classifier_is_shown_with_steps_gates_and_why_publish_is_shut(
    cultivar: Command, reviewable: Workspace
) -> None:
    answer = cultivar("status", "contracts")
    for wanted in (
        "Status: Ready to review",
        "Add test items",
        "240",
        "Publish is not open",
        "0 predictions are decided",
        "Next: cultivar review contracts",
    ):
        assert wanted in answer.out
    assert re.search(r"│ Publish +│ +│ Not available", answer.out), "no items are published"


def test_where_a_review_cannot_open_publish_more_test_items_come_next(
    cultivar: Command, reviewable: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CULTIVAR_REVIEWS_AT_LEAST", "241")
    answer = cultivar("status", "contracts")
    asks = "add at least 1 more with `cultivar add-test contracts FOLDER`"
    assert asks in " ".join(answer.out.split())
    assert "Next: cultivar add-test contracts FOLDER" in answer.out
    assert "more reviews are needed" not in answer.out
    sitting = cultivar("review", "contracts", typed="q\n")
    assert asks in sitting.err
    assert "Next: cultivar add-test contracts FOLDER" in sitting.out
    assert asks in cultivar("publish", "contracts", "--json").json["error"]["message"]


def test_accuracy_is_stated_with_its_interval(cultivar: Command, reviewable: Workspace) -> None:
    organisation = Organisation(reviewable)
    organisation.review_batch("contracts", wrong=3, unsure=2)
    organisation.settle("contracts", ["accuracy-moving"])
    answer = cultivar("status", "contracts")
    assert "Accuracy in review: 89 %, at least 63 % (80 % is needed), of contracts-" in answer.out
    assert "95 % interval" not in answer.out
    answer = cultivar("status", "contracts", "--details")
    assert "89.3%; 95 % interval 72.8% to 96.3%" in answer.out
    assert "Gates: seed_set pass" in answer.out
    sitting = cultivar("review", "contracts", typed="q\n")
    assert "Accuracy 89 %, at least 63 % (80 % is needed) after 1 batch" in sitting.out
    assert "72.8%" not in sitting.out


def test_accuracy_is_stated_by_language_where_enough_was_reviewed(
    cultivar: Command, reviewable: Workspace
) -> None:
    organisation = Organisation(reviewable)
    organisation.review_batch("contracts", wrong=3)
    told = cultivar("status", "contracts", "--details", "--json").json["languages"]
    assert [(each["language"], each["decided"], each["agreed"]) for each in told] == [
        ("en", 30, 27)
    ]
    shown = cultivar("status", "contracts", "--details").out
    assert "en: 90 %, 95 % interval 74 % to 97 %, 30 decided reviews" in shown
    _speaks(reviewable, {organisation.presented("contracts", 1)[29]: "de"})
    told = cultivar("status", "contracts", "--json").json["languages"]
    assert [(each["language"], each["accuracy"]) for each in told] == [("en", None), ("de", None)]
    shown = cultivar("status", "contracts").out
    assert "de: too few, 1 decided review of at least 30" in shown


def _speaks(workspace: Workspace, languages: dict[str, str]) -> None:
    """Let some items of the test set of ``contracts`` be in other languages."""
    with workspace.registry.reading() as session:
        test_set = session.get_one(ClassifierRow, "contracts").test_set_sha256 or ""
    rows = workspace.artifacts.read(workspace.artifacts.reference(test_set)).to_pylist()
    for row in rows:
        row["language"] = languages.get(row["item_id"], row["language"])
    table = pa.Table.from_pylist(rows, schema=TEST_SET.arrow)
    made = workspace.artifacts.write(TEST_SET.name, table, producer="test_scoring")
    with workspace.registry.transaction() as session:
        session.get_one(ClassifierRow, "contracts").test_set_sha256 = made.sha256


def test_details_are_json_for_scripts(cultivar: Command, reviewable: Workspace) -> None:
    details = cultivar("status", "contracts", "--json").json["classifier"]
    assert details["status"] == "Ready to review"
    assert [step["step"] for step in details["steps"]] == [
        "add test items",
        "review items",
        "publish",
    ]


def test_a_misspelt_classifier_is_refused_with_the_right_one(
    cultivar: Command, reviewable: Workspace
) -> None:
    answer = cultivar("status", "contrats")
    assert answer.code == 1
    assert answer.err.startswith("unknown-classifier: ")
    assert "Contracts" in answer.err


@pytest.mark.requirement("TC-31")
def test_a_person_without_a_readers_role_sees_nothing(
    cultivar: Command, reviewable: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CULTIVAR_USER", "sam")
    assert cultivar("status", "--json").error == "wrong-role"
    monkeypatch.setenv("CULTIVAR_USER", "alex")
    cultivar("role", "grant", "sam", "security administrator")
    monkeypatch.setenv("CULTIVAR_USER", "sam")
    assert cultivar("status", "--json").code == 0


@pytest.mark.requirement("TC-55")
def test_publish_before_200_reviews_is_refused_before_anything_is_started(
    cultivar: Command, reviewable: Workspace
) -> None:
    answer = cultivar("publish", "contracts", "--json")
    assert (answer.code, answer.error) == (1, "too-few-reviews")
    assert "0 predictions are decided" in answer.json["error"]["message"]


def test_gates_are_shown_check_by_check(cultivar: Command, reviewable: Workspace) -> None:
    gates = cultivar("gate", "show", "contracts", "--json").json["gates"]
    assert {each["gate"] for each in gates} == {"seed_set", "test_set", "predictions"}
    assert "predictions" in cultivar("gate", "show", "contracts").out


def test_an_override_needs_a_finding_and_a_reason(cultivar: Command, reviewable: Workspace) -> None:
    reason = "The records board agreed to it"
    passed = cultivar("gate", "override", "contracts", "test_set", "--reason", reason, "--json")
    assert passed.error == "nothing-to-override"
    organisation = Organisation(reviewable)
    organisation.review_batch("contracts")
    organisation.settle("contracts", ["accuracy-moving"])
    short = cultivar("gate", "override", "contracts", "accuracy", "--reason", "so", "--json")
    assert short.error == "no-reason"
    asked = ("gate", "override", "contracts", "accuracy", "--reason", reason)
    refused = cultivar(*asked, "--json")
    assert refused.error == "not-confirmed"
    assert "accuracy-moving" in refused.json["error"]["message"]
    elsewhere = cultivar("gate", "override", "contracts", "acuracy", "--reason", reason, "--json")
    assert "Not open: accuracy." in elsewhere.json["error"]["message"]
    assert cultivar(*asked, "--yes").code == 0
    assert f"overridden by alex ({reason})" in cultivar("status", "contracts").out


def test_roles_are_granted_listed_and_revoked(cultivar: Command, reviewable: Workspace) -> None:
    cultivar("role", "grant", "sam", "security administrator")
    assert cultivar("role", "list", "sam", "--json").json["roles"] == ["security administrator"]
    assert cultivar("role", "revoke", "sam", "security administrator", "--json").json["roles"] == []
    for asked in (("sam", "king"), ("sam",)):
        refused = cultivar("role", "grant", *asked, "--json")
        assert refused.error == "usage"
        assert all(role in refused.json["error"]["message"] for role in Role)
    told = cultivar("role", "grant", "--help").out
    assert all(f'"{role}": ' in told for role in Role)
    assert complete("role", "grant", "sam", "rec") == ["record management"]


@pytest.mark.requirement("TC-31")
def test_a_missing_role_is_refused_with_the_command_that_grants_it(
    cultivar: Command, reviewable: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = (
        "policy", "create", "Keep", "--kind", "retention", "--classifier", "contracts", "--label",
        "Contract", "--retain-days", "3650", "--then", "delete", "--json",
    )  # fmt: skip
    own = cultivar(*asked)
    assert own.error == "wrong-role"
    command = 'cultivar role grant alex "record management"'
    assert f"`{command}` grants it." in own.json["error"]["message"]
    monkeypatch.setenv("CULTIVAR_USER", "pat o'hara")
    other = cultivar("publish", "contracts", "--json").json["error"]["message"]
    assert "A global administrator (alex) grants it: `cultivar role grant 'pat o'" in other
    monkeypatch.setenv("CULTIVAR_USER", "alex")
    assert cultivar(*shlex.split(command)[1:]).code == 0
    assert cultivar(*asked).error == "unpublished-classifier"


@pytest.mark.requirement("TC-12")
def test_somebody_elses_classifier_is_refused_with_the_command_that_shares_it(
    cultivar: Command, reviewable: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    cultivar("role", "grant", "sam", "compliance administrator")
    monkeypatch.setenv("CULTIVAR_USER", "sam")
    refused = cultivar("review", "contracts", "--list", "--json")
    assert refused.error == "not-owner"
    assert "alex grants it: `cultivar grant contracts sam`." in refused.json["error"]["message"]
    refused = cultivar("grant", "contracts", "kim", "--json")
    assert "alex grants it: `cultivar grant contracts kim`." in refused.json["error"]["message"]


def test_setting_up_offers_the_roles_that_the_first_person_lacks(
    cultivar: Command, tmp_path: Path
) -> None:
    (tmp_path / "letter.txt").write_text("A letter about the harvest.", encoding="utf-8")
    told = cultivar("location", "add", "letters", str(tmp_path)).err
    command = f'cultivar role grant {read_settings().user} "record management"'
    assert f"To write retention policies: `{command}`." in told


@pytest.mark.requirement("RT-27")
def test_a_retraining_that_is_due_shows_with_the_command_that_starts_it(
    cultivar: Command, reviewable: Workspace
) -> None:
    assert "retraining due" not in cultivar("status").out
    with reviewable.registry.transaction() as session:
        session.add(
            OutboxRow(
                kind=RETRAINING_DUE, subject="contracts", payload={},
                created_at=reviewable.clock(),
            )
        )  # fmt: skip
    assert "Contracts (contracts), by alex, retraining due" in cultivar("status").out
    one = cultivar("status", "contracts").out
    assert "A retraining is due: `cultivar retrain start contracts` starts it" in one
    assert "Next: cultivar retrain start contracts" in one


def test_a_retraining_that_the_cap_holds_back_is_not_offered(
    used: Organisation, cultivar: Command
) -> None:
    early = cultivar("retrain", "start", CLASSIFIER, "--json").json["error"]
    assert early["code"] == "too-little-feedback"
    assert "`cultivar feedback contracts` goes on judging." in early["message"]
    assert "Next: cultivar feedback contracts" in cultivar("retrain", "status", CLASSIFIER).out
    give(used, listed(used)[:30])
    for _ in range(2):
        begun = begin_retraining(used.workspace, "alex", CLASSIFIER)
        fail_retraining(used.workspace, "alex", begun, "a test")
    one = " ".join(cultivar("status", CLASSIFIER).out.split())
    assert "A retraining is due: 2 retrainings started within 24 hours." in one
    assert "`cultivar retrain start" not in one
    assert "Next: cultivar retrain start" not in one
    held = cultivar("retrain", "start", CLASSIFIER, "--json").json["error"]
    assert held["code"] == "retraining-cap"
    assert "`cultivar retrain start contracts` starts it then." in held["message"]


def test_a_run_whose_process_died_or_was_interrupted_is_not_called_running(
    cultivar: Command, reviewable: Workspace
) -> None:
    with reviewable.registry.transaction() as session:
        at = reviewable.clock()
        session.add(
            RunRow(
                id="1", stage="seed_ingest", subject="contracts",
                holder=f"{socket.gethostname()}/1999999:1:x", started_at=at, alive_at=at,
            )
        )  # fmt: skip
    died = " ".join(cultivar("status", "contracts").out.split())
    assert "Seed ingest began at " in died
    assert "and broke off: its process ended without a word." in died
    assert "runs since" not in died
    with suppress(KeyboardInterrupt), claim(reviewable, "training", "contracts"):
        assert "Training runs since" in cultivar("status", "contracts").out
        raise KeyboardInterrupt
    said = " ".join(cultivar("status", "contracts").out.split())
    assert "Training began at " in said
    assert "and broke off: it was interrupted by a person." in said


def complete(*words: str) -> list[str]:
    """Return what the shell offers for the last word."""
    offered = ShellComplete(program, {}, "cultivar", "_CULTIVAR_COMPLETE")
    return [each.value for each in offered.get_completions([*words[:-1]], words[-1])]


def test_seeds_that_stand_apart_are_warned_of(cultivar: Command, reviewable: Workspace) -> None:
    warning = "stronger examples than other documents"
    for apart in (False, True):
        with reviewable.registry.transaction() as session:
            [version] = session.query(VersionRow)
            training = version.evidence["training"] | {"seeds_apart": apart}
            version.evidence = version.evidence | {"training": training}
        assert (warning in cultivar("status", "contracts").out) is apart
