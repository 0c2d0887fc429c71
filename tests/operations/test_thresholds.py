"""Thresholds of the gates: settings decide, and a change is one row of the audit log."""

from dataclasses import replace
from typing import Any

import pytest

import expectations
from cultivar.core.errors import GateClosed, InvalidInput
from cultivar.core.gates import Check, GateResult
from cultivar.operations.audit.audit import AuditEntry, Wanted, audit_entries, verify_audit
from cultivar.operations.classifiers.classifiers import plan_classifier
from cultivar.operations.gates import record_gate
from cultivar.operations.publishing.publishing import publish
from cultivar.operations.review.verdicts import review_state
from cultivar.operations.tenant.tenant import tenant_state
from cultivar.operations.thresholds import SUBJECT
from cultivar.settings import read_settings
from cultivar.store.tables import Tenant
from cultivar.store.workspace import Workspace
from tests.operations.organisation import ADMINISTRATOR, Organisation

CLASSIFIER = "contracts"
PASSED = GateResult("baseline", (Check("all", "all", "pass", "1", "1", "All is well."),))


def _with(workspace: Workspace, **changed: Any) -> Workspace:
    return replace(workspace, settings=replace(workspace.settings, **changed))


def _changes(workspace: Workspace) -> list[AuditEntry]:
    return audit_entries(workspace, ADMINISTRATOR, Wanted(subject=SUBJECT))


def test_defaults_leave_no_row(stable: Organisation) -> None:
    record_gate(stable.workspace, PASSED)
    assert _changes(stable.workspace) == []


def test_a_change_is_one_row_with_who_and_both_values(stable: Organisation) -> None:
    changed = _with(stable.workspace, seeds_at_least=60, accuracy_target=0.9)
    record_gate(changed, PASSED)
    record_gate(changed, PASSED)
    (entry,) = _changes(stable.workspace)
    assert (entry.actor, entry.action) == (changed.settings.user, "thresholds changed")
    assert entry.details["before"] == {"seeds_at_least": 50, "accuracy_target": 0.8}
    assert entry.details["after"] == {"seeds_at_least": 60, "accuracy_target": 0.9}
    record_gate(stable.workspace, PASSED)
    back, _ = _changes(stable.workspace)
    assert back.details["before"] == entry.details["after"]
    assert back.details["after"] == entry.details["before"]
    assert verify_audit(stable.workspace, ADMINISTRATOR).sound


def test_a_target_from_the_set_up_that_no_setting_states_is_a_change(stable: Organisation) -> None:
    with stable.workspace.registry.transaction() as session:
        session.get_one(Tenant, 1).accuracy_target = 0.95
    record_gate(stable.workspace, PASSED)
    (entry,) = _changes(stable.workspace)
    assert entry.details["before"] == {"accuracy_target": 0.95}
    assert entry.details["after"] == {"accuracy_target": 0.8}


def test_publishing_by_changed_thresholds_leaves_the_row(stable: Organisation) -> None:
    changed = _with(stable.workspace, reviews_at_least=150)
    publish(changed, ADMINISTRATOR, CLASSIFIER)
    (entry,) = _changes(stable.workspace)
    assert entry.actor == ADMINISTRATOR
    assert entry.details["after"] == {"reviews_at_least": 150}


def test_a_refused_publication_leaves_no_row(reviewable: Organisation) -> None:
    changed = _with(reviewable.workspace, reviews_at_least=150)
    with pytest.raises(GateClosed):
        publish(changed, ADMINISTRATOR, CLASSIFIER)
    assert _changes(reviewable.workspace) == []


def test_what_review_asks_for_follows_the_settings(stable: Organisation) -> None:
    assert review_state(stable.workspace, ADMINISTRATOR, CLASSIFIER).stable
    stricter = _with(stable.workspace, reviews_at_least=240, accuracy_target=0.99)
    found = review_state(stricter, ADMINISTRATOR, CLASSIFIER)
    assert not found.stable
    assert found.target == 0.99
    assert any("240" in reason for reason in found.reasons)
    assert any("99 %" in reason for reason in found.reasons)
    assert tenant_state(stricter, ADMINISTRATOR).accuracy_target == 0.99


def test_more_seeds_than_are_asked_for_are_skipped_with_the_number(
    reviewable: Organisation,
) -> None:
    from cultivar.content.locations import Source

    few = _with(reviewable.workspace, seeds_at_most=20, seeds_at_least=40)
    plan = plan_classifier(few, ADMINISTRATOR, "Others", "", Source("contracts-seeds"))
    assert plan.used == 20
    assert plan.skipped["not among the 20 most recently created"] > 0
    assert any("at least 40" in warning for warning in plan.warnings)


def test_a_gate_that_passed_is_evaluated_again_by_another_threshold(
    reviewable: Organisation,
) -> None:
    from cultivar.operations.classifier_state import classifier_state
    from tasks.checking import Asked, gate_result

    workspace = reviewable.workspace
    seeds = workspace.artifacts.reference(
        classifier_state(workspace, CLASSIFIER).seed_set_sha256 or ""
    )
    table = workspace.artifacts.read(seeds, columns=list(expectations.COLUMNS["seed_set"]))
    first = expectations.evaluate("seed_set", table)
    assert first.opens
    record_gate(workspace, first, CLASSIFIER, seeds.sha256)
    asked = Asked(classifier_id=CLASSIFIER)
    known, opened_before = gate_result(workspace, "seed_set", seeds, asked)
    assert opened_before
    assert known.checks == first.checks
    stricter = _with(workspace, seeds_at_least=400)
    again, opened_before = gate_result(stricter, "seed_set", seeds, asked)
    assert not opened_before
    assert [each.code for each in again.blocking()] == ["too-few-seeds"]
    assert expectations.still_asks(again, stricter.settings.thresholds)


@pytest.mark.parametrize(
    "variables",
    [
        {"CULTIVAR_SEEDS_AT_LEAST": "600"},
        {"CULTIVAR_SEEDS_AT_MOST": "40"},
        {"CULTIVAR_TEST_ITEMS_AT_MOST": "100"},
        {"CULTIVAR_MINORITY_SHARE_AT_LEAST": "0.6"},
        {"CULTIVAR_MOVEMENT_AT_MOST": "2"},
        {"CULTIVAR_REVIEWS_AT_LEAST": "0"},
    ],
)
def test_thresholds_that_make_no_sense_are_refused(variables: dict[str, str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_settings({"CULTIVAR_HOME": "/nowhere", **variables})
    assert caught.value.code == "bad-setting"
    (name,) = variables
    assert name.removeprefix("CULTIVAR_").lower() in caught.value.sentence.lower()
