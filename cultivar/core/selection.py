"""Which items of a folder become seeds or test items, and why the others do not.

It decides from ids, hashes, times and statuses; it never reads text.
"""

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import PurePosixPath

from cultivar.core.errors import InvalidInput
from cultivar.core.limits import SEEDS_AT_MOST, TEST_ITEMS_AT_MOST
from cultivar.core.texts.reading_status import has_text

DUPLICATE = "duplicate"
TOO_OLD = "not among the {} most recently created"
EQUALS_SEED = "equals a seed"
RESEMBLES_SEED = "nearly equals a seed"
IN_FAMILY_OF_SEED = "in the family of a seed"
SEED_OVERLAPS = frozenset({EQUALS_SEED, RESEMBLES_SEED, IN_FAMILY_OF_SEED})
DECLARES_LABELS = "declares labels"
LABELS_FILE = "labels.csv"

_POSITIVE = frozenset({"positive", "positives", "1", "yes", "true", "relevant", "match"})
_NEGATIVE = frozenset({"negative", "negatives", "0", "no", "false", "not relevant", "no match"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """What selection needs to know of an item.

    ``content`` is the hash by which two items are the same: of the text, or of the bytes where
    there is none.
    """

    item_id: str
    path: str
    content: str
    created_at: datetime
    status: str


def skipped_seeds(candidates: Sequence[Candidate], at_most: int = SEEDS_AT_MOST) -> dict[str, str]:
    """Return item id → reason for every candidate that is not used as a seed.

    Of the readable, distinct ones the newest ``at_most`` are used; items of one moment are taken
    in the order of their path, then of their id, so that ties fall the same way everywhere.
    """
    skipped = _unusable(candidates)
    newest = sorted(
        (candidate for candidate in candidates if candidate.item_id not in skipped),
        key=lambda candidate: (-candidate.created_at.timestamp(), *_order(candidate)),
    )
    return skipped | {candidate.item_id: TOO_OLD.format(at_most) for candidate in newest[at_most:]}


def skipped_test_items(
    candidates: Sequence[Candidate],
    seeds: Collection[str],
    near_seeds: Collection[str],
    related: Collection[str] = (),
) -> dict[str, str]:
    """Return item id → reason for every candidate that is not used as a test item.

    ``seeds`` are the ids and the content hashes of the seeds in use, ``near_seeds`` the ids of the
    candidates that a near-duplicate search found to resemble one, ``related`` the ids of those
    that are in the family of one.
    """
    skipped = _unusable(candidates)
    for candidate in candidates:
        if candidate.item_id in skipped:
            continue
        if candidate.content in seeds or candidate.item_id in seeds:
            skipped[candidate.item_id] = EQUALS_SEED
        elif candidate.item_id in near_seeds:
            skipped[candidate.item_id] = RESEMBLES_SEED
        elif candidate.item_id in related:
            skipped[candidate.item_id] = IN_FAMILY_OF_SEED
    return skipped


def _unusable(candidates: Sequence[Candidate]) -> dict[str, str]:
    """Return why items cannot be read or repeat another; the first by path stands."""
    skipped: dict[str, str] = {}
    seen: set[str] = set()
    for candidate in sorted(candidates, key=_order):
        if not has_text(candidate.status):
            skipped[candidate.item_id] = candidate.status
        elif candidate.content in seen:
            skipped[candidate.item_id] = DUPLICATE
        else:
            seen.add(candidate.content)
    return skipped


def _order(candidate: Candidate) -> tuple[str, str]:
    return candidate.path, candidate.item_id


def require_room(found: int, at_most: int = TEST_ITEMS_AT_MOST) -> None:
    """Do nothing when a test set of ``found`` items is within the limit.

    Raises:
        InvalidInput: code ``too-many-test-items``; the sentence holds the number found.
    """
    if found > at_most:
        raise InvalidInput(
            "too-many-test-items",
            f"The test set would hold {found:,} items; at most {at_most:,} are taken. "
            "Choose a folder with fewer items.",
            {"found": found, "at_most": at_most},
        )


def declared_by_folder(path: str) -> bool | None:
    """Return what the first folder of a path below the source declares: positive or negative."""
    parts = PurePosixPath(path).parts
    first = parts[0].lower() if len(parts) > 1 else ""
    if first in {"positive", "positives"}:
        return True
    return False if first in {"negative", "negatives"} else None


def declared_by_file(text: str) -> Mapping[str, bool]:
    """Read a ``labels.csv``: path (relative to the file's folder) and label, one item a row.

    Raises:
        InvalidInput: code ``bad-labels``; a row has no path, or its label is not one of the words
            for positive and negative. The sentence holds the row's number, never the path.
    """
    rows = [row for row in csv.reader(StringIO(text.removeprefix("\ufeff"))) if any(row)]
    if rows and len(rows[0]) > 1 and rows[0][1].strip().lower() == "label":
        rows = rows[1:]
    return {
        str(PurePosixPath(row[0].strip())): _label(row, number)
        for number, row in enumerate(rows, start=1)
    }


def _label(row: Sequence[str], number: int) -> bool:
    word = row[1].strip().lower() if len(row) > 1 and row[0].strip() else ""
    if word in _POSITIVE:
        return True
    if word in _NEGATIVE:
        return False
    raise InvalidInput(
        "bad-labels",
        f"Item {number} of {LABELS_FILE} has no path and label that can be read. "
        "Each row is a path, a comma, and positive or negative.",
        {"row": number},
    )
