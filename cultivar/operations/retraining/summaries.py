"""Retrainings as people are shown them: how far the next one is, each so far, and its overview.

It holds what ``retrainings`` returns.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class RetrainingSummary:
    """One retraining; ``overdue``: it takes longer than it may. ``reason`` says why it failed,
    and ``defect`` that nobody foresaw it: the reason is then the name of an error.

    ``recommendation`` is the decision that its comparison recommends, ``decision`` a person's.
    """

    number: int
    started_by: str
    started_at: datetime
    ended_at: datetime | None
    overdue: bool
    outcome: str | None
    reason: str | None
    defect: bool
    published_version: str
    retrained_version: str | None
    recommendation: str | None
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class RetrainingStatus:
    """How far a classifier is from its next retraining, and every one so far, oldest first.

    ``counted`` judged items count and ``missing`` more make a retraining due; ``code`` and
    ``sentence`` say so. ``allowed_at`` is the moment before which none may begin, if there is one.
    """

    classifier: str
    heading: str | None
    awaits_decision: bool
    published_version: str | None
    counted: int
    missing: int
    code: str
    sentence: str
    allowed_at: datetime | None
    retrainings: tuple[RetrainingSummary, ...]


@dataclass(frozen=True, slots=True)
class ComparedItem:
    """What both versions say of a judged item: a row of the artifact ``comparison``.

    ``published_from`` and ``retrained_from`` are the scores from which on a version matches, None
    where nothing does: items are judged by twins of the version, one a fold, each with a threshold
    of its own, so that scores of two folds do not compare. Flags are 0 or 1.
    """

    item_id: str
    with_feedback: int
    original: int
    relevant: int
    fold: int
    published_learned: int
    published_score: float
    published_prediction: str
    retrained_score: float
    retrained_prediction: str
    flips: int
    right: str | None
    published_from: float | None
    retrained_from: float | None


@dataclass(frozen=True, slots=True)
class RetrainingOverview:
    """What a retraining came to: the retraining, its figures, and items side by side.

    ``recommendation``, ``sets`` and ``mcnemar`` are figures as the registry keeps them
    (``Comparison.as_dict``). ``flips`` of ``compared`` items change sides; ``items`` shows some.
    ``in_content`` is what people said of items of the content on which the versions differ, None
    before they did; ``may_compare`` tells that (more of) such verdicts may decide.
    """

    number: int
    started_by: str
    started_at: datetime
    ended_at: datetime | None
    overdue: bool
    outcome: str | None
    reason: str | None
    defect: bool
    published_version: str
    retrained_version: str | None
    recommendation: Mapping[str, Any]
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    classifier: str
    published_now: str | None
    sets: Mapping[str, Mapping[str, Mapping[str, Any]]]
    mcnemar: Mapping[str, Any]
    items: tuple[ComparedItem, ...]
    flips: int
    compared: int
    in_content: Mapping[str, Any] | None
    may_compare: bool
