"""The page of a run where nothing was due, a part was left out, or the wrong thing was asked."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cultivar.core.errors import CultivarError, GateClosed, InvalidInput
from cultivar.core.roles import Role
from cultivar.operations.backups.restoring import verify_backup
from cultivar.operations.content.locations import add_location
from cultivar.operations.outbox import RETRAINING_DUE
from cultivar.operations.policies.policies import create_policy
from cultivar.operations.policies.policy_changes import applications
from cultivar.operations.tenant.people import grant_role
from cultivar.operations.transactions import transaction
from cultivar.store.workspace import Workspace
from flows.apply_policies import apply_policies
from flows.backup import NOWHERE, backup
from flows.crawl import crawl
from flows.labelling import labelling
from flows.sweep import sweep
from flows.undo_labels import undo_labels
from tests.flows.conftest import ACTOR, CLASSIFIER
from tests.flows.runs import artifacts_of, newest_of, newest_run, state_of, story_of
from tests.operations.mail import POLICY

Begin = Callable[[str], Workspace]


def test_where_no_classifier_is_published_the_labelling_says_so(begin: Begin) -> None:
    begin("opted in")
    labelling(["content"])
    story = story_of(newest_run())
    assert story.message == "Nothing was due: no classifier is published."
    assert "location:content" in story.run.tags
    apply_policies(["content"])
    applied = story_of(newest_of("apply-policies"))
    assert applied.message == "Nothing was due: no policy is enabled."


def test_a_backup_tells_where_it_went_or_that_no_place_is_named(
    begin: Begin, tmp_path: Path
) -> None:
    workspace = begin("opted in")
    assert backup() is None
    idle = story_of(newest_run())
    assert (idle.run.state_name, idle.message) == ("Skipped", NOWHERE)
    place = str(tmp_path / "backups")
    made = backup(place)
    story = story_of(newest_run())
    assert story.message.startswith(f"Backup {made}: ")
    assert story.tasks["back up registry and artifacts"] == "Completed"
    assert str(tmp_path) not in story.said
    assert verify_backup(workspace.settings, place).backup.id == made


def test_a_location_that_vanished_is_in_the_final_sentence(begin: Begin, tmp_path: Path) -> None:
    workspace = begin("opted in")
    folder = tmp_path / "drive"
    folder.mkdir()
    (folder / "a.txt").write_text("Minutes of the meeting about the new canteen.")
    add_location(workspace, ACTOR, "drive", str(folder))
    crawl("drive")
    shutil.rmtree(folder)
    with pytest.raises(CultivarError) as refused:
        crawl()
    assert (refused.value.code, refused.value.facts["failed"]) == (
        "not-all-crawled",
        {"drive": "location-not-found"},
    )
    story = story_of(newest_run())
    assert state_of(story.run).is_failed()
    assert story.message == refused.value.sentence
    assert story.message.startswith("1 of 2 locations is crawled. drive, location-not-found: The ")
    assert str(folder) not in story.said
    assert story.tasks["read drive"] == "Failed"
    bar = artifacts_of(story.run)["progress-crawl-drive"]
    assert str(bar.description).endswith("**It failed here**; the log says why.")


def test_a_gate_names_the_location_that_it_is_asked_about(begin: Begin, tmp_path: Path) -> None:
    workspace = begin("opted in")
    (tmp_path / "drive").mkdir()
    add_location(workspace, ACTOR, "drive", str(tmp_path / "drive"))
    with pytest.raises(GateClosed):
        crawl("drive")
    story = story_of(newest_run())
    assert story.tasks["gate: items of drive"] == "Failed"
    assert story.message.startswith("gate items of drive failed: ")
    table = artifacts_of(story.run)["gate-items-drive"]
    assert table.description == "Gate items of drive: **fail**"


def test_a_crawl_shows_plain_counts(begin: Begin) -> None:
    begin("opted in")
    crawl("content")
    rows = str(artifacts_of(newest_run())["crawl-content"].data)
    assert "items: ok" in rows
    assert "_" not in rows
    assert "{'ok'" not in rows


@pytest.mark.slow
def test_labels_of_what_was_never_undone_stay(begin: Begin) -> None:
    workspace = begin("published")
    for role in Role:
        grant_role(workspace, ACTOR, ACTOR, role)
    condition = {"classifier": CLASSIFIER, "at_least": "match"}
    create_policy(workspace, ACTOR, POLICY | {"condition": condition})
    apply_policies()
    before = applications(workspace, ACTOR)
    for asked in ("policy:keep-contracts/1", "policy:keep-contracts/9", "nonsense"):
        with pytest.raises(InvalidInput) as refused:
            undo_labels(asked)
        story = story_of(newest_run())
        assert story.message == refused.value.sentence
        assert any(line.endswith("(code nothing-to-undo)") for line in story.errors)
    assert applications(workspace, ACTOR) == before
    labelling(["content"])
    story = story_of(newest_run())
    assert story.message == "Nothing was due: every published version has classified content."
    assert "location:content" in story.run.tags


@pytest.mark.slow
def test_a_sweep_counts_only_what_it_took_up(begin: Begin) -> None:
    workspace = begin("published")
    sweep()  # what publishing left to do
    with transaction(workspace, ACTOR, None) as tx:
        tx.mark_due(RETRAINING_DUE, CLASSIFIER)
    assert sweep() == 0
    story = story_of(newest_run())
    assert story.message == "0 entries taken up; 1 left for a later sweep."
    waits = f"retraining of {CLASSIFIER} waits: 0 of 30 items are judged"
    assert any(line.startswith(waits) for _, line in story.lines)
