"""Lists the requirement rows that no test names: ``python -m tests.requirements [TC ...]``."""

import ast
import csv
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent


def rows() -> dict[str, str]:
    """Return what each row demands, by its id."""
    with (HERE / "requirements.csv").open(encoding="utf-8", newline="") as stream:
        return {row["id"]: row["what must hold"] for row in csv.DictReader(stream)}


def named_in(source: str) -> Iterator[str]:
    """Yield the ids that ``pytest.mark.requirement`` names in a module's source."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "requirement"
        ):
            yield from (
                argument.value
                for argument in node.args
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            )


def tests_by_row() -> dict[str, list[str]]:
    """Return the test modules that name each id."""
    found: dict[str, list[str]] = {}
    for path in sorted(HERE.rglob("test_*.py")):
        for row in sorted(set(named_in(path.read_text(encoding="utf-8")))):
            found.setdefault(row, []).append(path.relative_to(HERE).as_posix())
    return found


def main(prefixes: list[str]) -> int:
    """Print each row without a test, then a count; return 1 if there is one."""
    demanded = {
        row: text for row, text in rows().items() if row.startswith(tuple(prefixes or [""]))
    }
    proven = tests_by_row()
    missing = [row for row in demanded if row not in proven]
    unknown = sorted(set(proven) - set(rows()))
    for row in missing:
        print(f"{row}  no test: {demanded[row]}")
    for row in unknown:
        print(f"{row}  is named by {', '.join(proven[row])} but is no row")
    print(f"{len(demanded) - len(missing)} of {len(demanded)} rows have a test")
    return 1 if missing or unknown else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
