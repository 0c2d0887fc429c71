"""Jobs: their kinds, statuses and phases, and how phases add up.

It starts and stops nothing.
"""

from collections.abc import Iterable
from enum import StrEnum


class JobKind(StrEnum):
    """What is done."""

    TRAIN = "train"
    IMPORT = "import"
    EXPORT = "export"
    DEPLOY = "deploy"
    SWAP = "swap"
    DELETE = "delete"
    DELETE_DEPLOYMENT = "delete-deployment"
    PREDICT = "predict"


# Of these one at a time in a project: they change what the others read.
EXCLUSIVE = frozenset({JobKind.TRAIN, JobKind.IMPORT, JobKind.DELETE})


class Status(StrEnum):
    """How a job or one of its phases stands."""

    NOT_STARTED = "not started"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing follows."""
        return self in {Status.SUCCEEDED, Status.FAILED, Status.CANCELLED}


TRAINING, EVALUATION = "training", "evaluation"
PHASES = (TRAINING, EVALUATION)


def counters(statuses: Iterable[Status]) -> dict[str, int]:
    """Return how many tasks are in progress, completed and failed, and the total they add up to.

    A task that waits counts as in progress; a cancelled one as failed.
    """
    found = list(statuses)
    completed = found.count(Status.SUCCEEDED)
    failed = found.count(Status.FAILED) + found.count(Status.CANCELLED)
    return {
        "in_progress": len(found) - completed - failed,
        "completed": completed,
        "failed": failed,
        "total": len(found),
    }
