"""The audit log in both databases: chained, append-only, and no byte of it changes unseen."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.exc import IntegrityError

from cultivar.core.audit_chain import Anchor, Entry, Verdict, held_against, verify_lines
from cultivar.core.errors import Damaged
from cultivar.store import audit_log, migrating
from cultivar.store.registry import Registry
from tests.store.conftest import noon

WRITE = """
import sys
from datetime import UTC, datetime
from cultivar.core.audit_chain import Entry
from cultivar.store import audit_log
from cultivar.store.registry import Registry

with Registry.open(sys.argv[1]) as registry:
    for number in range(40):
        with registry.transaction() as session:
            for part in ("first", "second"):
                said = Entry(datetime.now(UTC), sys.argv[2], "test", part, {"number": number})
                audit_log.append(session, said)
"""


def entry(number: int) -> Entry:
    details = {"item": f"item-{number}", "score": number / 7, "who": "Zoë"}
    return Entry(noon() + timedelta(seconds=number), "alex", "test", "tenant", details)


def fill(registry: Registry, count: int = 6) -> None:
    for number in range(count):
        with registry.transaction() as session:
            audit_log.append(session, entry(number))


def verdict_on(registry: Registry, kept: Anchor | None = None) -> Verdict:
    with registry.reading() as session:
        found = verify_lines(audit_log.lines(session), kept)
        return held_against(found, audit_log.anchor_of(session))


def tamper(registry: Registry, *statements: str) -> None:
    """Change the log as somebody with the database's password can: without the triggers."""
    engine = sa.create_engine(registry.url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            names = connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type='trigger'"
            )
            for (name,) in names.all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_what_is_appended_is_read_back_and_is_whole(registry: Registry) -> None:
    fill(registry)
    found = verdict_on(registry)
    assert found.sound
    assert found.anchor.count == 6


def test_several_rows_of_one_transaction_follow_each_other(registry: Registry) -> None:
    with registry.transaction() as session:
        for number in range(3):
            audit_log.append(session, entry(number))
    assert verdict_on(registry).anchor.count == 3


def test_what_is_rolled_back_leaves_no_gap(registry: Registry) -> None:
    fill(registry, 2)
    with pytest.raises(ZeroDivisionError):
        append_then_fail(registry)
    fill(registry, 1)
    assert verdict_on(registry).anchor.count == 3


def append_then_fail(registry: Registry) -> None:
    with registry.transaction() as session:
        audit_log.append(session, entry(9))
        raise ZeroDivisionError


def test_four_processes_that_write_at_once_make_one_chain(registry: Registry) -> None:
    url = registry.url.render_as_string(hide_password=False)
    command_line = [sys.executable, "-c", WRITE, url]
    writers = [subprocess.Popen([*command_line, name], stderr=subprocess.PIPE) for name in "abcd"]
    problems = [writer.communicate(timeout=120)[1].decode() for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0, 0], problems
    found = verdict_on(registry)
    assert found.sound
    assert found.anchor.count == 4 * 40 * 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'kim' WHERE id = 2",
        "DELETE FROM audit WHERE id = 6",
        "DELETE FROM audit_anchor",
        "UPDATE audit_anchor SET count = 5",
    ],
)
def test_the_database_itself_refuses_to_change_the_log(registry: Registry, statement: str) -> None:
    fill(registry)
    with pytest.raises(IntegrityError), registry.transaction() as session:
        session.execute(sa.text(statement))
    assert verdict_on(registry).anchor.count == 6


Break = tuple[str, tuple[str, ...], int, str]
BREAKS: list[Break] = [
    ("an actor", ("UPDATE audit SET actor = 'kim' WHERE id = 3",), 3, "audit-changed"),
    (
        "a space in the details",
        ("UPDATE audit SET details = replace(details, ',', ', ') WHERE id = 4",),
        4,
        "audit-unreadable",
    ),
    (
        "another text of the same moment",
        ("UPDATE audit SET at = replace(at, 'T', ' ') WHERE id = 2",),
        2,
        "audit-unreadable",
    ),
    ("a row removed", ("DELETE FROM audit WHERE id = 3",), 3, "audit-gap"),
    (
        "two rows in another order",
        (
            "UPDATE audit SET id = 99 WHERE id = 2",
            "UPDATE audit SET id = 2 WHERE id = 3",
            "UPDATE audit SET id = 3 WHERE id = 99",
        ),
        2,
        "audit-unlinked",
    ),
    ("the last rows removed", ("DELETE FROM audit WHERE id > 4",), 5, "audit-shortened"),
    (
        "a row added without the anchor",
        (
            "INSERT INTO audit (id, at, actor, action, subject, details, previous, hash) "
            "SELECT 7, at, actor, action, subject, details, hash, 'x' FROM audit WHERE id = 6",
        ),
        7,
        "audit-changed",
    ),
    ("all rows removed", ("DELETE FROM audit",), 1, "audit-shortened"),
]


