"""Every action of the area against every role, ownership and the entitlement."""

from collections.abc import Callable

import pytest

from cultivar.content.locations import Source
from cultivar.core.errors import CultivarError, NotPermitted
from cultivar.core.roles import Action, Role, may
from cultivar.operations.audit.verification import verify
from cultivar.operations.classifiers.classifiers import (
    create_classifier,
    fail_training,
    grant_trainer,
    list_classifiers,
    plan_classifier,
    restart_training,
)
from cultivar.operations.classifiers.details import classifier_details
from cultivar.operations.content.crawl_records import record_crawl
from cultivar.operations.content.locations import add_location, visible_locations
from cultivar.operations.identities import ensure_person
from cultivar.operations.publishing.overrides import override_gate
from cultivar.operations.publishing.publishing import publish
from cultivar.operations.review.by_language import accuracy_by_language
from cultivar.operations.review.items import next_items
from cultivar.operations.review.verdicts import (
    close_batch,
    open_batch,
    record_verdict,
    review_state,
    skip,
    undo_verdict,
)
from cultivar.operations.scoring.labelling import labelling_due, labellings
from cultivar.operations.tenant.people import grant_role, revoke_role, roles_of
from cultivar.operations.tenant.tenant import set_entitlement, start_opt_in, tenant_state
from cultivar.operations.training.seeds import build_seed_set
from cultivar.operations.training.test_sets import build_test_set, fail_testing, start_testing
from cultivar.store.tables import RoleAssignment, Tenant
from cultivar.store.workspace import Workspace
from tests.operations.organisation import ADMINISTRATOR, Organisation

SEEDS = Source("contracts-seeds", "Documents", "seeds")
TESTS = Source("tests", "Documents")
Call = Callable[[Workspace, str], object]

CALLS: list[tuple[str, Action, Call]] = [
    ("opt in", Action.OPT_IN, start_opt_in),
    ("grant", Action.GRANT_ROLES, lambda w, a: grant_role(w, a, "kim", "record management")),
    ("revoke", Action.GRANT_ROLES, lambda w, a: revoke_role(w, a, "kim", "record management")),
    ("roles of another", Action.READ, lambda w, a: roles_of(w, a, "kim")),
    ("add location", Action.ADD_LOCATION, lambda w, a: add_location(w, a, "new", "memory://new")),
    ("see locations", Action.READ, visible_locations),
    ("plan", Action.CREATE, lambda w, a: plan_classifier(w, a, "Other", "", SEEDS)),
    ("create", Action.CREATE, lambda w, a: create_classifier(w, a, "Other", "", SEEDS)),
    ("list", Action.READ, list_classifiers),
    ("details", Action.READ, lambda w, a: classifier_details(w, a, "contracts")),
    ("review state", Action.READ, lambda w, a: review_state(w, a, "contracts")),
    ("languages", Action.READ, lambda w, a: accuracy_by_language(w, a, "contracts")),
    ("labellings", Action.READ, labellings),
    ("restart", Action.TRAIN, lambda w, a: restart_training(w, a, "contracts")),
    ("fail", Action.TRAIN, lambda w, a: fail_training(w, a, "contracts", "why")),
    ("grant trainer", Action.TRAIN, lambda w, a: grant_trainer(w, a, "contracts", "kim")),
    ("seed set", Action.TRAIN, lambda w, a: build_seed_set(w, a, "contracts")),
    ("add test", Action.TRAIN, lambda w, a: start_testing(w, a, "contracts", TESTS)),
    ("fail test", Action.TRAIN, lambda w, a: fail_testing(w, a, "contracts", "why")),
    ("test set", Action.TRAIN, lambda w, a: build_test_set(w, a, "contracts", TESTS)),
    ("open batch", Action.TRAIN, lambda w, a: open_batch(w, a, "contracts")),
    ("next items", Action.TRAIN, lambda w, a: next_items(w, a, "contracts")),
    ("verdict", Action.TRAIN, lambda w, a: record_verdict(w, a, "contracts", "x", "yes")),
    ("undo", Action.TRAIN, lambda w, a: undo_verdict(w, a, "contracts", "x")),
    ("skip", Action.TRAIN, lambda w, a: skip(w, a, "contracts", "x")),
    ("close batch", Action.TRAIN, lambda w, a: close_batch(w, a, "contracts")),
    ("publish", Action.PUBLISH, lambda w, a: publish(w, a, "contracts")),
    ("override", Action.OVERRIDE_GATE, lambda w, a: override_gate(w, a, "contracts", "x", "y")),
    ("label", Action.LABEL, labelling_due),
    ("verify", Action.READ, lambda w, a: verify(w, a, "contracts")),
]
IDS = [name for name, _, _ in CALLS]


