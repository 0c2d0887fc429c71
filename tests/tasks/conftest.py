"""Fixtures of the tests that run tasks: a real Prefect server."""

from collections.abc import Iterator

import pytest

from tests.orchestration import Orchestrator, session_server


@pytest.fixture(scope="session")
def orchestrator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orchestrator]:
    """The session's Prefect server; Prefect's settings of this process point to it."""
    yield from session_server(tmp_path_factory)
