"""Commands work wherever they are typed: no module, setting or permission there counts."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cultivar.settings import read_settings
from cultivar.store.workspace import open_workspace
from tests.places import can_be_closed, closed, unprivileged, with_rooms_of_others
from tests.processes.upping import COMMAND
from tests.web.serving import CLASSES, PER_CLASS, environment, write_documents

PLACES = ("a project of somebody else", "a folder that may not be entered", "the root")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A folder in which a command is typed."""
    if request.param == PLACES[0]:
        yield with_rooms_of_others(tmp_path / "project")
    elif request.param == PLACES[2]:
        yield Path("/")
    elif not can_be_closed():
        pytest.skip("no process can be started in a closed folder here")
    else:
        with closed(tmp_path / "closed") as folder:
            yield folder


def test_flows_run_and_documents_are_parsed_wherever_a_command_is_typed(
    place: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    write_documents(tmp_path / "documents")

    def typed(*arguments: str) -> str:
        done = subprocess.run(
            unprivileged([COMMAND, *arguments]),
            cwd=place,
            env=environment(home, CULTIVAR_PREFECT_PORT="4470"),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    typed("opt-in", "--content", str(tmp_path / "documents"))
    (location,) = json.loads(typed("location", "list", "--json"))["locations"]
    with open_workspace(read_settings(environment(home))) as workspace:
        assert workspace.artifacts.reference(location["items"]).rows == len(CLASSES) * PER_CLASS
    typed("label")
