"""Each stage on a full disk: a plain refusal, nothing half-written, and it goes on with room."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cultivar.core.errors import StoreUnavailable
from cultivar.operations.audit.verification import verify_everything
from cultivar.operations.content.crawling import crawl_known, keep_crawled
from cultivar.operations.content.locations import add_location, location_named
from cultivar.operations.publishing.publishing import publish
from cultivar.settings import read_settings
from cultivar.store.workspace import Workspace, open_workspace
from tests.disks import full, mounted
from tests.operations.mail import label
from tests.operations.organisation import ADMINISTRATOR, Organisation

NAME = "contracts"
Stage = Callable[[Workspace], object]


def crawl(workspace: Workspace) -> None:
    known = location_named(workspace, "letters")
    keep_crawled(
        workspace,
        ADMINISTRATOR,
        "letters",
        crawl_known(workspace, known, lambda *_: None),
        lambda _: None,
    )


def train(workspace: Workspace) -> None:
    Organisation(workspace).train("leases")


def give_verdicts(workspace: Workspace) -> None:
    Organisation(workspace).review_batch(NAME)


def go_live(workspace: Workspace) -> None:
    publish(workspace, ADMINISTRATOR, NAME)


# each with the room that is left: none, or too little for what it writes
STAGES: dict[str, tuple[Stage, int]] = {
    "crawl": (crawl, 400_000),
    "train": (train, 400_000),
    "verdicts": (give_verdicts, 0),
    "publish": (go_live, 0),
    "label": (label, 0),
}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of 64 MB."""
    with mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=64m", "tmpfs") as folder:
        yield folder


@pytest.mark.slow
def test_every_stage_refuses_a_full_disk_plainly_and_goes_on_with_room(
    disk: Path, tmp_path: Path, reviewable_home: Path
) -> None:
    home, letters = disk / "home", tmp_path / "letters"
    shutil.copytree(reviewable_home, home)
    letters.mkdir()
    for number in range(8):
        (letters / f"{number}.txt").write_text(os.urandom(100_000).hex())
    settings = read_settings({"CULTIVAR_HOME": str(home), "CULTIVAR_USER": ADMINISTRATOR})
    with open_workspace(settings) as workspace:
        organisation = Organisation(workspace)
        add_location(workspace, ADMINISTRATOR, "letters", str(letters))
        organisation.create("Leases")
        for name, (stage, room) in STAGES.items():
            if name == "publish":
                organisation.settle(NAME)
                for _ in range(6):
                    organisation.review_batch(NAME)
                    organisation.settle(NAME)
            with full(disk, room):
                with pytest.raises(StoreUnavailable) as refused:
                    stage(workspace)
                assert refused.value.code in ("store-full", "no-space"), name
                assert not list(home.rglob("*.part")), name
                verify_everything(workspace, ADMINISTRATOR).require()
            stage(workspace)
            verify_everything(workspace, ADMINISTRATOR).require()
