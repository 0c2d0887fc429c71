"""Suite of what an application changes of a location's labels.

It knows what becomes of which label, never what an item says.
"""

from expectations.labels import KINDS
from expectations.rules import (
    Evidence,
    Rule,
    one_of,
    present,
    row_count,
    some_rows,
    unique_together,
)

CHANGES = ("added", "removed", "changed", "renewed", "carried")
_ALWAYS = ("item_id", "kind", "slot", "change")
COLUMNS = (*_ALWAYS, "before", "after")
FACTS = ("changes",)


def rules(evidence: Evidence) -> list[Rule]:
    """Return the checks of one difference.

    An empty table passes only when the caller states the fact ``changes`` (zero): nothing changes,
    which is a result. The row count must then be exactly what is stated.
    """
    changes = evidence.facts.get("changes")
    if changes == 0:
        return [_exactly(0)]
    return [
        some_rows(
            "no-changes",
            "there are changes",
            "The difference lists {found} labels. Apply the policies again.",
        ),
        *([] if changes is None else [_exactly(changes)]),
        *(present(column) for column in _ALWAYS),
        present("before", ("change", "!=", "added")),
        present("after", ("change", "!=", "removed")),
        unique_together(("item_id", "kind", "slot"), "repeated-change", "one label of an item"),
        one_of("kind", KINDS),
        one_of("change", CHANGES),
    ]


def _exactly(changes: int) -> Rule:
    return row_count(
        "lost-changes",
        "every change is listed",
        f"{changes:,} labels change, the table holds {{found}}. Apply the policies again.",
        (changes, changes),
    )
