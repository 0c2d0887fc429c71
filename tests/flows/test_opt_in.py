"""Opting in: the tenant's content crawled and counted, by a person who may."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cultivar.core.errors import CultivarError, GateClosed, NotPermitted, NotReady
from cultivar.operations.content.locations import add_location, location_named
from cultivar.operations.content.removal import remove_location
from cultivar.operations.tenant.people import grant_role
from cultivar.operations.tenant.tenant import bootstrap, tenant_state
from cultivar.store.workspace import Workspace
from flows.crawl import crawl
from flows.opt_in import opt_in
from tests.flows.conftest import ACTOR
from tests.flows.holdings import artifacts
from tests.flows.runs import artifacts_of, newest_of, newest_run, state_of
from tests.small import Organisation

Begin = Callable[[str], Workspace]
# the package gives the flow of that name
crawling = sys.modules["flows.crawl"]


@pytest.mark.requirement("TC-13")
def test_a_rerun_counts_nothing_anew(begin: Begin) -> None:
    workspace = begin("opted in")
    before = artifacts(workspace)
    assert opt_in() == 160
    assert artifacts(workspace) == before


@pytest.mark.requirement("TC-07")
def test_only_a_global_administrator_opts_in(begin: Begin) -> None:
    workspace = begin("located")
    grant_role(workspace, ACTOR, "robin", "compliance administrator")
    with pytest.raises(NotPermitted, match="global administrator") as refused:
        opt_in("robin")
    assert refused.value.code == "wrong-role"
    run = newest_run()
    assert state_of(run).is_failed()
    assert state_of(run).message == refused.value.sentence
    assert tenant_state(workspace, ACTOR).opt_in_status == "not opted in"


@pytest.mark.requirement("TC-14")
def test_the_gates_of_the_baseline_are_shown(begin: Begin) -> None:
    workspace = begin("located")
    assert opt_in() == 160
    assert tenant_state(workspace, ACTOR).opt_in_status == "opted in"
    shown = artifacts_of(newest_run())
    assert {"gate-baseline-tenant-opt-in", "gate-unlabelled-tenant-opt-in"} <= set(shown)
    assert shown["progress-baseline-tenant"].data == 100.0


def test_a_tenant_without_locations_is_a_sentence(
    workspace: Workspace, orchestrator: object
) -> None:
    bootstrap(workspace, ACTOR)
    with pytest.raises(NotReady, match="location add"):
        opt_in()


def test_an_empty_location_is_left_out_where_another_one_holds_items(
    begin: Begin, organisation: Organisation
) -> None:
    workspace = begin("located")
    empty = organisation.content.parent / "empty"
    empty.mkdir(exist_ok=True)
    add_location(workspace, ACTOR, "empty", str(empty))
    assert opt_in() == 160
    assert "Never crawled, so left out: empty." in (state_of(newest_of("opt-in")).message or "")
    assert tenant_state(workspace, ACTOR).opt_in_status == "opted in"


def test_empty_locations_alone_keep_the_tenant_out(
    begin: Begin, organisation: Organisation
) -> None:
    workspace = begin("located")
    empty = organisation.content.parent / "empty"
    empty.mkdir(exist_ok=True)
    remove_location(workspace, ACTOR, "content")
    add_location(workspace, ACTOR, "empty", str(empty))
    with pytest.raises(GateClosed) as refused:
        opt_in()
    assert refused.value.code == "no-items"
    assert refused.value.sentence == (
        "The location holds no items: 0 found. Check its URL and what it may read. It is the "
        "location empty. Where it was added by mistake: `cultivar location remove empty`, then "
        "repeat the command."
    )
    assert tenant_state(workspace, ACTOR).opt_in_status == "opting in"
    add_location(workspace, ACTOR, "content", str(organisation.content))
    assert opt_in() == 160


def test_a_crawl_with_nothing_changed_keeps_the_artifact(begin: Begin) -> None:
    workspace = begin("opted in")
    before = artifacts(workspace)
    assert crawl() == {"content": 160}
    assert artifacts(workspace) == before


def test_a_lost_location_is_named_and_does_not_stop_the_opt_in(
    begin: Begin, tmp_path: Path
) -> None:
    workspace = begin("located")
    drive = tmp_path / "drive"
    drive.mkdir()
    (drive / "note.txt").write_text("A note about the orchard.")
    add_location(workspace, ACTOR, "a-drive", str(drive))
    crawl("a-drive")
    drive.rename(tmp_path / "elsewhere")
    assert opt_in() == 161, "its old items still count"
    opted = state_of(newest_of("opt-in"))
    assert opted.is_completed()
    assert opted.message.endswith("Not crawled this time, so as before: a-drive.")


def test_a_defect_in_one_location_does_not_keep_the_others_from_being_crawled(
    begin: Begin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = begin("located")
    drive = tmp_path / "drive"
    drive.mkdir()
    (drive / "note.txt").write_text("A note about the orchard.")
    add_location(workspace, ACTOR, "a-drive", str(drive))
    crawl_one = crawling.crawl_one

    def broken(workspace: Workspace, actor: str, name: str) -> int:
        if name == "a-drive":
            raise ValueError("CANARY-77aa of a document")
        return crawl_one(workspace, actor, name)

    monkeypatch.setattr(crawling, "crawl_one", broken)
    with pytest.raises(CultivarError) as failed:
        crawl()
    assert failed.value.code == "not-all-crawled"
    assert failed.value.facts == {"failed": {"a-drive": "defect"}}
    assert "CANARY-77aa" not in failed.value.sentence
    assert location_named(workspace, "content").items_sha256 is not None
