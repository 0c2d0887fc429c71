"""Where a failure that nobody foresaw happened: its way through Cultivar's own code, no values.

What such an error says may quote a document, so its text goes nowhere but, where a setting asks for
it, into a file of the home that its owner alone can read.
"""

import os
import traceback
from datetime import UTC, datetime
from pathlib import Path, PurePath
from types import CodeType, FrameType

from cultivar.settings import Settings

OURS = frozenset({"cli", "cultivar", "data", "demo", "expectations", "flows", "processes", "tasks"})
# What every step and flow runs through, which tells nothing.
_WRAPPERS = frozenset({"tasks", "flows.base.stage", __name__})
_LONGEST_CHAIN = 4
_KEPT = "It is kept in full in the debug log."


def debug_log(home: Path) -> Path:
    """Return the file that holds what failed in full, where the setting ``debug_log`` asks."""
    return home / "logs" / "debug.log"


def place_of(error: BaseException) -> str:
    """Return the error's type, and the file, line and function that raised it."""
    frames = list(traceback.walk_tb(error.__traceback__))
    if not frames:
        return f"{type(error).__name__} in an unknown place"
    return f"{type(error).__name__} in {_place(*frames[-1])}"


def way_to(error: BaseException) -> list[str]:
    """Return the frames of Cultivar on the way to an error, and the one that raised it.

    Outermost first, from the caller's own callers on; then those of the errors that caused it. Each
    is file, line and function.
    """
    outside = [_place(*each) for each in traceback.walk_stack(None) if _is_ours(each[0])]
    lines = [*reversed(outside), *_frames(error)]
    cause, left = _cause_of(error), _LONGEST_CHAIN
    while cause is not None and left:
        lines += [f"caused by {type(cause).__name__}", *_frames(cause)]
        cause, left = _cause_of(cause), left - 1
    return lines


def keep_in_full(settings: Settings, error: BaseException) -> bool:
    """Append the whole traceback to the debug log, once, where settings ask for it; tell if so."""
    if not settings.debug_log or _KEPT in getattr(error, "__notes__", ()):
        return settings.debug_log
    path = debug_log(settings.home)
    path.parent.mkdir(parents=True, exist_ok=True)
    told = "".join(traceback.format_exception(error))
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    with open(descriptor, "a", encoding="utf-8") as log:  # noqa: PTH123 - it is open already
        os.fchmod(descriptor, 0o600)
        log.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} process {os.getpid()}\n")
        log.write(f"{told}\n")
    error.add_note(_KEPT)
    return True


def _frames(error: BaseException) -> list[str]:
    walked = list(traceback.walk_tb(error.__traceback__))
    return [
        _place(frame, line) for frame, line in walked if _is_ours(frame) or frame is walked[-1][0]
    ]


def _cause_of(error: BaseException) -> BaseException | None:
    hidden = None if error.__suppress_context__ else error.__context__
    return error.__cause__ or hidden


def _is_ours(frame: FrameType) -> bool:
    module = _module(frame)
    return module.partition(".")[0] in OURS and module not in _WRAPPERS


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__") or "")


def _place(frame: FrameType, line: int) -> str:
    return f"{_file(frame.f_code, _module(frame))} line {line} in {frame.f_code.co_name}"


def _file(code: CodeType, module: str) -> str:
    """Return a file from its package on, so that no folder of this machine is named."""
    path = PurePath(code.co_filename)
    depth = module.count(".") + 1 + (path.stem == "__init__")
    return "/".join(path.parts[-depth:])
