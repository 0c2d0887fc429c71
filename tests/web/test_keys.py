"""Keys: hashed, scoped, expiring, revocable, and shown once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from cultivar.core.errors import InvalidInput, NotFound, NotPermitted
from cultivar.core.roles import Actor, Role
from cultivar.operations.content.locations import add_location
from cultivar.operations.tenant.keys import caller_of, create_key, list_keys, revoke_key
from cultivar.operations.tenant.people import grant_role, revoke_role
from cultivar.operations.tenant.tenant import bootstrap
from cultivar.operations.transactions import roles_held
from cultivar.store.tables import KeyRow
from cultivar.store.workspace import Workspace, open_workspace
from tests.web.talking import Web

READER = str(Role.SECURITY_ADMINISTRATOR)


@pytest.fixture
def tenant(workspace: Workspace) -> Workspace:
    bootstrap(workspace, "alex")
    grant_role(workspace, "alex", "sam", READER)
    return workspace


def test_the_registry_holds_no_key_but_its_hash(tenant: Workspace) -> None:
    made, text = create_key(tenant, "alex", "notebook")
    secret = text.rsplit("_", 1)[-1]
    with tenant.registry.reading() as session:
        row = session.scalars(select(KeyRow)).one()
        kept = {name: str(value) for name, value in vars(row).items()}
    assert all(secret not in value for value in kept.values())
    assert secret not in str(made)
    assert secret not in str(list_keys(tenant, "alex"))


def test_a_key_acts_as_its_person(tenant: Workspace) -> None:
    made, text = create_key(tenant, "alex", "for sam", person="sam", roles=[READER])
    caller = caller_of(tenant, text)
    assert caller is not None
    assert (caller.actor, caller.key_id) == (Actor("sam", frozenset({READER}), made.id), made.id)


@pytest.mark.parametrize("broken", ["", "cv_", "x", "cv_000000000000_" + "a" * 43, "é" * 60])
def test_what_is_no_key_is_nobody(tenant: Workspace, broken: str) -> None:
    assert caller_of(tenant, broken) is None


def test_a_key_with_one_letter_changed_is_nobody(tenant: Workspace) -> None:
    _, text = create_key(tenant, "alex", "notebook")
    changed = text[:-1] + ("A" if text[-1] != "A" else "B")
    assert caller_of(tenant, changed) is None


def test_a_key_ends_when_it_expires(tenant: Workspace) -> None:
    _, text = create_key(tenant, "alex", "short", days=1)
    now = tenant.clock()
    settings = tenant.settings
    for hours, lives in ((23, True), (24, False)):
        clock = lambda hours=hours: now + timedelta(hours=hours, seconds=1)  # noqa: E731
        with open_workspace(settings, clock=clock) as later:
            assert (caller_of(later, text) is not None) == lives


def test_a_revoked_key_is_nobody_and_revoking_again_is_harmless(tenant: Workspace) -> None:
    made, text = create_key(tenant, "alex", "notebook")
    assert revoke_key(tenant, "alex", "notebook").state == "revoked"
    assert caller_of(tenant, text) is None
    assert revoke_key(tenant, "alex", made.id).state == "revoked"


def test_a_key_reaches_no_role_that_its_person_lacks(tenant: Workspace) -> None:
    with pytest.raises(NotPermitted, match="sam holds security administrator"):
        create_key(tenant, "sam", "more", roles=["compliance administrator"])
    with pytest.raises(NotPermitted, match="no role"):
        create_key(tenant, "alex", "for nobody", person="kim")


def test_a_role_that_is_revoked_leaves_the_key_at_once(tenant: Workspace) -> None:
    _, text = create_key(tenant, "sam", "reader", roles=[READER])
    revoke_role(tenant, "alex", "sam", READER)
    caller = caller_of(tenant, text)
    assert caller is not None
    assert caller.person == "sam"
    with tenant.registry.reading() as session:
        assert roles_held(session, caller.actor) == []


def test_only_a_global_administrator_makes_and_ends_keys_of_others(tenant: Workspace) -> None:
    with pytest.raises(NotPermitted, match="grant or revoke roles"):
        create_key(tenant, "sam", "for alex", person="alex")
    made, _ = create_key(tenant, "alex", "own")
    with pytest.raises(NotPermitted):
        revoke_key(tenant, "sam", made.id)
    with pytest.raises(NotFound, match="no key named 'nothing'"):
        revoke_key(tenant, "sam", "nothing")


def test_people_see_their_own_keys_and_administrators_all(tenant: Workspace) -> None:
    create_key(tenant, "alex", "one")
    create_key(tenant, "sam", "two")
    assert [each.name for each in list_keys(tenant, "sam")] == ["two"]
    assert {each.name for each in list_keys(tenant, "alex")} == {"one", "two"}


@pytest.mark.parametrize(("name", "days"), [("", 1), (" ", 1), ("x" * 101, 1), ("x", 0)])
def test_a_key_has_a_name_and_an_end(tenant: Workspace, name: str, days: int) -> None:
    with pytest.raises(InvalidInput):
        create_key(tenant, "alex", name, days=days)


@pytest.mark.requirement("CT-26")
@pytest.mark.parametrize("path", ["/api/v1/me", "/language/authoring/analyze-text/projects"])
def test_without_a_valid_key_no_route_answers(web: Web, path: str) -> None:
    for headers in (
        {},
        {"Ocp-Apim-Subscription-Key": "wrong"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic wrong"},
    ):
        answer = web.http.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.requirement("CT-26")
@pytest.mark.parametrize(
    "header",
    ["Ocp-Apim-Subscription-Key", "ocp-apim-subscription-key", "OCP-APIM-SUBSCRIPTION-KEY"],
)
def test_the_header_of_the_key_is_read_whatever_its_case(web: Web, header: str) -> None:
    assert web.http.get("/api/v1/me", headers={header: web.key()}).status_code == 200


def test_a_bearer_token_is_a_key_too(web: Web) -> None:
    answer = web.http.get("/api/v1/me", headers={"Authorization": f"bearer {web.key()}"})
    assert answer.json()["person"] == "alex"


def test_a_key_with_fewer_roles_can_do_less_than_its_person(web: Web) -> None:
    body = {"projectName": "P", "projectKind": "CustomSingleLabelClassification"}
    path = "/language/authoring/analyze-text/projects/P?api-version=2023-04-01"
    narrow = {"Ocp-Apim-Subscription-Key": web.key("alex", ["global administrator"])}
    assert web.http.patch(path, json=body, headers=narrow).status_code == 403
    assert web.call("PATCH", path, body).status_code == 201


def test_revoking_counts_from_the_next_request_on(web: Web) -> None:
    assert web.get("/api/v1/me").status_code == 200
    revoke_key(web.workspace, "alex", "for a test")
    assert web.get("/api/v1/me").status_code == 401


def test_who_lost_every_role_learns_no_name_of_what_there_is(web: Web) -> None:
    add_location(web.workspace, "alex", "secret-merger", "memory://secret-merger")
    grant_role(web.workspace, "alex", "sam", READER)
    assert web.get("/api/v1/me", person="sam").status_code == 200
    revoke_role(web.workspace, "alex", "sam", READER)
    asked = [
        ("POST", "/api/v1/classifiers", {"name": "x", "seeds": "nowhere"}),
        ("POST", "/api/v1/classifiers/plan", {"name": "x", "seeds": "nowhere"}),
        ("POST", "/api/v1/classifiers/none/test-items", {"source": "nowhere"}),
        ("POST", "/api/v1/policies/none/trial", {}),
        ("PATCH", "/api/v1/policies/none", {"name": "y"}),
        ("PUT", "/api/v1/policies/none/enabled", {"enabled": False}),
        ("PUT", "/api/v1/policies/none/archived", {"archived": True}),
    ]
    for method, path, body in asked:
        answer = web.call(method, path, body, person="sam")
        assert (answer.status_code, "secret-merger" in answer.text) == (403, False), path


def test_no_route_answers_with_what_lets_one_into_a_store(web: Web) -> None:
    place = "ftp://reader:s3cretpass@127.0.0.1:1/archive?key=t0kenvalue"
    add_location(web.workspace, "alex", "archive", place)
    asked = [
        ("POST", "/api/v1/locations", {"name": "archive", "url": place}),
        ("POST", "/api/v1/locations", {"name": "again", "url": place}),
        ("GET", "/api/v1/locations", None),
        ("GET", "/api/v1/locations/archive", None),
        ("GET", "/api/v1/locations/archive/uses", None),
        ("PUT", "/api/v1/locations/archive/name", {"name": "older"}),
        ("GET", "/api/v1/locations/older", None),
    ]
    answers = {(method, path): web.call(method, path, body) for method, path, body in asked}
    for each in answers.values():
        assert "s3cretpass" not in each.text
        assert "t0kenvalue" not in each.text
    renamed = answers["PUT", "/api/v1/locations/archive/name"]
    assert renamed.status_code == 200
    assert renamed.json()["location"]["place"] == "ftp://***@127.0.0.1:1/archive?***"
