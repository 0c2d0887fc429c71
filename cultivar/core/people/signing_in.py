"""The rules of signing in: which passwords do, how long a session lasts, when guessing is stopped.

It holds no password and knows no clock.
"""

from datetime import datetime, timedelta

from cultivar.core.errors import InvalidInput

IDLE_AT_MOST = timedelta(minutes=30)
SESSION_AT_MOST = timedelta(hours=12)
# how old a session's last sign of life may be before it is written again
SEEN_EVERY = timedelta(minutes=1)
LINK_LASTS = timedelta(hours=24)
PASSWORD_CHARACTERS_AT_LEAST, PASSWORD_CHARACTERS_AT_MOST = 12, 256
# so many wrong passwords in a row are a person's own slips; each one after that doubles the wait
SLIPS = 5
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)


def require_password(text: str) -> str:
    """Return a password that will do; length is all that is asked for (NIST SP 800-63B).

    Raises:
        InvalidInput: code ``bad-password``.
    """
    if PASSWORD_CHARACTERS_AT_LEAST <= len(text) <= PASSWORD_CHARACTERS_AT_MOST:
        return text
    raise InvalidInput(
        "bad-password",
        f"A password has {PASSWORD_CHARACTERS_AT_LEAST} to {PASSWORD_CHARACTERS_AT_MOST} "
        f"characters, of any kind; this one has {len(text)}.",
    )


def is_live(began_at: datetime, seen_at: datetime, at: datetime) -> bool:
    """Tell whether a session goes on: neither idle for too long nor too old."""
    return at - seen_at < IDLE_AT_MOST and at - began_at < SESSION_AT_MOST


def locked_until(failures: int, failed_at: datetime | None) -> datetime | None:
    """Return until when no password is looked at, after so many wrong ones in a row."""
    if failures < SLIPS or failed_at is None:
        return None
    # the exponent is bounded, as a count may be any
    wait = _FIRST_WAIT * 2 ** min(failures - SLIPS, 10)
    return failed_at + min(wait, _LONGEST_WAIT)
