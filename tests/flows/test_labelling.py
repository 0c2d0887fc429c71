"""Labelling: each location scored once by each published version, and again when either changes."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cultivar.core.vocabulary import CLOSE_MATCH, MATCH
from cultivar.operations.content.explorer import folder_counts
from cultivar.operations.content.locations import add_location
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


def test_a_location_with_new_items_is_due_again(
    begin: Begin, organisation: Organisation, tmp_path: Path
) -> None:
    workspace = begin("published")
    folder = tmp_path / "shelf"
    shutil.copytree(organisation.content / "shelf-0", folder)
    add_location(workspace, ACTOR, "shelf", str(folder))
    crawl("shelf")
    assert list(labelling()) == [CLASSIFIER]
    (folder / "another.txt").write_text("This agreement binds the supplier to the clause.")
    assert labelling() == {}
    assert list(labelling(crawl_first=True)) == [CLASSIFIER]
    counts = {row.location: row.items for row in labellings(workspace, ACTOR)}
    assert counts == {"content": 160, "shelf": 33}


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
