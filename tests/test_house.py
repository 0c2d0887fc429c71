"""The house rules hold, and each tool that guards them has been seen to bite."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cultivar.store.defects import OURS

ROOT = Path(__file__).parent.parent
ROOMS = ("cultivar", "expectations", "tasks", "processes", "flows", "demo", "cli", "data")

_IMPORT_EVERYTHING = """
import importlib, pkgutil, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"prefect", "great_expectations"}:
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Blocked())
import cultivar
for module in pkgutil.walk_packages(cultivar.__path__, "cultivar."):
    if ".migrations" not in module.name:
        importlib.import_module(module.name)
"""


def test_a_defect_is_placed_in_every_package_of_ours() -> None:
    assert set(ROOMS) == OURS


def test_the_domain_imports_without_orchestrator_and_validation_library() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT_EVERYTHING],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _copy_of_the_house(target: Path) -> Path:
    for room in (*ROOMS, "tests", "benchmarks"):
        shutil.copytree(
            ROOT / room,
            target / room,
            ignore=shutil.ignore_patterns("__pycache__", "*.safetensors", "generated", ".*"),
        )
    shutil.copy(ROOT / "pyproject.toml", target)
    return target


def _tool(name: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).parent / name), *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ("import pickle\n\npickle.loads(b'')\n", "TID251"),
        ("def f():\n    try:\n        return 1\n    except Exception:\n        pass\n", "BLE001"),
        ("import os\nx = os.path.join('a', 'b')\n", "PTH118"),
    ],
)
def test_lint_bites(tmp_path: Path, fault: str, rule: str) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "planted.py").write_text(fault)
    done = _tool("ruff", "check", "--no-cache", "planted.py", cwd=tmp_path)
    assert done.returncode == 1
    assert rule in done.stdout


def test_the_type_checker_bites(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "planted.py").write_text("def f(x):\n    return x\n\n\ny: int = 'a'\n")
    done = _tool("mypy", "--cache-dir", str(tmp_path / "cache"), "planted.py", cwd=tmp_path)
    assert done.returncode == 1
    assert "no-untyped-def" in done.stdout
    assert "assignment" in done.stdout


@pytest.mark.parametrize(
    ("room", "fault", "contract"),
    [
        ("cultivar/core/planted.py", "import sqlalchemy", "The core is pure"),
        ("cultivar/core/planted.py", "import os", "The core is pure"),
        ("cultivar/store/planted.py", "import prefect", "The domain knows neither"),
        ("cultivar/store/planted.py", "import cultivar.operations", "operations stand on"),
        ("cultivar/planted/__init__.py", "", "operations stand on"),
        ("flows/planted.py", "import pandas", "Flows hold no data frames"),
        ("flows/planted.py", "import cli", "Rooms import downwards only"),
        ("processes/planted.py", "import flows.crawl", "Rooms import downwards only"),
        ("data/planted.py", "import cultivar.core", "Rooms import downwards only"),
        ("expectations/planted.py", "import cultivar.store", "Expectations reach neither"),
    ],
)
def test_the_layer_contracts_bite(tmp_path: Path, room: str, fault: str, contract: str) -> None:
    house = _copy_of_the_house(tmp_path)
    (house / room).parent.mkdir(exist_ok=True)
    (house / room).write_text(f"{fault}\n")
    # python -m puts the copy in front of the installed house
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=house,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(house), "PATH": ""},
    )
    assert done.returncode != 0, done.stdout
    broken = [line for line in done.stdout.splitlines() if " BROKEN" in line]
    assert any(contract in line for line in broken), done.stdout + done.stderr


def test_a_requirement_that_no_test_names_is_listed(tmp_path: Path) -> None:
    shutil.copy(ROOT / "tests" / "requirements.py", tmp_path)
    (tmp_path / "requirements.csv").write_text("id,kind,what must hold\nTC-01,limit,x\n")
    done = subprocess.run(
        [sys.executable, "requirements.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "TC-01  no test" in done.stdout
