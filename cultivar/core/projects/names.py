"""Names of projects, models, deployments, classes and documents: what may be one.

Names are case-sensitive; nothing here looks whether a name is taken.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import TypeGuard
from unicodedata import category, normalize

from cultivar.core.errors import InvalidInput
from cultivar.core.projects.limits import CLASS_CHARACTERS, NAME_CHARACTERS

_NAME = re.compile(rf"[A-Za-z0-9_.\-]{{1,{NAME_CHARACTERS}}}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DOCUMENT_CHARACTERS = 1_000


class Kind(StrEnum):
    """What a project's documents may carry: exactly one class, or any number of them."""

    SINGLE = "single-label"
    MULTI = "multi-label"


_SPELLINGS = {
    "customsinglelabelclassification": Kind.SINGLE,
    "singleclassification": Kind.SINGLE,
    "singlelabel": Kind.SINGLE,
    "custommultilabelclassification": Kind.MULTI,
    "multiclassification": Kind.MULTI,
    "multilabel": Kind.MULTI,
}


def kind_named(spelling: object) -> Kind:
    """Return the kind that any generation's spelling names, case and dashes aside.

    Raises:
        InvalidInput: code ``unknown-project-kind``.
    """
    found = _SPELLINGS.get(re.sub(r"[^a-z]", "", spelling.lower() if _is(spelling) else ""))
    if found is None:
        raise InvalidInput(
            "unknown-project-kind",
            f"{_shown(spelling)} is not a kind of project. It is single-label "
            "(CustomSingleLabelClassification) or multi-label (CustomMultiLabelClassification).",
        )
    return found


def checked_name(what: str, name: object) -> str:
    """Return the name of a project, model or deployment.

    Raises:
        InvalidInput: code ``bad-name``.
    """
    if not _is(name) or not _NAME.fullmatch(name) or set(name) == {"."} or name == "..":
        raise InvalidInput(
            "bad-name",
            f"The name of a {what} has 1 to {NAME_CHARACTERS} characters from letters, digits, "
            f"_ . and -, and not dots alone; found {_shown(name)}.",
            {"what": what},
        )
    return name


def checked_class(name: object) -> str:
    """Return the name of a class.

    Raises:
        InvalidInput: code ``bad-class``.
    """
    if not _is(name) or not 1 <= len(name.strip()) <= CLASS_CHARACTERS or not _plain(name):
        raise InvalidInput(
            "bad-class",
            f"The name of a class has 1 to {CLASS_CHARACTERS} characters, no control character "
            f"and no unpaired surrogate; found {_shown(name)}.",
        )
    return name.strip()


def class_form(name: str) -> str:
    """Return what the spellings of a class share that differ by their Unicode form alone.

    Letters with accents in one character or in two, Hangul in parts, full width, ligatures,
    invisible signs: they look the same, and are one class.
    """
    visible = "".join(each for each in name if category(each) != "Cf")
    return normalize("NFKC", visible).strip() or name


def first_spelled(names: Iterable[str]) -> dict[str, str]:
    """Return the first spelling of each class, by ``class_form``."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(class_form(name), name)
    return found


def require_distinct(classes: Iterable[str]) -> None:
    """Refuse two classes whose names differ in capital letters or in blanks alone.

    One of them is nearly always a slip, and a model would learn to part what is the same.

    Raises:
        InvalidInput: code ``similar-classes``; the sentence names both.
    """
    seen: dict[str, str] = {}
    for name in classes:
        other = seen.setdefault("".join(class_form(name).casefold().split()), name)
        if class_form(other) != class_form(name):
            raise InvalidInput(
                "similar-classes",
                f"The classes {other!r} and {name!r} differ in capital letters or blanks alone, "
                "so it is not clear whether they are one class. Write both alike, or rename one.",
                {"classes": [other, name]},
            )


def checked_document(name: object, called: str = "A document's name") -> str:
    """Return a document's name: a path inside its container that cannot lead out of it.

    ``called`` begins the sentence that refuses it, and says where it stands.

    Raises:
        InvalidInput: code ``bad-document-name``. The name itself stays out of the sentence.
    """
    if not _is(name) or not 1 <= len(name) <= _DOCUMENT_CHARACTERS:
        raise _refused(called, f"has 1 to {_DOCUMENT_CHARACTERS:,} characters")
    if "\\" in name or not _plain(name):
        raise _refused(called, "holds no backslash, control character or unpaired surrogate")
    if name.startswith("/") or re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:", name):
        raise _refused(called, "is a path inside the container, not an absolute path or a URL")
    if any(part in {"", ".", ".."} for part in name.split("/")):
        raise _refused(called, "has no empty part and no part . or ..")
    return name


def _refused(called: str, rule: str) -> InvalidInput:
    return InvalidInput("bad-document-name", f"{called} {rule}.")


def _plain(name: str) -> bool:
    return not _CONTROL.search(name) and is_whole(name)


def is_whole(text: str) -> bool:
    """Whether no character of a text is half of a pair, which no store can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is(name: object) -> TypeGuard[str]:
    return isinstance(name, str)


def _shown(value: object) -> str:
    return repr(value)[:60] if isinstance(value, str) else type(value).__name__
