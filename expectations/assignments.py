"""Suite of the assignments: the items that published classifiers match or nearly match.

Items that do not match are counted elsewhere, not listed here.
"""

from cultivar.core.vocabulary import LISTED, WORKLOADS
from expectations.rules import (
    Evidence,
    Rule,
    between,
    hashes,
    one_of,
    present,
    row_count,
    some_rows,
    unique_together,
)

COLUMNS = (
    "item_id",
    "workload",
    "sha256",
    "classifier_id",
    "version_id",
    "score",
    "prediction",
)
FACTS = ("scored", "listed")


def rules(evidence: Evidence) -> list[Rule]:
    """Return the checks of one labelling.

    An empty table passes only when the caller states the facts ``scored`` (pairs of item and
    classifier scored, at least one) and ``listed`` (zero): nothing matched, which is a result. The
    row count must then be exactly what is stated.
    """
    scored, listed = evidence.facts.get("scored"), evidence.facts.get("listed")
    if scored and listed == 0:
        return [_exactly(0)]
    return [
        some_rows(
            "no-assignments",
            "there are assignments",
            "The labelling lists {found} items. Crawl a location that holds some, publish a "
            "classifier, and label again.",
        ),
        *([] if listed is None else [_exactly(listed)]),
        *(present(column) for column in COLUMNS),
        unique_together(
            ("item_id", "classifier_id"), "repeated-assignment", "an item of one classifier"
        ),
        hashes("sha256"),
        one_of("workload", WORKLOADS),
        between("score", 0, 1),
        one_of("prediction", LISTED),
    ]


def _exactly(listed: int) -> Rule:
    return row_count(
        "lost-assignments",
        "every assignment that was scored is listed",
        f"Scoring listed {listed:,} items, the table holds {{found}}. Label again.",
        (listed, listed),
    )
