"""The registry is what the audit log says that people did; what was changed behind both is told."""

import os

import pytest
import sqlalchemy as sa

from cultivar.core.errors import Damaged
from cultivar.operations.audit.agreement import disagreements, held, ids_of_people
from cultivar.operations.audit.replay import Deed, differences, replayed
from cultivar.operations.audit.verification import verify_everything
from cultivar.operations.tenant.directory import rename_person
from cultivar.operations.tenant.keys import create_key, revoke_key
from cultivar.operations.tenant.people import grant_role, revoke_role
from cultivar.store.workspace import Workspace
from tests.operations.mail import give, listed
from tests.operations.organisation import ADMINISTRATOR, Organisation


def behind_the_back(workspace: Workspace, statement: str) -> None:
    """Change the database as somebody who may write to it can."""
    engine = sa.create_engine(workspace.registry.url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        assert connection.exec_driver_sql(statement).rowcount


@pytest.fixture
def busy(used: Organisation) -> Organisation:
    """An organisation with something of every kind that is compared."""
    give(used, listed(used)[:5])
    workspace = used.workspace
    grant_role(workspace, ADMINISTRATOR, "kim", "record management")
    grant_role(workspace, ADMINISTRATOR, "lee", "record management")
    revoke_role(workspace, ADMINISTRATOR, "lee", "record management")
    for name in ("one", "two"):
        create_key(workspace, ADMINISTRATOR, name)
    revoke_key(workspace, ADMINISTRATOR, "two")
    rename_person(workspace, ADMINISTRATOR, "kim", "kim b")
    return used


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM review WHERE item_id IN (SELECT item_id FROM review LIMIT 100)",
         "Of the reviews in the registry 100 are gone"),
        ("UPDATE review SET verdict = 'no' WHERE verdict = 'yes'", "say something else"),
        ("INSERT INTO role_assignment SELECT person, 'insider risk management administrator', "
         "person, granted_at FROM role_assignment WHERE role = 'record management'",
         "are on no record (the first: p-"),
        ("DELETE FROM role_assignment WHERE role = 'record management'",
         "are gone (the first: p-"),
        ("UPDATE api_key SET revoked_at = NULL", "keys in the registry 1 say something else"),
        ("UPDATE api_key SET person = 'p-00000000' WHERE name = 'one'", "keys in the registry 1"),
        ("UPDATE feedback SET verdict = 'not a match'", "Of the feedback in the registry"),
        ("UPDATE classifier SET status = 'Archived'", "classifiers and their statuses"),
    ],
)  # fmt: skip
def test_what_is_changed_behind_the_log_is_told(
    busy: Organisation, statement: str, told: str
) -> None:
    verify_everything(busy.workspace, ADMINISTRATOR).require()
    behind_the_back(busy.workspace, statement)
    with pytest.raises(Damaged) as caught:
        verify_everything(busy.workspace, ADMINISTRATOR).require()
    assert caught.value.code == "registry-differs"
    assert told in caught.value.sentence


def test_random_bytes_in_the_registry_are_told(busy: Organisation) -> None:
    workspace = busy.workspace
    if workspace.registry.url.drivername != "sqlite":
        pytest.skip("the pages are SQLite's")
    workspace.registry.close()
    path = workspace.settings.home / "registry.db"
    pages = path.stat().st_size // 4096
    with path.open("r+b") as file:
        for page in range(pages // 2, pages // 2 + 25):
            file.seek(page * 4096)
            file.write(os.urandom(400))
    with pytest.raises(Damaged) as caught:
        verify_everything(workspace, ADMINISTRATOR).require()
    assert caught.value.code == "registry-damaged"


def test_nothing_differs_after_a_life(busy: Organisation) -> None:
    with busy.workspace.registry.reading() as session:
        assert disagreements(session) == ()
        standing = held(session, ids_of_people(session))
    filled = {kind for kind, rows in standing.kinds.items() if rows}
    assert {"reviews", "feedback", "roles", "keys", "locations", "policies"} <= filled


def test_a_later_deed_takes_the_place_of_an_earlier_one() -> None:
    def deed(action: str, **details: object) -> Deed:
        return Deed("alex", action, "contracts", details)

    given = deed("verdict", item="a", verdict="yes", before=None)
    corrected = deed("verdict corrected", item="a", verdict="no", before="yes")
    undone = deed("verdict undone", item="a", before="no")
    one, two, none = replayed([given]), replayed([given, corrected]), replayed([given, undone])
    assert [each.changed for each in differences(one, two)] == [(("contracts", "a"),)]
    assert [each.gone for each in differences(one, none)] == [(("contracts", "a"),)]
    assert [each.made_up for each in differences(none, one)] == [(("contracts", "a"),)]
