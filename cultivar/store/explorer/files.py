"""Which index of the explorer is active, and when it was aggregated.

A small file names it; whoever aggregates writes that file last, so no reader meets half an index.
"""

import json
import secrets
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cultivar.store.explorer.index import index_failures

_POINTER = "current.json"
# A file that nobody named for so long was left behind by a killed run.
_FORGOTTEN_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Current:
    """The active index; ``basis`` is what it follows from, ``before`` the file before it."""

    path: Path
    basis: str
    aggregated_at: datetime
    before: str | None = None


def current(folder: Path) -> Current | None:
    """Return the active index; None where nothing was aggregated, or its file is gone."""
    try:
        told = json.loads((folder / _POINTER).read_text(encoding="utf-8"))
        at = datetime.fromisoformat(told["aggregated_at"])
        found = Current(folder / told["file"], told["basis"], at, told["before"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if found.path.exists() else None


def replace_current(
    folder: Path, basis: str, at: datetime, build: Callable[[Path], None] | None
) -> Current:
    """Activate a new index, or give the active one a new date where ``build`` is None.

    The one before stays, for who asked a moment ago; what stood before that is removed.

    Raises:
        StoreUnavailable: the home is full or cannot be written to.
    """
    last = current(folder)
    if build is None and last is not None:
        made = replace(last, aggregated_at=at)
    else:
        path = folder / f"{secrets.token_hex(8)}.duckdb"
        if build is not None:
            build(path)
        made = Current(path, basis, at, last.path.name if last else None)
    with index_failures():
        _point(folder, made)
        if last is not None and last.before not in (None, made.before):
            (folder / str(last.before)).unlink(missing_ok=True)
        _forget(folder, made)
    return made


def _point(folder: Path, made: Current) -> None:
    told = {
        "file": made.path.name,
        "basis": made.basis,
        "aggregated_at": made.aggregated_at.isoformat(),
        "before": made.before,
    }
    aside = folder / f"{secrets.token_hex(8)}.pointer"
    aside.write_text(json.dumps(told), encoding="utf-8")
    aside.replace(folder / _POINTER)


def _forget(folder: Path, made: Current) -> None:
    """Remove what killed runs left behind."""
    until = time.time() - _FORGOTTEN_SECONDS
    kept = {made.path.name, made.before, _POINTER}
    for path in folder.iterdir():
        if path.name in kept or not _is_older(path, until):
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _is_older(path: Path, until: float) -> bool:
    try:
        return path.stat().st_mtime <= until
    except FileNotFoundError:  # another run ended at this moment and took it along
        return False
