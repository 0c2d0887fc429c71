"""Writing policies: roles a kind, versions that are kept, classifiers that must be published."""

import unicodedata
from typing import Any

import pytest

from cultivar.core.errors import Conflict, CultivarError, InvalidInput, NotFound, NotPermitted
from cultivar.core.policies.policy import Kind
from cultivar.operations.classifiers.details import classifier_details
from cultivar.operations.policies.policies import (
    create_policy,
    enabled_policies,
    list_policies,
    policy_details,
    switch_policy,
    update_policy,
)
from cultivar.operations.publishing.publishing import publish
from cultivar.operations.tenant.people import grant_role, revoke_role
from tests.operations.organisation import ADMINISTRATOR, Organisation
from tests.operations.policing import ACTIONS, MATCH, define, empower, make

MAY_WRITE = {
    "sensitivity label": {
        "security administrator",
        "compliance administrator",
        "compliance data administrator",
    },
    "retention label": {"record management", "retention management"},
    "communication compliance": {
        "insider risk management administrator",
        "supervisory review administrator",
    },
}
EVERY_ROLE = sorted(
    {role for roles in MAY_WRITE.values() for role in roles}
    | {
        "global administrator",
        "content explorer list viewer",
        "content explorer content viewer",
    }
)


@pytest.fixture
def published(stable: Organisation) -> Organisation:
    publish(stable.workspace, ADMINISTRATOR, "contracts")
    empower(stable.workspace)
    return stable


def refused(code: str, organisation: Organisation, **parts: Any) -> None:
    with pytest.raises(CultivarError) as refusal:
        make(organisation.workspace, **parts)
    assert refusal.value.code == code


@pytest.mark.requirement("TC-02", "TC-58")
def test_an_unpublished_classifier_is_refused_and_a_published_one_taken_in_all_three(
    stable: Organisation,
) -> None:
    empower(stable.workspace)
    for kind in ACTIONS:
        refused("unpublished-classifier", stable, kind=kind, name=kind)
    assert list_policies(stable.workspace, ADMINISTRATOR) == []
    publish(stable.workspace, ADMINISTRATOR, "contracts")
    for kind in ACTIONS:
        make(stable.workspace, kind=kind, name=kind)
    kinds = {each.kind for each in list_policies(stable.workspace, ADMINISTRATOR)}
    assert kinds == set(ACTIONS) == {str(kind) for kind in Kind}
    usable = classifier_details(stable.workspace, ADMINISTRATOR, "contracts").usable_conditions
    assert set(usable) == kinds


@pytest.mark.requirement("TC-09", "TC-10", "TC-11", "RT-04")
@pytest.mark.parametrize("role", EVERY_ROLE)
def test_each_kind_of_policy_takes_its_own_roles(published: Organisation, role: str) -> None:
    workspace = published.workspace
    grant_role(workspace, ADMINISTRATOR, "robin", role)
    for kind, roles in MAY_WRITE.items():
        definition = define(kind=kind, name=kind)
        if role in roles:
            create_policy(workspace, "robin", definition)
            update_policy(workspace, "robin", kind, {"priority": 2})
            switch_policy(workspace, "robin", kind, False)
            continue
        with pytest.raises(NotPermitted) as refusal:
            create_policy(workspace, "robin", definition)
        assert refusal.value.code == "wrong-role"


def test_a_policy_of_another_kind_may_not_be_changed_or_switched(published: Organisation) -> None:
    workspace = published.workspace
    make(workspace)
    grant_role(workspace, ADMINISTRATOR, "robin", "security administrator")
    with pytest.raises(NotPermitted):
        update_policy(workspace, "robin", "Keep contracts", {"priority": 2})
    with pytest.raises(NotPermitted):
        switch_policy(workspace, "robin", "Keep contracts", False)


