"""Suite of the predictions of one version over one test set.

It knows scores and outcomes, never what an item says.
"""

from cultivar.core.vocabulary import PREDICTIONS
from expectations.rules import (
    Evidence,
    Rule,
    between,
    hashes,
    one_of,
    present,
    row_count,
    unique,
)

COLUMNS = ("item_id", "sha256", "version_id", "score", "prediction")
FACTS = ("items", "declared")


def rules(evidence: Evidence) -> list[Rule]:
    """Return the checks.

    Facts: ``items``, the number of usable test items, each of which needs a prediction;
    ``declared``, whether the test location declares labels, so that the gate ``test_set`` has
    checked the balance already. Without it, balance is checked on the predictions.
    """
    at_least = evidence.asked.minority_share_at_least
    return [
        row_count(
            "no-predictions",
            "there are predictions",
            "The test set has {found} predictions. Add test items first.",
            (1, None),
        ),
        *_complete(evidence.facts.get("items")),
        *(present(column) for column in COLUMNS),
        unique("item_id", "a test item"),
        hashes("sha256"),
        _one_version(),
        between("score", 0, 1),
        one_of("prediction", PREDICTIONS),
        *([] if evidence.facts.get("declared") else [_balance(at_least)]),
    ]


def _complete(items: int | None) -> list[Rule]:
    if items is None:
        return []
    return [
        row_count(
            "missing-predictions",
            "each test item has its prediction",
            f"Each of the {items:,} usable test items needs one prediction; {{found}} are there. "
            "Run test scoring again.",
            (items, items),
        )
    ]


def _one_version() -> Rule:
    return Rule(
        "mixed-versions",
        "one version made all predictions",
        "ExpectColumnUniqueValueCountToBeBetween",
        {"column": "version_id", "max_value": 1},
        "1 version",
        "Predictions of {found} versions are mixed in one table. Run test scoring again.",
    )


def _balance(at_least: float) -> Rule:
    return Rule(
        "unbalanced-test-set",
        "predicted positives and negatives are balanced",
        "ExpectOutcomeBalance",
        {
            "column": "prediction",
            "positive": "match",
            "minority_at_least": at_least,
        },
        f"at least {at_least:.0%} in the rarer class",
        "The rarer kind must make up at least "
        f"{at_least:.0%} of the test set. It makes up {{found}} as the classifier "
        "itself predicts, because nothing in the test folder says which items are of the kind. Add "
        "items of the rarer kind, or say which are: folders positive/ and negative/, or a "
        "labels.csv (path,label). What the folder holds stays in the test until then; `cultivar "
        "remove-test NAME FOLDER` takes it out.",
        liftable=True,
    )
