"""Values in a labels file or a table: each of the type that it must be, or refused by its place.

No sentence quotes a document's name or text.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from cultivar.core.errors import InvalidInput
from cultivar.core.projects.names import is_whole

_DATASETS = frozenset({"train", "test"})
_LANGUAGE_CHARACTERS = 20
_NOTHING: tuple[object, ...] = (None, "", [])


def checked_dataset(name: str, called: str) -> str | None:
    """Return the set that a document is marked for, ``train`` or ``test``; None for no mark.

    ``called`` begins the sentence that refuses it, and says where it stands.

    Raises:
        InvalidInput: code ``bad-dataset``.
    """
    if name and name.lower() not in _DATASETS:
        raise InvalidInput("bad-dataset", f"{called} is neither Train nor Test.")
    return name.lower() or None


def checked_language(code: str, called: str) -> str:
    """Return the code of a document's language; ``called`` says where it stands.

    Raises:
        InvalidInput: code ``bad-language``.
    """
    if len(code) > _LANGUAGE_CHARACTERS:
        raise InvalidInput(
            "bad-language",
            f"{called} is a code of at most {_LANGUAGE_CHARACTERS} characters, such as en; found "
            f"{len(code):,} characters.",
        )
    return code


def either(found: Mapping[str, Any], where: str, *keys: str) -> Any:
    """Return what stands under one of several names of the same thing; None under none.

    Raises:
        InvalidInput: code ``conflicting-keys``; two of them are there and say different things.
    """
    given = [key for key in keys if found.get(key) not in _NOTHING]
    if len({repr(found[key]) for key in given}) > 1:
        raise InvalidInput(
            "conflicting-keys",
            f"{where} has the keys {' and '.join(given)}, which say different things, so it is "
            "not clear which counts. Keep one of them.",
            {"keys": given},
        )
    return found[given[0]] if given else None


def an_object(value: Any, what: str) -> Mapping[str, Any]:
    """Return a JSON object.

    Raises:
        InvalidInput: code ``bad-labels-file``.
    """
    if not isinstance(value, Mapping):
        raise _bad(what, "a JSON object", value)
    return value


def a_list(value: Any, what: str) -> Sequence[Any]:
    """Return a JSON list.

    Raises:
        InvalidInput: code ``bad-labels-file``.
    """
    if not isinstance(value, list | tuple):
        raise _bad(what, "a JSON list", value)
    return value


def a_text(value: Any, what: str) -> str | None:
    """Return a text of whole characters, or None where there is none.

    Raises:
        InvalidInput: code ``bad-labels-file``.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise _bad(what, "text", value)
    if not is_whole(value):
        raise InvalidInput("bad-labels-file", f"{what} holds an unpaired surrogate.")
    return value


def a_flag(value: Any) -> bool | None:
    """Return true or false, or None where neither is said.

    Raises:
        InvalidInput: code ``bad-labels-file``.
    """
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"  # as the documentation's own example spells it
    if value is not None and not isinstance(value, bool):
        raise _bad("multilingual", "true or false", value)
    return value


def _bad(what: str, wanted: str, found: object) -> InvalidInput:
    kinds = {type(None): "nothing", dict: "an object", list: "a list", str: "text"}
    shown = kinds.get(type(found), type(found).__name__)
    return InvalidInput("bad-labels-file", f"{what} must be {wanted}; found {shown}.")
