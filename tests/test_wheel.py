"""The built wheel alone gives the command, the encoder and the sample organisation."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
UV = Path(sys.executable).parent / "uv"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not UV.exists(), reason="uv is not beside Python; `make setup` puts it there"
    ),
]


def _run(*command: str | Path, cwd: Path) -> str:
    environment = {name: os.environ[name] for name in os.environ if "VIRTUAL_ENV" not in name}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment | {"CULTIVAR_HOME": str(cwd / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty environment with nothing but the wheel and what it depends on."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(UV, "--system-certs", "build", "--wheel", "--out-dir", folder, cwd=ROOT)
    (wheel,) = folder.glob("*.whl")
    _run(UV, "venv", "--python", sys.executable, folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    _run(UV, "--system-certs", "pip", "install", "--python", python, wheel, cwd=folder)
    return folder


def test_the_command_answers(installed: Path) -> None:
    answer = _run(installed / "venv" / "bin" / "cultivar", "--version", cwd=installed)
    assert "0.1.0" in answer
    assert "cultivar opt-in" in _run(
        installed / "venv" / "bin" / "cultivar", "status", cwd=installed
    )


def test_the_encoder_and_the_sample_organisation_are_inside(installed: Path) -> None:
    code = (
        "from pathlib import Path; from cultivar.encoder import load;"
        "from data.sample import generate;"
        "print(load().table.shape); generate(Path('organisation'), scale=0.01)"
    )
    assert ", 256)" in _run(installed / "venv" / "bin" / "python", "-c", code, cwd=installed)
    assert (installed / "organisation" / "labels.csv").is_file()


def test_the_registry_is_made_and_opened(installed: Path) -> None:
    content = installed / "content"
    content.mkdir()
    (content / "a.txt").write_text("A text that is long enough to be read as a document.")
    command = installed / "venv" / "bin" / "cultivar"
    _run(command, "location", "add", "files", content, cwd=installed)
    assert "files" in _run(command, "location", "list", cwd=installed)
