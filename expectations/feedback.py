"""Suite of the feedback that a retraining learns from: one row an item that people judged.

It knows verdicts, never who gave them nor what an item says.
"""

from cultivar.core.limits import CORRECTIONS_TO_RETRAIN
from cultivar.core.vocabulary import LISTED
from expectations.rules import Evidence, Rule, between, one_of, present, row_count, unique

COLUMNS = ("item_id", "version_id", "score", "prediction", "matches", "others", "relevant")
FACTS: tuple[str, ...] = ()
NULLABLE = ("relevant",)


def rules(_evidence: Evidence) -> list[Rule]:
    """Return the checks of the judged items."""
    return [
        row_count(
            "too-little-feedback",
            f"{CORRECTIONS_TO_RETRAIN} items are judged",
            f"{{found}} items are judged; a retraining needs {CORRECTIONS_TO_RETRAIN}. Judge more: "
            "`cultivar feedback NAME`.",
            (CORRECTIONS_TO_RETRAIN, None),
        ),
        row_count(
            "nothing-decided",
            "people agree on some of the items",
            "People agree on {found} of {rows} judged items, so there is nothing to learn. "
            "Judge more items.",
            (1, None),
            ("relevant", ">=", 0),
        ),
        *(present(column) for column in COLUMNS if column not in NULLABLE),
        unique("item_id", "a judged item"),
        between("score", 0, 1),
        between("matches", 0, None),
        between("others", 0, None),
        one_of("prediction", LISTED),
        one_of("relevant", (0, 1)),
    ]
