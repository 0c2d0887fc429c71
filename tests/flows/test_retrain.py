"""The retraining as a flow: by the event, by the sweep, with its overview, and no pointer moved."""

import json
from collections.abc import Iterator

import pytest

from cultivar.core.errors import NotReady
from cultivar.operations.audit.verification import verify
from cultivar.operations.classifier_state import classifier_state
from cultivar.operations.outbox import RETRAINING_DUE, due
from cultivar.operations.publishing.drift import drift_reports
from cultivar.operations.retraining.retrainings import overview, retraining_status
from cultivar.settings import Settings
from cultivar.store.workspace import open_workspace
from flows.drift import drift
from flows.retrain import retrain
from flows.sweep import sweep
from processes.automations import retraining_trigger
from processes.events import RETRAINING_DUE_EVENT, nudge
from tests.flows.runs import artifacts_of, newest_run
from tests.operations.mail import CLASSIFIER, give, in_use, listed
from tests.operations.organisation import ADMINISTRATOR, Organisation
from tests.orchestration import Orchestrator


@pytest.fixture
def used(orchestrator: Orchestrator, settings: Settings) -> Iterator[Organisation]:
    """An organisation whose classifier is published and in use over mail."""
    with open_workspace(settings) as workspace:
        made = Organisation(workspace)
        made.come_to_review()
        made.agree()
        yield in_use(made)


@pytest.mark.slow
@pytest.mark.requirement("RT-08", "RT-28", "RT-30", "RT-38")
def test_the_sweep_starts_what_nobody_heard_and_ends_with_an_overview(used: Organisation) -> None:
    before = classifier_state(used.workspace, CLASSIFIER)
    give(used, listed(used)[:30])
    assert [each.subject for each in due(used.workspace, RETRAINING_DUE)] == [CLASSIFIER]
    sweep()
    assert due(used.workspace, RETRAINING_DUE) == []
    found = overview(used.workspace, ADMINISTRATOR, CLASSIFIER)
    assert found.sets["items with feedback"]["retrained"]["items"] == 30
    assert classifier_state(used.workspace, CLASSIFIER) == before
    status = retraining_status(used.workspace, ADMINISTRATOR, CLASSIFIER)
    assert [each.outcome for each in status.retrainings] == ["finished"]
    assert status.heading == "Re-training"
    with pytest.raises(NotReady) as early:
        retrain(CLASSIFIER)
    assert early.value.code == "too-little-feedback"
    # a second event of the same feedback is no failure
    assert retrain(CLASSIFIER, only_if_due=True) is None
    ended = newest_run().state
    assert ended is not None
    assert (ended.is_completed(), ended.name) == (True, "Skipped")
    assert "0 of 30 items are judged" in str(ended.message)


@pytest.mark.slow
def test_a_retraining_shows_its_gates_and_its_plot(used: Organisation) -> None:
    give(used, listed(used)[:30])
    version = retrain(CLASSIFIER, ADMINISTRATOR)
    shown = artifacts_of(newest_run())
    assert "data:image/svg+xml;base64," in str(shown[f"retraining-{CLASSIFIER}"].data)
    assert {f"gate-{gate}-{CLASSIFIER}" for gate in ("feedback", "comparison", "overview")} <= set(
        shown
    )
    assert version != classifier_state(used.workspace, CLASSIFIER).published_version
    assert verify(used.workspace, ADMINISTRATOR, CLASSIFIER).identical


@pytest.mark.slow
def test_drift_is_looked_at_and_kept(used: Organisation) -> None:
    assert set(drift(actor=ADMINISTRATOR)) == {CLASSIFIER}
    [report] = drift_reports(used.workspace, ADMINISTRATOR, CLASSIFIER)
    assert {each.measure for each in report.findings} == {
        "the distribution of scores",
        "the match rate",
        "the precision of judged matches",
        "the match rate at mail",
    }
    *of_sample, at_mail = report.findings
    assert {each.verdict for each in of_sample} == {"sample more"}, "noise gives no verdict"
    assert at_mail.verdict == "changed"


def test_a_server_takes_the_nudge(orchestrator: Orchestrator, settings: Settings) -> None:
    assert nudge(settings, CLASSIFIER, ADMINISTRATOR)


def test_without_a_server_a_nudge_is_no_error(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert not nudge(settings, CLASSIFIER, ADMINISTRATOR)
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert not nudge(settings, CLASSIFIER, ADMINISTRATOR)


def test_the_automation_waits_for_the_event_that_is_emitted() -> None:
    made = retraining_trigger().model_dump(mode="json")
    assert made["expect"] == [RETRAINING_DUE_EVENT]
    parameters = json.dumps(made["parameters"])
    assert "event.resource.name" in parameters
    assert "event.payload.actor" in parameters
