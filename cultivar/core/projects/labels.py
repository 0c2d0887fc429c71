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
    kind_named,
    require_distinct,
)
from cultivar.core.projects.values import (
    a_flag,
    a_list,
    a_text,
    an_object,
    checked_dataset,
    checked_language,
    either,
)
from cultivar.core.strict_json import once_each

_WHOLE_KEYS = frozenset({"projectFileVersion", "stringIndexType", "metadata", "assets"})
_METADATA_KEYS = frozenset(
    {
        "projectKind", "modelType", "projectName", "name", "storageInputContainerName", "language",
        "culture", "multilingual", "multiLingual", "description", "settings", "labelsLocation",
        "createdDateTime", "lastModifiedDateTime", "lastTrainedDateTime", "lastDeployedDateTime",
    }
)  # fmt: skip
_ASSETS_KEYS = frozenset({"projectKind", "modelType", "classes", "classifiers", "documents"})
_TAGS = ("class", "classes", "classifiers")
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
            ``repeated-key``, ``unknown-project-kind``, ``bad-class``, ``too-many-classes``,
            ``repeated-class``, ``similar-classes``, ``conflicting-keys``,
            ``unknown-class``, ``bad-document-name``, ``too-many-documents``,
            ``repeated-document``, ``several-classes``, ``wrong-project-kind``,
            ``document-too-long``, ``bad-dataset``, ``misspelt-name``.
    """
    whole = an_object(data if isinstance(data, Mapping) else _parsed(data), "the labels file")
    metadata = an_object(whole.get("metadata") or {}, "metadata")
    assets = an_object(whole.get("assets") or whole, "assets")
    stated = _kind(metadata, assets, kind)
    classes = _classes(assets)
    documents = _documents(assets, classes, stated)
    return Labels(
        classes=classes,
        documents=documents,
        kind=stated,
        language=a_text(either(metadata, "metadata", "language", "culture"), "language"),
        multilingual=a_flag(either(metadata, "metadata", "multilingual", "multiLingual")),
        description=a_text(metadata.get("description"), "description"),
        container=a_text(metadata.get("storageInputContainerName"), "storageInputContainerName"),
        settings=dict(an_object(metadata.get("settings") or {}, "settings")),
        unused=_unused(whole, assets),
    )


def _unused(whole: Mapping[str, Any], assets: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keys that nothing reads; refuse those that are nearly others."""
    flat = assets is whole
    places: list[tuple[str, Mapping[str, Any], frozenset[str]]] = [
        ("", whole, _WHOLE_KEYS | (_ASSETS_KEYS if flat else frozenset())),
        ("metadata.", whole.get("metadata") or {}, _METADATA_KEYS),
        ("assets.", {} if flat else assets, _ASSETS_KEYS),
        *(("", each, _DOCUMENT_KEYS) for each in assets.get("documents") or ()),
    ]
    found: set[str] = set()
    for place, held, known in places:
        if held.keys() <= known:
            continue
        unread = [str(key) for key in held if key not in known]
        refuse_misspelt("key", unread, known.difference(held))
        found.update(place + key for key in unread)
    return tuple(sorted(found))


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
        return json.loads(data, object_pairs_hook=once_each)
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
    listed = a_list(assets.get(key) or [], f"assets.{key}")
    names = [checked_class(_name_of(each)) for each in listed]
    if len(names) > CLASSES_AT_MOST:
        sentence = f"A project has at most {CLASSES_AT_MOST} classes; found {len(names):,}."
        raise InvalidInput("too-many-classes", sentence, {"found": len(names)})
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidInput("repeated-class", f"The class {twice!r} is listed more than once.")
    found = tuple(first_spelled(names).values())
    require_distinct(found)
    return found


def _name_of(tag: Any) -> Any:
    """Return the name in a tag of any generation."""
    if isinstance(tag, Mapping):
        return next((tag[key] for key in ("category", "classifierName", "name") if key in tag), tag)
    return tag


def _documents(assets: Mapping[str, Any], classes: Sequence[str], kind: Kind) -> tuple[Tagged, ...]:
    listed = a_list(assets.get("documents") or [], "assets.documents")
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
    found = an_object(entry, where)
    given = [checked_class(name) for name in _tags(found, where)]
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
    language = a_text(either(found, where, "language", "culture"), f"{where}.language") or ""
    return Tagged(
        document=checked_document(found.get("location"), f"{where}.location"),
        classes=tags,
        language=checked_language(language, f"{where}.language"),
        dataset=_dataset(found.get("dataset"), where),
        text=_content(found.get("text"), where),
    )


def _tags(found: Mapping[str, Any], where: str) -> Sequence[Any]:
    lists = {
        key: [value] if key == "class" else a_list(value or [], f"{where}.{key}")
        for key in _TAGS
        if (value := found.get(key)) is not None
    }
    named = {key: [_name_of(tag) for tag in tags] for key, tags in lists.items()}
    return either(named, where, *_TAGS) or []


def _dataset(value: Any, where: str) -> str | None:
    return checked_dataset(a_text(value, f"{where}.dataset") or "", f"{where}.dataset")


def _content(value: Any, where: str) -> str | None:
    text = a_text(value, f"{where}.text")
    if text is not None and len(text) > DOCUMENT_CHARACTERS:
        raise InvalidInput(
            "document-too-long",
            f"{where} holds {len(text):,} characters; at most {DOCUMENT_CHARACTERS:,} are taken.",
        )
    return text
