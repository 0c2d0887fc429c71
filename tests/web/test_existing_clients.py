"""The clients that exist already, unmodified, against a real server.

Each has an environment of its own, as two of them cannot share one.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from cultivar import Client
from tests.web.serving import Served, labels, serving, settle

HERE = Path(__file__).parent / "clients"
NEWEST = ("azure-ai-textanalytics-authoring==1.0.0b1", "azure-ai-textanalytics==6.0.0b3")
STABLE = ("azure-ai-textanalytics==5.4.0",)
LIFE = [
    "create", "import", "train", "train", "cancel", "evaluate", "list", "deploy", "deploy",
    "swap", "classify", "export", "errors", "delete",
]  # fmt: skip
pytestmark = pytest.mark.slow


def interpreter_with(packages: Sequence[str]) -> Path:
    """Return the interpreter of an environment that holds the packages, made once and kept."""
    mark = hashlib.sha256(" ".join((sys.version, *packages)).encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"cultivar-clients-{os.getuid()}-{mark}"
    python = folder / "bin" / "python"
    if (folder / "complete").exists():
        return python
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*install, *packages], check=False, capture_output=True, text=True)
    if "Retrying" in done.stderr and done.returncode:
        pytest.skip("the clients cannot be installed: the package index is out of reach")
    assert done.returncode == 0, done.stderr
    (folder / "complete").touch()
    return python


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("documents")


@pytest.fixture(scope="module")
def served(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("serving") / "home"
    key = settle(home, documents)
    with serving(home, key) as server:
        yield server
        assert server.stop() == 0


def run(python: Path, script: str, *arguments: str | Path) -> list[str]:
    """Run a client's script and return what it did."""
    done = subprocess.run(
        [python, HERE / script, *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split()


@pytest.mark.requirement("CT-08", "CT-21", "CT-25", "CT-26", "CT-39")
def test_the_newest_clients_live_a_projects_whole_life(served: Served, documents: Path) -> None:
    python = interpreter_with(NEWEST)
    done = run(python, "newest.py", served.url, served.key, "documents", documents)
    assert done == ["catalogue", *LIFE, *LIFE]


def test_the_stable_client_classifies(served: Served, documents: Path) -> None:
    python = interpreter_with(STABLE)
    with Client(served.url, served.key) as client:
        for name, kind in (("Single", "Single"), ("Multi", "Multi")):
            client.import_labels(name, labels(f"Custom{kind}LabelClassification"))
            client.train(name, "first")
            client.deploy(name, "production", "first")
    done = run(python, "stable.py", served.url, served.key, documents)
    assert done == ["single", "multi", "actions", "documents", "errors", "cancel"]
