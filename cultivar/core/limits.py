"""The numbers that the mission states, once; suites, operations and pages read them here."""

from datetime import timedelta

SEEDS_AT_LEAST = 50
SEEDS_AT_MOST = 500
TEST_ITEMS_RECOMMENDED = 200
TEST_ITEMS_AT_MOST = 10_000
MINORITY_SHARE_AT_LEAST = 0.40
BATCH_SIZE = 30
REVIEWS_AT_LEAST = 200
MOVEMENT_AT_MOST = 0.02
STABLE_BATCHES = 3
CORRECTIONS_TO_RETRAIN = 30
RETRAININGS_A_DAY = 2

BASELINE_TAKES_AT_MOST = timedelta(days=12)
TRAINING_TAKES_AT_MOST = timedelta(hours=24)
TESTING_TAKES_AT_MOST = timedelta(hours=1)
RETRAINING_TAKES_AT_MOST = timedelta(hours=4)
