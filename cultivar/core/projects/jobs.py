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


def overall(statuses: Iterable[Status]) -> Status:
    """Return the status that sums several tasks up.

    Cancelled or failed once all ended and one was; running while one is at work or only some
    ended; else what all of them share.
    """
    found = set(statuses)
    if Status.CANCELLING in found:
        return Status.CANCELLING
    if found and all(each.is_final for each in found):
        order = (Status.FAILED, Status.CANCELLED, Status.SUCCEEDED)
        return next(each for each in order if each in found)
    return Status.NOT_STARTED if found <= {Status.NOT_STARTED} else Status.RUNNING


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
