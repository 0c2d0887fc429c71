"""Suite of the reviews: people's verdicts on predictions, in the order drawn.

It knows verdicts, never who gave them.
"""

from cultivar.core.limits import BATCH_SIZE
from cultivar.core.vocabulary import PREDICTIONS
from expectations.rules import (
    Evidence,
    Rule,
    between,
    one_of,
    present,
    row_count,
    unique,
    unique_together,
)

COLUMNS = (
    "item_id",
    "batch",
    "position",
    "version_id",
    "score",
    "prediction",
    "verdict",
    "relevant",
)
FACTS: tuple[str, ...] = ()
VERDICTS = ("yes", "no", "not sure")
NULLABLE = ("relevant",)


def rules(_evidence: Evidence) -> list[Rule]:
    """Return the checks of the verdicts given so far."""
    return [
        row_count(
            "no-reviews",
            "there are reviews",
            "The test set has {found} reviews. Review some first: `cultivar review NAME`.",
            (1, None),
        ),
        *(present(column) for column in COLUMNS if column not in NULLABLE),
        unique("item_id", "an item"),
        unique_together(("batch", "position"), "repeated-position", "a place in a batch"),
        between("batch", 0, None),
        between("position", 0, None),
        between("score", 0, 1),
        one_of("prediction", PREDICTIONS),
        one_of("verdict", VERDICTS),
        one_of("relevant", (0, 1)),
        _decided(),
        _undecided(),
        _full_batches(),
    ]


def _decided() -> Rule:
    return Rule(
        "undecided-verdict",
        "a yes or no says what the item is",
        "ExpectColumnValuesToNotBeNull",
        {"column": "relevant"},
        "no empty value where the verdict is yes or no",
        "{found} are answered yes or no but do not say whether the item is relevant. "
        "Review them again.",
        ("verdict", "!=", "not sure"),
    )


def _undecided() -> Rule:
    return Rule(
        "decided-unsure",
        "a not sure decides nothing",
        "ExpectColumnValuesToBeNull",
        {"column": "relevant"},
        "an empty value where the verdict is not sure",
        "{found} are answered not sure and yet count as decided. Review them again.",
        ("verdict", "==", "not sure"),
    )


def _full_batches() -> Rule:
    return Rule(
        "batch-too-large",
        f"a batch holds at most {BATCH_SIZE} items",
        "ExpectGroupsOfAtMost",
        {"column": "batch", "rows_at_most": BATCH_SIZE},
        f"at most {BATCH_SIZE} items",
        f"A batch holds at most {BATCH_SIZE} items; the largest holds {{found}}. "
        "Run the review gate again.",
    )
