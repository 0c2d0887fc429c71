"""Suite of the seed set: 50 to 500 strong positives that a person picked.

It cannot tell a strong seed from a weak one, and does not try.
"""

from cultivar.core.vocabulary import WORKLOADS
from expectations.rules import (
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

COLUMNS = ("item_id", "workload", "sha256", "created_at", "status", "characters", "used")
FACTS: tuple[str, ...] = ()
USED = ("used", "==", True)


def rules(evidence: Evidence) -> list[Rule]:
    """Return the checks of one seed set; rows that are not used are only listed."""
    at_least, at_most = evidence.asked.seeds_at_least, evidence.asked.seeds_at_most
    return [
        row_count(
            "no-seeds",
            "the seed folder holds items",
            "The seed folder holds {found} items. "
            f"Put at least {at_least} strong examples into it and crawl its location again.",
            (1, None),
        ),
        row_count(
            "too-few-seeds",
            "enough usable seeds",
            "A classifier needs at least "
            f"{at_least} usable seeds; {{found}} of {{rows}} items are usable. "
            "Add more strong examples to the seed folder and crawl its location again.",
            (at_least, None),
            USED,
        ),
        row_count(
            "too-many-seeds",
            "not too many seeds in use",
            f"At most {at_most} seeds are used, the most recently created; {{found}} are "
            "marked as used. Run seed ingest again.",
            (None, at_most),
            USED,
        ),
        *(present(column) for column in COLUMNS),
        unique("item_id", "a seed"),
        hashes("sha256", USED),
        one_of("workload", WORKLOADS),
        one_of("status", STATUSES),
        between("characters", 0, None),
        has_text("seeds", USED),
        plausible_times(evidence, USED),
    ]
