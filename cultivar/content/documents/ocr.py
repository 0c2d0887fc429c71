"""Text in scanned images and pages: whether this machine can read it, and pages one by one.

Finds and checks what is installed; it installs and downloads nothing.
"""

import importlib.util
import io
import os
import re
import shutil
import struct
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cultivar.content.documents.library import read_page, read_pages
from cultivar.content.documents.parser import Document
from cultivar.content.documents.unreadable import Unreadable
from cultivar.content.limits import Limits
from cultivar.core.errors import NotReady

if TYPE_CHECKING:
    from PIL import Image

# The reason of what is worth another try once OCR is on.
OCR_IS_OFF = "reading text from images needs OCR, which is off"

_PLACES = (
    "share/tesseract-ocr/5/tessdata",
    "share/tesseract-ocr/4.00/tessdata",
    "share/tessdata",
)
_PREFIXES = ("/usr", "/usr/local", "/opt/homebrew")
# Data of page orientation and of equations, which are no languages.
_NO_LANGUAGES = frozenset({"osd", "equ"})
# Data of a script, or of a person's own making, bear other names; the library refuses those.
_LANGUAGE = re.compile(r"[a-z]{3}|chi_(sim|tra)")
# Every further language costs time and memory again.
_MOST_LANGUAGES = 4
# An A3 page at 600 dots an inch has 70 million.
_MOST_PIXELS = 100_000_000
# Each call draws and reads its pages, and goes through the whole file.
_PAGES_AT_ONCE = 2
# TIFF 6.0, section 8: the field that holds when the image was made.
_DATE_TIME = 306


def require_ocr(wanted: str = "") -> None:
    """Refuse to start where text in images could not be read, in the languages ``wanted``.

    Raises:
        NotReady: code ``ocr-not-installed``.
    """
    if importlib.util.find_spec("PIL") is None:
        raise NotReady(
            "ocr-not-installed",
            "The setting ocr is on, but what it needs is not installed. Install the extra "
            "cultivar[ocr], or turn the setting off.",
        )
    language_data(wanted)


def language_data(wanted: str = "") -> tuple[Path, tuple[str, ...]]:
    """Return the folder of Tesseract's language data and the languages to read.

    ``wanted`` names some as Tesseract does, such as ``deu+fra``; else whatever is installed counts,
    English first and at most four.

    Raises:
        NotReady: code ``ocr-not-installed``.
    """
    for folder in _folders():
        names = {path.stem for path in folder.glob("*.traineddata")} - _NO_LANGUAGES
        found = {name for name in names if _LANGUAGE.fullmatch(name)}
        if found and wanted:
            return folder, _installed(wanted, names, folder)
        if found:
            ranked = sorted(found, key=lambda language: (language != "eng", language))
            return folder, tuple(ranked[:_MOST_LANGUAGES])
    raise NotReady(
        "ocr-not-installed",
        "The setting ocr is on, but Tesseract with the data of a language was not found. "
        "Install it (Debian and Ubuntu: apt-get install tesseract-ocr; macOS: brew install "
        "tesseract), or set TESSDATA_PREFIX to the folder of its .traineddata files, "
        "or turn the setting off.",
    )


def _installed(wanted: str, there: set[str], folder: Path) -> tuple[str, ...]:
    named = tuple(filter(None, (each.strip() for each in wanted.split("+"))))
    missing = [each for each in named if each not in there]
    if missing:
        raise NotReady(
            "ocr-not-installed",
            f"The setting ocr_languages names {', '.join(missing)}, of which {folder} holds no "
            f"data; it holds {', '.join(sorted(there))}. Install the data (Debian and Ubuntu: "
            f"apt-get install tesseract-ocr-{missing[0].replace('_', '-')}), or name others.",
        )
    return named


def _folders() -> Iterator[Path]:
    stated = os.environ.get("TESSDATA_PREFIX")
    if stated:
        # Who names a folder means no other.
        yield Path(stated)
        yield Path(stated) / "tessdata"
        return
    program = shutil.which("tesseract")
    beside = (str(Path(program).parent.parent),) if program else ()
    yield from (Path(prefix) / place for prefix in (*beside, *_PREFIXES) for place in _PLACES)


def read_scan(data: bytes, limits: Limits) -> Document:
    """Read the text of a TIFF, page after page, until the limit of characters is passed.

    Raises:
        Unreadable: ``corrupt``; ``too large`` for a page beyond 100 million pixels or more pages
            than ``limits.max_members``.
    """
    folder, languages = language_data(limits.ocr_languages)
    texts: list[str] = []
    characters = 0
    try:
        with _opened(data) as scan:
            created = scan.tag_v2.get(_DATE_TIME)
            for page in _pages(scan, limits):
                texts.append(read_page(page, str(folder), languages).strip())
                characters += len(texts[-1])
                if characters > limits.max_characters:
                    break
    except (OSError, SyntaxError, ValueError, EOFError, KeyError, struct.error) as error:
        raise Unreadable("corrupt", "its content does not follow its format") from error
    return Document("\n\n".join(filter(None, texts)), "image/tiff", created=_date(created))


def read_scanned_pages(data: bytes, numbers: Sequence[int], limits: Limits) -> dict[int, str]:
    """Return the text of pages of a PDF that are pictures, by number, as far as the bounds allow.

    Pages are read in order, a few at a time, until the time, the characters or the number of pages
    (``limits.max_members``) is used up; what is left is not in the answer.

    Raises: as ``read_pages``.
    """
    folder, languages = language_data(limits.ocr_languages)
    found: dict[int, str] = {}
    slowest = 0.0
    numbers = numbers[: limits.max_members]
    for start in range(0, len(numbers), _PAGES_AT_ONCE):
        began = time.monotonic()
        if began + slowest > limits.until:
            break
        found |= read_pages(
            data, list(numbers[start : start + _PAGES_AT_ONCE]), str(folder), languages
        )
        slowest = max(slowest, time.monotonic() - began)
        if sum(map(len, found.values())) > limits.max_characters:
            break
    return found


def _opened(data: bytes) -> Any:
    from PIL import Image  # noqa: PLC0415 - an extra

    # The bound is this module's, page by page, and stated in its own words.
    Image.MAX_IMAGE_PIXELS = None
    return Image.open(io.BytesIO(data), formats=["TIFF"])


def _pages(scan: Any, limits: Limits) -> Iterator[bytes]:
    """Yield each page as a picture in grey that every reader of images takes."""
    for number in range(limits.max_members + 1):
        try:
            scan.seek(number)
        except EOFError:
            return
        if number == limits.max_members:
            raise Unreadable("too large", f"it holds over {limits.max_members:,} pages")
        if scan.width * scan.height > _MOST_PIXELS:
            raise Unreadable("too large", f"a page has more than {_MOST_PIXELS:,} pixels")
        yield _picture(scan)


def _picture(page: "Image.Image") -> bytes:
    made = io.BytesIO()
    page.convert("L").save(made, "BMP")
    return made.getvalue()


def _date(written: object) -> str | None:
    """Return a TIFF's date (``YYYY:MM:DD HH:MM:SS``) as ISO 8601 writes it."""
    if not isinstance(written, str):
        return None
    day, _, time = written.strip("\0 ").partition(" ")
    return f"{day.replace(':', '-')}T{time}"
