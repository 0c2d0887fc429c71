import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from cultivar.core.audit_chain import (
    Anchor,
    Entry,
    canonical_json,
    chained,
    held_against,
    moment,
    verify_lines,
)
from cultivar.core.errors import Conflict, NotFound
from cultivar.store import audit_log, migrating
from cultivar.store.engines import parsed_url
from cultivar.store.registry import Registry
from cultivar.store.tables import ArtifactRow, all_tables
from tests.store.older import before, make_registry_of

OPEN = """
import sys
from cultivar.store.registry import Registry
Registry.open(sys.argv[1]).close()
"""


def engine_for(registry: Registry) -> sa.Engine:
    return sa.create_engine(registry.url, poolclass=sa.NullPool)


def test_the_migrated_schema_is_that_of_the_models(registry: Registry) -> None:
    with engine_for(registry).connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"compare_type": True, "version_table": migrating.VERSION_TABLE},
        )
        assert compare_metadata(context, all_tables()) == []


def test_a_planted_difference_between_models_and_schema_is_seen(registry: Registry) -> None:
    with engine_for(registry).begin() as connection:
        connection.exec_driver_sql("ALTER TABLE batch ADD COLUMN planted INTEGER")
        context = MigrationContext.configure(
            connection, opts={"version_table": migrating.VERSION_TABLE}
        )
        assert compare_metadata(context, all_tables()) != []


def test_classifier_points_at_versions_by_foreign_key_on_both_databases(
    registry: Registry,
) -> None:
    with engine_for(registry).connect() as connection:
        keys = sa.inspect(connection).get_foreign_keys("classifier")
    pointed = {key["constrained_columns"][0] for key in keys if key["referred_table"] == "version"}
    assert pointed == {"candidate_version_id", "published_version_id"}


def test_the_stated_head_is_the_newest_migration() -> None:
    config = Config()
    folder = Path(migrating.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == migrating.HEAD


def test_an_open_registry_is_opened_again_without_alembic(registry_url: str) -> None:
    Registry.open(registry_url).close()
    code = f"{OPEN}assert 'alembic' not in sys.modules, 'alembic was imported'"
    assert subprocess.run([sys.executable, "-c", code, registry_url], check=False).returncode == 0


def test_four_processes_may_open_a_new_registry_at_once(registry_url: str) -> None:
    command = [sys.executable, "-c", OPEN, registry_url]
    openers = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(4)]
    problems = [opener.communicate(timeout=60)[1].decode() for opener in openers]
    assert [opener.returncode for opener in openers] == [0, 0, 0, 0], problems
    with Registry.open(registry_url, create=False) as registry, registry.reading() as session:
        assert session.execute(sa.text("SELECT count(*) FROM cultivar_revision")).scalar() == 1


def test_a_registry_without_verdicts_from_the_content_gets_their_tables(registry_url: str) -> None:
    make_registry_of(before("0010"), registry_url)
    with Registry.open(registry_url) as registry, registry.reading() as session:
        assert session.execute(sa.text("SELECT count(*) FROM content_item")).scalar() == 0
        inspected = sa.inspect(session.get_bind())
        assert {"content_item", "content_batch"} <= set(inspected.get_table_names())
        assert "state" in {each["name"] for each in inspected.get_columns("kept_item")}


def test_a_registry_without_sweeps_gets_what_they_note(registry_url: str) -> None:
    make_registry_of(before("0013"), registry_url)
    engine = sa.create_engine(parsed_url(registry_url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO artifact (sha256, path, schema_name, rows, size, producer, created_at)"
                " VALUES ('a', 'a', 'items', 1, 1, 'crawl', '2026-01-01 00:00:00')"
            )
        )
    with Registry.open(registry_url) as registry, registry.reading() as session:
        row = session.get_one(ArtifactRow, "a")
        assert (row.unneeded_at, row.swept_at) == (None, None)
        assert session.execute(sa.text("SELECT count(*) FROM swept_crawl")).scalar() == 0


