"""The tenant's first person, its opt-in, and people's roles."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from cultivar.content.locations import Source
from cultivar.core.errors import GateClosed, InvalidInput, NotPermitted, NotReady
from cultivar.operations.classifiers.classifiers import (
    create_classifier,
    list_classifiers,
    plan_classifier,
)
from cultivar.operations.tenant.baseline import content_of, take_baseline
from cultivar.operations.tenant.people import grant_role, revoke_role, roles_of
from cultivar.operations.tenant.tenant import (
    BASELINE_GATES,
    bootstrap,
    finish_opt_in,
    start_opt_in,
    tenant_state,
)
from cultivar.store.tables import AuditRow
from tests.operations.organisation import ADMINISTRATOR, CONTRACT, Organisation, documents


def actions(organisation: Organisation) -> list[str]:
    with organisation.workspace.registry.reading() as session:
        return list(session.scalars(select(AuditRow.action).order_by(AuditRow.id)))


def test_a_registry_that_nobody_set_up_says_so(organisation: Organisation) -> None:
    with pytest.raises(NotReady) as refused:
        list_classifiers(organisation.workspace, ADMINISTRATOR)
    assert refused.value.code == "not-set-up"


def test_the_first_person_becomes_administrator_and_the_second_does_not(
    organisation: Organisation,
) -> None:
    assert bootstrap(organisation.workspace, ADMINISTRATOR) is True
    assert bootstrap(organisation.workspace, "kim") is False
    assert "global administrator" in roles_of(organisation.workspace, ADMINISTRATOR, ADMINISTRATOR)
    assert roles_of(organisation.workspace, "kim", "kim") == []
    assert actions(organisation) == ["set up"]


@pytest.mark.requirement("TC-07", "TC-33")
def test_creating_before_opt_in_is_refused(organisation: Organisation) -> None:
    bootstrap(organisation.workspace, ADMINISTRATOR)
    organisation.add("seeds", documents(CONTRACT, 60, "a"), "seed")
    for act in (plan_classifier, create_classifier):
        with pytest.raises(NotReady) as refused:
            act(organisation.workspace, ADMINISTRATOR, "Contracts", "", Source("seeds"))
        assert refused.value.code == "not-opted-in"


@pytest.mark.requirement("TC-14")
def test_until_the_baseline_is_taken_the_tenant_is_opting_in(organisation: Organisation) -> None:
    workspace = organisation.workspace
    bootstrap(workspace, ADMINISTRATOR)
    organisation.add("seeds", documents(CONTRACT, 60, "a"), "seed")
    assert start_opt_in(workspace, ADMINISTRATOR) == "opting in"
    assert start_opt_in(workspace, ADMINISTRATOR) == "opting in"
    with pytest.raises(NotReady) as refused:
        create_classifier(workspace, ADMINISTRATOR, "Contracts", "", Source("seeds"))
    assert refused.value.code == "opting-in"
    assert actions(organisation).count("opt-in started") == 1
    assert not tenant_state(workspace, ADMINISTRATOR).overdue
    began = workspace.clock()
    for days, overdue in ((11, False), (13, True)):
        later = replace(workspace, clock=partial(began.__add__, timedelta(days=days)))
        assert tenant_state(later, ADMINISTRATOR).overdue is overdue


def test_the_opt_in_finishes_only_over_gates_that_passed(organisation: Organisation) -> None:
    workspace = organisation.workspace
    bootstrap(workspace, ADMINISTRATOR)
    organisation.add("intranet", documents(CONTRACT, 20, "a"))
    start_opt_in(workspace, ADMINISTRATOR)
    found = take_baseline(workspace, content_of(workspace))
    parts = {gate: getattr(found, gate) for gate in BASELINE_GATES}
    for gate in BASELINE_GATES:
        with pytest.raises(GateClosed) as closed:
            finish_opt_in(workspace, ADMINISTRATOR, **parts, documents=found.documents)
        assert gate in closed.value.sentence
        organisation.passes(gate, parts[gate])
    finish_opt_in(workspace, ADMINISTRATOR, **parts, documents=found.documents)
    state = tenant_state(workspace, ADMINISTRATOR)
    assert (state.opt_in_status, state.baseline_documents) == ("opted in", 20)


def test_finishing_twice_changes_nothing(organisation: Organisation) -> None:
    organisation.opt_in()
    workspace = organisation.workspace
    found = take_baseline(workspace, content_of(workspace))
    finish_opt_in(
        workspace, ADMINISTRATOR, baseline=found.baseline,
        document_frequencies=found.document_frequencies, unlabelled=found.unlabelled,
        documents=found.documents,
    )  # fmt: skip
    assert actions(organisation).count("baseline taken") == 1


@pytest.mark.requirement("TC-13")
def test_a_second_classifier_needs_no_second_opt_in(organisation: Organisation) -> None:
    organisation.opt_in()
    organisation.create("Contracts")
    organisation.create("Invoices")
    assert actions(organisation).count("opt-in started") == 1


@pytest.mark.requirement("TC-07")
def test_a_compliance_administrator_cannot_opt_in(organisation: Organisation) -> None:
    workspace = organisation.workspace
    bootstrap(workspace, ADMINISTRATOR)
    grant_role(workspace, ADMINISTRATOR, "kim", "compliance administrator")
    with pytest.raises(NotPermitted) as refused:
        start_opt_in(workspace, "kim")
    assert refused.value.code == "wrong-role"


def test_roles_are_granted_and_revoked_and_audited_once(organisation: Organisation) -> None:
    workspace = organisation.workspace
    bootstrap(workspace, ADMINISTRATOR)
    for _ in range(2):
        grant_role(workspace, ADMINISTRATOR, "kim", "Security Administrator")
    assert roles_of(workspace, ADMINISTRATOR, "kim") == ["security administrator"]
    for _ in range(2):
        revoke_role(workspace, ADMINISTRATOR, "kim", "security administrator")
    assert roles_of(workspace, ADMINISTRATOR, "kim") == []
    assert actions(organisation) == ["set up", "role granted", "role revoked"]


def test_the_last_global_administrator_stays(organisation: Organisation) -> None:
    workspace = organisation.workspace
    bootstrap(workspace, ADMINISTRATOR)
    with pytest.raises(NotReady) as refused:
        revoke_role(workspace, ADMINISTRATOR, ADMINISTRATOR, "global administrator")
    assert refused.value.code == "last-administrator"


@pytest.mark.parametrize(("person", "role"), [("", "record management"), ("kim", "king")])
def test_a_role_needs_a_name_and_a_person(
    organisation: Organisation, person: str, role: str
) -> None:
    bootstrap(organisation.workspace, ADMINISTRATOR)
    with pytest.raises(InvalidInput):
        grant_role(organisation.workspace, ADMINISTRATOR, person, role)
