"""The example notebooks run from top to bottom, and are kept without outputs."""

import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).parent.parent / "docs").glob("*.ipynb"))


def cells(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return found


def run(path: Path) -> dict[str, Any]:
    """Run the code cells in order, in one namespace, and return it."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for number, cell in enumerate(cells(path)):
        if cell["cell_type"] == "code":
            code = compile("".join(cell["source"]), f"{path.name}, cell {number}", "exec")
            exec(code, namespace)  # noqa: S102 - the project's own notebook
    return namespace


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    for cell in cells(path):
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_the_notebook_of_projects_answers_rightly() -> None:
    found = run(next(path for path in NOTEBOOKS if path.stem == "custom_text_classification"))
    assert found["answers"] == ["access", "delivery", "invoice"]
    assert found["accuracy"] > 0.7
    names = found["several"].classes_[found["marks"][0].astype(bool)].tolist()
    assert names == ["delivery", "invoice"]
