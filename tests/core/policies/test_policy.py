"""Policies: what each kind needs, which classifiers it may ask, its versions and its JSON."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from cultivar.core.errors import CultivarError, InvalidInput, NotReady
from cultivar.core.lifecycle import CONDITION_KINDS
from cultivar.core.policies.conditions import And, ClassifierIs, Not, WorkloadIn
from cultivar.core.policies.policy import PERMISSION_FOR, Action, Afterwards, Kind, Policy
from cultivar.core.policies.policy_checks import next_version, require_complete, require_usable
from cultivar.core.policies.policy_json import policy_as_json, policy_from_json
from cultivar.core.roles import PERMISSIONS, Role
from tests.core.policies.strategies import policies

INVOICES = ClassifierIs("invoices")
KEEP = Action("Keep 7 years", 2557, Afterwards.DELETE)
COMPLETE = {
    Kind.SENSITIVITY: Action("Confidential"),
    Kind.RETENTION: KEEP,
    Kind.COMMUNICATION: Action("Tone", queue="HR desk"),
}


def policy(kind: Kind = Kind.RETENTION, **changes: Any) -> Policy:
    return replace(
        Policy("invoices-7", 1, "Keep invoices", kind, INVOICES, COMPLETE[kind]), **changes
    )


@pytest.mark.requirement("TC-02")
def test_the_kinds_are_the_three_uses_of_a_classifier() -> None:
    assert tuple(Kind) == CONDITION_KINDS


@pytest.mark.requirement("TC-09", "TC-10", "TC-11", "RT-04")
def test_each_kind_is_written_by_the_roles_of_its_scenario() -> None:
    roles = {kind: PERMISSIONS[tx].roles for kind, tx in PERMISSION_FOR.items()}
    assert roles == {
        Kind.SENSITIVITY: {
            Role.SECURITY_ADMINISTRATOR,
            Role.COMPLIANCE_ADMINISTRATOR,
            Role.COMPLIANCE_DATA_ADMINISTRATOR,
        },
        Kind.RETENTION: {Role.RECORD_MANAGEMENT, Role.RETENTION_MANAGEMENT},
        Kind.COMMUNICATION: {
            Role.INSIDER_RISK_ADMINISTRATOR,
            Role.SUPERVISORY_REVIEW_ADMINISTRATOR,
        },
    }


@pytest.mark.requirement("TC-58")
@pytest.mark.parametrize("kind", Kind)
def test_a_published_classifier_is_accepted_and_an_unpublished_one_refused(kind: Kind) -> None:
    found = policy(kind)
    assert require_usable(found, {"invoices": True}) is found
    with pytest.raises(NotReady, match="invoices is not published") as raised:
        require_usable(found, {"invoices": False})
    assert raised.value.code == "unpublished-classifier"


def test_an_unknown_classifier_is_named_with_its_place() -> None:
    condition = And((WorkloadIn(("files",)), Not(ClassifierIs("invoces"))))
    with pytest.raises(InvalidInput, match="no classifier 'invoces'") as raised:
        require_usable(policy(condition=condition), {"invoices": True})
    assert raised.value.code == "unknown-classifier"
    assert raised.value.facts["path"] == "$.condition.and[1].not"


@pytest.mark.parametrize(
    ("found", "code", "path"),
    [
        (policy(name=" "), "no-name", "$.name"),
        (policy(condition=WorkloadIn(("files",))), "no-classifier", "$.condition"),
        (policy(condition=And(())), "empty-condition", "$.condition"),
        (policy(priority=0), "bad-value", "$.priority"),
        (policy(action=replace(KEEP, label="")), "no-label", "$.action.label"),
        (policy(action=replace(KEEP, retain_days=None)), "no-period", "$.action.retain_days"),
        (policy(action=replace(KEEP, retain_days=0)), "no-period", "$.action.retain_days"),
        (policy(action=replace(KEEP, retain_days=36_501)), "no-period", "$.action.retain_days"),
        (policy(name="x" * 201), "bad-text", "$.name"),
        (policy(name="half \ud800"), "bad-text", "$.name"),
        (policy(action=replace(KEEP, label="two\nlines")), "bad-text", "$.action.label"),
        (policy(action=replace(KEEP, afterwards=None)), "no-period", "$.action.afterwards"),
        (policy(action=replace(KEEP, queue="q")), "unused-action", "$.action.queue"),
        (policy(Kind.COMMUNICATION, action=Action("a")), "no-queue", "$.action.queue"),
        (
            policy(Kind.COMMUNICATION, action=Action("a", 5, queue="q")),
            "unused-action",
            "$.action.retain_days",
        ),
        (policy(Kind.SENSITIVITY, action=KEEP), "unused-action", "$.action.retain_days"),
    ],
)
def test_what_a_policy_lacks_is_named_with_its_place(found: Policy, code: str, path: str) -> None:
    with pytest.raises(CultivarError) as raised:
        require_complete(found)
    assert (raised.value.code, raised.value.facts["path"]) == (code, path)


@pytest.mark.parametrize(
    ("action", "found"),
    [
        (replace(KEEP, retain_days=0), "1 to 36,500 days, and 0 is given"),
        (replace(KEEP, retain_days=None), "1 to 36,500 days, and none is given"),
        (replace(KEEP, afterwards=None), "and none is given"),
    ],
)
def test_a_missing_period_says_what_was_found(action: Action, found: str) -> None:
    with pytest.raises(CultivarError) as raised:
        require_complete(policy(action=action))
    assert found in raised.value.sentence


@given(policies())
def test_a_policy_reads_back_from_its_json(found: Policy) -> None:
    text = json.dumps(policy_as_json(require_complete(found)))
    assert policy_from_json(json.loads(text)) == found
    assert found.sentence


def test_what_is_left_out_has_its_default() -> None:
    found = policy_from_json(
        {
            "policy_id": "p",
            "name": "Secrets",
            "kind": "sensitivity label",
            "condition": {"classifier": "invoices"},
            "action": {"label": "Secret"},
        }
    )
    assert (found.version, found.priority, found.enabled) == (1, 1, True)


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"name": None}, "bad-policy", "$.name"),
        ({"version": True}, "bad-policy", "$.version"),
        ({"enabled": 1}, "bad-policy", "$.enabled"),
        ({"kind": "tax"}, "bad-value", "$.kind"),
        ({"colour": "red"}, "bad-policy", "$"),
        (
            {"action": {"label": "x", "retain_days": 3, "afterwards": "burn"}},
            "bad-value",
            "$.action.afterwards",
        ),
        ({"action": {}}, "bad-policy", "$.action"),
        ({"action": {"label": 3}}, "bad-policy", "$.action.label"),
        ({"condition": {"not": {"size": {}}}}, "empty-condition", "$.condition.not"),
    ],
)
def test_json_that_is_no_policy_is_refused_with_its_place(
    change: dict[str, Any], code: str, path: str
) -> None:
    with pytest.raises(InvalidInput) as raised:
        policy_from_json(policy_as_json(policy()) | change)
    assert (raised.value.code, raised.value.facts["path"]) == (code, path)


@pytest.mark.parametrize("found", [None, [], "policy", {}])
def test_json_of_another_form_is_refused(found: object) -> None:
    with pytest.raises(InvalidInput) as raised:
        policy_from_json(found)
    assert raised.value.code == "bad-policy"


def test_a_change_makes_the_next_version_and_leaves_the_old_one() -> None:
    first = policy()
    second = next_version(first, enabled=False)
    assert (first.version, first.enabled) == (1, True)
    assert (second.version, second.enabled) == (2, False)
    with pytest.raises(InvalidInput) as raised:
        next_version(second, enabled=False)
    assert raised.value.code == "nothing-changed"
    with pytest.raises(InvalidInput):
        next_version(first, action=Action("x"))


def test_a_policy_has_words() -> None:
    assert policy().sentence == (
        "invoices is a match: retention label Keep 7 years, retained for 2,557 days, then delete"
    )
    assert policy(Kind.COMMUNICATION).sentence == (
        "invoices is a match: flag Tone, put into the queue HR desk"
    )
