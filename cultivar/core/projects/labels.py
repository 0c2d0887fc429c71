"""Labels files of both generations: read into one form, and written in the newer one.

GA: ``metadata``, ``assets.classes[].category`` and ``class`` or ``classes`` a document. Preview:
``classifiers[].name`` and ``classifiers[].classifierName`` a document, ``culture`` for
``language``, with or without ``metadata`` and ``assets`` around it. No document is opened here,
and no sentence quotes a document's name or text.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cultivar.core.errors import InvalidInput
from cultivar.core.projects.limits import (
    CLASSES_AT_MOST,
    DOCUMENT_CHARACTERS,
    DOCUMENTS_AT_MOST,
    LABELS_FILE_BYTES,
)
from cultivar.core.projects.misspelt import refuse_misspelt
from cultivar.core.projects.names import (
    Kind,
    checked_class,
    checked_document,
    class_form,
    first_spelled,
    is_whole,
    kind_named,
)

_DATASETS = frozenset({"train", "test"})
_LANGUAGE_CHARACTERS = 20
_DOCUMENT_KEYS = frozenset(
    {"location", "language", "culture", "dataset", "class", "classes", "classifiers", "text"}
)


@dataclass(frozen=True, slots=True)
class Tagged:
    """A document with its tags; ``text`` where the file itself brings it.

    ``trouble`` is status and reason where its source was read and gave no text.
    """

    document: str
    classes: tuple[str, ...]
    language: str = ""
    dataset: str | None = None
    text: str | None = field(default=None, repr=False)
    trouble: tuple[str, str | None] | None = None


@dataclass(frozen=True, slots=True)
class Labels:
    """What a labels file says; ``kind`` and the like are None where it does not say them.

    ``unused`` names what the source holds beside that and nothing reads: columns or keys.
    """

    classes: tuple[str, ...]
    documents: tuple[Tagged, ...]
    kind: Kind | None = None
    language: str | None = None
    multilingual: bool | None = None
    description: str | None = None
    container: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    unused: tuple[str, ...] = ()


def read_labels(data: bytes | str | Mapping[str, Any], kind: Kind | None = None) -> Labels:
    """Return what a labels file of either generation says.

    ``kind`` is the project's, where there is one already.

    Raises:
        InvalidInput: codes ``too-large``, ``bad-json``, ``bad-labels-file``,
            ``unknown-project-kind``, ``bad-class``, ``too-many-classes``, ``repeated-class``,
            ``unknown-class``, ``bad-document-name``, ``too-many-documents``,
            ``repeated-document``, ``several-classes``, ``wrong-project-kind``,
            ``document-too-long``, ``bad-dataset``, ``misspelt-name``.
    """
    whole = _object(data if isinstance(data, Mapping) else _parsed(data), "the labels file")
    metadata = _object(whole.get("metadata") or {}, "metadata")
    assets = _object(whole.get("assets") or whole, "assets")
    stated = _kind(metadata, assets, kind)
    classes = _classes(assets)
    documents = _documents(assets, classes, stated)
    return Labels(
        classes=classes,
        documents=documents,
        kind=stated,
        language=_text(metadata.get("language") or metadata.get("culture"), "language"),
        multilingual=_flag(metadata.get("multilingual", metadata.get("multiLingual"))),
        description=_text(metadata.get("description"), "description"),
        container=_text(metadata.get("storageInputContainerName"), "storageInputContainerName"),
        settings=dict(_object(metadata.get("settings") or {}, "settings")),
        unused=_unused(assets),
    )


def _unused(assets: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keys of documents that nothing reads; refuse those that are nearly others."""
    documents = assets.get("documents") or ()
    found = {key for each in documents for key in each} - _DOCUMENT_KEYS
    for each in documents if found else ():
        unread = (str(key) for key in each if key in found)
        refuse_misspelt("key", unread, _DOCUMENT_KEYS.difference(each))
    return tuple(sorted(map(str, found)))


def write_labels(labels: Labels, name: str, *, with_texts: bool = False) -> dict[str, Any]:
    """Return a labels file of the GA form; ``with_texts`` adds what other readers overlook."""
    kind = _WIRE[labels.kind or Kind.SINGLE]
    return {
        "projectFileVersion": "2023-04-01",
        "stringIndexType": "Utf16CodeUnit",
        "metadata": {
            "projectKind": kind,
            "storageInputContainerName": labels.container or "",
            "projectName": name,
            "multilingual": bool(labels.multilingual),
            "description": labels.description or "",
            "language": labels.language or "",
            "settings": dict(labels.settings),
        },
        "assets": {
            "projectKind": kind,
            "classes": [{"category": each} for each in labels.classes],
            "documents": [_written(each, labels.kind, with_texts) for each in labels.documents],
        },
    }


_WIRE = {
    Kind.SINGLE: "CustomSingleLabelClassification",
    Kind.MULTI: "CustomMultiLabelClassification",
}


def _written(tagged: Tagged, kind: Kind | None, with_text: bool) -> dict[str, Any]:
    tags = [{"category": name} for name in tagged.classes]
    found: dict[str, Any] = {"location": tagged.document, "language": tagged.language}
    if tagged.dataset:
        found["dataset"] = tagged.dataset.capitalize()
    if kind is Kind.MULTI:
        found["classes"] = tags
    elif tags:
        found["class"] = tags[0]
    if with_text and tagged.text is not None:
        found["text"] = tagged.text
    return found


def _parsed(data: bytes | str) -> Any:
    if len(data) > LABELS_FILE_BYTES:
        raise InvalidInput(
            "too-large",
            f"The labels file holds more than {LABELS_FILE_BYTES:,} bytes. Import CSV or Parquet.",
        )
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        # What the parser says quotes the file only by line and column.
        where = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise InvalidInput("bad-json", f"The labels file is not valid JSON{where}.") from None


