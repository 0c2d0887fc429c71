"""What a test set holds: a folder's items beside those in use, guarded against leaked seeds.

It decides row by row with the core's rules; it writes neither artifact nor registry.
"""

from dataclasses import dataclass
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc

from cultivar.content.crawl.duplicates import Fingerprint, overlaps_with
from cultivar.content.locations import Source
from cultivar.core.errors import InvalidInput
from cultivar.core.identity.families import Relative, in_families_of
from cultivar.core.limits import Thresholds
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.review.order import why_more_items
from cultivar.core.schemas import TEST_SET
from cultivar.core.selection import (
    DECLARES_LABELS,
    DUPLICATE,
    LABELS_FILE,
    SEED_OVERLAPS,
    declared_by_file,
    declared_by_folder,
    skipped_test_items,
)
from cultivar.core.texts.own_words import TEXT_COLUMNS, own_words_of
from cultivar.core.vocabulary import how_many
from cultivar.operations.content.locations import KnownLocation
from cultivar.operations.training.seeds import as_schema, candidates, ids, with_selection

_ORDER = [("location", "ascending"), ("path", "ascending"), ("item_id", "ascending")]


def _apart(present: pa.Table, items: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Return the rows to keep and the items to select from: what was skipped gets another try."""
    in_use = present.filter(present.column("used"))
    new = items.filter(pc.invert(pc.is_in(items.column("item_id"), in_use.column("item_id"))))
    kept = present.filter(pc.invert(pc.is_in(present.column("item_id"), new.column("item_id"))))
    return kept, new


_RELATED_BY = ["item_id", "duplicate_of", "near_duplicate_of", "message_id", "thread_id"]
SEED_COLUMNS = [*_RELATED_BY, "sha256", "text_sha256", *TEXT_COLUMNS, "used"]


def with_added(
    present: pa.Table, items: pa.Table, seeds: pa.Table, labels: dict[str, bool]
) -> pa.Table:
    """Return the test set with a folder's items added, in the order of location and path.

    ``present`` is the test set so far, ``seeds`` the seeds in use (``SEED_COLUMNS``), ``labels``
    what the folder declares by item id. It also declares what is there under another name without
    a label.
    """
    kept, new = _apart(present, items)
    kept = _labelled(kept, items, labels)
    added = _selected(new, kept, seeds, labels)
    return pa.concat_tables([kept, added]).sort_by(_ORDER)


def require_others_than_seeds(
    classifier_id: str, source: Source, held: tuple[pa.Table, pa.Table], at_most: float
) -> None:
    """Do nothing unless a folder adds nothing to a test set because its items are seeds.

    ``held`` is the test set with them, and the folder's items. The gate sees the whole test set, in
    which a folder of seeds may be the smaller part.

    Raises:
        InvalidInput: code ``seed-test-overlap``.
    """
    table, items = held
    added = table.filter(pc.is_in(table.column("item_id"), items.column("item_id")))
    seeds = int(pc.sum(added.column("seed_overlap")).as_py() or 0)
    if pc.any(added.column("used")).as_py() or seeds <= at_most * len(added):
        return
    place = "/".join(part for part in (source.site, source.prefix) if part)
    raise InvalidInput(
        "seed-test-overlap",
        f"None of the {how_many(len(added), 'item')} of {place} can be used: {seeds:,} equal or "
        "nearly equal a seed or are in the family of one, and testing on seeds proves nothing. The "
        "test set stays as it was.",
        {"found": seeds, "items": len(added)},
        Remedy(NextStep.ADD_TEST_ITEMS, classifier_id, "takes a folder with other items"),
    )


def _labelled(present: pa.Table, items: pa.Table, labels: dict[str, bool]) -> pa.Table:
    """Return rows with the labels that a folder declares of the same contents, where none stood."""
    stated = {
        content: labels[item_id]
        for item_id, content in zip(ids(items), _contents(items), strict=True)
        if item_id in labels
    }
    before = present.column("declared").to_pylist()
    after = [
        int(stated[content]) if label is None and content in stated else label
        for label, content in zip(before, _contents(present), strict=True)
    ]
    place = present.schema.get_field_index("declared")
    return present.set_column(place, present.schema.field(place), pa.array(after, pa.int8()))


def _selected(
    items: pa.Table, present: pa.Table, seeds: pa.Table, labels: dict[str, bool]
) -> pa.Table:
    skipped = _skipped(items, present, seeds)
    overlap = [int(skipped.get(each) in SEED_OVERLAPS) for each in ids(items)]
    stated = [int(labels[each]) if each in labels else None for each in ids(items)]
    table = (
        with_selection(items, skipped)
        .append_column("seed_overlap", pa.array(overlap, pa.int8()))
        .append_column("declared", pa.array(stated, pa.int8()))
    )
    return as_schema(table, TEST_SET.arrow)


def _skipped(items: pa.Table, present: pa.Table, seeds: pa.Table) -> dict[str, str]:
    rows = candidates(items)
    skipped = skipped_test_items(
        rows,
        {*ids(seeds), *_contents(seeds)},
        _near(items, seeds),
        in_families_of(_relatives(items), _relatives(seeds)),
    )
    taken = set(_contents(present.filter(present.column("used"))))
    for each in rows:
        if each.path.rpartition("/")[2] == LABELS_FILE:
            skipped[each.item_id] = DECLARES_LABELS
        elif each.content in taken:
            skipped.setdefault(each.item_id, DUPLICATE)
    return skipped


def _near(items: pa.Table, seeds: pa.Table) -> set[str]:
    found = overlaps_with(_fingerprints(seeds), _fingerprints(items))
    return {item_id for item_id, overlap in zip(ids(items), found, strict=True) if overlap}


def _relatives(items: pa.Table) -> list[Relative]:
    rows = zip(items.select(_RELATED_BY).to_pylist(), _contents(items), strict=True)
    return [Relative(content=content, **row) for row, content in rows]


def _fingerprints(items: pa.Table) -> list[Fingerprint]:
    rows = items.select(["sha256", "text_sha256", *TEXT_COLUMNS]).to_pylist()
    return [Fingerprint(row["sha256"], row["text_sha256"], own_words_of(row)) for row in rows]


def _contents(items: pa.Table) -> list[str]:
    text_hashes = items.column("text_sha256").to_pylist()
    hashes = zip(text_hashes, items.column("sha256").to_pylist(), strict=True)
    return [text or raw for text, raw in hashes]


def declared(location: KnownLocation, source: Source, items: pa.Table) -> dict[str, bool]:
    """Return item id → declared label, from ``positive/`` and ``negative/`` or ``labels.csv``.

    Raises:
        InvalidInput: code ``bad-labels``; the file cannot be understood.
    """
    stated = _labels_file(location, source, items)
    found: dict[str, bool] = {}
    for item_id, path in zip(ids(items), items.column("path").to_pylist(), strict=True):
        below = str(PurePosixPath(path).relative_to(source.prefix or "."))
        label = stated.get(below, declared_by_folder(below))
        if label is not None:
            found[item_id] = label
    return found


def _labels_file(location: KnownLocation, source: Source, items: pa.Table) -> dict[str, bool]:
    path = f"{source.prefix}/{LABELS_FILE}".lstrip("/")
    if path not in items.column("path").to_pylist():
        return {}
    file_system, root = location.location.store
    try:
        return dict(declared_by_file(file_system.cat_file(f"{root}/{path}").decode("utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            "bad-labels", f"{LABELS_FILE} of the test folder cannot be read as UTF-8 text."
        ) from error


@dataclass(frozen=True, slots=True)
class Counts:
    """How many items a test set uses, how many seeds there are, and what the items declare."""

    used: int
    seeds: int
    declared: int
    positives: int


def advice(classifier: str, counts: Counts, asked: Thresholds) -> list[str]:
    """Return what a person should know of a test set: too few items, too uneven, undeclared."""
    found = []
    if counts.used < asked.reviews_at_least:
        found.append(why_more_items(classifier, counts.used, 0, asked.reviews_at_least))
    elif counts.used < asked.test_items_recommended:
        found.append(
            f"{counts.used} test items; {asked.test_items_recommended} or more, positives and "
            "negatives in even parts, give the best results."
        )
    if counts.used < counts.seeds:
        found.append(
            f"The test set ({counts.used} items) is smaller than the seed set ({counts.seeds})."
        )
    negatives = counts.declared - counts.positives
    minority = min(counts.positives, negatives)
    if counts.declared and minority < asked.minority_share_at_least * counts.declared:
        found.append(
            f"The declared labels are uneven: {counts.positives} positive, {negatives} negative. "
            f"The smaller part should hold {asked.minority_share_at_least:.0%} or more."
        )
    if counts.used and not counts.declared:
        found.append("No labels are declared, so balance is judged by the predictions.")
    return found
