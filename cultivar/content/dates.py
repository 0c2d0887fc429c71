"""When a document was made: its own word first, then the store's, then its last change.

Pure: no file is opened here and no clock is read.
"""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
# fromisoformat takes at most microseconds; some writers give nanoseconds.
_FRACTION = re.compile(r"(\.\d{6})\d+")
_PDF = re.compile(r"^(?:D:)?(\d{4})(\d{2})(\d{2})(\d{2})?(\d{2})?(\d{2})?")


def read_date(written: str | None) -> datetime | None:
    """Read a date as documents write it (ISO 8601, RFC 5322, PDF); without a zone it is UTC."""
    if not written:
        return None
    written = written.strip()
    for reader in (_iso, _mail, _pdf):
        try:
            moment = reader(written)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _iso(written: str) -> datetime:
    return datetime.fromisoformat(_FRACTION.sub(r"\1", written))


def _mail(written: str) -> datetime:
    return parsedate_to_datetime(written)


def _pdf(written: str) -> datetime:
    found = _PDF.match(written)
    if not found:
        raise ValueError(written)
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


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
