"""Custom expectations: balance of classes, overlap with another set, size of groups.

Each returns one figure and never a value of a row; importing this module imports the library.
"""

import math
from typing import Any, ClassVar

from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import ColumnAggregateExpectation
from great_expectations.expectations.metrics.column_aggregate_metric_provider import (
    ColumnAggregateMetricProvider,
    column_aggregate_value,
)


def _figure(value: Any) -> float:
    """Return a metric's value as a number; one that is none cannot decide anything."""
    number = float(value)
    if math.isnan(number):
        raise ValueError("the metric has no value")
    return number


class ExpectClassBalance(ColumnAggregateExpectation):
    """Expect the rarer value of a 0/1 column to hold at least a given share of the rows."""

    minority_at_least: float

    metric_dependencies = ("column.mean",)
    success_keys: ClassVar[tuple[str, ...]] = ("minority_at_least",)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        positive = _figure(metrics["column.mean"])
        minority = min(positive, 1 - positive)
        return {
            "success": minority >= self.minority_at_least,
            "result": {"observed_value": f"{minority:.1%}"},
        }


class ExpectNoOverlap(ColumnAggregateExpectation):
    """Expect a 0/1 marker of membership in another set to be 0 in every row.

    The other set itself never reaches the validation: 20,000 hashes would cost 2 seconds.
    """

    metric_dependencies = ("column.min", "column.max", "column.sum")
    success_keys: ClassVar[tuple[str, ...]] = ()

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        low, high = _figure(metrics["column.min"]), _figure(metrics["column.max"])
        if low not in (0, 1) or high not in (0, 1):
            raise ValueError("the marker is neither 0 nor 1")
        return {
            "success": high == 0,
            "result": {"observed_value": int(_figure(metrics["column.sum"]))},
        }


class ExpectOverlapOfAtMost(ColumnAggregateExpectation):
    """Expect a 0/1 marker of membership in another set to be 1 in at most a share of the rows."""

    share_at_most: float

    metric_dependencies = ("column.mean", "column.sum")
    success_keys: ClassVar[tuple[str, ...]] = ("share_at_most",)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        return {
            "success": _figure(metrics["column.mean"]) <= self.share_at_most,
            "result": {"observed_value": int(_figure(metrics["column.sum"]))},
        }


class ColumnShareOfValue(ColumnAggregateMetricProvider):
    """Share of the rows that hold one value; rows without any value count against it."""

    metric_name = "column.share_of_value"
    value_keys = ("positive",)

    @column_aggregate_value(engine=PandasExecutionEngine, filter_column_isnull=False)
    def _pandas(cls, column: Any, positive: str, **kwargs: Any) -> float:  # noqa: N805
        return float((column == positive).mean())


class ExpectOutcomeBalance(ColumnAggregateExpectation):
    """Expect one outcome, and all the others together, to hold at least a given share each."""

    positive: str
    minority_at_least: float

    metric_dependencies = ("column.share_of_value",)
    success_keys: ClassVar[tuple[str, ...]] = ("positive", "minority_at_least")

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        positive = _figure(metrics["column.share_of_value"])
        minority = min(positive, 1 - positive)
        return {
            "success": minority >= self.minority_at_least,
            "result": {"observed_value": f"{minority:.1%}"},
        }


class ColumnLargestGroup(ColumnAggregateMetricProvider):
    """Number of rows of the most frequent value."""

    metric_name = "column.largest_group"

    @column_aggregate_value(engine=PandasExecutionEngine)
    def _pandas(cls, column: Any, **kwargs: Any) -> int:  # noqa: N805
        return int(column.value_counts().max())


class ExpectGroupsOfAtMost(ColumnAggregateExpectation):
    """Expect no value of a column to stand in more than a given number of rows."""

    rows_at_most: int

    metric_dependencies = ("column.largest_group",)
    success_keys: ClassVar[tuple[str, ...]] = ("rows_at_most",)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        largest = _figure(metrics["column.largest_group"])
        return {
            "success": largest <= self.rows_at_most,
            "result": {"observed_value": int(largest)},
        }