@pytest.mark.parametrize(
    ("statements", "row", "code"), [each[1:] for each in BREAKS], ids=[each[0] for each in BREAKS]
)
def test_what_somebody_changed_behind_the_program_is_found_and_named(
    registry: Registry, statements: tuple[str, ...], row: int, code: str
) -> None:
    fill(registry)
    tamper(registry, *statements)
    found = verdict_on(registry)
    assert (found.sound, found.broken, found.code) == (False, row, code)
    assert str(row) in found.sentence or code == "audit-shortened"


def test_an_anchor_kept_elsewhere_shows_that_log_and_anchor_were_both_cut(
    registry: Registry,
) -> None:
    fill(registry)
    kept = verdict_on(registry).anchor
    tamper(
        registry,
        "DELETE FROM audit WHERE id > 4",
        "UPDATE audit_anchor SET count = 4, head = (SELECT hash FROM audit WHERE id = 4)",
    )
    assert verdict_on(registry).sound
    found = verdict_on(registry, kept)
    assert (found.broken, found.code) == (5, "audit-shortened")


def test_without_its_anchor_the_log_is_damaged(registry: Registry) -> None:
    fill(registry)
    tamper(registry, "DELETE FROM audit_anchor")
    with pytest.raises(Damaged) as caught:
        verdict_on(registry)
    assert caught.value.code == "audit-anchor-missing"


COLUMNS = ("at", "actor", "action", "subject", "details", "previous", "hash")


@pytest.mark.parametrize("column", COLUMNS)
def test_every_flipped_byte_of_a_row_is_found_and_the_row_named(
    sqlite_registry: Registry, column: str
) -> None:
    fill(sqlite_registry, 3)
    tamper(sqlite_registry)
    path = str(sqlite_registry.url.database)
    with sqlite3.connect(path) as raw:
        text = f"SELECT CAST({column} AS BLOB) FROM audit WHERE id = 2"  # noqa: S608 - a column
        whole = bytes(raw.execute(text).fetchone()[0])
    for place in range(len(whole)):
        for flip in (0x01, 0x20, 0x80):
            broken = bytearray(whole)
            broken[place] ^= flip
            _put(path, column, bytes(broken))
            found = verdict_on(sqlite_registry)
            assert (found.sound, found.broken) == (False, 2), (column, place, flip)
    _put(path, column, whole)
    assert verdict_on(sqlite_registry).sound


def _put(path: str, column: str, value: bytes) -> None:
    raw = sqlite3.connect(path)
    change = f"UPDATE audit SET {column} = CAST(? AS TEXT) WHERE id = 2"  # noqa: S608 - a column
    with raw:
        raw.execute(change, (value,))
    raw.close()


OLD_ROW = (
    "INSERT INTO audit (id, at, actor, action, subject, details) "
    "VALUES (:id, '2026-03-01 12:00:00.000000', 'alex', 'test', 'tenant', '{\"number\": 1}')"
)


def test_a_log_that_was_written_before_the_chain_is_chained(
    registry_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade: Callable[..., Any] = command.upgrade
    with monkeypatch.context() as patched:
        patched.setattr(command, "upgrade", lambda config, _head: upgrade(config, "0002"))
        Registry.open(registry_url).close()
    before = sa.create_engine(sa.make_url(registry_url), poolclass=sa.NullPool)
    with before.begin() as connection:
        connection.execute(sa.text(OLD_ROW), [{"id": 2}, {"id": 4}, {"id": 7}])
    with Registry.open(registry_url) as registry:
        assert verdict_on(registry).anchor.count == 4  # a checkpoint ends what was written by name
        fill(registry, 1)
        assert verdict_on(registry).anchor.count == 5


def test_nothing_else_in_the_house_writes_the_log() -> None:
    root = Path(migrating.__file__).parent.parent
    others = [
        path.name
        for path in root.rglob("*.py")
        if "AuditRow(" in path.read_text(encoding="utf-8") and path.parent.name != "tables"
    ]
    assert others == ["audit_log.py"]
