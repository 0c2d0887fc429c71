"""Suite of the baseline: the counts of the tenant's content, by location, type and language.

It judges counts, never items.
"""

from cultivar.core.vocabulary import WORKLOADS
from expectations.rules import (
    READABLE,
    STATUSES,
    Evidence,
    Rule,
    between,
    not_above,
    one_of,
    present,
    row_count,
    unique_together,
)

KEYS = ("location", "workload", "media_type", "language", "status")
COUNTS = ("items", "bytes", "characters", "duplicates", "near_duplicates")
COLUMNS = KEYS + COUNTS
FACTS: tuple[str, ...] = ()


def rules(_evidence: Evidence) -> list[Rule]:
    """Return the checks of one baseline."""
    return [
        row_count(
            "no-content",
            "the baseline covers content",
            "The baseline covers no content: {found} groups of items. "
            "Add a location and crawl it, then opt in again.",
            (1, None),
        ),
        row_count(
            "nothing-readable",
            "some content can be read",
            "No item of the organisation could be read ({found} of {rows} groups of items), so "
            "there is nothing to learn from. "
            "`cultivar location show LOCATION` lists the reasons.",
            (1, None),
            READABLE,
        ),
        *(present(column) for column in COLUMNS),
        unique_together(KEYS, "repeated-group", "a group of items"),
        one_of("workload", WORKLOADS),
        one_of("status", STATUSES),
        between("items", 1, None),
        between("bytes", 0, None),
        between("characters", 0, None),
        between("duplicates", 0, None),
        between("near_duplicates", 0, None),
        not_above("duplicates", "items", "each duplicate is an item"),
        not_above("near_duplicates", "items", "each near-duplicate is an item"),
    ]
