"""Suite of the items artifact: what one crawl of one location found.

An unreadable file is a row with a reason, never a failure here: neither one nor all of them.
"""

from cultivar.core.vocabulary import WORKLOADS
from expectations.rules import (
    READABLE,
    STATUSES,
    Evidence,
    Rule,
    between,
    has_text,
    hashes,
    one_of,
    plausible_times,
    present,
    row_count,
    unique,
)

COLUMNS = (
    "item_id",
    "workload",
    "sha256",
    "media_type",
    "size",
    "created_at",
    "created_source",
    "modified_at",
    "characters",
    "status",
)
FACTS: tuple[str, ...] = ()
CREATED_SOURCES = ("metadata", "message", "source", "modified")


def rules(evidence: Evidence) -> list[Rule]:
    """Return the checks of one crawl."""
    return [
        row_count(
            "no-items",
            "the location holds items",
            "The location holds no items: {found} found. Check its URL and what it may read.",
            (1, None),
        ),
        *(present(column) for column in COLUMNS),
        unique("item_id", "an item"),
        # a member that could not be taken out of its container has no bytes to hash
        hashes("sha256", READABLE),
        one_of("workload", WORKLOADS),
        one_of("status", STATUSES),
        one_of("created_source", CREATED_SOURCES),
        between("size", 0, None),
        between("characters", 0, None),
        has_text("readable", READABLE),
        plausible_times(evidence),
    ]