def _kind(metadata: Mapping[str, Any], assets: Mapping[str, Any], given: Kind | None) -> Kind:
    found = given
    for part in (metadata, assets):
        stated = part.get("projectKind") or part.get("modelType")
        if stated is None:
            continue
        named = kind_named(stated)
        if found is not None and named is not found:
            raise InvalidInput(
                "wrong-project-kind",
                f"The labels file is for a {named} project, but the project is {found}.",
            )
        found = named
    if found is None:
        raise InvalidInput(
            "unknown-project-kind",
            "The labels file does not say the project's kind (projectKind or modelType), and there "
            "is no project of that name. Create it first, single-label or multi-label.",
        )
    return found


def _classes(assets: Mapping[str, Any]) -> tuple[str, ...]:
    key = "classes" if "classes" in assets else "classifiers"
    listed = _list(assets.get(key) or [], f"assets.{key}")
    names = [checked_class(_name_of(each)) for each in listed]
    if len(names) > CLASSES_AT_MOST:
        sentence = f"A project has at most {CLASSES_AT_MOST} classes; found {len(names):,}."
        raise InvalidInput("too-many-classes", sentence, {"found": len(names)})
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidInput("repeated-class", f"The class {twice!r} is listed more than once.")
    return tuple(first_spelled(names).values())


def _name_of(tag: Any) -> Any:
    """Return the name in a tag of any generation."""
    if isinstance(tag, Mapping):
        return next((tag[key] for key in ("category", "classifierName", "name") if key in tag), tag)
    return tag


def _documents(assets: Mapping[str, Any], classes: Sequence[str], kind: Kind) -> tuple[Tagged, ...]:
    listed = _list(assets.get("documents") or [], "assets.documents")
    if len(listed) > DOCUMENTS_AT_MOST:
        raise InvalidInput(
            "too-many-documents",
            f"A project has at most {DOCUMENTS_AT_MOST:,} documents; found {len(listed):,}.",
            {"found": len(listed)},
        )
    known = first_spelled(classes)
    found = tuple(_document(each, known, kind, place) for place, each in enumerate(listed))
    repeated = len(found) - len({each.document for each in found})
    if repeated:
        raise InvalidInput(
            "repeated-document",
            f"{repeated:,} documents have the name of another; each name may stand once.",
            {"repeated": repeated},
        )
    return found


def _document(entry: Any, known: Mapping[str, str], kind: Kind, place: int) -> Tagged:
    where = f"assets.documents[{place}]"
    found = _object(entry, where)
    given = [checked_class(_name_of(tag)) for tag in _tags(found, where)]
    unknown = [name for name in given if class_form(name) not in known]
    if unknown:
        raise InvalidInput(
            "unknown-class",
            f"{where} is tagged {unknown[0]!r}, which is not among the {len(known)} classes "
            "of the file.",
        )
    tags = tuple(dict.fromkeys(known[class_form(name)] for name in given))
    if kind is Kind.SINGLE and len(tags) > 1:
        raise InvalidInput(
            "several-classes",
            f"{where} has {len(tags)} classes, but the project is single-label.",
        )
    language = _text(found.get("language") or found.get("culture"), f"{where}.language") or ""
    if len(language) > _LANGUAGE_CHARACTERS:
        raise _bad(f"{where}.language", f"at most {_LANGUAGE_CHARACTERS} characters", language)
    return Tagged(
        document=checked_document(found.get("location"), f"{where}.location"),
        classes=tags,
        language=language,
        dataset=_dataset(found.get("dataset"), where),
        text=_content(found.get("text"), where),
    )


def _tags(found: Mapping[str, Any], where: str) -> Sequence[Any]:
    single = found.get("class")
    if single is not None:
        return [single]
    key = "classes" if "classes" in found else "classifiers"
    return _list(found.get(key) or [], f"{where}.{key}")


def _dataset(value: Any, where: str) -> str | None:
    return checked_dataset(_text(value, f"{where}.dataset") or "", f"{where}.dataset")


def checked_dataset(name: str, called: str) -> str | None:
    """Return the set that a document is marked for, ``train`` or ``test``; None for no mark.

    ``called`` begins the sentence that refuses it, and says where it stands.

    Raises:
        InvalidInput: code ``bad-dataset``.
    """
    if name and name.lower() not in _DATASETS:
        raise InvalidInput("bad-dataset", f"{called} is neither Train nor Test.")
    return name.lower() or None


def _content(value: Any, where: str) -> str | None:
    text = _text(value, f"{where}.text")
    if text is not None and len(text) > DOCUMENT_CHARACTERS:
        raise InvalidInput(
            "document-too-long",
            f"{where} holds {len(text):,} characters; at most {DOCUMENT_CHARACTERS:,} are taken.",
        )
    return text


def _object(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _bad(what, "a JSON object", value)
    return value


def _list(value: Any, what: str) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise _bad(what, "a JSON list", value)
    return value


def _text(value: Any, what: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise _bad(what, "text", value)
    if not is_whole(value):
        raise InvalidInput("bad-labels-file", f"{what} holds an unpaired surrogate.")
    return value


def _flag(value: Any) -> bool | None:
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"  # as the documentation's own example spells it
    if value is not None and not isinstance(value, bool):
        raise _bad("multilingual", "true or false", value)
    return value


def _bad(what: str, wanted: str, found: object) -> InvalidInput:
    kinds = {type(None): "nothing", dict: "an object", list: "a list", str: "text"}
    shown = kinds.get(type(found), type(found).__name__)
    return InvalidInput("bad-labels-file", f"{what} must be {wanted}; found {shown}.")
