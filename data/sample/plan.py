"""What the organisation holds: how many items of which kind, and the sets for the lifecycle.

It lists and counts; it composes and writes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# Items of the organisation's main body by kind; the first kinds are hidden positives of the
# classifiers below, at 2 to 15 % of the whole.
BODY: Mapping[str, int] = MappingProxyType(
    {
        "contracts": 48,
        "complaints": 66,
        "patient_letters": 84,
        "reports": 56,
        "invoices": 90,
        "cvs": 36,
        "policies": 54,
        "minutes": 70,
        "correspondence": 80,
        "procurement": 60,
        "newsletters": 60,
        "chat": 90,
        "everyday": 150,
        "care_notices": 60,
        "employment": 30,
    }
)

FOREIGN: Mapping[str, int] = MappingProxyType(
    {
        "complaints.de": 10,
        "invoices.de": 8,
        "complaints.fr": 8,
        "contracts.fr": 6,
        "patient_letters.es": 8,
        "everyday.es": 6,
    }
)


@dataclass(frozen=True, slots=True)
class Target:
    """A classifier that can be grown here: its positives and where its negatives come from."""

    kind: str
    seeds: int = 64
    positives: int = 124
    hard: int = 60
    easy: int = 64


TARGETS = (
    Target("complaints", hard=44, easy=80),
    Target("contracts", hard=76, easy=48),
    Target("patient_letters", hard=56, easy=68),
)


COPIES = 30  # exact duplicates, and as many near ones
BROKEN = 9  # of each fault


def scaled(count: int, scale: float) -> int:
    """A count at a scale, at least 1."""
    return max(1, round(count * scale))
