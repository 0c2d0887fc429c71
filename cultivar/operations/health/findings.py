"""What a look at an installation finds: one finding for each thing looked at, good or bad."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How bad it is: all is well, something for later, something to do at once."""

    FINE = "fine"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, with a stable code and a sentence that says what to do."""

    check: str
    code: str
    level: Level
    sentence: str
    facts: dict[str, Any] = field(default_factory=dict)


def fine(check: str, sentence: str, **facts: Any) -> Finding:
    """Return a finding that all is well."""
    return Finding(check, "fine", Level.FINE, sentence, facts)


def warning(check: str, code: str, sentence: str, **facts: Any) -> Finding:
    """Return a finding that can wait."""
    return Finding(check, code, Level.WARNING, sentence, facts)


def fault(check: str, code: str, sentence: str, **facts: Any) -> Finding:
    """Return a finding that cannot."""
    return Finding(check, code, Level.FAULT, sentence, facts)


def worst(found: Iterable[Finding]) -> Level:
    """Return the worst level that was found."""
    order = list(Level)
    return max((each.level for each in found), key=order.index, default=Level.FINE)