def test_an_audit_log_of_before_origins_were_kept_goes_on_in_one_chain(registry_url: str) -> None:
    make_registry_of(before("0016"), registry_url)
    said = Entry(datetime(2026, 1, 1, tzinfo=UTC), "p-1", "skipped", "tenant", {"item": "x"})
    row = chained(Anchor(), said)
    engine = sa.create_engine(parsed_url(registry_url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO audit (id, at, actor, action, subject, details, previous, hash) VALUES"
                " (1, :at, 'p-1', 'skipped', 'tenant', :details, :previous, :hash)"
            ),
            {"at": moment(said.at), "details": canonical_json({"item": "x"}), "hash": row.hash,
             "previous": row.previous},
        )  # fmt: skip
        connection.execute(sa.text("UPDATE audit_anchor SET count = 1, head = :h"), {"h": row.hash})
    with Registry.open(registry_url) as registry:
        with registry.transaction() as session:
            audit_log.append(session, replace(said, origin={"channel": "cli", "account": "root"}))
        with registry.reading() as session:
            lines = list(audit_log.lines(session))
            verdict = held_against(verify_lines(lines), audit_log.anchor_of(session))
    assert verdict.sound
    assert verdict.anchor.count == 2
    assert "origin" not in lines[0]
    assert '"origin":{"account":"root","channel":"cli"}' in lines[1]


def test_a_registry_is_kept_as_it_was_before_a_migration(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    make_registry_of("0009", f"sqlite:///{path}")
    assert list(tmp_path.glob("registry-*")) == []
    Registry.open(f"sqlite:///{path}").close()
    kept = migrating.copy_of(path, "0009")
    assert kept.stat().st_mode & 0o777 == 0o600
    engine = sa.create_engine(f"sqlite:///{kept}", poolclass=sa.NullPool)
    assert "person" not in sa.inspect(engine).get_table_names()
    with engine.connect() as connection:
        found = connection.execute(sa.text("SELECT version_num FROM cultivar_revision")).scalar()
    assert found == "0009"
    with Registry.open(f"sqlite:///{path}") as registry:
        registry.compact()
    assert not kept.exists()


def test_a_registry_of_a_newer_release_is_refused(registry_url: str) -> None:
    with Registry.open(registry_url) as registry, registry.transaction() as session:
        session.execute(sa.text("UPDATE cultivar_revision SET version_num = '9999'"))
    with pytest.raises(Conflict, match="newer Cultivar") as caught:
        Registry.open(registry_url)
    assert caught.value.code == "registry-newer"


def test_a_database_of_another_program_is_refused_and_left_alone(registry_url: str) -> None:
    url = sa.make_url(registry_url)
    if url.drivername == "sqlite":
        Path(url.database or "").parent.mkdir(parents=True)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE flow_run (id INTEGER)")
    with pytest.raises(Conflict) as caught:
        Registry.open(registry_url)
    assert caught.value.code == "registry-foreign"
    with engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["flow_run"]


def test_without_create_a_missing_registry_is_not_made(registry_url: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        Registry.open(registry_url, create=False)
    assert caught.value.code == "no-registry"
    assert not (tmp_path / "home").exists()


def test_a_killed_first_opening_leaves_no_half_made_registry(registry_url: str) -> None:
    code = (
        "import os, signal, sys\n"
        "from alembic import op\n"
        "from cultivar.store.registry import Registry\n"
        "create = op.create_table\n"
        "def dying(name, *rest, **options):\n"
        "    if name == 'review': os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return create(name, *rest, **options)\n"
        "op.create_table = dying\n"
        "Registry.open(sys.argv[1])\n"
    )
    died = subprocess.run([sys.executable, "-c", code, registry_url], check=False)
    assert died.returncode == -9
    with Registry.open(registry_url) as registry, engine_for(registry).connect() as connection:
        found = set(sa.inspect(connection).get_table_names())
    assert found == {*all_tables().tables, migrating.VERSION_TABLE}
