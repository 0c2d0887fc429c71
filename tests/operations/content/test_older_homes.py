"""A home made before items had ids of mails goes on: it is crawled, labelled and verified."""

from pathlib import Path

from cultivar.operations.audit.verification import verify_everything
from cultivar.operations.content.crawl_records import record_crawl
from cultivar.operations.content.crawling import crawl_known
from cultivar.operations.content.locations import (
    add_location,
    location_named,
)
from cultivar.store.workspace import Workspace
from tests.operations.organisation import ADMINISTRATOR, Organisation
from tests.operations.policing import apply, labels_in_force, make, publish_and_label
from tests.store.older import written_as


def _as_before(workspace: Workspace, location: str) -> None:
    """Make the newest items of a location what an earlier release would have left."""
    known = location_named(workspace, location)
    items = workspace.artifacts.reference(known.items_sha256)
    older = written_as(workspace.artifacts, 1, workspace.artifacts.read(items))
    record_crawl(workspace, location, older, known.counts)


def _crawl(workspace: Workspace, location: str) -> list[dict[str, object]]:
    found = crawl_known(workspace, location_named(workspace, location), lambda *_: None)
    record_crawl(workspace, location, found.items, found.counts)
    return list(workspace.artifacts.read(found.items).to_pylist())


def test_items_of_the_first_version_are_labelled_and_verified(stable: Organisation) -> None:
    workspace = stable.workspace
    _as_before(workspace, "intranet")
    publish_and_label(stable)
    make(workspace)
    apply(workspace)
    assert labels_in_force(workspace)
    assert verify_everything(workspace, ADMINISTRATOR).require().files


def test_a_crawl_builds_on_items_of_the_first_version(stable: Organisation, tmp_path: Path) -> None:
    workspace = stable.workspace
    folder = tmp_path / "post"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.eml").write_text(f"Message-ID: <{name}@x>\nSubject: {name}\n\nWords\n")
    add_location(workspace, ADMINISTRATOR, "post", str(folder))
    before = {row["path"]: row["item_id"] for row in _crawl(workspace, "post")}
    _as_before(workspace, "post")
    again = _crawl(workspace, "post")
    assert {row["path"]: row["item_id"] for row in again} == before
    assert [row["message_id"] for row in again] == ["a@x", "b@x"]
    (folder / "c.eml").write_text("Message-ID: <c@x>\nSubject: c\n\nWords\n")
    rows = {row["path"]: row for row in _crawl(workspace, "post")}
    assert {path: rows[path]["item_id"] for path in before} == before
    assert rows["c.eml"]["message_id"] == "c@x"
    assert verify_everything(workspace, ADMINISTRATOR).require().files