def refusal(call: Call, workspace: Workspace, actor: str) -> str | None:
    try:
        call(workspace, actor)
    except CultivarError as error:
        return error.code
    return None


def give(workspace: Workspace, person: str, *roles: Role) -> None:
    at = workspace.clock()
    with workspace.registry.transaction() as session:
        ensure_person(session, person, at)
        for role in roles:
            session.add(
                RoleAssignment(
                    person=person, role=str(role), granted_by=ADMINISTRATOR, granted_at=at
                )
            )


@pytest.mark.requirement("TC-07", "TC-08", "TC-31")
@pytest.mark.parametrize(("name", "action", "call"), CALLS, ids=IDS)
def test_only_the_roles_of_the_matrix_get_past_the_role_check(
    reviewable: Organisation, name: str, action: Action, call: Call
) -> None:
    for role in Role:
        person = f"holder of {role}"
        give(reviewable.workspace, person, role)
        refused = refusal(call, reviewable.workspace, person)
        assert (refused == "wrong-role") is not may([role], action), (name, role, refused)
    assert refusal(call, reviewable.workspace, "nobody") == "wrong-role"


@pytest.mark.requirement("TC-06")
@pytest.mark.parametrize(("name", "action", "call"), CALLS, ids=IDS)
def test_without_the_entitlement_every_call_is_refused(
    reviewable: Organisation, name: str, action: Action, call: Call
) -> None:
    with reviewable.workspace.registry.transaction() as session:
        session.get_one(Tenant, 1).entitled = False
    assert refusal(call, reviewable.workspace, ADMINISTRATOR) == "not-entitled"


def test_without_the_entitlement_nothing_is_recorded_and_its_state_is_not_shown(
    reviewable: Organisation,
) -> None:
    workspace = reviewable.workspace
    with workspace.registry.transaction() as session:
        session.get_one(Tenant, 1).entitled = False
    items = workspace.artifacts.write("items", [], producer="crawl")
    recorded = refusal(lambda w, _: record_crawl(w, "intranet", items, {}), workspace, "any")
    assert recorded == "not-entitled"
    assert refusal(tenant_state, workspace, ADMINISTRATOR) == "not-entitled"


@pytest.mark.requirement("TC-06")
def test_a_global_administrator_alone_switches_the_entitlement(reviewable: Organisation) -> None:
    workspace = reviewable.workspace
    give(workspace, "kim", Role.COMPLIANCE_ADMINISTRATOR)
    with pytest.raises(NotPermitted):
        set_entitlement(workspace, "kim", False)
    set_entitlement(workspace, ADMINISTRATOR, False)
    assert refusal(list_classifiers, workspace, ADMINISTRATOR) == "not-entitled"
    set_entitlement(workspace, ADMINISTRATOR, True)
    assert refusal(list_classifiers, workspace, ADMINISTRATOR) is None


@pytest.mark.requirement("TC-12")
@pytest.mark.parametrize(
    ("name", "call"),
    [(name, call) for name, action, call in CALLS if action in {Action.TRAIN, Action.PUBLISH}],
    ids=[name for name, action, _ in CALLS if action in {Action.TRAIN, Action.PUBLISH}],
)
def test_another_person_of_the_same_role_is_refused_until_the_creator_grants_it(
    reviewable: Organisation, name: str, call: Call
) -> None:
    workspace = reviewable.workspace
    give(workspace, "kim", Role.COMPLIANCE_ADMINISTRATOR)
    assert refusal(call, workspace, "kim") == "not-owner"
    grant_trainer(workspace, ADMINISTRATOR, "contracts", "kim")
    after = refusal(call, workspace, "kim")
    # Who was granted may train, but not pass the grant on.
    assert (after == "not-owner") is (name == "grant trainer")
