"""What is wrong with an installation is found, named and rated; looking changes nothing."""

import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from cultivar.core.audit_chain import Entry
from cultivar.operations.health import machine
from cultivar.operations.health.examination import examined
from cultivar.operations.health.findings import Finding, Level, worst
from cultivar.operations.tenant.tenant import bootstrap
from cultivar.settings import Settings
from cultivar.store import audit_log, migrating
from cultivar.store.homes import private_log
from cultivar.store.machine import file_system_of
from cultivar.store.tables import OutboxRow, RunRow
from cultivar.store.workspace import Workspace

SET_REVISION = sa.text("UPDATE cultivar_revision SET version_num = :revision")
MOUNTS = """\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
30 22 0:44 / /srv/shared\\040files rw,relatime shared:1 - nfs4 server:/export rw
31 22 0:45 / /srv rw,relatime - xfs /dev/sdb rw
"""


@pytest.fixture
def tenant(workspace: Workspace) -> Workspace:
    # with everything on servers, nothing has made the home yet
    workspace.settings.home.mkdir(mode=0o700, exist_ok=True)
    bootstrap(workspace, "alex")
    return workspace


def wrong(settings: Settings) -> dict[str, Finding]:
    return {each.code: each for each in examined(settings) if each.level is not Level.FINE}


def states(home: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(home)): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in home.rglob("*")
        # SQLite's readers note there that they read
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }


def test_of_a_new_home_all_is_well_and_looking_changes_nothing(tenant: Workspace) -> None:
    before = states(tenant.settings.home)
    found = examined(tenant.settings)
    assert {each.level for each in found} == {Level.FINE}, found
    assert worst(found) is Level.FINE
    looked_at = {each.check for each in found}
    assert {"permissions", "secrets", "clock", "runs", "artifacts", "versions"} <= looked_at
    assert states(tenant.settings.home) == before


def test_without_a_home_none_is_made(settings: Settings) -> None:
    if not settings.registry_url.startswith("sqlite"):
        pytest.skip("the registry is a server's")
    assert {"no-home", "no-registry"} <= wrong(settings).keys()
    assert not settings.home.exists()


def opened(workspace: Workspace) -> None:
    workspace.settings.home.chmod(0o755)
    (workspace.settings.home / "logs").mkdir(mode=0o755)
    (workspace.settings.home / "logs").chmod(0o755)


def secret_written(workspace: Workspace) -> None:
    file = workspace.settings.home / "config.toml"
    file.write_text('webhook_secret = "abc"\n')
    file.chmod(0o644)


def run_died(workspace: Workspace) -> None:
    long_ago = workspace.clock() - timedelta(hours=3)
    with workspace.registry.transaction() as session:
        session.add(
            RunRow(
                id="0" * 32, stage="labelling", subject="tenant", holder="elsewhere/1:2:3",
                flow_run_id=None, started_at=long_ago, alive_at=long_ago,
            )
        )  # fmt: skip


def work_is_late(workspace: Workspace) -> None:
    long_ago = workspace.clock() - timedelta(hours=3)
    with workspace.registry.transaction() as session:
        session.add(OutboxRow(kind="undo due", subject="x", payload={}, created_at=long_ago))


def clock_was_ahead(workspace: Workspace) -> None:
    later = workspace.clock() + timedelta(days=2)
    with workspace.registry.transaction() as session:
        audit_log.append(session, Entry(later, "alex", "skipped", "tenant", {}))


def file_without_row(workspace: Workspace) -> None:
    folder = Path(workspace.settings.artifacts_url) / "items"
    folder.mkdir(parents=True)
    (folder / "left.parquet").write_bytes(b"words")


FAULTS: list[tuple[Callable[[Workspace], None], str, Level]] = [
    (opened, "home-open", Level.FAULT),
    (secret_written, "secret-open", Level.FAULT),
    (run_died, "runs-stuck", Level.WARNING),
    (work_is_late, "work-overdue", Level.WARNING),
    (clock_was_ahead, "clock-behind", Level.FAULT),
    (file_without_row, "artifact-orphans", Level.WARNING),
]


@pytest.mark.parametrize(("spoil", "code", "level"), FAULTS)
def test_a_planted_fault_is_found(
    tenant: Workspace, spoil: Callable[[Workspace], None], code: str, level: Level
) -> None:
    if "://" in tenant.settings.artifacts_url and spoil is file_without_row:
        pytest.skip("the store is no folder")
    spoil(tenant)
    found = wrong(tenant.settings)
    assert found[code].level is level
    assert found[code].sentence.endswith(".")
    assert worst(found.values()) in {level, Level.FAULT}


def test_a_registry_of_another_release_is_told_and_left_as_it_is(tenant: Workspace) -> None:
    for revision, code in (("0011", "registry-older"), ("9999", "registry-newer")):
        engine = sa.create_engine(tenant.registry.url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.execute(SET_REVISION, {"revision": revision})
        assert code in wrong(tenant.settings)
        assert migrating.revision_at(tenant.settings.registry_url) == revision


def test_what_does_not_work_together_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    stated = {"prefect": "3.8.8", "sqlalchemy": "2.1.9", "onnxruntime": "1.29.1"}
    monkeypatch.setattr(machine, "version", lambda package: stated[package])
    assert [each.code for each in machine.versions(settings)] == ["versions-clash", "calls-home"]
    stated["prefect"] = "3.9.1"
    assert [each.code for each in machine.versions(settings)] == ["calls-home"]


def test_the_kind_of_a_file_system_is_that_of_the_deepest_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    for place, kind in (
        ("/srv/shared files/cultivar", "nfs4"), ("/srv/shared", "xfs"), ("/opt/x", "ext4"),
    ):  # fmt: skip
        assert file_system_of(Path(place), str(mounts)) in {kind, "xfs", "ext4"}
    shared = tmp_path / "shared files"
    shared.mkdir()
    escaped = str(shared).replace(" ", "\\040")
    mounts.write_text(MOUNTS + f"40 22 0:50 / {escaped} rw - cifs //server/x rw\n")
    assert file_system_of(shared / "home", str(mounts)) == "cifs"
    assert file_system_of(tmp_path, str(mounts)) == "ext4"
    assert file_system_of(tmp_path, str(tmp_path / "none")) is None


def test_a_network_file_system_under_sqlite_is_a_fault(
    tenant: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not tenant.settings.registry_url.startswith("sqlite"):
        pytest.skip("the registry is a server's")
    monkeypatch.setattr(machine, "file_system_of", lambda _place: "nfs4")
    assert wrong(tenant.settings)["network-file-system"].level is Level.FAULT


def test_little_space_is_told_before_there_is_none(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for free, code in ((500_000_000, "disk-low"), (50_000_000, "disk-full")):
        monkeypatch.setattr(machine, "free_bytes", lambda _place, free=free: (free, 10**12))
        assert {each.code for each in machine.space(settings)} == {code}
    assert shutil.disk_usage(os.fspath(settings.home.parent)).free


def test_a_log_that_has_grown_long_is_put_aside_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for _ in range(3):
        with private_log("runner.log", home) as log:
            log.write(b"x" * 6_000_000)
    logs = home / "logs"
    assert sorted(each.name for each in logs.iterdir()) == ["runner.log", "runner.log.1"]
    assert (logs / "runner.log.1").stat().st_size == 12_000_000
    assert (logs / "runner.log").stat().st_mode & 0o077 == 0
