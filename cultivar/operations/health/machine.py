"""What the machine is like under an installation: space, modes of files, file system, versions.

Nothing of the registry is read here.
"""

import platform
import shlex
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cultivar.operations.health.findings import Finding, fault, fine, warning
from cultivar.settings import Settings, is_local
from cultivar.store.homes import open_secrets, open_to_others
from cultivar.store.machine import NETWORK, file_system_of, free_bytes, open_below

_MB = 1_000_000
_LITTLE, _HARDLY_ANY = 1_000 * _MB, 100 * _MB
_OWN = frozenset({"registry.db", "artifacts", "explorer", "logs", "prefect", "config.toml"})
_PYTHONS = ((3, 11), (3, 14))


def space(settings: Settings) -> Iterator[Finding]:
    """Yield how much space is free where things are kept and set aside."""
    places = {"home": settings.home, "temporary files": Path(tempfile.gettempdir())}
    if is_local(settings.artifacts_url):
        places["artifacts"] = Path(settings.artifacts_url.removeprefix("file://"))
    for name, place in places.items():
        free, of = free_bytes(place)
        said = f"{free // _MB:,} MB of {of // _MB:,} MB are free for {name} ({place})"
        check = f"disk: {name}"
        if free < _HARDLY_ANY:
            yield fault(check, "disk-full", f"Only {said}. Free some.", free=free)
        elif free < _LITTLE:
            yield warning(check, "disk-low", f"Only {said}.", free=free)
        else:
            yield fine(check, f"{said}.", free=free)


def modes(settings: Settings) -> Iterator[Finding]:
    """Yield whether other accounts of the machine may look into the home."""
    home = settings.home
    if not home.is_dir():
        yield warning("home", "no-home", f"There is no home yet at {home}. Any command makes it.")
        return
    mode = open_to_others(home)
    if mode is None:
        yield fine("permissions", f"No other account may look into {home}.")
        return
    within = open_below(home, _OWN)
    named = f", and into {', '.join(within)} in it" if within else ""
    command = f"`chmod 700 {shlex.quote(str(home))}` closes it."
    told = f"Other accounts may look into {home} (mode {mode}){named}. {command}"
    # with a closed file behind an open door nobody reads anything
    level = fault if within else warning
    yield level("permissions", "home-open", told, open=within)


def secrets(settings: Settings) -> Iterator[Finding]:
    """Yield whether a secret of the settings stands where others may read it."""
    told = open_secrets(settings.home)
    if told is not None:
        yield fault("secrets", "secret-open", told)
    else:
        yield fine("secrets", "No other account may read a secret of the settings.")


def file_system(settings: Settings) -> Iterator[Finding]:
    """Yield whether a SQLite registry lies on a file system whose locks hold."""
    if not settings.registry_url.startswith("sqlite"):
        yield fine("file system", "The registry is on PostgreSQL, which needs no file locks.")
        return
    kind = file_system_of(settings.home)
    if kind in NETWORK:
        yield fault(
            "file system", "network-file-system",
            f"The registry lies on a network file system ({kind}), where two writers can ruin it. "
            "Move the home to a local disk, or the registry to PostgreSQL by a backup.",
            kind=kind,
        )  # fmt: skip
    else:
        yield fine("file system", f"The registry lies on {kind or 'a local disk'}.", kind=kind)


# What does not work together or with this release, found by running it.
_PREFECT_WITH_SQLALCHEMY = ((3, 9, 1), (2, 1))
_SQLITE = (3, 35)
_ONNX_TELEMETRY = (1, 29)


def versions(_settings: Settings) -> Iterator[Finding]:
    """Yield which versions are known not to work, together or at all."""
    found = list(_wrong_versions())
    yield from found
    if not found:
        yield fine(
            "versions", f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
            f"Prefect {_stated('prefect') or 'none'}: none is known not to work.",
        )  # fmt: skip


def _wrong_versions() -> Iterator[Finding]:
    least, below = _PYTHONS
    if not least <= sys.version_info[:2] < below:
        yield warning(
            "versions", "python-version",
            f"Python {platform.python_version()} was not tested with this release.",
        )  # fmt: skip
    if sqlite3.sqlite_version_info < _SQLITE:
        yield fault(
            "versions", "sqlite-version", f"SQLite {sqlite3.sqlite_version} is too old: 3.35 or "
            "later is needed.",
        )  # fmt: skip
    prefect, alchemy = _number("prefect"), _number("sqlalchemy")
    oldest, from_alchemy = _PREFECT_WITH_SQLALCHEMY
    if prefect and alchemy and prefect < oldest and alchemy >= from_alchemy:
        yield fault(
            "versions", "versions-clash",
            f"Prefect {_stated('prefect')} plans no run beside SQLAlchemy {_stated('sqlalchemy')}. "
            "Install Prefect 3.9.1 or later.",
        )  # fmt: skip
    onnx = _number("onnxruntime")
    if onnx and onnx >= _ONNX_TELEMETRY:
        yield warning(
            "versions", "calls-home",
            f"onnxruntime {_stated('onnxruntime')} sends figures to its maker unless it is told "
            "not to. Set ORT_DISABLE_TELEMETRY=1, or install an earlier one.",
        )  # fmt: skip


def _stated(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _number(package: str) -> tuple[int, ...] | None:
    """Return the first three numbers of a package's version; None where it is not installed."""
    stated = _stated(package)
    if stated is None:
        return None
    parts = [part for part in stated.split(".")[:3] if part.isdecimal()]
    return tuple(map(int, parts))


def programs(settings: Settings) -> Iterator[Finding]:
    """Yield whether the programs that the settings ask for are there."""
    if settings.ocr and shutil.which("tesseract") is None:
        yield fault(
            "programs", "ocr-not-installed",
            "The setting ocr is on and Tesseract is not installed, so every crawl is refused.",
        )  # fmt: skip
