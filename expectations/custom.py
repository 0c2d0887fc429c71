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

Figures = dict[str, Any]


class _Judging:
    """What the library wants of an expectation, from ``_judge``: success and the value seen."""

    def _judge(self, metrics: Figures) -> tuple[bool, object]:
        raise NotImplementedError

    def _validate(
        self,
        metrics: Figures,
        runtime_configuration: Figures | None = None,
        execution_engine: Any = None,
    ) -> Figures:
        success, seen = self._judge(metrics)
        return {"success": success, "result": {"observed_value": seen}}


def _minority(share: float) -> float:
    return min(share, 1 - share)


def _figure(value: Any) -> float:
    """Return a metric's value as a number; one that is none cannot decide anything."""
    number = float(value)
    if math.isnan(number):
        raise ValueError("the metric has no value")
    return number


class ExpectClassBalance(_Judging, ColumnAggregateExpectation):
    """Expect the rarer value of a 0/1 column to hold at least a given share of the rows.

    ``may_be_unlabelled``: a column without any value is as expected.
    """

    minority_at_least: float
    may_be_unlabelled: bool = False

    metric_dependencies = ("column.mean",)
    success_keys: ClassVar[tuple[str, ...]] = ("minority_at_least", "may_be_unlabelled")

    def _judge(self, metrics: Figures) -> tuple[bool, object]:
        if self.may_be_unlabelled and math.isnan(float(metrics["column.mean"])):
            return True, "no label"
        minority = _minority(_figure(metrics["column.mean"]))
        return minority >= self.minority_at_least, f"{minority:.1%}"


class ExpectNoOverlap(_Judging, ColumnAggregateExpectation):
    """Expect a 0/1 marker of membership in another set to be 0 in every row.

    The other set itself never reaches the validation: 20,000 hashes would cost 2 seconds.
    """

    metric_dependencies = ("column.min", "column.max", "column.sum")
    success_keys: ClassVar[tuple[str, ...]] = ()

    def _judge(self, metrics: Figures) -> tuple[bool, object]:
        low, high = _figure(metrics["column.min"]), _figure(metrics["column.max"])
        if low not in (0, 1) or high not in (0, 1):
            raise ValueError("the marker is neither 0 nor 1")
        return high == 0, int(_figure(metrics["column.sum"]))


class ExpectOverlapOfAtMost(_Judging, ColumnAggregateExpectation):
    """Expect a 0/1 marker of membership in another set to be 1 in at most a share of the rows."""

    share_at_most: float

    metric_dependencies = ("column.mean", "column.sum")
    success_keys: ClassVar[tuple[str, ...]] = ("share_at_most",)

    def _judge(self, metrics: Figures) -> tuple[bool, object]:
        return _figure(metrics["column.mean"]) <= self.share_at_most, int(
            _figure(metrics["column.sum"])
        )


class ColumnShareOfValue(ColumnAggregateMetricProvider):
    """Share of the rows that hold one value; rows without any value count against it."""

    metric_name = "column.share_of_value"
    value_keys = ("positive",)

    @column_aggregate_value(engine=PandasExecutionEngine, filter_column_isnull=False)
    def _pandas(cls, column: Any, positive: str, **kwargs: Any) -> float:  # noqa: N805
        return float((column == positive).mean())


class ExpectOutcomeBalance(_Judging, ColumnAggregateExpectation):
    """Expect one outcome, and all the others together, to hold at least a given share each."""

    positive: str
    minority_at_least: float

    metric_dependencies = ("column.share_of_value",)
    success_keys: ClassVar[tuple[str, ...]] = ("positive", "minority_at_least")

    def _judge(self, metrics: Figures) -> tuple[bool, object]:
        minority = _minority(_figure(metrics["column.share_of_value"]))
        return minority >= self.minority_at_least, f"{minority:.1%}"


class ColumnLargestGroup(ColumnAggregateMetricProvider):
    """Number of rows of the most frequent value."""

    metric_name = "column.largest_group"

    @column_aggregate_value(engine=PandasExecutionEngine)
    def _pandas(cls, column: Any, **kwargs: Any) -> int:  # noqa: N805
        return int(column.value_counts().max())


class ExpectGroupsOfAtMost(_Judging, ColumnAggregateExpectation):
    """Expect no value of a column to stand in more than a given number of rows."""

    rows_at_most: int

    metric_dependencies = ("column.largest_group",)
    success_keys: ClassVar[tuple[str, ...]] = ("rows_at_most",)

    def _judge(self, metrics: Figures) -> tuple[bool, object]:
        largest = _figure(metrics["column.largest_group"])
        return largest <= self.rows_at_most, int(largest)
