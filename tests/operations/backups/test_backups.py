"""Backups of a home: whole while people work, whole after a kill, and restored as they were."""

import gzip
import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import DBAPIError

from cultivar.core.errors import Conflict, CultivarError, Damaged, InvalidInput, NotFound
from cultivar.core.roles import Role
from cultivar.operations.audit.audit import audit_entries, export_audit
from cultivar.operations.audit.verification import verify_everything
from cultivar.operations.backups.backups import create_backup, list_backups
from cultivar.operations.backups.restoring import restore_backup, verify_backup
from cultivar.operations.classifiers.details import classifier_details
from cultivar.operations.tenant.people import grant_role
from cultivar.operations.tenant.tenant import tenant_state
from cultivar.settings import Settings
from cultivar.store.backups.places import Backup, BackupPlace
from cultivar.store.origin import MODEL
from cultivar.store.tables import AuditRow, RoleAssignment, all_tables
from cultivar.store.workspace import Workspace, open_workspace
from tests.operations.organisation import ADMINISTRATOR, Organisation
from tests.store.older import make_registry_of


class Killed(BaseException):
    """The process is gone in the middle of its work."""


def elsewhere(settings: Settings, home: Path) -> Settings:
    """Return settings of another home on SQLite and local files."""
    return replace(
        settings,
        home=home,
        registry_url=f"sqlite:///{home / 'registry.db'}",
        artifacts_url=str(home / "artifacts"),
    )


def answers(workspace: Workspace) -> dict[str, Any]:
    """Return what a home says of itself, whatever databases and stores it is kept in."""
    with workspace.registry.reading() as session:
        counts = {
            table.name: session.scalar(select(func.count()).select_from(table))
            for table in all_tables().sorted_tables
        }
    return {
        "counts": counts,
        "classifier": classifier_details(workspace, ADMINISTRATOR, "contracts"),
        "audit": list(export_audit(workspace, ADMINISTRATOR)),
    }


def without_what_backups_add(found: dict[str, Any]) -> dict[str, Any]:
    """Return answers without the rows that tell of the backup and of its restoration."""
    told = ('"backed up"', '"restored from a backup"')
    kept = [line for line in found["audit"] if not any(each in line for each in told)]
    counts = {name: n for name, n in found["counts"].items() if name not in {"audit", "run"}}
    return {**found, "audit": kept, "counts": counts}


def dying_at(step: int) -> Callable[[int, int | None], None]:
    """Return what is told of progress and dies at a step."""

    def advance(done: int, _total: int | None) -> None:
        if done >= step:
            raise Killed

    return advance


def test_a_backup_of_a_home_in_use_is_restored_as_it_was(
    used: Organisation, tmp_path: Path
) -> None:
    workspace, place = used.workspace, str(tmp_path / "backups")
    workspace.settings.home.mkdir(mode=0o700, exist_ok=True)
    (workspace.settings.home / "config.toml").write_text("seed = 7\n")
    before = answers(workspace)

    made = create_backup(workspace, ADMINISTRATOR, place).backup

    checked = verify_backup(workspace.settings, place)
    assert checked.checked.files == made.files > 0
    target = elsewhere(workspace.settings, tmp_path / "new")
    restored = restore_backup(target, "sam", place)
    assert restored.backup == made
    assert restored.settings_file == target.home / "config.backup.toml"
    assert restored.settings_file.read_text() == "seed = 7\n"
    with open_workspace(target, create=False) as new:
        assert without_what_backups_add(answers(new)) == without_what_backups_add(before)
        assert verify_everything(new, ADMINISTRATOR).require().files == made.files
        newest = audit_entries(new, ADMINISTRATOR, limit=1)[0]
        assert (newest.actor, newest.action) == ("sam", "restored from a backup")
        # and it goes on
        grant_role(new, ADMINISTRATOR, "kim", str(Role.LIST_VIEWER))


