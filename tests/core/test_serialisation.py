"""Read models as JSON: their keys are their fields, and nothing depends on chance."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cultivar.core.serialisation import absent_if_none, as_json, fields_of


class Colour(StrEnum):
    """An enum as the core has them."""

    RED = "dark red"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A read model that holds anything."""

    first: Any
    second: Any
    third: str | None = absent_if_none()


@dataclass(frozen=True, slots=True)
class Branch(Leaf):
    """A fuller read model of the same thing."""

    fourth: Any = None


AT = datetime(2026, 3, 1, 12, 30, 5, tzinfo=UTC)
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
VALUES = st.recursive(
    PLAIN
    | st.datetimes(timezones=st.just(UTC))
    | st.sampled_from(Colour)
    | st.builds(PurePosixPath, st.text(alphabet="abc/")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text() | st.sampled_from(Colour) | st.integers(), inner, max_size=4)
        | st.builds(Leaf, inner, inner, st.none() | st.text())
        | st.builds(Branch, inner, inner, st.none() | st.text(), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=60)
@given(VALUES)
def test_json_holds_all_of_it_and_reads_back_as_the_same(value: object) -> None:
    found = as_json(value)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert as_json(found) == found
    assert json.dumps(as_json(value)) == json.dumps(found)


@given(st.dictionaries(st.text(), PLAIN))
def test_what_is_plain_stays_as_it_is_in_its_order(value: dict[str, Any]) -> None:
    assert json.dumps(as_json(value)) == json.dumps(value)


def test_the_keys_are_the_fields_in_their_order() -> None:
    found = as_json(Branch(1, (Colour.RED, PurePosixPath("a/b")), "x", {Colour.RED: AT}))
    assert json.dumps(found) == (
        '{"first": 1, "second": ["dark red", "a/b"], "third": "x", '
        '"fourth": {"dark red": "2026-03-01 12:30:05+00:00"}}'
    )


def test_only_a_field_that_says_so_is_left_out_where_it_is_none() -> None:
    assert as_json(Leaf(None, 0)) == {"first": None, "second": 0}


def test_times_are_written_as_asked() -> None:
    assert as_json(Leaf(AT, [AT]), datetime.isoformat) == {
        "first": "2026-03-01T12:30:05+00:00",
        "second": ["2026-03-01T12:30:05+00:00"],
    }


def test_a_fuller_read_model_takes_the_fields_of_another() -> None:
    leaf = Leaf(AT, (1,), "x")
    assert as_json(Branch(**fields_of(leaf), fourth=2)) == as_json(leaf) | {"fourth": 2}


def test_what_a_class_keeps_out_of_its_text_is_left_out_of_its_json() -> None:
    @dataclass(frozen=True)
    class Place:
        name: str
        url: str = field(repr=False)

    made = Place("archive", "ftp://reader:s3cretpass@host")
    assert as_json([{"place": made}]) == [{"place": {"name": "archive"}}]
    assert "s3cretpass" not in repr(made)
