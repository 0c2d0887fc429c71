"""Reference pages made from the code: columns of artifacts, rules of gates, names of Python.

``python -m tests.pages`` writes the marked blocks of the pages again, and the tables of what was
measured from the claims; a test holds that they are what this makes.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import cultivar
from benchmarks import claims
from cultivar.core.limits import DEFAULTS, Thresholds
from cultivar.core.schemas import SCHEMAS, DeclaredSchema, description_of
from cultivar.settings import SETTINGS, Setting
from expectations.guarding import GUARDS, asked_of

DOCS = Path(__file__).parent.parent / "docs"


def schemas() -> str:
    """Return every schema with its columns."""
    return "".join(_schema(each) for each in SCHEMAS.values())


def _schema(schema: DeclaredSchema) -> str:
    rows = [
        f"| `{each.name}` | {each.type} | {'yes' if each.nullable else 'no'} "
        f"| {_cell(description_of(each))} |"
        for each in schema.arrow
    ]
    head = ["| column | type | may be null | what it holds |", "|---|---|---|---|"]
    title = f"\n## {schema.name}\n\n{schema.about} Version {schema.version}.\n\n"
    return title + "\n".join([*head, *rows]) + "\n\n"


def thresholds() -> str:
    """Return the settings that gates go by."""
    known = DEFAULTS.as_dict()
    rows = [_threshold(each) for each in SETTINGS if each.key in known]
    head = ["", "| setting | default | meaning | gates |", "|---|---|---|---|"]
    return "\n".join([*head, *rows]) + "\n\n"


def _threshold(setting: Setting) -> str:
    gates = ", ".join(name for name, each in GUARDS.items() if setting.key in each.thresholds)
    return f"| `{setting.variable}` | {setting.default} | {setting.help} | {gates} |"


def rules() -> str:
    """Return every gate with its rules, by the default thresholds."""
    return "".join(_gate(name) for name in GUARDS)


def _gate(name: str) -> str:
    guard = GUARDS[name]
    title = f"\n### {name}\n\nEvaluated by `{guard.flow}`; it must pass before {guard.guards}."
    if guard.thresholds:
        title += f" Thresholds: {', '.join(f'`{each}`' for each in guard.thresholds)}."
    head = ["", "", "| code | what is checked | expected | override |", "|---|---|---|---|"]
    rows = [
        f"| `{each.code}` | {_cell(each.name)} | {_cell(each.expected)} "
        f"| {'yes' if each.overridable else 'no'} |"
        for each in asked_of(name, Thresholds())
    ]
    return title + "\n".join([*head, *rows]) + "\n\n"


def names() -> str:
    """Return the public Python names with their docstrings."""
    return "".join(_name(each) for each in cultivar.__all__)


def _name(name: str) -> str:
    made = getattr(cultivar, name)
    lines = [f"\n## {name}", "", f"`{name}{_signature(made)}`", "", inspect.getdoc(made), ""]
    methods = [
        f"| `{called}{_signature(method)}` | {_cell(_summary(method))} |"
        for called, method in _methods(made)
    ]
    head = ["| method | what it does |", "|---|---|"] if methods else []
    return "\n".join([*map(str, lines), *head, *methods]) + "\n"


def _methods(made: type) -> Iterator[tuple[str, Any]]:
    """Yield what a class of Cultivar's offers itself, without what scikit-learn adds."""
    for called, method in inspect.getmembers(made, callable):
        own = str(getattr(method, "__module__", None)).startswith("cultivar")
        if own and not called.startswith("_") and inspect.getdoc(method):
            yield called, method


def _signature(method: Any) -> str:
    parameters = list(inspect.signature(method).parameters.values())
    shown = [str(each.replace(annotation=inspect.Parameter.empty)) for each in parameters]
    return f"({', '.join(each for each in shown if each != 'self')})"


def _summary(method: Any) -> str:
    return (inspect.getdoc(method) or "").split("\n\n")[0].replace("\n", " ")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


BLOCKS: Mapping[str, Callable[[], str]] = {
    "schemas": schemas,
    "thresholds": thresholds,
    "rules": rules,
    "names": names,
}
PAGES = ("artifacts.md", "gates.md", "python.md")
BLOCK = re.compile(r"(<!-- made from the code: ([a-z]+) -->\n).*?(<!-- end -->\n)", re.DOTALL)


def remade(page: str) -> str:
    """Return a page's text with each block that is made from the code made again."""
    return BLOCK.sub(lambda found: found[1] + BLOCKS[found[2]]() + found[3], page)


def main() -> None:
    """Write the pages."""
    for name in PAGES:
        page = DOCS / name
        page.write_text(remade(page.read_text(encoding="utf-8")), encoding="utf-8")
        print(f"docs/{name}")
    for name in sorted({each.page for each in claims.tables()}):
        page = claims.ROOT / name
        page.write_text(claims.remade(page.read_text(encoding="utf-8")), encoding="utf-8")
        print(name)


if __name__ == "__main__":
    main()
