"""The command line: `cultivar`, one command a thing that a person can do.

It asks, shows and starts; what is allowed and what happens is decided by the operations and flows.
"""

import gc
import io
import os
import sys

# Starting makes many objects that all stay; looking for garbage among them costs a tenth of it.
_ALLOCATIONS_BETWEEN_LOOKS = 50_000
_NOT_ON_WINDOWS = (
    "Cultivar runs on Linux and macOS; on Windows it runs in WSL, the Windows Subsystem for Linux."
)


def main() -> None:
    """Run the command line of this process and exit with 0, 1 (refused) or 2 (misused)."""
    if sys.platform == "win32":
        # before anything is imported that Windows does not have
        print(_NOT_ON_WINDOWS, file=sys.stderr)
        sys.exit(1)
    gc.set_threshold(_ALLOCATIONS_BETWEEN_LOOKS)
    # Processes that parse documents are started by the standard library; none of them may take
    # modules from the folder in which the command was typed.
    os.environ["PYTHONSAFEPATH"] = "1"
    for stream in (sys.stdout, sys.stderr):
        # a terminal that lacks a character shows another one
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    from cli.base.program import run

    sys.exit(run([_as_utf8(each) for each in sys.argv[1:]]))


def _as_utf8(argument: str) -> str:
    """Return an argument read as UTF-8, also where the locale knows ASCII alone."""
    try:
        return os.fsencode(argument).decode()
    except UnicodeError:
        return argument
