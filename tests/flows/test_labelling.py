"""Labelling: each location scored once by each published version, and again when either changes."""

import errno
import os
import shutil
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cultivar.core.vocabulary import CLOSE_MATCH, MATCH
from cultivar.operations.content.explorer import folder_counts
from cultivar.operations.content.locations import add_location
from cultivar.operations.content.noticed import noticed_at
from cultivar.operations.content.unreadable import unreadable_items
from cultivar.operations.outbox import LABELLING_DUE, due
from cultivar.operations.scoring.labelling import labellings
from cultivar.store.workspace import Workspace
from flows.crawl import crawl
from flows.labelling import labelling
from flows.lifecycle import lifecycle
from tests.flows.conftest import ACTOR, CLASSIFIER, NAME
from tests.flows.holdings import artifacts
from tests.flows.runs import artifacts_of, newest_run
from tests.small import Organisation

Begin = Callable[[str], Workspace]
MAIL = """From ada@example.org Mon Mar  2 10:00:00 2026
From: ada@example.org
To: team@example.org
Subject: Lunch
Message-ID: <1@example.org>
Date: Mon, 02 Mar 2026 10:00:00 +0000

Lunch is at noon.
"""
pytestmark = pytest.mark.slow


@pytest.mark.requirement("TC-58")
def test_a_published_version_labels_the_content_once(begin: Begin) -> None:
    workspace = begin("published")
    assert [each.subject for each in due(workspace, LABELLING_DUE)] == [CLASSIFIER]
    found = labelling()
    assert list(found) == [CLASSIFIER]
    [row] = labellings(workspace, ACTOR)
    assert (row.items, row.matches) == (160, found[CLASSIFIER])
    table = workspace.artifacts.read(workspace.artifacts.reference(row.assignments))
    assert set(table.column("prediction").to_pylist()) <= {MATCH, CLOSE_MATCH}
    assert due(workspace, LABELLING_DUE) == []
    assert f"labelled-{CLASSIFIER}-content" in artifacts_of(newest_run())
    counts = folder_counts(workspace, ACTOR)
    assert (counts.matches, counts.stale) == (row.matches, False)
    before = artifacts(workspace)
    assert labelling() == {}
    assert artifacts(workspace) == before


def test_a_location_with_new_items_is_due_again_whatever_became_of_others(
    begin: Begin, organisation: Organisation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = begin("published")
    folder = tmp_path / "shelf"
    shutil.copytree(organisation.content / "shelf-0", folder)
    add_location(workspace, ACTOR, "shelf", str(folder))
    (folder / "closed").mkdir()
    (folder / "closed" / "kept.txt").write_text("A letter on the supplier and the clause.")
    box = folder / "team.mbox"
    box.write_text(MAIL)
    crawl("shelf")
    assert list(labelling()) == [CLASSIFIER]
    # over night: a new item, a poisonous archive, an emptied mailbox, a folder that is shut
    (folder / "another.txt").write_text("This agreement binds the supplier to the clause.")
    with zipfile.ZipFile(folder / "odd.zip", "w") as odd, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the name that is there twice
        for name in ("a.txt", "a.txt", "a.txt#2"):
            odd.writestr(name, "A letter.")
    box.write_text("")
    monkeypatch.setattr(os, "scandir", _shut(folder / "closed", os.scandir))
    assert labelling() == {}
    assert list(labelling(crawl_first=True)) == [CLASSIFIER]
    ended = newest_run().state
    assert ended is not None
    assert ended.is_completed()
    counts = {row.location: row.items for row in labellings(workspace, ACTOR)}
    # both files named a.txt, the one more, and what lies behind the shut folder
    assert counts == {"content": 160, "shelf": 32 + 1 + 2 + 1}
    noticed = noticed_at(workspace, ACTOR, "shelf")
    assert [each.path for each in noticed.unlisted] == ["closed/"]
    assert [each.path for each in noticed.emptied] == ["team.mbox"]
    unread = unreadable_items(workspace, ACTOR, "shelf")
    assert {each.path: each.status for each in unread} == {
        "odd.zip!/a.txt#2#2": "unsupported", "team.mbox": "empty",
    }  # fmt: skip


def _shut(folder: Path, scandir: Callable[..., Any]) -> Callable[..., Any]:
    def listed(path: Any = ".") -> Any:
        if not isinstance(path, int) and Path(os.fsdecode(path)) == folder:
            raise PermissionError(errno.EACCES, "shut", str(folder))
        return scandir(path)

    return listed


def test_the_lifecycle_goes_on_from_where_things_are(begin: Begin) -> None:
    workspace = begin("stable")
    assert lifecycle(NAME, publish_when_ready=True) == "Ready to use"
    assert labellings(workspace, ACTOR)[0].items == 160


def test_a_dask_cluster_labels_alike(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra `dask` is not installed")
    pytest.importorskip("prefect_dask", reason="the extra `dask` is not installed")
    workspace = begin("published")
    with distributed.LocalCluster(n_workers=1, dashboard_address=None) as cluster:
        monkeypatch.setenv("CULTIVAR_DASK_ADDRESS", cluster.scheduler_address)
        matches = labelling()[CLASSIFIER]
    [row] = labellings(workspace, ACTOR)
    assert (row.items, row.matches) == (160, matches)
    assert matches > 20
