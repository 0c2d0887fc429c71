"""People: added, bound, renamed, exported and erased, with nothing of their name left."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from cultivar.core.audit_chain import Entry
from cultivar.core.errors import CultivarError, NotPermitted
from cultivar.core.people.redaction import checkpoint
from cultivar.core.roles import FOUNDING_ROLES
from cultivar.operations.audit.audit import Wanted, audit_entries, export_audit, verify_audit
from cultivar.operations.classifiers.classifiers import grant_trainer
from cultivar.operations.classifiers.details import classifier_details
from cultivar.operations.tenant.accounts import actor_id, bind, set_unbound_claims, unbind, who_acts
from cultivar.operations.tenant.directory import add_person, list_people, rename_person
from cultivar.operations.tenant.disclosure import export_person
from cultivar.operations.tenant.erasure import erase_person, plan_erasure
from cultivar.operations.tenant.keys import caller_of, create_key
from cultivar.operations.tenant.people import everybodys_roles, grant_role, roles_of
from cultivar.operations.tenant.tenant import bootstrap
from cultivar.settings import system_account
from cultivar.store import audit_log
from cultivar.store.workspace import Workspace
from tests.operations.organisation import ADMINISTRATOR, Organisation

CANARY = "Quillon Vexmarsh-Ölander"
ROLE = "compliance administrator"


@pytest.fixture
def home(workspace: Workspace) -> Workspace:
    bootstrap(workspace, ADMINISTRATOR)
    return workspace


def code_of(function: object, *arguments: object, **more: object) -> str:
    assert callable(function)
    with pytest.raises(CultivarError) as refused:
        function(*arguments, **more)
    return refused.value.code


def test_a_person_is_an_id_and_everything_shows_the_name(home: Workspace) -> None:
    kim = add_person(home, ADMINISTRATOR, "Kim", "kim@example.org")
    grant_role(home, ADMINISTRATOR, "Kim", ROLE)
    grant_role(home, ADMINISTRATOR, kim.id, "record management")
    assert everybodys_roles(home, ADMINISTRATOR)["Kim"] == [ROLE, "record management"]
    assert roles_of(home, kim.id, "Kim") == roles_of(home, "Kim", kim.id)
    granted = audit_entries(home, ADMINISTRATOR, Wanted(subject="Kim", action="role granted"))
    assert {each.subject for each in granted} == {"Kim"}
    exported = "\n".join(export_audit(home, ADMINISTRATOR))
    assert "Kim" not in exported
    assert kim.id in exported


def test_a_new_name_shows_everywhere_and_the_old_one_acts_no_more(home: Workspace) -> None:
    grant_role(home, ADMINISTRATOR, "Kim", ROLE)
    rename_person(home, "alex", "Kim", "Kim Smith")
    assert roles_of(home, "Kim Smith", "Kim Smith") == [ROLE]
    assert everybodys_roles(home, ADMINISTRATOR).keys() == {ADMINISTRATOR, "Kim Smith"}
    assert roles_of(home, "Kim", "Kim") == []
    rename_person(home, ADMINISTRATOR, ADMINISTRATOR, "Alexandra")
    (entry,) = audit_entries(home, "Alexandra", Wanted(action="person renamed"), limit=1)
    assert (entry.actor, entry.subject) == ("Alexandra", "Alexandra")


def test_names_that_read_alike_and_people_who_are_not_there_are_refused(home: Workspace) -> None:
    add_person(home, ADMINISTRATOR, "Kim")
    assert code_of(add_person, home, ADMINISTRATOR, "kim") == "name-taken"
    assert code_of(rename_person, home, ADMINISTRATOR, "alex", "KIM") == "name-taken"
    assert code_of(rename_person, home, ADMINISTRATOR, "Tim", "Tom") == "unknown-person"
    assert code_of(bind, home, ADMINISTRATOR, "Tim", "tim") == "unknown-person"
    assert code_of(add_person, home, "Kim", "Sam") == "wrong-role"
    assert code_of(plan_erasure, home, ADMINISTRATOR, "Tim") == "unknown-person"
    assert code_of(erase_person, home, ADMINISTRATOR, ADMINISTRATOR) == "last-administrator"


def test_an_account_proves_who_acts_and_a_claim_proves_nothing(home: Workspace) -> None:
    add_person(home, ADMINISTRATOR, "Kim")
    bind(home, ADMINISTRATOR, "Kim", "kjones")
    assert code_of(bind, home, ADMINISTRATOR, "alex", "kjones") == "account-bound"
    own = who_acts(home, "kjones", "kjones")
    assert (own.person, own.bound) == ("Kim", True)
    claimed = who_acts(home, "alex", "kjones")
    assert (claimed.person, claimed.bound) == ("alex", False)
    assert who_acts(home, "stranger", "stranger").bound is False
    unbind(home, ADMINISTRATOR, "Kim", "kjones")
    assert who_acts(home, "kjones", "kjones").person == "kjones"


def test_a_tenant_may_refuse_claims_that_no_account_backs(home: Workspace) -> None:
    assert code_of(set_unbound_claims, home, ADMINISTRATOR, refused=True) == "would-lock-out"
    bind(home, ADMINISTRATOR, ADMINISTRATOR, "ops")
    set_unbound_claims(home, ADMINISTRATOR, refused=True)
    assert who_acts(home, ADMINISTRATOR, "ops").bound
    assert code_of(who_acts, home, ADMINISTRATOR, "kjones") == "unbound-claim"
    assert code_of(who_acts, home, "kjones", "kjones") == "unbound-claim"
    assert code_of(unbind, home, ADMINISTRATOR, ADMINISTRATOR, "ops") == "would-lock-out"
    set_unbound_claims(home, ADMINISTRATOR, refused=False)
    assert not who_acts(home, ADMINISTRATOR, "kjones").bound


def test_who_sets_a_home_up_is_bound_to_the_account_unless_it_was_a_claim(
    workspace: Workspace,
) -> None:
    bootstrap(workspace, "ops", account="ops")
    assert who_acts(workspace, "ops", "ops").bound
    assert actor_id(workspace, "ops").startswith("p-")
    assert actor_id(workspace, "stranger") == "stranger"
    assert system_account()


def bytes_of(home: Path) -> Iterator[tuple[Path, bytes]]:
    for path in home.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes()


def holding(home: Path, name: str) -> list[str]:
    """Return the files that hold a name, in any of the ways in which it may be spelt."""
    spelt = {name.encode(), json.dumps(name)[1:-1].encode(), name.encode("utf-16-le")}
    return [path.name for path, found in bytes_of(home) if any(each in found for each in spelt)]


def test_nothing_of_an_erased_persons_name_is_left_in_the_home(reviewable: Organisation) -> None:
    workspace = reviewable.workspace
    if not workspace.settings.registry_url.startswith("sqlite"):
        pytest.skip("with the registry on PostgreSQL no file of the home holds a name")
    kim = add_person(workspace, ADMINISTRATOR, CANARY, f"mailto:{CANARY}")
    for role in (*FOUNDING_ROLES, "record management"):
        grant_role(workspace, ADMINISTRATOR, CANARY, str(role))
    bind(workspace, ADMINISTRATOR, CANARY, f"account of {CANARY}")
    grant_trainer(workspace, ADMINISTRATOR, "contracts", CANARY)
    _, key = create_key(workspace, CANARY, f"{CANARY}'s laptop")
    reviewable.review_batch("contracts", actor=CANARY)
    rename_person(workspace, ADMINISTRATOR, CANARY, "Quillon")
    rename_person(workspace, ADMINISTRATOR, "Quillon", CANARY)
    assert holding(workspace.settings.home, CANARY)

    done = erase_person(workspace, ADMINISTRATOR, CANARY)

    assert holding(workspace.settings.home, CANARY) == []
    assert holding(workspace.settings.home, "Quillon") == []
    assert (done.id, done.keys, done.mentions) == (kim.id, 1, {})
    assert caller_of(workspace, key) is None
    assert verify_audit(workspace, ADMINISTRATOR).sound
    entries = audit_entries(workspace, ADMINISTRATOR, Wanted(actor=kim.id))
    assert {each.actor for each in entries} == {f"erased person {kim.id}"}
    assert entries
    assert code_of(grant_role, workspace, ADMINISTRATOR, kim.id, ROLE) == "person-erased"
    assert code_of(roles_of, workspace, kim.id, kim.id) == "person-erased"
    assert code_of(erase_person, workspace, ADMINISTRATOR, kim.id) == "person-erased"
    (gone,) = [each for each in list_people(workspace, ADMINISTRATOR) if each.erased_at]
    assert (gone.address, gone.accounts, gone.roles) == (None, (), ())
    assert roles_of(workspace, CANARY, CANARY) == []


def test_what_an_erased_person_owned_goes_to_an_heir(reviewable: Organisation) -> None:
    workspace = reviewable.workspace
    grant_role(workspace, ADMINISTRATOR, "sam", "global administrator")
    grant_role(workspace, ADMINISTRATOR, "sam", ROLE)
    assert code_of(erase_person, workspace, "sam", ADMINISTRATOR) == "owns-classifiers"
    planned = plan_erasure(workspace, "sam", ADMINISTRATOR, "sam")
    assert planned.classifiers == ("contracts",)
    erase_person(workspace, "sam", ADMINISTRATOR, "sam")
    assert classifier_details(workspace, "sam", "contracts").owner == "sam"
    grant_trainer(workspace, "sam", "contracts", "kim")


def test_what_is_kept_of_a_person_is_told_in_full(home: Workspace) -> None:
    grant_role(home, ADMINISTRATOR, "Kim", ROLE)
    create_key(home, "Kim", "laptop")
    found = export_person(home, "Kim", "Kim")
    assert found["person"]["name"] == "Kim"
    assert {"role_assignment", "api_key", "audit"} <= found.keys()
    assert found["role_assignment"][0]["granted_by"] == ADMINISTRATOR
    assert "sha256" not in found["api_key"][0]
    assert {each["action"] for each in found["audit"]} >= {"role granted", "key created"}
    with pytest.raises(NotPermitted):
        export_person(home, "Kim", ADMINISTRATOR)


def test_the_log_of_before_is_redacted_and_still_proven(home: Workspace) -> None:
    """The checkpoint is set by hand here; tests of the store have a registry of before."""
    grant_role(home, ADMINISTRATOR, "Kim", ROLE)
    _as_before(home)
    anchor = verify_audit(home, ADMINISTRATOR).anchor
    planned = plan_erasure(home, ADMINISTRATOR, "Kim")
    assert planned.rows_redacted == 1
    done = erase_person(home, ADMINISTRATOR, "Kim")
    assert done.rows_redacted == 1
    verdict = verify_audit(home, ADMINISTRATOR, anchor)
    assert verdict.sound
    assert "Names were taken out of 1 of them" in verdict.sentence
    assert holding(home.settings.home, "Kim") == []
    with pytest.raises(sa.exc.DatabaseError), home.registry.transaction() as session:
        session.execute(sa.text("UPDATE audit SET actor = 'x'"))


def _as_before(home: Workspace) -> None:
    """Append to the log what the release before wrote, and the checkpoint behind it."""
    with home.registry.transaction() as session:
        at = home.clock()
        audit_log.append(session, Entry(at, "Kim", "published", "contracts", {}))
        head = audit_log.anchor_of(session)
        said = checkpoint(head, 2)
        audit_log.append(session, Entry(at, "cultivar", "names separated", "audit", said))
