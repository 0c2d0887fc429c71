"""Suite of the comparison that a republish rests on: both versions on each judged item.

It knows predictions and truth, never which version ought to win.
"""

from cultivar.core.vocabulary import PREDICTIONS
from expectations.rules import (
    Evidence,
    Rule,
    between,
    one_of,
    present,
    row_count,
    unique,
)

COLUMNS = (
    "item_id",
    "with_feedback",
    "original",
    "relevant",
    "fold",
    "published_score",
    "published_prediction",
    "retrained_score",
    "retrained_prediction",
    "flips",
)
FACTS = ("items",)


def rules(evidence: Evidence) -> list[Rule]:
    """Return the checks; the fact ``items`` is how many judged items there are to compare on."""
    return [
        row_count(
            "nothing-compared",
            "the versions are compared on judged items",
            "The comparison holds {found} items. Judge items first: `cultivar feedback NAME`.",
            (1, None),
        ),
        *_complete(evidence.facts.get("items")),
        *(present(column) for column in COLUMNS),
        unique("item_id", "a compared item"),
        *(one_of(column, (0, 1)) for column in ("with_feedback", "original", "relevant", "flips")),
        between("fold", 0, None),
        *(between(f"{version}_score", 0, 1) for version in ("published", "retrained")),
        *(one_of(f"{version}_prediction", PREDICTIONS) for version in ("published", "retrained")),
    ]


def _complete(items: int | None) -> list[Rule]:
    if items is None:
        return []
    return [
        row_count(
            "lost-comparisons",
            "each judged item is compared",
            f"Each of the {items:,} judged items is compared once; {{found}} are there. Retrain "
            "again: `cultivar retrain start NAME`.",
            (items, items),
        )
    ]
