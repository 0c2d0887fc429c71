"""A person's id and name: which texts may stand for a person, and what an erased one shows as.

An id says nothing of whom it stands for and is what records keep; a name is looked up.
"""

import re
from collections.abc import Mapping
from typing import Any

from cultivar.core.errors import InvalidInput
from cultivar.core.texts.safe_text import on_a_line

NAME_CHARACTERS = 200
ADDRESS_CHARACTERS = 320
_ID = re.compile(r"p-[0-9a-f]{8}")
_ERASED = "erased person "


def is_person_id(text: str) -> bool:
    """Tell whether a text has the form of a person's id."""
    return _ID.fullmatch(text) is not None


def erased_name(person_id: str) -> str:
    """Return what stands in the place of an erased person's name, such as ``erased person p-…``."""
    return f"{_ERASED}{person_id}"


def person_name(text: str) -> str:
    """Return the name that a text states, without blanks around it.

    Raises:
        InvalidInput: codes ``empty-name``, ``bad-person-name``; an id, or what an erased person
            shows as, is nobody's name.
    """
    name = text.strip()
    if not name:
        raise InvalidInput("empty-name", "A person needs a name that is not empty.")
    if len(name) > NAME_CHARACTERS or on_a_line(name) != name:
        raise InvalidInput(
            "bad-person-name",
            f"A person's name has at most {NAME_CHARACTERS} characters, none of them a control "
            f"character or a mark of direction; found {len(name)} characters.",
        )
    if is_person_id(name) or name.startswith(_ERASED):
        raise InvalidInput(
            "bad-person-name",
            f"{name!r} is how Cultivar itself writes a person. Choose another name.",
        )
    return name


def person_address(text: str) -> str:
    """Return the address (of mail, by whatever system) that a text states.

    Raises:
        InvalidInput: code ``bad-address``.
    """
    address = text.strip()
    if not address or len(address) > ADDRESS_CHARACTERS or on_a_line(address) != address:
        raise InvalidInput(
            "bad-address",
            f"An address has 1 to {ADDRESS_CHARACTERS} characters and stands on one line.",
        )
    return address


def with_names(value: Any, names: Mapping[str, str]) -> Any:
    """Return JSON in which each text that is a person's id is the person's name."""
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, Mapping):
        return {key: with_names(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [with_names(each, names) for each in value]
    return value