def test_a_later_backup_copies_what_is_new_and_the_earlier_one_stays(
    reviewable: Organisation, tmp_path: Path
) -> None:
    workspace, place = reviewable.workspace, str(tmp_path / "backups")
    first = create_backup(workspace, ADMINISTRATOR, place).backup
    reviewable.review_batch("contracts")
    second = create_backup(workspace, ADMINISTRATOR, place).backup

    assert second.copied == second.files - first.files
    assert [each.id for each in list_backups(place)] == [second.id, first.id]
    target = elsewhere(workspace.settings, tmp_path / "new")
    restore_backup(target, ADMINISTRATOR, place, first.id)
    with open_workspace(target, create=False) as new:
        assert len(answers(new)["audit"]) < len(answers(workspace)["audit"])
        assert verify_everything(new, ADMINISTRATOR).require().files == first.files


def test_no_deed_acknowledged_before_a_backup_begins_is_missing_while_ten_write(
    used: Organisation, tmp_path: Path
) -> None:
    workspace, place = used.workspace, str(tmp_path / "backups")
    acknowledged: list[str] = []
    stop = threading.Event()

    def write(number: int) -> None:
        with open_workspace(workspace.settings, create=False) as own:
            for turn in range(1_000):
                if stop.is_set():
                    return
                person = f"person-{number}-{turn}"
                grant_role(own, ADMINISTRATOR, person, str(Role.LIST_VIEWER))
                acknowledged.append(person)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(10)]
    for writer in writers:
        writer.start()
    try:
        while len(acknowledged) < 10:
            stop.wait(0.01)
        known = list(acknowledged)
        create_backup(workspace, ADMINISTRATOR, place)
    finally:
        stop.set()
        for writer in writers:
            writer.join()

    target = elsewhere(workspace.settings, tmp_path / "new")
    restore_backup(target, ADMINISTRATOR, place)
    with open_workspace(target, create=False) as new:
        verify_everything(new, ADMINISTRATOR).require()
        with new.registry.reading() as session:
            granted = set(session.scalars(select(RoleAssignment.person)))
    assert set(known) <= granted


def test_a_backup_that_is_killed_leaves_the_earlier_one_and_goes_on(
    reviewable: Organisation, tmp_path: Path
) -> None:
    workspace, place = reviewable.workspace, str(tmp_path / "backups")
    for copied in (0, 1, 1):
        with pytest.raises(Killed):
            create_backup(workspace, ADMINISTRATOR, place, dying_at(copied))
        assert list_backups(place) == []

    first = create_backup(workspace, ADMINISTRATOR, place).backup
    assert first.copied == first.files - 2
    workspace.artifacts.write_bytes(MODEL, b"what is new since", producer="training")
    with pytest.raises(Killed):
        create_backup(workspace, ADMINISTRATOR, place, dying_at(0))
    assert list_backups(place) == [first]
    verify_backup(workspace.settings, place)


def test_a_restoration_that_is_killed_sets_nothing_up_and_goes_on(
    reviewable: Organisation, tmp_path: Path
) -> None:
    workspace, place = reviewable.workspace, str(tmp_path / "backups")
    create_backup(workspace, ADMINISTRATOR, place)
    target = elsewhere(workspace.settings, tmp_path / "new")
    for copied in (0, 1, 1):
        with pytest.raises(Killed):
            restore_backup(target, ADMINISTRATOR, place, None, dying_at(copied))
        with pytest.raises(NotFound):
            open_workspace(target, create=False)
    restore_backup(target, ADMINISTRATOR, place)
    with open_workspace(target, create=False) as new:
        verify_everything(new, ADMINISTRATOR).require()


def test_from_sqlite_to_postgresql_and_back_every_answer_is_the_same(
    used: Organisation, tmp_path: Path, postgres_url: str, s3_url: str
) -> None:
    workspace = used.workspace
    before = without_what_backups_add(answers(workspace))
    create_backup(workspace, ADMINISTRATOR, str(tmp_path / "first"))
    servers = replace(
        elsewhere(workspace.settings, tmp_path / "servers"),
        registry_url=postgres_url,
        artifacts_url=f"{s3_url}/moved",
    )
    restore_backup(servers, ADMINISTRATOR, str(tmp_path / "first"))
    with open_workspace(servers, create=False) as moved:
        assert without_what_backups_add(answers(moved)) == before
        verify_everything(moved, ADMINISTRATOR).require()
        # numbers go on after those that came along
        grant_role(moved, ADMINISTRATOR, "kim", str(Role.LIST_VIEWER))
        create_backup(moved, ADMINISTRATOR, f"{s3_url}/backups")
        later = without_what_backups_add(answers(moved))
    back = elsewhere(workspace.settings, tmp_path / "back")
    restore_backup(back, ADMINISTRATOR, f"{s3_url}/backups")
    with open_workspace(back, create=False) as returned:
        assert without_what_backups_add(answers(returned)) == later
        verify_everything(returned, ADMINISTRATOR).require()


