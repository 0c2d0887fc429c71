"""Which flows can be started from outside, by which names, and under which schedule.

It is a table and knows no Prefect, so that whoever needs a name gets it at once. What a Prefect
server is told of it is said by `processes.registration`; ``prefect.yaml`` declares the same for
workers, and a test compares the two.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

TAG = "cultivar"
# what every deployment was called before each had a name of its own
FORMER_NAME = "cultivar"


@dataclass(frozen=True, slots=True)
class Deployed:
    """A flow that can be started from outside. ``cron`` is in UTC."""

    function: str
    name: str
    description: str
    cron: str | None = None

    @property
    def flow(self) -> str:
        """The name of the flow, as Prefect shows it."""
        return self.function.replace("_", "-")

    @property
    def full_name(self) -> str:
        """The name that ``prefect deployment run`` takes."""
        return f"{self.flow}/{self.name}"

    @property
    def module(self) -> str:
        """The module that holds the flow, named like it."""
        return f"flows.{self.function}"

    def load(self) -> Any:
        """Return the flow; flows are loaded by name, as they stand above what runs them."""
        return getattr(import_module(self.module), self.function)


DEPLOYED: tuple[Deployed, ...] = (
    Deployed(
        "crawl",
        "nightly-crawl",
        "Finds out what every location holds. Runs every night, before the labelling.",
        cron="0 0 * * *",
    ),
    Deployed(
        "labelling",
        "nightly-labelling",
        "Classifies new and changed content with every published classifier. Runs every night.",
        cron="0 1 * * *",
    ),
    Deployed(
        "apply_policies",
        "nightly-policies",
        "Evaluates the applied policies on the newest labelling. Runs every night.",
        cron="0 2 * * *",
    ),
    Deployed(
        "write_labels",
        "label-writing-every-5-minutes",
        "Writes the labels that wait to be written. Runs every five minutes, as back-off begins "
        "with seconds.",
        cron="*/5 * * * *",
    ),
    Deployed(
        "opt_in",
        "weekly-baseline",
        "Evaluates the tenant's content again and draws a new sample, as content drifts. Runs "
        "every Sunday.",
        cron="0 3 * * 0",
    ),
    Deployed(
        "sweep",
        "sweep-every-15-minutes",
        "Takes up what the registry says is due, such as work that a killed run left.",
        cron="*/15 * * * *",
    ),
    Deployed(
        "store_sweep",
        "weekly-store-sweep",
        "Removes artifacts that nothing has needed for the grace period. Runs every Sunday.",
        cron="0 6 * * 0",
    ),
    Deployed("seed_ingest", "seed-ingest-on-demand", "Reads the seed set of a new classifier."),
    Deployed("training", "training-on-demand", "Trains a version of a classifier from its seeds."),
    Deployed(
        "test_scoring",
        "test-scoring-on-demand",
        "Adds a folder's items to a classifier's test and scores them.",
    ),
    Deployed(
        "review_gate",
        "review-gate-on-demand",
        "Learns from a complete batch of reviews and judges whether accuracy is stable.",
    ),
    Deployed("publish", "publish-on-demand", "Publishes a version whose gates are open."),
    Deployed(
        "retrain",
        "retraining-when-due",
        "Retrains a published classifier and compares both versions. The 30th judged item "
        "starts it.",
    ),
    Deployed(
        "drift",
        "daily-drift",
        "Tells whether what is live is still what was released. Runs every morning.",
        cron="0 5 * * *",
    ),
    Deployed(
        "backup",
        "nightly-backup",
        "Backs everything up to the place that the setting `backup_url` names. Runs every night.",
        cron="0 4 * * *",
    ),
    Deployed(
        "undo_labels", "undo-labels-on-demand", "Takes back the labels that a policy has written."
    ),
    Deployed(
        "project_import",
        "project-import-on-demand",
        "Reads the documents of a project that were handed over by REST.",
    ),
    Deployed(
        "project_training", "project-training-on-demand", "Trains and evaluates a project's model."
    ),
    Deployed(
        "lifecycle",
        "lifecycle-on-demand",
        "Takes a classifier through its stages, as far as that goes without a person.",
    ),
)


def deployed(function: str) -> Deployed:
    """Return the row of a flow, by the name of its function.

    Raises:
        KeyError: no such flow is deployed.
    """
    for each in DEPLOYED:
        if each.function == function:
            return each
    raise KeyError(function)
