"""Suites as the JSON that Great Expectations reads, for tools of an engineer's own.

Importing this module imports the library (seconds); nothing is validated here.
"""

from datetime import UTC, datetime
from typing import Any

import great_expectations as gx

from cultivar.core.limits import DEFAULTS, Thresholds
from expectations import COLUMNS, FACTS, custom, rules_of
from expectations.rules import Rule, columns_exist
from expectations.validation import expectation_of

NOTES = (
    "Expectations that meta.cultivar.custom names are registered by `import expectations.custom` "
    "of Cultivar; Great Expectations leaves them out where that was not imported before the suite "
    "is loaded. Rules that depend on what a stage states about its table (meta.cultivar.facts) and "
    "the comparison of column types are not part of the suite."
)


def exported(
    gate: str, thresholds: Thresholds = DEFAULTS, now: datetime | None = None
) -> dict[str, Any]:
    """Return the suite of a gate as ``gx.ExpectationSuite(**…)`` takes it.

    A table that passed the gate passes it, so a rule that a stage's facts may lift is left out.
    Created times are bounded by the day after ``now``, the moment of the export by default.

    Raises:
        KeyError: there is no such gate.
    """
    labelled = dict.fromkeys(COLUMNS[gate], True)
    rules = rules_of(gate, labelled, thresholds, now=now or datetime.now(UTC))
    kept = [rule for rule in rules if not rule.liftable]
    rules = [columns_exist(COLUMNS[gate]), *kept]
    suite = gx.ExpectationSuite(
        name=f"cultivar_{gate}", expectations=[_told(rule) for rule in rules], notes=NOTES
    )
    plain: dict[str, Any] = suite.to_json_dict()
    plain["meta"] |= {"cultivar": _meta(gate, thresholds, rules)}
    return plain


def _told(rule: Rule) -> Any:
    made = expectation_of(rule)
    if isinstance(made, custom.ExpectClassBalance):
        # the gate asks for it only where labels are declared, which no suite can look at
        made.may_be_unlabelled = True
    made.meta |= {"name": rule.name, "expected": rule.expected}
    return made


def _meta(gate: str, thresholds: Thresholds, rules: list[Rule]) -> dict[str, Any]:
    own = sorted({rule.expectation for rule in rules if hasattr(custom, rule.expectation)})
    types = {getattr(custom, name).expectation_type: f"expectations.custom.{name}" for name in own}
    return {
        "gate": gate,
        "thresholds": thresholds.as_dict(),
        "custom": types,
        "facts": list(FACTS[gate]),
    }
