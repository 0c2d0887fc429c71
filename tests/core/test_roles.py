"""Who may do what: the whole matrix, ownership and the entitlement."""

import pytest

from cultivar.core.errors import InvalidInput, NotPermitted
from cultivar.core.roles import (
    FOUNDING_ROLES,
    PERMISSIONS,
    Action,
    Ownership,
    Role,
    may,
    require_entitled,
    require_ownership,
    require_role,
    role_named,
)

# The decision on roles, written out: one row an action, the letters of the roles that may.
_LETTERS = dict(zip("GCDSLVREIP", Role, strict=True))
MATRIX = {
    Action.READ: "CDS",
    Action.OPT_IN: "G",
    Action.GRANT_ROLES: "G",
    Action.BACK_UP: "G",
    Action.SWEEP_STORE: "G",
    Action.ADD_LOCATION: "GCD",
    Action.CREATE: "CD",
    Action.TRAIN: "CD",
    Action.PUBLISH: "CD",
    Action.LABEL: "CD",
    Action.OVERRIDE_GATE: "C",
    Action.SEE_ITEMS: "L",
    Action.OPEN_CONTENT: "V",
    Action.USE_IN_SENSITIVITY: "CDS",
    Action.USE_IN_RETENTION: "RE",
    Action.USE_IN_COMMUNICATION: "IP",
    Action.READ_PROJECTS: "CDS",
    Action.WORK_ON_PROJECTS: "CD",
}


@pytest.mark.requirement("TC-07", "TC-08", "TC-09", "TC-10", "TC-11", "TC-31")
@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", Role)
def test_each_role_may_exactly_what_the_matrix_says(role: Role, action: Action) -> None:
    allowed = role in {_LETTERS[letter] for letter in MATRIX[action]}
    assert may([role], action) is allowed
    if allowed:
        require_role("kim", [role], action)
    else:
        with pytest.raises(NotPermitted) as refused:
            require_role("kim", [role], action)
        assert refused.value.code == "wrong-role"
        assert str(role) in refused.value.sentence


def test_every_action_has_a_row() -> None:
    assert set(PERMISSIONS) == set(Action) == set(MATRIX)


def test_nobody_without_a_role_may_do_anything() -> None:
    assert not any(may([], action) for action in Action)


@pytest.mark.requirement("TC-12")
def test_only_the_creator_and_who_they_granted_may_train() -> None:
    ownership = Ownership("kim", frozenset({"lee"}))
    require_ownership("kim", ownership, Action.TRAIN)
    require_ownership("lee", ownership, Action.TRAIN)
    with pytest.raises(NotPermitted) as refused:
        require_ownership("sam", ownership, Action.TRAIN)
    assert refused.value.code == "not-owner"
    assert "kim" in refused.value.sentence


def test_reading_asks_for_no_ownership() -> None:
    require_ownership("sam", Ownership("kim"), Action.READ)


@pytest.mark.requirement("TC-06")
def test_without_the_entitlement_the_refusal_has_its_name() -> None:
    require_entitled(True)
    with pytest.raises(NotPermitted) as refused:
        require_entitled(False)
    assert refused.value.code == "not-entitled"


def test_the_founder_can_walk_the_whole_lifecycle() -> None:
    needed = {Action.OPT_IN, Action.CREATE, Action.TRAIN, Action.PUBLISH, Action.LABEL}
    assert all(may(FOUNDING_ROLES, action) for action in needed)


def test_an_unknown_role_is_refused_with_the_list() -> None:
    assert role_named(" Compliance Administrator ") is Role.COMPLIANCE_ADMINISTRATOR
    with pytest.raises(InvalidInput) as refused:
        role_named("king")
    assert "global administrator" in refused.value.sentence
