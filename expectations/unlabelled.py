"""Suite of the unlabelled sample: the tenant's everyday content that learning stands against.

It never judges what the items say.
"""

from cultivar.core.vocabulary import WORKLOADS
from expectations.rules import (
    Evidence,
    Rule,
    hashes,
    one_of,
    present,
    row_count,
    unique,
)
from expectations.rules import between as bounded

COLUMNS = ("item_id", "workload", "sha256", "characters")
FACTS: tuple[str, ...] = ()


def rules(_evidence: Evidence) -> list[Rule]:
    """Return the checks of the sample."""
    return [
        row_count(
            "no-unlabelled-items",
            "everyday content is kept",
            "The baseline kept {found} items of everyday content, so seeds can be told from "
            "nothing. Add a location with other documents and opt in again.",
            (1, None),
        ),
        *(present(column) for column in COLUMNS),
        unique("item_id", "an item"),
        hashes("sha256"),
        one_of("workload", WORKLOADS),
        bounded("characters", 1, None, "no-text"),
    ]
