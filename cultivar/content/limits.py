"""How much of the machine the reading of one file, and of a whole location, may take."""

from dataclasses import dataclass

from cultivar.settings import Settings


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a crawl.

    ``max_bytes`` of one file (a container's members together may hold four times as much),
    ``max_characters`` of text kept of one item, ``seconds`` for reading one file, ``memory_bytes``
    of address space a worker, ``workers`` processes (0: one a core). ``ocr`` tells whether text in
    images is read.
    """

    max_bytes: int = 100_000_000
    max_characters: int = 1_000_000
    seconds: float = 30.0
    memory_bytes: int = 2_000_000_000
    workers: int = 0
    max_members: int = 10_000
    max_depth: int = 3
    ocr: bool = False


def limits_of(settings: Settings) -> Limits:
    """Return the bounds of reading that the settings state: the same for crawls and projects."""
    return Limits(
        max_bytes=settings.max_bytes,
        max_characters=settings.max_characters,
        seconds=float(settings.parse_seconds),
        memory_bytes=settings.parse_memory,
        workers=settings.workers,
        ocr=settings.ocr,
    )
