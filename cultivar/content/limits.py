"""How much of the machine the reading of one file, and of a whole location, may take."""

import math
from dataclasses import dataclass

from cultivar.settings import Settings

# A container of many items may take the time of one file for every so many bytes.
_BYTES_A_TIME_LIMIT = 16_000_000
# So may a scan: a page of two colours takes some 50 kB, and seconds to read.
_SCANNED_BYTES_A_TIME_LIMIT = 500_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a crawl.

    ``max_bytes`` of one file (a container's members together may hold four times as much),
    ``max_characters`` of text kept of one item, ``seconds`` for reading one file, ``memory_bytes``
    of address space a worker, ``workers`` processes (0: one per core), ``max_members`` of a mailbox
    or an archive. ``ocr`` tells whether text in images is read, ``ocr_languages`` in
    which languages, as Tesseract names them. ``until`` is the moment (of the
    monotonic clock) from which on no further member of a container is read.
    """

    max_bytes: int = 100_000_000
    max_characters: int = 1_000_000
    seconds: float = 30.0
    memory_bytes: int = 2_000_000_000
    workers: int = 0
    max_members: int = 100_000
    max_depth: int = 3
    ocr: bool = False
    ocr_languages: str = ""
    until: float = math.inf

    def time_for(self, size: int, *, may_be_scan: bool = False) -> float:
        """Return how many seconds the reading of a file of ``size`` bytes may take."""
        portion = _SCANNED_BYTES_A_TIME_LIMIT if may_be_scan and self.ocr else _BYTES_A_TIME_LIMIT
        return self.seconds * (1 + min(size, self.max_bytes) // portion)


def limits_of(settings: Settings) -> Limits:
    """Return the bounds of reading that the settings state: the same for crawls and projects."""
    return Limits(
        max_bytes=settings.max_bytes,
        max_characters=settings.max_characters,
        max_members=settings.max_members,
        seconds=float(settings.parse_seconds),
        memory_bytes=settings.parse_memory,
        workers=settings.workers,
        ocr=settings.ocr,
        ocr_languages=settings.ocr_languages,
    )
