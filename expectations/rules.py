"""Rules: one check of one table as plain data, with the code and the sentence that a person reads.

Nothing here imports the validation library, so that reading a suite costs nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from cultivar.core.limits import DEFAULTS, Thresholds
from cultivar.core.texts.reading_status import READINGS, WITH_TEXT

Condition = tuple[str, str, Any]
"""A column, one of ``==``, ``!=``, ``>=`` and ``in``, and a value: the rows a rule looks at."""

SHA256 = r"^[0-9a-f]{64}$"
EARLIEST = datetime.fromisoformat("1900-01-01T00:00:00+00:00")

STATUSES = READINGS
READABLE: Condition = ("status", "in", WITH_TEXT)


@dataclass(frozen=True, slots=True)
class Rule:
    """One check.

    ``code`` is unique in its suite and names what a person must fix. ``expectation`` is the name of
    a Great Expectations class or of one in ``expectations.custom``; ``arguments`` are its keyword
    arguments. ``sentence`` may use ``{found}`` (the observed figure) and ``{rows}``. ``liftable``
    marks a rule that facts stated about the table may lift, so that a table that breaks it passes:
    rows where it is a result that there are none, a balance that declared labels have shown.
    """

    code: str
    name: str
    expectation: str
    arguments: Mapping[str, Any]
    expected: str
    sentence: str
    where: Condition | None = None
    liftable: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a suite may look at while it is built.

    ``labelled`` maps a nullable column to whether it holds any value; ``facts`` are what the caller
    states about the table; ``now`` bounds created times; ``asked`` are the active thresholds.
    """

    labelled: Mapping[str, bool]
    facts: Mapping[str, Any]
    now: datetime
    asked: Thresholds = DEFAULTS


@dataclass(frozen=True, slots=True)
class Stated:
    """What a caller states: facts about the table, the active thresholds, and the moment."""

    facts: Mapping[str, Any]
    asked: Thresholds = DEFAULTS
    now: datetime | None = None


class Suite(Protocol):
    """What each table's module offers."""

    @property
    def COLUMNS(self) -> tuple[str, ...]:  # noqa: N802
        """The columns that its rules read."""

    @property
    def FACTS(self) -> tuple[str, ...]:  # noqa: N802
        """What a caller may state about the table."""

    def rules(self, evidence: Evidence, /) -> list[Rule]:
        """Return the checks, the bounded row count first."""


def _dashed(column: str) -> str:
    return column.replace("_", "-")


def row_count(
    code: str,
    name: str,
    sentence: str,
    bounds: tuple[int | None, int | None],
    where: Condition | None = None,
) -> Rule:
    """Bound the number of rows, or of the rows that ``where`` selects."""
    low, high = bounds
    stated = {"min_value": low, "max_value": high}
    arguments = {bound: value for bound, value in stated.items() if value is not None}
    expected = _bounds_in_words(low, high)
    kind = "ExpectTableRowCountToBeBetween"
    return Rule(code, name, kind, arguments, expected, sentence, where)


def some_rows(code: str, name: str, sentence: str) -> Rule:
    """Ask for a row or more, unless the caller states that there are none to be had."""
    return replace(row_count(code, name, sentence, (1, None)), liftable=True)


def _bounds_in_words(low: int | None, high: int | None) -> str:
    if low is not None and low == high:
        return f"{low:,}"
    parts = [f"at least {low:,}"] if low is not None else []
    parts += [f"at most {high:,}"] if high is not None else []
    return " and ".join(parts)


def columns_exist(columns: tuple[str, ...]) -> Rule:
    """Ask for every column of the projection."""
    return Rule(
        "missing-column",
        "every declared column is there",
        "ExpectTableColumnsToMatchSet",
        {"column_set": list(columns), "exact_match": False},
        ", ".join(columns),
        "The table lacks a declared column: {found}. "
        "It was written by another version of Cultivar; run the stage before this gate again.",
    )


def present(column: str, where: Condition | None = None) -> Rule:
    """Ask for a value in every row."""
    return Rule(
        f"missing-{_dashed(column)}",
        f"{column} is present",
        "ExpectColumnValuesToNotBeNull",
        {"column": column},
        "no empty value",
        f"{{found}} have no {column}. Run the stage before this gate again.",
        where,
    )


def unique(column: str, what: str) -> Rule:
    """Ask that no value repeats."""
    return Rule(
        f"repeated-{_dashed(column)}",
        f"{column} is unique",
        "ExpectColumnValuesToBeUnique",
        {"column": column},
        "no repeated value",
        f"{{found}} share their {column} with another: {what} is counted more than once. "
        "Run the stage before this gate again.",
    )