def test_every_version_of_a_policy_is_kept(published: Organisation) -> None:
    workspace = published.workspace
    first = make(workspace, "attributes")
    assert (first.policy_id, first.version) == ("keep-contracts", 1)
    longer = {**ACTIONS["retention label"], "retain_days": 9999}
    second = update_policy(workspace, ADMINISTRATOR, "keep contracts", {"action": longer})
    third = update_policy(workspace, ADMINISTRATOR, "keep-contracts", {}, ["attributes", "webhook"])
    assert (second.version, third.version) == (2, 3)
    details = policy_details(workspace, ADMINISTRATOR, "keep-contracts")
    versions = {each.version: each for each in details.versions}
    assert list(versions) == [3, 2, 1]
    assert versions[1].definition["action"]["retain_days"] == 3650
    assert versions[2].definition["action"]["retain_days"] == 9999
    assert versions[2].writers == ("attributes",)
    assert versions[3].writers == ("attributes", "webhook")
    with pytest.raises(InvalidInput) as refusal:
        update_policy(workspace, ADMINISTRATOR, "keep-contracts", {"action": longer})
    assert refusal.value.code == "nothing-changed"


def test_switching_off_makes_no_version_and_leaves_the_policy_out(published: Organisation) -> None:
    workspace = published.workspace
    make(workspace)
    switch_policy(workspace, ADMINISTRATOR, "Keep contracts", False)
    with workspace.registry.reading() as session:
        assert enabled_policies(session) == []
    changed = update_policy(workspace, ADMINISTRATOR, "Keep contracts", {"priority": 3})
    assert not changed.enabled
    switch_policy(workspace, ADMINISTRATOR, "Keep contracts", True)
    with workspace.registry.reading() as session:
        (found,) = enabled_policies(session)
    assert (found.version, found.priority, found.enabled) == (2, 3, True)


def test_what_cannot_be_kept_is_refused_by_name(published: Organisation) -> None:
    refused("unknown-classifier", published, condition={"classifier": "bills", "at_least": "match"})
    refused("no-classifier", published, condition={"workload": ["exchange"]})
    refused("no-queue", published, kind="communication compliance", action={"label": "Talk"})
    refused("fixed", published, version=7)
    make(published.workspace)
    refused("name-taken", published, name="keep CONTRACTS")
    with pytest.raises(InvalidInput) as refusal:
        update_policy(
            published.workspace, ADMINISTRATOR, "keep-contracts", {"kind": "sensitivity label"}
        )
    assert refusal.value.code == "fixed"
    with pytest.raises(Conflict):
        make(published.workspace, name="Keep-contracts")


def test_writers_are_off_by_default_and_must_fit(published: Organisation) -> None:
    workspace = published.workspace
    make(workspace)
    assert list_policies(workspace, ADMINISTRATOR)[0].writers == ()
    with pytest.raises(InvalidInput) as refusal:
        make(workspace, "telegraph", name="Other")
    assert refusal.value.code == "unknown-writer"
    with pytest.raises(InvalidInput) as refusal:
        make(workspace, "graph", name="Other", kind="sensitivity label")
    assert refusal.value.code == "unfit-writer"


def test_an_unknown_policy_is_named_with_near_matches(published: Organisation) -> None:
    make(published.workspace)
    with pytest.raises(NotFound) as refusal:
        policy_details(published.workspace, ADMINISTRATOR, "Keep contract")
    assert "Did you mean Keep contracts?" in refusal.value.sentence


@pytest.mark.parametrize("asked", ["ДОГОВОРЫ", "договоры", " Договоры "])
def test_a_name_in_any_letters_is_found_in_either_case_and_taken(
    published: Organisation, asked: str
) -> None:
    made = make(published.workspace, name="Договоры")
    found = policy_details(published.workspace, ADMINISTRATOR, asked)
    assert found.name == "Договоры"
    with pytest.raises(Conflict) as refusal:
        make(published.workspace, name=asked)
    assert refusal.value.code == "name-taken"
    assert made


def test_a_name_is_found_in_either_form_of_unicode(published: Organisation) -> None:
    make(published.workspace, name=unicodedata.normalize("NFC", "계약서 é"))
    decomposed = unicodedata.normalize("NFD", "계약서 é")
    assert policy_details(published.workspace, ADMINISTRATOR, decomposed).name


def test_policies_are_read_by_readers_and_writers_of_policies_only(
    published: Organisation,
) -> None:
    workspace = published.workspace
    make(workspace, condition={"and": [MATCH, {"folder": "legal"}]})
    for person, role in (("robin", "record management"), ("sam", "security administrator")):
        grant_role(workspace, ADMINISTRATOR, person, role)
        assert "folder is legal" in list_policies(workspace, person)[0].sentence
    revoke_role(workspace, ADMINISTRATOR, "robin", "record management")
    with pytest.raises(NotPermitted):
        list_policies(workspace, "robin")
