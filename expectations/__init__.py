"""Data gates: suites over every table as code, evaluated to pass, fail or not evaluated.

Importing this package does not import the validation library; only ``evaluate`` does. No result
ever holds a value of a row.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cultivar.core.gates import Check, GateResult
from cultivar.core.limits import DEFAULTS, Thresholds
from expectations import (
    accuracy,
    assignments,
    baseline,
    comparison,
    content_verdicts,
    document_frequencies,
    feedback,
    items,
    label_changes,
    labels,
    overview,
    predictions,
    project_documents,
    project_split,
    project_validation,
    reviews,
    seed_set,
    test_set,
    unlabelled,
)
from expectations.rules import Evidence, Rule, Stated, Suite

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

SUITES: Mapping[str, Suite] = MappingProxyType(
    {
        "items": items,
        "baseline": baseline,
        "document_frequencies": document_frequencies,
        "unlabelled": unlabelled,
        "seed_set": seed_set,
        "test_set": test_set,
        "predictions": predictions,
        "reviews": reviews,
        "accuracy": accuracy,
        "assignments": assignments,
        "labels": labels,
        "label_changes": label_changes,
        "feedback": feedback,
        "content_verdicts": content_verdicts,
        "comparison": comparison,
        "overview": overview,
        "project_documents": project_documents,
        "project_split": project_split,
        "project_validation": project_validation,
    }
)

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {gate: suite.COLUMNS for gate, suite in SUITES.items()}
)
"""The columns that each gate reads: never text, title or path."""

FACTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {gate: suite.FACTS for gate, suite in SUITES.items()}
)
"""What a caller may state about each gate's table, see the suite's module."""


def evaluate(
    gate: str,
    frame: "pd.DataFrame | pa.Table",
    thresholds: Thresholds = DEFAULTS,
    **facts: Any,
) -> GateResult:
    """Evaluate one gate over its table, or over the projection ``COLUMNS[gate]`` of it.

    ``thresholds`` are the active ones, see ``Settings.thresholds``.

    ``facts`` are named in ``FACTS[gate]``; ``now`` (UTC) is allowed everywhere and bounds created
    times. A check whose metric raises, or that would pass only because there are no rows, is
    ``not evaluated``; the exception's text is dropped, as it may quote a row.

    Raises:
        TypeError: a fact is not one of the gate's, which is a defect of the caller.
        KeyError: there is no such gate.
    """
    from expectations.validation import validated  # noqa: PLC0415 - the library takes seconds

    suite = SUITES[gate]
    unknown = sorted(set(facts) - set(suite.FACTS) - {"now"})
    if unknown:
        raise TypeError(f"the gate {gate} knows the facts {suite.FACTS}, not {unknown}")
    now = facts.pop("now", None)
    return GateResult(gate, validated(gate, suite, frame, Stated(facts, thresholds, now)))


def still_asks(result: GateResult, thresholds: Thresholds, **facts: Any) -> bool:
    """Whether a result that was kept was judged by what its gate asks for now.

    A check that the suite does not know is the caller's own.
    """
    rules = rules_of(result.gate, dict.fromkeys(COLUMNS[result.gate], True), thresholds, **facts)
    expected = {rule.code: rule.expected for rule in rules}
    return all(expected.get(each.code, each.expected) == each.expected for each in result.checks)


def rules_of(
    gate: str,
    labelled: Mapping[str, bool] | None = None,
    thresholds: Thresholds = DEFAULTS,
    **facts: Any,
) -> list[Rule]:
    """Return the rules of a gate as data, for documentation and for tests."""
    now = facts.pop("now", None) or datetime.now(UTC)
    return SUITES[gate].rules(Evidence(labelled or {}, facts, now, thresholds))


__all__ = [
    "COLUMNS",
    "FACTS",
    "SUITES",
    "Check",
    "GateResult",
    "evaluate",
    "rules_of",
    "still_asks",
]
