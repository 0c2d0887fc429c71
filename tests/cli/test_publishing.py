"""Publishing on somebody's word: the reason stays on record, and out of the orchestrator."""

import pytest

from cultivar.store.workspace import Workspace
from tests.cli.conftest import Command
from tests.operations.organisation import Organisation
from tests.orchestration import Orchestrator

REASON = "The board quotes canaryreasonlinnet from a document"


@pytest.mark.slow
def test_the_reason_of_an_override_is_kept_and_never_handed_to_prefect(
    cultivar: Command, reviewable: Workspace, orchestrator: Orchestrator
) -> None:
    organisation = Organisation(reviewable)
    organisation.review_batch("contracts")
    organisation.settle("contracts", ["accuracy-moving"])
    answer = cultivar("publish", "contracts", "--override", REASON, "--yes")
    assert answer.code == 0, answer.err
    assert REASON in cultivar("status", "contracts").out
    entries = cultivar("audit", "list", "--action", "override stated", "--json").json["entries"]
    assert [each["details"]["reason"] for each in entries] == [REASON]
    from tests.flows.runs import artifacts_of, newest_of, story_of

    run = newest_of("publish")
    assert run.parameters["override"] == entries[0]["number"]
    seen = str((run.model_dump(), story_of(run).said, artifacts_of(run)))
    assert "audit log" in seen
    assert "canaryreasonlinnet" not in seen


def test_a_reason_that_is_too_short_is_refused_before_anything_starts(
    cultivar: Command, reviewable: Workspace
) -> None:
    answer = cultivar("publish", "contracts", "--override", "so", "--json")
    assert (answer.code, answer.error) == (1, "no-reason")


def test_a_reason_is_refused_where_publish_is_open_without_one(
    cultivar: Command, reviewable: Workspace
) -> None:
    """Else the publication would stand on record as overridden, which nobody did."""
    Organisation(reviewable).agree()
    answer = cultivar("publish", "contracts", "--override", REASON, "--yes", "--json")
    assert (answer.code, answer.error) == (1, "nothing-to-override")
    assert "`cultivar publish contracts`" in answer.json["error"]["message"]


def test_an_operating_point_is_shown_chosen_and_said_by_status(
    cultivar: Command, used: Organisation
) -> None:
    shown = cultivar("operating-point", "contracts")
    assert "balanced *" in shown.out
    assert shown.out.count("on a release sample settle it") == 1
    assert "find-most aims to miss at most 5 %" in " ".join(shown.out.split())
    refused = cultivar("operating-point", "contracts", "be-sure", "--json")
    assert (refused.code, refused.error) == (1, "not-confirmed")
    made = cultivar("operating-point", "contracts", "be-sure", "--yes", "--json").json
    assert made["publication"]["operating_point"] == "be-sure"
    assert made["next"] == "cultivar label"
    assert "operating point be-sure" in cultivar("status", "contracts").out
