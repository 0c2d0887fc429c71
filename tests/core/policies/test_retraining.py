"""A classifier retrains when it is custom, published and used over mail; else what is missing."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cultivar.core.errors import NotReady
from cultivar.core.policies.conditions import (
    And,
    ClassifierIs,
    Condition,
    FolderUnder,
    LocationIn,
    Not,
    Or,
    WorkloadIn,
)
from cultivar.core.policies.policy import Action, Afterwards, Kind, Policy
from cultivar.core.policies.retraining import (
    Use,
    feedback_policy,
    missing_conditions,
    remainder,
    require_retrainable,
)
from cultivar.core.policies.rowwise import truth
from tests.core.policies.strategies import conditions, tables

INVOICES = ClassifierIs("invoices")
MAIL = WorkloadIn(("exchange",))
SITES = WorkloadIn(("sharepoint",))
PLACES = {"mailbox": "exchange", "intranet": "sharepoint"}


def policy(condition: Condition = INVOICES, **changes: Any) -> Policy:
    action = Action("Keep", 30, Afterwards.DELETE)
    return replace(Policy("keep", 1, "Keep", Kind.RETENTION, condition, action), **changes)


def use(*policies: Policy, **changes: Any) -> Use:
    return replace(Use("invoices", True, True, policies, PLACES), **changes)


@pytest.mark.requirement("RT-05", "RT-09")
@pytest.mark.parametrize(
    "condition",
    [
        INVOICES,
        And((INVOICES, MAIL)),
        And((INVOICES, LocationIn(("mailbox", "intranet")))),
        Or((And((SITES, ClassifierIs("contracts"))), And((MAIL, INVOICES)))),
        And((INVOICES, Not(FolderUnder("/Old")))),
        Not(Not(INVOICES)),
    ],
)
def test_a_published_custom_classifier_in_use_over_mail_can_be_retrained(
    condition: Condition,
) -> None:
    assert missing_conditions(use(policy(condition))) == ()
    require_retrainable(use(policy(condition)))


@pytest.mark.requirement("RT-06", "RT-09")
@pytest.mark.parametrize(
    ("found", "codes"),
    [
        (use(policy(), custom=False), ["built-in-classifier"]),
        (use(policy(), published=False), ["not-published"]),
        (use(), ["no-retention-policy"]),
        (use(published=False), ["not-published", "no-retention-policy"]),
        (use(policy(kind=Kind.SENSITIVITY)), ["no-retention-policy"]),
        (use(policy(ClassifierIs("contracts"))), ["no-retention-policy"]),
        (use(policy(Not(INVOICES))), ["no-retention-policy"]),
        (use(policy(), locations={"intranet": "sharepoint"}), ["no-exchange-location"]),
        (use(policy(And((INVOICES, SITES)))), ["no-exchange-policy"]),
        (use(policy(And((INVOICES, Not(MAIL))))), ["no-exchange-policy"]),
        (use(policy(And((INVOICES, LocationIn(("intranet",)))))), ["no-exchange-policy"]),
        (
            use(policy(Or((And((SITES, INVOICES)), And((MAIL, ClassifierIs("b"))))))),
            ["no-exchange-policy"],
        ),
        (use(policy(Or((INVOICES, MAIL)))), ["no-exchange-policy"]),
        (use(policy(enabled=False)), ["policy-disabled"]),
    ],
)
def test_each_missing_condition_is_named(found: Use, codes: list[str]) -> None:
    missing = missing_conditions(found)
    assert [condition.code for condition in missing] == codes
    with pytest.raises(NotReady) as raised:
        require_retrainable(found)
    assert raised.value.code == codes[0]
    assert raised.value.facts["missing"] == [condition.name for condition in missing]
    assert all(condition.sentence in raised.value.sentence for condition in missing)


@pytest.mark.requirement("RT-01")
def test_a_built_in_classifier_is_never_retrained() -> None:
    with pytest.raises(NotReady, match="only custom classifiers can be retrained"):
        require_retrainable(use(policy(), custom=False))


def test_one_enabled_policy_over_mail_is_enough() -> None:
    off, elsewhere = policy(enabled=False), policy(And((INVOICES, SITES)))
    assert missing_conditions(use(off, elsewhere, policy())) == ()


@pytest.mark.requirement("RT-05", "RT-13")
def test_feedback_is_given_on_mail_that_a_policy_covers_with_the_classifier() -> None:
    covering = policy(And((INVOICES, FolderUnder("/Inbox"))))
    found = use(policy(enabled=False), covering)
    mail = {"location": "mailbox", "workload": "exchange", "folder": "/Inbox/2026"}
    assert feedback_policy(found, mail) == covering
    assert feedback_policy(found, mail | {"folder": "/Sent"}) is None
    assert feedback_policy(found, mail | {"workload": "sharepoint"}) is None
    assert feedback_policy(replace(found, classifier_id="contracts"), mail) is None
    first = replace(covering, policy_id="zz", priority=1)
    assert feedback_policy(use(replace(covering, priority=2), first), mail) == first


@settings(max_examples=150)
@given(conditions, tables(), st.sets(st.sampled_from(["location", "workload", "folder", "size"])))
def test_what_is_left_of_a_condition_means_the_same(
    condition: Condition, items: Any, known: set[str]
) -> None:
    for row in items.to_pylist():
        left = remainder(condition, {name: row.get(name) for name in known})
        expected = truth(condition, row)
        assert (left if isinstance(left, bool) else truth(left, row)) == expected