def test_a_restored_postgresql_still_refuses_changes_of_the_audit_log(
    reviewable: Organisation, tmp_path: Path, postgres_url: str
) -> None:
    create_backup(reviewable.workspace, ADMINISTRATOR, str(tmp_path / "backups"))
    target = elsewhere(reviewable.workspace.settings, tmp_path / "new")
    target = replace(target, registry_url=postgres_url)
    restore_backup(target, ADMINISTRATOR, str(tmp_path / "backups"))
    with (
        open_workspace(target, create=False) as new,
        pytest.raises(DBAPIError),
        new.registry.transaction() as session,
    ):
        session.execute(delete(AuditRow))


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("what", ["registries", "artifacts", "backups"])
def test_a_damaged_backup_is_told_and_never_restored(
    reviewable: Organisation, tmp_path: Path, what: str
) -> None:
    workspace, place = reviewable.workspace, tmp_path / "backups"
    create_backup(workspace, ADMINISTRATOR, str(place))
    found = next(path for path in sorted((place / what).rglob("*")) if path.is_file())
    if what == "backups":
        found.write_text("{")
    else:
        damage(found)
    with pytest.raises(Damaged):
        verify_backup(workspace.settings, str(place))
    target = elsewhere(workspace.settings, tmp_path / "new")
    with pytest.raises(Damaged) as refused:
        restore_backup(target, ADMINISTRATOR, str(place))
    assert refused.value.code == "backup-damaged"
    with pytest.raises(NotFound):
        open_workspace(target, create=False)


def test_an_artifact_that_is_damaged_at_home_is_named_and_the_rest_is_backed_up(
    reviewable: Organisation, tmp_path: Path
) -> None:
    workspace, place = reviewable.workspace, str(tmp_path / "backups")
    if not workspace.artifacts.files.url("").startswith("file://"):
        pytest.skip("a file of the store is damaged by hand")
    folder = workspace.settings.home / "artifacts"
    damage(next(path for path in sorted(folder.rglob("*.parquet"))))
    made = create_backup(workspace, ADMINISTRATOR, place)
    assert len(made.backup.damaged) == 1
    assert "cultivar verify" in made.warning
    with pytest.raises(Damaged):
        verify_backup(workspace.settings, place)


def refused(act: Callable[[], object]) -> CultivarError:
    with pytest.raises(CultivarError) as error:
        act()
    return error.value


def test_what_cannot_be_meant_is_refused(reviewable: Organisation, tmp_path: Path) -> None:
    workspace, place = reviewable.workspace, str(tmp_path / "backups")
    settings = workspace.settings
    inside = refused(
        lambda: create_backup(workspace, ADMINISTRATOR, str(settings.home / "backups"))
    )
    assert (type(inside), inside.code) == (InvalidInput, "backup-in-home")
    nothing = refused(lambda: verify_backup(settings, str(tmp_path / "empty")))
    assert nothing.code == "no-backup"

    made = create_backup(workspace, ADMINISTRATOR, place).backup
    unknown = refused(lambda: verify_backup(settings, place, "yesterday"))
    assert unknown.code == "no-backup"
    assert made.id in unknown.sentence
    in_use = refused(lambda: restore_backup(settings, ADMINISTRATOR, place))
    assert (type(in_use), in_use.code) == (Conflict, "home-in-use")
    stranger = refused(lambda: create_backup(workspace, "stranger", place))
    assert stranger.code == "wrong-role"


