"""A condition evaluated over a table, a column at a time; it agrees with ``rowwise`` everywhere.

It reads columns and returns one; it changes no table and opens no file.
"""

from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cultivar.core.policies import conditions as on
from cultivar.core.policies.rowwise import prediction_column, score_column
from cultivar.core.vocabulary import CLOSE_MATCH, MATCH

_UTC_MICROSECONDS = pa.timestamp("us", tz="UTC")


def reached(condition: on.Condition, rows: pa.Table) -> pa.BooleanArray:
    """Return, for each row, whether a policy with the condition labels it: never null."""
    return pc.fill_null(truths(condition, rows), False)


def truths(condition: on.Condition, rows: pa.Table) -> pa.BooleanArray:
    """Return, for each row, whether the condition holds; null where that is unknown."""
    match condition:
        case on.And(conditions=parts):
            return reduce(pc.and_kleene, (truths(part, rows) for part in parts))
        case on.Or(conditions=parts):
            return reduce(pc.or_kleene, (truths(part, rows) for part in parts))
        case on.Not(condition=inner):
            return pc.invert(truths(inner, rows))
        case _:
            return leaf_truths(condition, rows)


def leaf_truths(leaf: on.Leaf, rows: pa.Table) -> pa.BooleanArray:
    """Return, for each row, whether a leaf holds; null where its column is null or absent."""
    match leaf:
        case on.ClassifierIs():
            return _confident(leaf, rows)
        case on.LocationIn(names=names):
            return _among(_column(rows, "location", pa.string()), names)
        case on.WorkloadIn(names=names):
            return _among(_column(rows, "workload", pa.string()), names)
        case on.FolderUnder(folder=folder):
            return _under(_column(rows, "folder", pa.string()), folder)
        case on.FileTypeIn(types=types):
            return _ending(_column(rows, "name", pa.string()), types)
        case on.SizeIs() | on.DateIs():
            return _bounded(leaf, rows)


def _column(rows: pa.Table, name: str, kind: pa.DataType) -> pa.Array:
    """Return a column in one piece; all null where the table has none of that name."""
    if name not in rows.schema.names:
        return pa.nulls(rows.num_rows, kind)
    # a store may hand strings as dictionaries
    return rows.column(name).combine_chunks().cast(kind)


def _among(values: pa.Array, names: tuple[str, ...]) -> pa.BooleanArray:
    # is_in says false, not unknown, of a null
    found = pc.is_in(values, value_set=pa.array(names, values.type))
    return pc.if_else(pc.is_valid(values), found, None)


def _confident(leaf: on.ClassifierIs, rows: pa.Table) -> pa.BooleanArray:
    if isinstance(leaf.at_least, float):
        scores = _column(rows, score_column(leaf.classifier_id), pa.float32())
        return pc.greater_equal(scores, pa.scalar(np.float32(leaf.at_least), pa.float32()))
    predictions = _column(rows, prediction_column(leaf.classifier_id), pa.string())
    return _among(predictions, (MATCH, CLOSE_MATCH) if leaf.at_least == CLOSE_MATCH else (MATCH,))


def _under(values: pa.Array, folder: str) -> pa.BooleanArray:
    ended = pc.binary_join_element_wise(pc.utf8_rtrim(values, "/"), "", "/")
    return pc.starts_with(ended, pattern=f"{folder.rstrip('/')}/")


def _ending(values: pa.Array, types: tuple[str, ...]) -> pa.BooleanArray:
    lowered = pc.ascii_lower(values)
    found = (pc.ends_with(lowered, pattern=f".{kind}") for kind in types)
    return reduce(pc.or_kleene, found)


def _bounded(leaf: on.SizeIs | on.DateIs, rows: pa.Table) -> pa.BooleanArray:
    if isinstance(leaf, on.SizeIs):
        sizes = _column(rows, "size", pa.int64())
        low, high = pa.scalar(leaf.at_least, pa.int64()), pa.scalar(leaf.at_most, pa.int64())
        return _within(pc.greater_equal(sizes, low), pc.less_equal(sizes, high), sizes)
    dates = _column(rows, leaf.column, _UTC_MICROSECONDS)
    since, before = (pa.scalar(bound, _UTC_MICROSECONDS) for bound in (leaf.since, leaf.before))
    return _within(pc.greater_equal(dates, since), pc.less(dates, before), dates)


def _within(low: pa.BooleanArray, high: pa.BooleanArray, values: pa.Array) -> pa.BooleanArray:
    """Return whether both bounds hold; a bound that is not given leaves nulls, and holds."""
    both = pc.and_(pc.fill_null(low, True), pc.fill_null(high, True))
    return pc.if_else(pc.is_valid(values), both, None)
