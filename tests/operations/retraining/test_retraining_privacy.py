"""Feedback and retraining stay in the tenant: nothing leaves the machine."""

import socket

import pytest

from tests.operations.mail import CLASSIFIER, give, listed, retrain
from tests.operations.organisation import Organisation


@pytest.mark.requirement("RT-26")
def test_feedback_and_retraining_open_no_connection(
    used: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "postgres" in used.workspace.settings.registry_url:
        pytest.skip("the registry itself is on a server here")

    def refuse(*_arguments: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    give(used, listed(used)[:30])
    assert retrain(used).startswith(CLASSIFIER)
