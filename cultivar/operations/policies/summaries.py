"""Policies as people are shown them: what the newest version says, and every version.

It holds what the listing returns; reading and writing policies is another module's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class PolicySummary:
    """The newest version of a policy, in words too.

    ``condition`` and ``action`` are as a person writes them, and as ``policy_from_json`` reads
    them. An ``undone`` version labels nothing any more.
    """

    policy_id: str
    version: int
    name: str
    kind: str
    condition: Mapping[str, Any]
    action: Mapping[str, Any]
    priority: int
    enabled: bool
    sentence: str
    writers: tuple[str, ...]
    undone: bool


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A version of a policy; ``definition`` is all of it, as ``policy_from_json`` reads it."""

    version: int
    sentence: str
    definition: Mapping[str, Any]
    writers: tuple[str, ...]
    undone: bool
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PolicyDetails(PolicySummary):
    """A policy with every version of it, newest first."""

    versions: tuple[PolicyVersion, ...]
