"""What follows from a look at drift: the command that brings what its report asks for."""

from datetime import UTC, datetime

import pytest

from cli.release import _after_drift
from cultivar.core.release_report.drift import CHANGED, JUDGED, SAMPLE_MORE, STEADY, Finding
from cultivar.operations.publishing.drift import DriftReport
from tests.cli.conftest import Command
from tests.operations.mail import CLASSIFIER
from tests.operations.organisation import Organisation


@pytest.mark.parametrize(
    ("scores", "judged", "then"),
    [
        (CHANGED, SAMPLE_MORE, "cultivar release sample contracts --version contracts-1"),
        (STEADY, SAMPLE_MORE, "cultivar feedback contracts"),
        (SAMPLE_MORE, STEADY, "cultivar crawl"),
        (STEADY, STEADY, None),
    ],
)
def test_a_report_leads_to_what_it_asks_for(scores: str, judged: str, then: str | None) -> None:
    verdicts = {scores, judged}
    whole = CHANGED if CHANGED in verdicts else STEADY if verdicts == {STEADY} else SAMPLE_MORE
    findings = tuple(
        Finding(measure, verdict, None, 0, 0, None, "")
        for measure, verdict in (("the match rate", scores), (JUDGED, judged))
    )
    at = datetime(2026, 3, 1, tzinfo=UTC)
    report = DriftReport("contracts", "contracts-1", at, whole, findings, same_sample=False)
    assert _after_drift(report) == then


def test_before_the_first_report_the_command_that_makes_one_is_named(
    used: Organisation, cultivar: Command
) -> None:
    answer = cultivar("drift", CLASSIFIER, "--past")
    assert "No drift report is kept yet." in answer.out
    assert f"Next: cultivar drift {CLASSIFIER}" in answer.out
