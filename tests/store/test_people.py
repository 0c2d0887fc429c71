"""People in the registry: ids in tables, names in code; a registry of before takes them over."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from cultivar.core.audit_chain import (
    Anchor,
    Entry,
    anchored,
    canonical_json,
    chained,
    moment,
    verify_lines,
)
from cultivar.store import audit_log, migrating
from cultivar.store.registry import Registry
from cultivar.store.tables import AuditRow, PersonRow, RoleAssignment, Tenant, all_tables
from cultivar.store.tables.people import PersonName

SCRIPT = ScriptDirectory(str(Path(migrating.__file__).parent / "migrations")).get_revision("0015")
EARLIER = str(SCRIPT.down_revision)
# tables that came with people, or after them
LATER = {"binding", "password", "session", "set_up_link"}
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
OLD = (
    "INSERT INTO tenant (id, name, entitled, opt_in_status, opted_in_by, baseline_documents,"
    " accuracy_target, measured_required, seed)"
    " VALUES (1, 'we', true, 'opted in', 'kim', 0, 0.8, false, 0)",
    "INSERT INTO role_assignment VALUES ('kim', 'record management', 'alex', :now)",
    "INSERT INTO role_assignment VALUES ('alex', 'global administrator', 'alex', :now)",
    "INSERT INTO api_key (id, sha256, name, person, roles, created_by, created_at, expires_at)"
    " VALUES ('k1', 'h', 'laptop', 'kim', '[]', 'alex', :now, :now)",
    "INSERT INTO outbox (id, kind, subject, payload, created_at)"
    " VALUES (1, 'training due', 'c', '{\"actor\": \"kim\"}', :now)",
)


@pytest.fixture
def before(registry_url: str, monkeypatch: pytest.MonkeyPatch) -> Anchor:
    """A registry as the release before made it, with names; returns the end of its audit log."""
    upgrade: Callable[..., Any] = command.upgrade
    with monkeypatch.context() as patched:
        patched.setattr(command, "upgrade", lambda config, _head: upgrade(config, EARLIER))
        Registry.open(registry_url).close()
    engine = sa.create_engine(sa.make_url(registry_url), poolclass=sa.NullPool)
    head = Anchor()
    with engine.begin() as connection:
        for statement in OLD:
            connection.execute(sa.text(statement.replace(":now", "'2026-03-01 12:00:00'")))
        for actor, action, subject, details in (
            ("alex", "role granted", "kim", {"role": "record management"}),
            ("kim", "key created", "key:k1", {"person": "kim", "roles": []}),
            ("robin", "crawled", "location:kim", {"found": 3}),
        ):
            row = chained(head, Entry(AT, actor, action, subject, details))
            connection.execute(
                sa.text(
                    "INSERT INTO audit (id, at, actor, action, subject, details, previous, hash)"
                    " VALUES (:id, :at, :actor, :action, :subject, :details, :previous, :hash)"
                ),
                {
                    "id": row.number, "at": moment(AT), "actor": actor, "action": action,
                    "subject": subject, "details": canonical_json(details),
                    "previous": row.previous, "hash": row.hash,
                },
            )  # fmt: skip
            head = anchored(row)
        connection.execute(
            sa.text("UPDATE audit_anchor SET count = :count, head = :head"),
            {"count": head.count, "head": head.head},
        )
    return head


@contextmanager
def opened(url: str) -> Iterator[sa.orm.Session]:
    with Registry.open(url) as registry, registry.reading() as session:
        yield session


def test_a_registry_of_before_keeps_ids_where_it_had_names(
    registry_url: str, before: Anchor
) -> None:
    with opened(registry_url) as session:
        ids = dict(session.execute(sa.select(PersonRow.name, PersonRow.id)).all())
        assert set(ids) == {"alex", "kim", "robin"}
        stored = session.execute(sa.text("SELECT person, granted_by FROM role_assignment")).all()
        assert set(stored) == {(ids["kim"], ids["alex"]), (ids["alex"], ids["alex"])}
        key = session.execute(sa.text("SELECT person, created_by, revoked_by FROM api_key")).one()
        assert tuple(key) == (ids["kim"], ids["alex"], None)
        due = session.execute(sa.text("SELECT payload FROM outbox")).scalar()
        assert ids["kim"] in str(due)
        assert session.get_one(Tenant, 1).opted_in_by == "kim"
        assert session.get_one(RoleAssignment, ("kim", "record management")).granted_by == "alex"


def test_its_audit_log_is_as_it_was_and_ends_with_a_checkpoint(
    registry_url: str, before: Anchor
) -> None:
    with opened(registry_url) as session:
        lines = list(audit_log.lines(session))
        verdict = verify_lines(lines, before)
        assert (verdict.sound, verdict.anchor.count) == (True, 4)
        assert audit_log.anchor_of(session) == verdict.anchor
        assert '"actor":"kim"' in lines[1]
        told = session.get_one(AuditRow, 4)
        assert (told.action, told.actor) == ("names separated", "cultivar")
        assert told.details == {"rows": 3, "head": before.head, "people": 3}


def test_every_column_of_a_person_is_taken_over() -> None:
    known = {
        (table.name, column.name)
        for table in all_tables().sorted_tables
        for column in table.columns
        if isinstance(column.type, PersonName) and table.name not in LATER
    }
    moved: dict[str, tuple[str, ...]] = SCRIPT.module._NAMES
    assert known == {(table, column) for table, columns in moved.items() for column in columns}
