"""Suite of the accuracy by batch, with its interval.

It checks that the figures can be figures; whether they suffice is the stability rule's matter.
"""

from expectations.rules import (
    Evidence,
    Rule,
    ascending,
    between,
    not_above,
    present,
    row_count,
)

COLUMNS = ("batch", "presented", "decided", "agreed", "accuracy", "lower", "upper")
FACTS: tuple[str, ...] = ()


def rules(_evidence: Evidence) -> list[Rule]:
    """Return the checks of one row a batch."""
    return [
        row_count(
            "no-accuracy",
            "accuracy is known",
            "Accuracy is known after {found} batches. Finish a batch: `cultivar review NAME`.",
            (1, None),
        ),
        *(present(column) for column in COLUMNS),
        ascending("batch", "batches come one after another"),
        between("presented", 1, None),
        # With the orders below, these bounds hold for decided and for accuracy too.
        between("agreed", 0, None),
        between("lower", 0, None),
        between("upper", None, 1),
        not_above("decided", "presented", "what is decided was presented"),
        not_above("agreed", "decided", "what is agreed is decided"),
        not_above("lower", "accuracy", "the interval holds the accuracy"),
        not_above("accuracy", "upper", "the interval holds the accuracy"),
    ]
