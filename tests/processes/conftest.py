"""Fixtures of the tests that start processes: servers, runners, what keeps them."""

import os

import pytest

from processes.prefect_server import settings as prefect_settings


@pytest.fixture(autouse=True)
def _prefect_follows_the_environment() -> None:
    """Let Prefect read its settings again, as the test before may have had a server of its own."""
    prefect_settings.restore(dict(os.environ))