def test_a_place_takes_the_backups_of_one_home(reviewable: Organisation, tmp_path: Path) -> None:
    workspace, place = reviewable.workspace, tmp_path / "backups"
    made = create_backup(workspace, ADMINISTRATOR, str(place)).backup
    file = place / "backups" / f"{made.id}.json"
    stated = json.loads(file.read_text())
    file.write_text(json.dumps(stated | {"organisation": "0" * 64}))
    other = refused(lambda: create_backup(workspace, ADMINISTRATOR, str(place)))
    assert other.code == "backup-of-another"
    file.write_text(json.dumps(stated | {"layout": 99}))
    newer = refused(lambda: list_backups(str(place)))
    assert newer.code == "backup-newer"


def test_nothing_of_a_backup_lands_outside_the_home(
    reviewable: Organisation, tmp_path: Path
) -> None:
    workspace, place = reviewable.workspace, tmp_path / "backups"
    workspace.settings.home.mkdir(mode=0o700, exist_ok=True)
    (workspace.settings.home / "config.toml").write_text("seed = 7\n")
    made = create_backup(workspace, ADMINISTRATOR, str(place)).backup
    file = place / "backups" / f"{made.id}.json"
    stated = json.loads(file.read_text())
    stated["home"] = {"../outside.toml": next(iter(stated["home"].values()))}
    file.write_text(json.dumps(stated))
    target = elsewhere(workspace.settings, tmp_path / "new")
    found = refused(lambda: restore_backup(target, ADMINISTRATOR, str(place)))
    assert found.code == "backup-damaged"
    assert not (tmp_path / "outside.toml").exists()


def test_the_registry_of_a_backup_is_a_plain_sqlite_file(
    reviewable: Organisation, tmp_path: Path
) -> None:
    place = tmp_path / "backups"
    create_backup(reviewable.workspace, ADMINISTRATOR, str(place))
    packed = next((place / "registries").iterdir())
    with gzip.open(packed) as file:
        assert file.read(16) == b"SQLite format 3\0"


def with_registry(place: Path, change: Callable[[Path], None]) -> None:
    """Change the registry of the only backup in a place, as another release would have had it."""
    packed = next((place / "registries").iterdir())
    plain = place / "plain.sqlite"
    plain.write_bytes(gzip.decompress(packed.read_bytes()))
    change(plain)
    data = plain.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    (place / "registries" / f"{sha256}.sqlite.gz").write_bytes(gzip.compress(data))
    file = next((place / "backups").iterdir())
    file.write_text(json.dumps(json.loads(file.read_text()) | {"registry": sha256}))


def test_a_backup_of_an_earlier_release_is_brought_to_the_form_of_this_one(
    settings: Settings, tmp_path: Path
) -> None:
    old = tmp_path / "old.db"
    make_registry_of("0009", f"sqlite:///{old}")
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        connection.execute(
            "INSERT INTO tenant (id, name, entitled, opt_in_status, opted_in_by, "
            "baseline_documents, accuracy_target, measured_required, seed) "
            "VALUES (1, 'Archive', true, 'opted in', 'kim', 0, 0.8, false, 0)"
        )
        connection.execute(
            "INSERT INTO role_assignment VALUES "
            "('kim', 'compliance administrator', 'kim', '2026-03-01 12:00:00')"
        )
        connection.execute("PRAGMA journal_mode = DELETE")
    place = BackupPlace(str(tmp_path / "backups"))
    at = datetime(2026, 3, 1, tzinfo=UTC)
    place.put(
        Backup("old", at, "0.1.0", "of that home", "0009", place.put_registry(old), {}, 0, 0, 0, [])
    )
    target = elsewhere(settings, tmp_path / "new")
    restore_backup(target, "kim", place.url)
    with open_workspace(target, create=False) as new:
        assert tenant_state(new, "kim").name == "Archive"
        verify_everything(new, "kim").require()


def test_a_backup_of_a_later_release_is_refused(reviewable: Organisation, tmp_path: Path) -> None:
    workspace, place = reviewable.workspace, tmp_path / "backups"
    create_backup(workspace, ADMINISTRATOR, str(place))

    def renumber(path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("UPDATE cultivar_revision SET version_num = '9999'")

    with_registry(place, renumber)
    target = elsewhere(workspace.settings, tmp_path / "new")
    found = refused(lambda: restore_backup(target, ADMINISTRATOR, str(place)))
    assert found.code == "registry-newer"
    with pytest.raises(NotFound):
        open_workspace(target, create=False)
