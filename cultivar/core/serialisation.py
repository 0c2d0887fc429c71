"""The one way in which what an operation returns becomes JSON: for scripts and for the REST API.

It knows no operation. A dataclass becomes an object with one key for each of its fields, in their
order. A field that is None is there as null, save where it is declared as ``absent_if_none``. A
field that its class keeps out of its own text (``repr=False``), such as a place that may name an
account, is left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import field, fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any

Moment = Callable[[datetime], str]
_ABSENT_IF_NONE = "absent if none"


def absent_if_none() -> Any:
    """Declare a field of a dataclass whose key the JSON leaves out where its value is None.

    None is its default.
    """
    return field(default=None, metadata={_ABSENT_IF_NONE: True})


def as_json(value: Any, moment: Moment = str) -> Any:
    """Return a value as objects, lists, strings, numbers, booleans and null.

    Mappings keep their order, and their keys become strings; tuples become lists, and enums their
    values. ``moment`` writes times: with a space between date and time unless another way is
    given. Anything else becomes its string, as a path does.
    """
    value = value.value if isinstance(value, Enum) else value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {_key(name): as_json(each, moment) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(each, moment) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {name: as_json(each, moment) for name, each in _shown_fields(value)}
    return moment(value) if isinstance(value, datetime) else str(value)


def fields_of(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass as they are, to make a fuller read model of them."""
    return {each.name: getattr(value, each.name) for each in fields(value)}


def _shown_fields(value: Any) -> list[tuple[str, Any]]:
    every = [(each, getattr(value, each.name)) for each in fields(value)]
    return [
        (each.name, held)
        for each, held in every
        if each.repr and (held is not None or not each.metadata.get(_ABSENT_IF_NONE))
    ]


def _key(name: object) -> str:
    return str(name.value if isinstance(name, Enum) else name)
