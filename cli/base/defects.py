"""What a person is told of an error that nobody foresaw: its type and place, never its text.

The text may quote a document; the setting ``debug_log`` keeps it in full.
"""

from contextlib import suppress

from cultivar.core.errors import CultivarError, place_of
from cultivar.settings import read_settings
from cultivar.store.defects import keep_in_full


def interrupted(error: BaseException) -> bool:
    """Tell whether Ctrl-C is behind an error: compiled code answers it with one of its own."""
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__ or error
        if isinstance(error, KeyboardInterrupt):
            return True
    return False


def told(error: Exception) -> CultivarError:
    """Return what a person is told of an unforeseen error; code ``defect``."""
    with suppress(CultivarError, OSError):
        keep_in_full(read_settings(), error)
    place = place_of(error)
    where = f" ({place})" if place else ""
    return CultivarError(
        "defect",
        f"A defect of Cultivar: {type(error).__name__}{where}. Nothing was half-written.",
    )
