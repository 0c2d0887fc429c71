"""Running one suite over one frame with Great Expectations, and reading its verdicts.

Importing this module imports the library (seconds), so only ``expectations.evaluate`` does; nothing
here knows a rule of the mission.
"""

import logging
import operator
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd
import pyarrow as pa
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.expectations.row_conditions import Column

from cultivar.core.gates import Check, Outcome
from expectations import custom, types
from expectations.rules import Condition, Evidence, Rule, Stated, Suite, columns_exist

# Counts and observed figures only: rows, indices and samples of values stay out.
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
# Every other expectation passes on a table without rows.
NEED_NO_ROWS = ("ExpectTableRowCountToBeBetween", "ExpectTableColumnsToMatchSet")
# A new context becomes the process's current project, which a validation consults while it runs:
# two at once could answer for each other.
_ONE_AT_A_TIME = threading.Lock()


def validated(
    gate: str, suite: Suite, table: pd.DataFrame | pa.Table, stated: Stated
) -> tuple[Check, ...]:
    """Return the checks of one gate, in the order of its suite."""
    try:
        narrow, frame = _projected(table, suite.COLUMNS)
        evidence = Evidence(
            {column: bool(frame[column].notna().any()) for column in frame},
            stated.facts,
            stated.now or datetime.now(UTC),
            stated.asked,
        )
        rules = [columns_exist(suite.COLUMNS), *suite.rules(evidence)]
        rules = [rules[1], rules[0], *rules[2:]]
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the table, the gate stays closed
        return (_unbuilt(error),)
    answers = _answers(frame, rules)
    checks = [_check(rule, answers.get(rule.code), len(frame)) for rule in rules]
    return (*checks[:2], types.declared_types(gate, narrow), *checks[2:])


def _projected(
    table: pd.DataFrame | pa.Table, columns: tuple[str, ...]
) -> tuple[pd.DataFrame | pa.Table, pd.DataFrame]:
    """Return the projection as it came and as a frame, without any column that no rule reads."""
    if isinstance(table, pa.Table):
        narrow = table.select([name for name in columns if name in table.column_names])
        return narrow, narrow.to_pandas()
    narrow = table[[name for name in columns if name in table.columns]]
    return narrow, narrow.reset_index(drop=True)


def _answers(frame: pd.DataFrame, rules: list[Rule]) -> dict[str, Any]:
    """Return each rule's result by its code; an empty answer when the library itself gives up."""
    try:
        with _ONE_AT_A_TIME:
            results = _validate(frame, [expectation_of(rule) for rule in rules])
    except Exception:  # noqa: BLE001 - its text may quote a row
        return {}
    return {result.expectation_config.meta["check_id"]: result for result in results}


def _validate(frame: pd.DataFrame, expectations: list[Any]) -> list[Any]:
    """Validate in a context of its own: a shared one answers for other frames, and keeps them."""
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("frame").add_dataframe_asset("frame")
    batch = asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": frame})
    suite = gx.ExpectationSuite(name="gate", expectations=expectations)
    return list(batch.validate(suite, result_format=RESULT_FORMAT).results)


def expectation_of(rule: Rule) -> Any:
    """Return a rule as the library knows it; its code is the ``check_id`` of its meta."""
    kind = getattr(custom, rule.expectation, None) or getattr(gxe, rule.expectation)
    condition = {} if rule.where is None else {"row_condition": _condition(rule.where)}
    return kind(**rule.arguments, **condition, meta={"check_id": rule.code})


_COMPARISONS = {"==": operator.eq, "!=": operator.ne, ">=": operator.ge}


def _condition(where: Condition) -> Any:
    column, comparison, value = where
    if comparison == "in":
        return Column(column).is_in(list(value))
    return _COMPARISONS[comparison](Column(column), value)


def _check(rule: Rule, result: Any, rows: int) -> Check:
    outcome = _outcome(rule, result, rows)
    found = _found(result.result, rows) if outcome != "not evaluated" else "nothing"
    return Check(
        rule.name, rule.code, outcome, found, rule.expected, _sentence(rule, outcome, rows, found)
    )


def _outcome(rule: Rule, result: Any, rows: int) -> Outcome:
    """Return the verdict; what raised, has no figure, or passes without rows is none."""
    if result is None or _raised(result.exception_info) or result.success is None:
        return "not evaluated"
    if "observed_value" in result.result and result.result["observed_value"] is None:
        return "not evaluated"
    if not bool(result.success):
        return "fail"
    return "pass" if rows or rule.expectation in NEED_NO_ROWS else "not evaluated"


def _raised(information: Mapping[str, Any]) -> bool:
    """Whether a metric raised: either flat, or one entry a metric."""
    entries = [information, *(entry for entry in information.values() if isinstance(entry, dict))]
    return any(entry.get("raised_exception") for entry in entries) or any(
        isinstance(entry, dict) for entry in information.values()
    )


def _found(result: Mapping[str, Any], rows: int) -> str:
    """Return the observed figure as text; of a column list, the names that are missing."""
    mismatched = result.get("details", {}).get("mismatched", {})
    if "missing" in mismatched:
        return ", ".join(mismatched["missing"])
    if isinstance(result.get("observed_value"), list):
        return "all"
    if "observed_value" in result:
        observed = result["observed_value"]
        return observed if isinstance(observed, str) else f"{observed:,}"
    return f"{result['unexpected_count']:,} of {result.get('element_count', rows):,} rows"


def _sentence(rule: Rule, outcome: Outcome, rows: int, found: str) -> str:
    if outcome == "not evaluated":
        return (
            f"It could not be checked whether {rule.name}: the table has {rows:,} rows and the "
            "check gave no answer. Run the stage before this gate again."
        )
    if outcome == "pass":
        return f"As expected: {rule.name} ({rule.expected})."
    return rule.sentence.format(found=found, rows=f"{rows:,}")


def _unbuilt(error: Exception) -> Check:
    return Check(
        "the table can be checked",
        "table-not-checkable",
        "not evaluated",
        type(error).__name__,
        "a table with the declared columns",
        f"The table could not be read as a table of this gate ({type(error).__name__}). "
        "Run the stage before this gate again.",
    )
