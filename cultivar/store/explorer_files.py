"""Which index of the explorer is in force, and when it was aggregated.

A small file names it; whoever aggregates writes that file last, so no reader meets half an index.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cultivar.store.explorer_index import index_failures

_POINTER = "current.json"


@dataclass(frozen=True, slots=True)
class Current:
    """The index in force; ``basis`` is what it follows from."""

    path: Path
    basis: str
    aggregated_at: datetime


def current(folder: Path) -> Current | None:
    """Return the index in force; None where nothing was aggregated, or its file is gone."""
    try:
        told = json.loads((folder / _POINTER).read_text(encoding="utf-8"))
        found = Current(
            folder / told["file"], told["basis"], datetime.fromisoformat(told["aggregated_at"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if found.path.exists() else None


def replace_current(
    folder: Path, basis: str, at: datetime, build: Callable[[Path], None] | None
) -> Current:
    """Put a new index in force, or date the one in force anew where ``build`` is None.

    Raises:
        StoreUnavailable: the home is full or cannot be written to.
    """
    before = current(folder)
    if build is None and before is not None:
        made = Current(before.path, basis, at)
    else:
        made = Current(folder / f"{secrets.token_hex(8)}.duckdb", basis, at)
        if build is not None:
            build(made.path)
    with index_failures():
        _point(folder, made)
        for path in folder.glob("*.duckdb"):
            # whoever asked a moment ago still finds the one before
            if path != made.path and (before is None or path != before.path):
                path.unlink(missing_ok=True)
    return made


def _point(folder: Path, made: Current) -> None:
    told = {
        "file": made.path.name, "basis": made.basis, "aggregated_at": made.aggregated_at.isoformat()
    }  # fmt: skip
    aside = folder / f"{made.path.name}.pointer"
    aside.write_text(json.dumps(told), encoding="utf-8")
    aside.replace(folder / _POINTER)
