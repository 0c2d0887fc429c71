"""A policy: its kind, what it waits for and what it does, as a value.

``policy_checks`` tells whether one may be kept, ``policy_json`` reads and writes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from cultivar.core.policies.conditions import Condition
from cultivar.core.policies.wording import condition_in_words
from cultivar.core.roles import Action as Permission


class Kind(StrEnum):
    """What a classifier may be used for; the words of ``lifecycle.CONDITION_KINDS``."""

    SENSITIVITY = "sensitivity label"
    RETENTION = "retention label"
    COMMUNICATION = "communication compliance"


class Afterwards(StrEnum):
    """What follows when a retention period ends."""

    DELETE = "delete"
    REVIEW = "review before deletion"
    KEEP = "keep without a label"


# What a person must be allowed to do to write a policy of that kind.
PERMISSION_FOR: Mapping[Kind, Permission] = MappingProxyType(
    {
        Kind.SENSITIVITY: Permission.USE_IN_SENSITIVITY,
        Kind.RETENTION: Permission.USE_IN_RETENTION,
        Kind.COMMUNICATION: Permission.USE_IN_COMMUNICATION,
    }
)


@dataclass(frozen=True, slots=True)
class Action:
    """What a policy does to an item: its label, and what else its kind asks for.

    Retention keeps an item for ``retain_days`` days and then ``afterwards`` happens; communication
    puts it into ``queue``.
    """

    label: str
    retain_days: int | None = None
    afterwards: Afterwards | None = None
    queue: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a policy.

    ``priority`` orders policies of one kind that reach the same item: 1 comes first. ``enabled``
    policies are applied by themselves; others can still be tried out.
    """

    policy_id: str
    version: int
    name: str
    kind: Kind
    condition: Condition
    action: Action
    priority: int = 1
    enabled: bool = True

    @property
    def sentence(self) -> str:
        """The policy in words."""
        return f"{condition_in_words(self.condition)}: {_action_in_words(self.kind, self.action)}"


def _action_in_words(kind: Kind, action: Action) -> str:
    label = f"{kind} {action.label}" if kind != Kind.COMMUNICATION else f"flag {action.label}"
    if kind == Kind.RETENTION:
        return f"{label}, retained for {action.retain_days:,} days, then {action.afterwards}"
    return label if kind == Kind.SENSITIVITY else f"{label}, put into the queue {action.queue}"
