"""Folders in which a command may be typed although Python or Prefect would stumble there."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOMS = ("cli", "cultivar", "data", "demo", "expectations", "flows", "processes", "tasks")
_WITHOUT_PRIVILEGE = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


def with_rooms_of_others(folder: Path) -> Path:
    """Make a project of somebody else, whose packages are named like Cultivar's, and settings."""
    for room in ROOMS:
        (folder / room).mkdir(parents=True)
        (folder / room / "__init__.py").write_text(f"raise SystemExit('{room} of somebody else')")
    (folder / ".env").write_text("PREFECT_API_URL=http://127.0.0.1:9/of-somebody-else\n")
    (folder / "prefect.toml").write_text("[api]\nurl = 'http://127.0.0.1:9/of-somebody-else'\n")
    return folder


@contextmanager
def closed(folder: Path) -> Iterator[Path]:
    """Make a folder that may be neither read nor entered by what ``unprivileged`` starts."""
    folder.mkdir()
    folder.chmod(0)
    try:
        yield folder
    finally:
        folder.chmod(0o700)


def unprivileged(command: list[str]) -> list[str]:
    """Return the command, so that permissions count for it also where root runs the tests."""
    return [*_WITHOUT_PRIVILEGE, *command] if os.getuid() == 0 else command


def can_be_closed() -> bool:
    """Tell whether a process can be started in a closed folder here."""
    return os.getuid() == 0 and shutil.which("setpriv") is not None
