"""Column types against the declared Arrow schema.

The validation library's own type checks pass on a column without values; this one does not.
"""

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pyarrow as pa

from cultivar.core.gates import Check
from cultivar.core.schemas import SCHEMAS

NAME = "every column has its declared type"


def declared_types(gate: str, table: pd.DataFrame | pa.Table) -> Check:
    """Compare each column that is there with the gate's declared schema.

    An empty frame without Arrow types shows none, which is ``not evaluated``.
    """
    if not isinstance(table, pa.Table) and table.empty:
        return Check(
            NAME,
            "wrong-type",
            "not evaluated",
            "no rows",
            "the declared schema",
            "The types of an empty table cannot be told. Run the stage before this gate again.",
        )
    wrong = list(_wrong(SCHEMAS[gate].arrow, table))
    return Check(
        NAME,
        "wrong-type",
        "fail" if wrong else "pass",
        ", ".join(wrong) or "as declared",
        f"schema {gate} version {SCHEMAS[gate].version}",
        f"Columns of another type than declared: {', '.join(wrong)}. It was written by another "
        "version of Cultivar; run the stage before this gate again."
        if wrong
        else "Every column has its declared type.",
    )


def _wrong(schema: pa.Schema, table: pd.DataFrame | pa.Table) -> Iterator[str]:
    names = table.column_names if isinstance(table, pa.Table) else list(table.columns)
    for name in names:
        field = schema.field(name)
        try:
            values = table[name] if isinstance(table, pa.Table) else pa.array(table[name])
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            yield f"{name} (mixed)"
            continue
        if not _fits(field, values.type, values.null_count):
            yield f"{name} ({values.type})"


def _fits(field: pa.Field, found: Any, nulls: int) -> bool:
    """Whether a type is of the declared family; frames store integers with gaps as floats."""
    if pa.types.is_null(found):
        return bool(field.nullable)
    if pa.types.is_integer(field.type) and pa.types.is_floating(found):
        return nulls > 0
    return _family(found) == _family(field.type)


def _family(kind: Any) -> str:
    families = {
        "text": (pa.types.is_string, pa.types.is_large_string),
        "integer": (pa.types.is_integer,),
        "float": (pa.types.is_floating,),
        "flag": (pa.types.is_boolean,),
    }
    if pa.types.is_dictionary(kind):
        return _family(kind.value_type)
    if pa.types.is_timestamp(kind):
        return "time with zone" if kind.tz else "time without zone"
    return next(
        (name for name, tests in families.items() if any(test(kind) for test in tests)), str(kind)
    )
