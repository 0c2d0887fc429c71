"""The numbers that the mission states, once; suites, operations and pages read them here.

``Thresholds`` are the ones that a tenant may set otherwise: they are handed down, and nothing in
the core looks a setting up.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta

SEEDS_AT_LEAST = 50
SEEDS_AT_MOST = 500
TEST_ITEMS_RECOMMENDED = 200
TEST_ITEMS_AT_MOST = 10_000
MINORITY_SHARE_AT_LEAST = 0.40
SEED_OVERLAP_AT_MOST = 0.5
PLAUSIBLE_TIMES_AT_LEAST = 0.9
ACCURACY_TARGET = 0.80
BATCH_SIZE = 30
ITEMS_A_PART = 50_000
BYTES_A_PART = 128_000_000
REVIEWS_AT_LEAST = 200
MOVEMENT_AT_MOST = 0.02
STABLE_BATCHES = 3
CORRECTIONS_TO_RETRAIN = 30
RETRAININGS_A_DAY = 2

BASELINE_TAKES_AT_MOST = timedelta(days=12)
TRAINING_TAKES_AT_MOST = timedelta(hours=24)
TESTING_TAKES_AT_MOST = timedelta(hours=1)
RETRAINING_TAKES_AT_MOST = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What the gates ask for; the defaults are the mission's. Shares are from 0 to 1.

    Each has a setting of its name, which says what it means.
    """

    seeds_at_least: int = SEEDS_AT_LEAST
    seeds_at_most: int = SEEDS_AT_MOST
    test_items_recommended: int = TEST_ITEMS_RECOMMENDED
    test_items_at_most: int = TEST_ITEMS_AT_MOST
    minority_share_at_least: float = MINORITY_SHARE_AT_LEAST
    seed_overlap_at_most: float = SEED_OVERLAP_AT_MOST
    plausible_times_at_least: float = PLAUSIBLE_TIMES_AT_LEAST
    reviews_at_least: int = REVIEWS_AT_LEAST
    movement_at_most: float = MOVEMENT_AT_MOST
    accuracy_target: float = ACCURACY_TARGET

    def as_dict(self) -> dict[str, float]:
        """Return the form that the audit log and exported suites keep: name to value."""
        return asdict(self)


DEFAULTS = Thresholds()


def changed_thresholds(before: Mapping[str, float], after: Thresholds) -> dict[str, float]:
    """Return what ``after`` states otherwise; what ``before`` leaves out stood at its default."""
    known = DEFAULTS.as_dict() | dict(before)
    return {name: value for name, value in after.as_dict().items() if known[name] != value}
