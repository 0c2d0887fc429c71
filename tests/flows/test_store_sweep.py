"""The flow that sweeps the artifact store."""

from collections.abc import Callable

import pytest

from cultivar.store.workspace import Workspace
from flows.store_sweep import store_sweep
from tests.flows.runs import newest_of
from tests.operations.organisation import CONTRACT, documents, items_table

pytestmark = pytest.mark.slow


def test_the_flow_removes_what_is_due_and_only_notes_it_where_that_is_set(
    begin: Callable[[str], Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = begin("located")
    rows = items_table("content", documents(CONTRACT, 3, "inbox"))
    unneeded = workspace.artifacts.write("items", rows, producer="crawl")
    monkeypatch.setenv("CULTIVAR_STORE_SWEEP", "false")
    assert store_sweep(older_than=0) == {}
    assert workspace.artifacts.read(unneeded).num_rows == 3
    monkeypatch.setenv("CULTIVAR_STORE_SWEEP", "true")
    assert store_sweep() == {}
    assert store_sweep(older_than=0) == {"items": 1}
    run = newest_of("store-sweep")
    assert run.state is not None
    assert run.state.message is not None
    assert run.state.message.startswith("1 file removed")
