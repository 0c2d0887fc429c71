"""Backups by commands: made, listed, verified, restored, and refused."""

from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.operations.organisation import Organisation


def test_a_home_comes_back_by_commands(
    reviewable: Organisation, cultivar: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "backups"
    nowhere = cultivar("backup", "create")
    assert nowhere.code == 1
    assert "no-backup-place" in nowhere.err

    made = cultivar("backup", "create", str(place))
    assert f"Next: cultivar backup verify {place}" in made.out
    monkeypatch.setenv("CULTIVAR_BACKUP_URL", str(place))
    assert "can be restored" in cultivar("backup", "verify").out
    [listed] = cultivar("backup", "list", "--json").json["backups"]
    assert listed["files"] > 0

    assert "home-in-use" in cultivar("backup", "restore").err
    monkeypatch.setenv("CULTIVAR_HOME", str(tmp_path / "new"))
    restored = cultivar("backup", "restore", "--id", listed["id"])
    assert f"{listed['files']} files" in restored.out
    assert "contracts" in cultivar("status").out
