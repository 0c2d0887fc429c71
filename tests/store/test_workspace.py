import dataclasses
import resource
import subprocess
import sys
from datetime import UTC
from pathlib import Path

import pytest

from cultivar.core.errors import NotFound
from cultivar.settings import Settings, read_settings
from cultivar.store.workspace import Workspace, open_workspace
from tests.store.conftest import noon
from tests.store.tables_of import frequencies

QUESTION = """
import sys
from cultivar.store.workspace import open_workspace
from cultivar.store.tables import ClassifierRow
from sqlalchemy import select
with open_workspace() as workspace, workspace.registry.reading() as session:
    session.scalars(select(ClassifierRow)).all()
heavy = {"pyarrow", "pandas", "numba", "alembic", "fsspec", "prefect", "great_expectations"}
sys.exit(", ".join(sorted(heavy & set(sys.modules))) or 0)
"""


def test_a_workspace_keeps_registry_and_artifacts_in_its_home(workspace: Workspace) -> None:
    made = workspace.artifacts.write("document_frequencies", frequencies(), producer="test")
    assert (workspace.settings.home / "registry.db").exists()
    assert str(workspace.settings.home / "artifacts") in made.url


def test_a_workspace_opened_again_finds_everything(settings: Settings) -> None:
    with open_workspace(settings) as first:
        made = first.artifacts.write("document_frequencies", frequencies(), producer="test")
    with open_workspace(settings, create=False) as second:
        assert second.artifacts.read(second.artifacts.reference(made.sha256)).num_rows == 3


def test_the_clock_is_the_one_that_was_handed_over(settings: Settings) -> None:
    with open_workspace(settings, clock=noon) as workspace:
        assert workspace.clock() == noon()


def test_the_default_clock_tells_utc(workspace: Workspace) -> None:
    assert workspace.clock().tzinfo == UTC


def test_without_create_an_empty_home_stays_empty(settings: Settings) -> None:
    with pytest.raises(NotFound):
        open_workspace(settings, create=False)
    assert not settings.home.exists()


def test_a_workspace_of_settings_read_by_itself_is_that_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CULTIVAR_HOME", str(tmp_path / "elsewhere"))
    with open_workspace() as workspace:
        assert workspace.settings.home == tmp_path / "elsewhere"


def test_registry_and_artifacts_may_live_on_servers(postgres_url: str, s3_url: str) -> None:
    settings = dataclasses.replace(
        read_settings(), registry_url=postgres_url, artifacts_url=f"{s3_url}/tenant"
    )
    with open_workspace(settings) as workspace:
        made = workspace.artifacts.write("document_frequencies", frequencies(), producer="test")
        assert workspace.artifacts.read(made).equals(frequencies())
        workspace.artifacts.verify(made)
    assert not settings.home.exists()


def test_a_question_to_the_registry_imports_nothing_heavy(workspace: Workspace) -> None:
    asked = subprocess.run(
        [sys.executable, "-c", QUESTION], capture_output=True, text=True, check=False
    )
    assert asked.returncode == 0, asked.stderr


def test_a_question_costs_little_beyond_the_import_of_sqlalchemy(workspace: Workspace) -> None:
    # Half a second on an idle machine is 2.5 such imports; counting in them, and in processor
    # time, keeps other work on the machine out of it.
    asked = min(processor_seconds(QUESTION) for _ in range(3))
    imported = min(processor_seconds("import sqlalchemy.orm") for _ in range(3))
    assert asked < 2.5 * imported


def processor_seconds(code: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
