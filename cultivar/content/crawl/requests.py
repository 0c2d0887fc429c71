"""What is asked of a crawl, and under which conditions files are read again that did not change."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from zlib import crc32

import pyarrow.parquet as pq

import cultivar
from cultivar.content.documents.ocr import OCR_IS_OFF
from cultivar.content.limits import Limits
from cultivar.content.locations import Location
from cultivar.content.reading import CANNOT_BE_OPENED, Read, read_file
from cultivar.core.identity.matching import Trace

# Raised when the same bytes give another text, or a text where they gave none.
READER = 4
_STATED = re.compile(r"[^,]*, (\d+), xberg [^,]*")
# One file in so many is compared with its content in a night, and no more than these.
NIGHTS = 100
FILES_A_NIGHT = 200
BYTES_A_NIGHT = 50_000_000

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What to crawl and how.

    ``previous`` is the location's last items artifact; ``on_progress`` is told the number of files
    read and to be read. ``left`` are items of earlier crawls that were not found any more, and may
    return. ``from_scratch`` reads every file. ``retry`` reads again what could not be read, and
    compares the content of every file with what was read; ``night`` (a date) compares a sample.
    ``read_with`` is what the previous crawl read with, empty where that was not kept. ``read``
    stands in for reading one file; workers import it by its name.
    """

    location: Location
    previous: pq.ParquetFile | None = None
    limits: Limits = field(default_factory=Limits)
    on_progress: Progress | None = None
    allow_mass_deletion: bool = False
    left: Sequence[Trace] = ()
    from_scratch: bool = False
    retry: bool = False
    night: str | None = None
    read_with: Mapping[str, str] | None = None
    read: Read = read_file


def read_with(limits: Limits) -> dict[str, str]:
    """Return what decides whether a file can be read: the reader's version, and the bounds."""
    bounds = (
        limits.max_bytes, limits.max_characters, limits.seconds, limits.memory_bytes,
        limits.max_members, limits.max_depth, limits.ocr,
        *([limits.ocr_languages] if limits.ocr and limits.ocr_languages else []),
    )  # fmt: skip
    return {
        "reader": f"{cultivar.__version__}, {READER}, xberg {version('xberg')}",
        "bounds": " ".join(map(str, bounds)),
    }


def _rules_of(reader: str) -> int | None:
    """Return the number ``READER`` that a location was read with; None where it is not known."""
    found = _STATED.fullmatch(reader)
    return int(found[1]) if found else None


class Again:
    """Tells which unchanged files are worth reading again."""

    def __init__(self, request: Request) -> None:
        now = read_with(request.limits)
        before = now if request.read_with is None else request.read_with
        self._request = request
        self._reader_changed = before.get("reader") != now["reader"]
        rules = _rules_of(before.get("reader", ""))
        # by other rules the same bytes give another text, also where they gave one
        self.everything = request.from_scratch or rules not in {None, READER}
        self._bounds_changed = before.get("bounds") != now["bounds"]

    def deserves(self, status: str, reason: str | None) -> bool:
        """Tell whether a file may give more now than when it was read, by one of its items."""
        if self.everything:
            return True
        if status == "ok" and reason is None:
            return False
        if reason is not None and reason.startswith(CANNOT_BE_OPENED):
            return True
        if self._request.retry or self._reader_changed:
            return True
        if status == "unsupported":
            return self._request.limits.ocr and reason == OCR_IS_OFF
        return self._bounds_changed


def is_sampled(path: str, night: str) -> bool:
    """Tell whether a night's sample holds a file: each about once in ``NIGHTS`` nights."""
    return crc32(f"{night}\0{path}".encode()) % NIGHTS == 0
