"""Packages stay small enough to look through, and no import goes in a circle."""

import ast
import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.test_house import ROOMS, ROOT

MODULES_AT_MOST = 20
OFFERS = sorted((ROOT / "cultivar/operations").glob("*/__init__.pyi"))


def _modules() -> dict[str, Path]:
    found = {}
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "generated" not in parts:
                found[".".join(parts).removesuffix(".__init__")] = path
    return found


def _imported(tree: ast.Module, modules: Mapping[str, Path]) -> Iterator[str]:
    """Yield the modules that a module imports anywhere, also inside functions, but for types."""
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for each in node.names:
                whole = f"{node.module}.{each.name}"
                yield whole if whole in modules else node.module


def _circles(imports: Mapping[str, frozenset[str]]) -> list[set[str]]:
    """Return sets of modules that reach one another."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        ahead = list(imports[start])
        while ahead:
            each = ahead.pop()
            if each not in seen:
                seen.add(each)
                ahead += imports.get(each, frozenset())
        return seen

    reach = {name: reached(name) for name in imports}
    circles: list[set[str]] = []
    for name, others in reach.items():
        if name in others and not any(name in circle for circle in circles):
            circles.append({each for each in others if name in reach.get(each, ())})
    return circles


def test_no_import_goes_in_a_circle_not_even_a_deferred_one() -> None:
    modules = _modules()
    imports = {
        name: frozenset(_imported(ast.parse(path.read_text(encoding="utf-8")), modules)) - {name}
        for name, path in modules.items()
    }
    assert _circles({"a": frozenset({"b"}), "b": frozenset({"a"})}) == [{"a", "b"}]
    assert _circles(imports) == []


@pytest.mark.parametrize(
    "room", ["cultivar/operations", "cultivar/content", "cultivar/core", "cultivar/store", "flows"]
)
def test_a_package_holds_no_more_modules_than_can_be_looked_through(room: str) -> None:
    folders = [ROOT / room, *(each for each in (ROOT / room).rglob("*") if each.is_dir())]
    numbers = {
        str(folder.relative_to(ROOT)): len({*folder.glob("*.py")} - {folder / "__init__.py"})
        for folder in folders
    }
    assert {name: number for name, number in numbers.items() if number > MODULES_AT_MOST} == {}


DEFERRED_IMPORTS_AT_MOST = 60


def test_imports_stand_at_the_top_of_files_but_for_what_is_slow() -> None:
    deferred = {
        f"{name}:{inner.lineno}"
        for name, path in _modules().items()
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(function)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    }
    assert len(deferred) < DEFERRED_IMPORTS_AT_MOST, sorted(deferred)


@pytest.mark.parametrize(
    "package",
    [
        "cultivar.operations",
        *(f"cultivar.operations.{each.parent.name}" for each in OFFERS),
        "demo",
    ],
)
def test_what_a_package_offers_is_there(package: str) -> None:
    loaded = importlib.import_module(package)
    assert loaded.__all__
    for name in loaded.__all__:
        assert getattr(loaded, name) is not None
