"""When a document was made: its own word first, then the store's, then its last change.

Pure: no file is opened here and no clock is read.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
# fromisoformat takes at most microseconds; some writers give nanoseconds.
_FRACTION = re.compile(r"(\.\d{6})\d+")
# What mail programs write beside the standard: GMT+02:00, and zones by name.
_COLON_IN_ZONE = re.compile(r" ?(?:GMT|UTC)?\s*([-+]\d{2}):?(\d{2})\b(?!:)", re.I)
_ZONES = {
    **dict.fromkeys(("WET", "Z"), "+0000"),
    **dict.fromkeys(("CET", "MEZ", "WEST", "BST"), "+0100"),
    **dict.fromkeys(("CEST", "MESZ", "EET"), "+0200"),
    **dict.fromkeys(("EEST", "MSK"), "+0300"),
    **dict.fromkeys(("JST", "KST"), "+0900"),
}
_NAMED_ZONE = re.compile(rf"\b(?:{'|'.join(_ZONES)})\b(?=\s*$)", re.I)
# Each part may be missing from the right; the zone is a sign, hours and perhaps minutes, or Z.
_PDF = re.compile(
    r"^(?:D:)?(?P<year>\d{4})(?P<month>\d{2})?(?P<day>\d{2})?(?P<hour>\d{2})?(?P<minute>\d{2})?"
    r"(?P<second>\d{2})?(?:\d*)\s*(?:(?P<sign>[-+])(?P<hours>\d{1,2})[':]?(?P<minutes>\d{2})?'?|Z.*)?"
)


def read_date(written: str | None) -> datetime | None:
    """Read a date as documents write it (ISO 8601, RFC 5322, PDF); without a zone it is UTC."""
    if not written:
        return None
    written = written.strip()
    for reader in (_pdf, _iso, _mail):
        try:
            moment = reader(written)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _iso(written: str) -> datetime:
    return datetime.fromisoformat(_FRACTION.sub(r"\1", written))


def _mail(written: str) -> datetime:
    plain = _COLON_IN_ZONE.sub(r" \1\2", written)
    return parsedate_to_datetime(_NAMED_ZONE.sub(lambda found: _ZONES[found[0].upper()], plain))


def _pdf(written: str) -> datetime:
    found = _PDF.fullmatch(written)
    if not found:
        raise ValueError(written)
    month, day = (int(found[name] or 1) for name in ("month", "day"))
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    ahead = timedelta(hours=int(found["hours"] or 0), minutes=int(found["minutes"] or 0))
    zone = timezone(-ahead if found["sign"] == "-" else ahead)
    return datetime(int(found["year"]), month, day, hour, minute, second, tzinfo=zone)


def created(
    own: datetime | None, own_source: str, store: datetime | None, modified: datetime
) -> tuple[datetime, str]:
    """Return when an item was created, and which of the sources says so.

    The sources are ``metadata`` or ``message`` (``own_source``), ``source``, ``modified``. A date
    before 1970, or more than a day after the last change, is absurd and the next source is asked.
    """
    for moment, source in ((own, own_source), (store, "source")):
        if moment is not None and EPOCH < moment <= modified + _DAY:
            return moment, source
    return modified, "modified"