def unique_together(columns: tuple[str, ...], code: str, what: str) -> Rule:
    """Ask that no combination of values repeats."""
    return Rule(
        code,
        f"{', '.join(columns)} are unique together",
        "ExpectCompoundColumnsToBeUnique",
        {"column_list": list(columns)},
        "no repeated combination",
        f"{{found}} repeat: {what} is counted more than once. "
        "Run the stage before this gate again.",
    )


def one_of(column: str, values: tuple[Any, ...], where: Condition | None = None) -> Rule:
    """Ask for one of the allowed values in every row."""
    allowed = ", ".join(str(value) for value in values)
    return Rule(
        f"unknown-{_dashed(column)}",
        f"{column} is one of the allowed values",
        "ExpectColumnValuesToBeInSet",
        {"column": column, "value_set": list(values)},
        allowed,
        f"{{found}} have a {column} that is none of: {allowed}. "
        "Run the stage before this gate again.",
        where,
    )


def hashes(column: str, where: Condition | None = None) -> Rule:
    """Ask for a SHA-256 in hexadecimal in every row, or in those of a condition."""
    return Rule(
        f"bad-{_dashed(column)}",
        f"{column} is a SHA-256",
        "ExpectColumnValuesToMatchRegex",
        {"column": column, "regex": SHA256},
        "64 hexadecimal digits",
        f"{{found}} have a {column} that is not a SHA-256. Crawl the location again.",
        where,
    )


def between(column: str, low: float | None, high: float | None, code: str | None = None) -> Rule:
    """Bound every value."""
    limits = [f"at least {low:g}"] if low is not None else []
    limits += [f"at most {high:g}"] if high is not None else []
    return Rule(
        code or f"{_dashed(column)}-out-of-range",
        f"{column} is in range",
        "ExpectColumnValuesToBeBetween",
        {"column": column}
        | ({} if low is None else {"min_value": low})
        | ({} if high is None else {"max_value": high}),
        " and ".join(limits),
        f"{{found}} have a {column} that is not {' and '.join(limits)}. "
        "Run the stage before this gate again.",
    )


def not_above(smaller: str, larger: str, what: str) -> Rule:
    """Ask that one column never exceeds another."""
    return Rule(
        f"{_dashed(smaller)}-above-{_dashed(larger)}",
        f"{smaller} is at most {larger}",
        "ExpectColumnPairValuesAToBeGreaterThanB",
        {
            "column_A": larger,
            "column_B": smaller,
            "or_equal": True,
            "ignore_row_if": "either_value_is_missing",
        },
        f"{smaller} at most {larger}",
        f"{{found}} say that {smaller} is above {larger}, which cannot be: {what}. "
        "Run the stage before this gate again.",
    )


def has_text(what: str, where: Condition) -> Rule:
    """Ask for at least one character in each of the rows that count."""
    return Rule(
        "no-text",
        "every usable item has text",
        "ExpectColumnValuesToBeBetween",
        {"column": "characters", "min_value": 1},
        "at least 1 character",
        f"{{found}} count as {what} but hold no text. Crawl the location again.",
        where,
    )


def plausible_times(evidence: Evidence, where: Condition | None = None) -> Rule:
    """Ask that created times lie between 1900 and tomorrow, save for a tenth of them.

    A tenth by default, because one file with a broken clock must not stop a whole location.
    """
    at_least = evidence.asked.plausible_times_at_least
    return Rule(
        "implausible-created-time",
        "created times are plausible",
        "ExpectColumnValuesToBeBetween",
        {
            "column": "created_at",
            "min_value": EARLIEST,
            "max_value": evidence.now + timedelta(days=1),
            "mostly": at_least,
        },
        f"between 1900 and tomorrow, in at least {at_least:.0%}",
        "{found} were created before 1900 or in the future. The created time decides which seeds "
        "are used; correct the files' dates, or the clock of the store, and crawl again.",
        where,
    )


def ascending(column: str, what: str) -> Rule:
    """Ask that each value is above the one before it."""
    return Rule(
        f"{_dashed(column)}-out-of-order",
        f"{column} ascends",
        "ExpectColumnValuesToBeIncreasing",
        {"column": column, "strictly": True},
        "each above the one before",
        f"{{found}} are out of order: {what}. Run the stage before this gate again.",
    )
