"""`cultivar doctor` as a person and a script use it: sentences, JSON and exit codes."""

from pathlib import Path

import pytest

from cultivar.operations.tenant.tenant import bootstrap
from cultivar.settings import read_settings
from cultivar.store.workspace import open_workspace
from tests.cli.conftest import Command


def test_it_tells_what_is_wrong_and_ends_with_how_bad_it_is(
    cultivar: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    nothing = cultivar("doctor", "--json")
    assert nothing.code == 3
    assert {"no-home", "prefect-off"} <= {each["code"] for each in nothing.json["findings"]}
    assert not (tmp_path / "home").exists()
    with open_workspace(read_settings()) as workspace:
        bootstrap(workspace, "alex")
    said = cultivar("doctor")
    assert said.code == 3
    assert "prefect-off" in said.out
    assert "permissions" not in said.out
    assert "permissions" in cultivar("doctor", "--all").out
    (tmp_path / "home").chmod(0o755)
    (tmp_path / "home" / "registry.db").chmod(0o644)
    spoilt = cultivar("doctor", "--json")
    assert (spoilt.code, spoilt.json["level"]) == (1, "fault")
