"""Suite of the test set: up to 10,000 items, balanced, none of those in use a seed.

It reads what the test location declares about its items, and never passes that on.
"""

from cultivar.core.limits import Thresholds
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

COLUMNS = (
    "item_id",
    "workload",
    "sha256",
    "created_at",
    "status",
    "characters",
    "used",
    "seed_overlap",
    "declared",
)
FACTS: tuple[str, ...] = ()
USED = ("used", "==", True)
NULLABLE = ("declared",)


def rules(evidence: Evidence) -> list[Rule]:
    """Return the checks of one test set.

    Balance is checked here when the location declares labels; when it declares none, the gate
    ``predictions`` checks it instead and says so.
    """
    asked = evidence.asked
    balance = [one_of("declared", (0, 1)), _balance(asked)]
    return [
        row_count(
            "no-test-items",
            "the test folder holds items",
            "The test folder holds {found} items. "
            f"Put at least {asked.test_items_recommended} into it, half of them of the category, "
            "and crawl its location again.",
            (1, None),
        ),
        # Before what follows from it: a folder of seeds has nothing to use.
        _mostly_seeds(asked.seed_overlap_at_most),
        row_count(
            "nothing-usable",
            "some test items can be used",
            "None of the {rows} test items can be used: they repeat one another, equal "
            "seeds, or cannot be read. `cultivar location show LOCATION` lists the last kind.",
            (1, None),
            USED,
        ),
        row_count(
            "too-many-test-items",
            "not too many test items",
            f"A test set holds at most {asked.test_items_at_most:,} items; {{found}} were found. "
            "Move some out of the test folder and crawl its location again.",
            (None, asked.test_items_at_most),
            USED,
        ),
        _leak_guard(),
        *(balance if evidence.labelled.get("declared") else []),
        *(present(column) for column in COLUMNS if column not in NULLABLE),
        unique("item_id", "a test item"),
        hashes("sha256", USED),
        one_of("workload", WORKLOADS),
        one_of("status", STATUSES),
        between("characters", 0, None),
        has_text("test items", USED),
        plausible_times(evidence, USED),
    ]


def _leak_guard() -> Rule:
    return Rule(
        "leaked-seed",
        "no usable test item is a seed",
        "ExpectNoOverlap",
        {"column": "seed_overlap"},
        "0 items",
        "A test item that equals or nearly equals a seed, or is in the family of one, proves "
        "nothing, yet {found} count as usable. Run test scoring again.",
        USED,
    )


def _mostly_seeds(at_most: float) -> Rule:
    """Tell a folder of seeds from a test folder in which a few seeds lie and are left out."""
    return Rule(
        "seed-test-overlap",
        "the test folder is not a folder of seeds",
        "ExpectOverlapOfAtMost",
        {"column": "seed_overlap", "share_at_most": at_most},
        f"at most {at_most:.0%} of the items",
        "Of the {rows} items in the test folder {found} equal or nearly equal a seed or are in the "
        "family of one, and testing on seeds proves nothing. Name a folder with other items, or "
        "move the seeds out of it and crawl its location again.",
    )


def _balance(asked: Thresholds) -> Rule:
    at_least = asked.minority_share_at_least
    return Rule(
        "unbalanced-test-set",
        "positives and negatives are balanced",
        "ExpectClassBalance",
        {"column": "declared", "minority_at_least": at_least},
        f"at least {at_least:.0%} in the rarer class",
        "The rarer kind must make up at least "
        f"{at_least:.0%} of the test set; by the labels that the location declares "
        "it makes up {found}. Add items of the rarer kind, or remove some of the other.",
        USED,
    )
