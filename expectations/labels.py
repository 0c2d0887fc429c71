"""Suite of the labels that policies give to the items of one location.

It knows labels and the policies behind them, never what an item says.
"""

from cultivar.core.vocabulary import WORKLOADS
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

KINDS = ("sensitivity label", "retention label", "communication compliance")
_ALWAYS = (
    "item_id",
    "workload",
    "sha256",
    "kind",
    "slot",
    "label",
    "policy_id",
    "policy_version",
    "application",
)
COLUMNS = (*_ALWAYS, "score")
FACTS = ("items", "listed")


def rules(evidence: Evidence) -> list[Rule]:
    """Return the checks of one evaluation.

    An empty table passes only when the caller states the facts ``items`` (evaluated, at least one)
    and ``listed`` (zero): no policy reaches anything, which is a result. The row count must then
    be exactly what is stated.
    """
    items, listed = evidence.facts.get("items"), evidence.facts.get("listed")
    if items and listed == 0:
        return [_exactly(0)]
    return [
        some_rows(
            "no-labels",
            "there are labels",
            "The policies give {found} labels. Crawl a location that holds items, label it, and "
            "apply the policies again.",
        ),
        *([] if listed is None else [_exactly(listed)]),
        *(present(column) for column in _ALWAYS),
        unique_together(("item_id", "kind", "slot"), "repeated-label", "one label of an item"),
        hashes("sha256"),
        one_of("workload", WORKLOADS),
        one_of("kind", KINDS),
        between("policy_version", 1, None),
        between("application", 0, None),
        between("score", 0, 1),
    ]


def _exactly(listed: int) -> Rule:
    return row_count(
        "lost-labels",
        "every label that was given is listed",
        f"The policies give {listed:,} labels, the table holds {{found}}. Apply them again.",
        (listed, listed),
    )
