"""What may be a person's name, and what stands in its place."""

import pytest

from cultivar.core.errors import InvalidInput
from cultivar.core.people.names import erased_name, is_person_id, person_name, with_names


@pytest.mark.parametrize("name", ["Kim Jones", "Jürgen", "王芳", "o'hara", "p-7f3a", "P-7f3a0000"])
def test_names_of_any_script_are_names(name: str) -> None:
    assert person_name(f" {name} ") == name


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" ", "empty-name"),
        ("a" * 201, "bad-person-name"),
        ("kim\u202e", "bad-person-name"),
        ("kim\njones", "bad-person-name"),
        ("p-7f3a0011", "bad-person-name"),
        (erased_name("p-7f3a0011"), "bad-person-name"),
    ],
)
def test_what_could_be_taken_for_something_else_is_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        person_name(text)
    assert refused.value.code == code


def test_ids_show_as_names_wherever_they_stand_whole() -> None:
    people = {"p-7f3a0011": "kim"}
    said = {"person": "p-7f3a0011", "of": ["p-7f3a0011", "x p-7f3a0011"], "n": 3}
    assert with_names(said, people) == {"person": "kim", "of": ["kim", "x p-7f3a0011"], "n": 3}
    assert is_person_id("p-7f3a0011")
