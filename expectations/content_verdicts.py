"""Suite of the verdicts from the content that a training learns from: one row an item.

It knows verdicts, never who gave them nor what an item says.
"""

from cultivar.core.vocabulary import PREDICTIONS
from expectations.rules import Evidence, Rule, between, one_of, present, row_count, unique

COLUMNS = ("item_id", "batch", "version_id", "score", "prediction", "relevant")
FACTS: tuple[str, ...] = ()


def rules(_evidence: Evidence) -> list[Rule]:
    """Return the checks of the judged items."""
    return [
        row_count(
            "no-content-verdicts",
            "there are verdicts",
            "{found} items of the content have a verdict. Give some: "
            "`cultivar review NAME --from content`.",
            (1, None),
        ),
        *(present(column) for column in COLUMNS),
        unique("item_id", "an item"),
        between("batch", 1, None),
        between("score", 0, 1),
        one_of("prediction", PREDICTIONS),
        one_of("relevant", (0, 1)),
    ]
