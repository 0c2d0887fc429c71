"""Tagged documents from folders named by class, from CSV and from Parquet, in one form.

It reads what a person points at on this machine or any fsspec URL; what classes mean is not known
here, and no sentence quotes a document.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan
from typing import Any

from cultivar.content.by_name import read_named
from cultivar.content.limits import Limits
from cultivar.content.locations import Location, list_location
from cultivar.content.tables import Rows, rows_of_csv, rows_of_parquet
from cultivar.core.errors import InvalidInput, NotFound, StoreUnavailable
from cultivar.core.projects.labels import Labels, Tagged
from cultivar.core.projects.limits import CLASSES_AT_MOST, DOCUMENT_CHARACTERS, DOCUMENTS_AT_MOST
from cultivar.core.projects.misspelt import nearly, refuse_misspelt
from cultivar.core.projects.names import (
    Kind,
    checked_class,
    checked_document,
    class_form,
    first_spelled,
    require_distinct,
)
from cultivar.core.projects.values import checked_dataset, checked_language
from cultivar.core.texts.reading_status import OK

TEXTS = ("text", "document_text", "content")
CLASSES = ("classes", "labels", "class", "label", "category")
# how programs write the cell of a table that holds nothing
_NO_VALUE = frozenset({"nan", "NaN", "<NA>", "None", "null", "NULL"})
_SEPARATORS = frozenset({"|", ",", ";"})
NAMES = ("document", "id", "name", "location", "path")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a table or folder is read: the project's kind, and what parts classes in one cell."""

    kind: Kind
    language: str = ""
    separator: str = "|"


def read_tagged(source: str, reading: Reading, limits: Limits) -> Labels:
    """Return the documents of a folder, of a ``.csv`` or of a ``.parquet`` file.

    In a folder the first level names the class; files outside any are not tagged. A table has a
    column ``text``, one of ``class``, ``label``, ``classes`` and ``labels``, and maybe a name
    (``id``, ``document``), ``dataset`` (train or test) and ``language``.

    Raises:
        NotFound: code ``no-source``; there is no such file or folder.
        InvalidInput: codes ``unknown-source-kind``, ``no-documents``, ``missing-column``,
            ``repeated-column``, ``misspelt-name``, ``bad-table``, ``several-classes``,
            ``bad-class``, ``unclear-class``, ``similar-classes``, ``bad-dataset``,
            ``bad-language``, ``bad-document-name``, ``document-too-long``, ``too-many-documents``,
            ``too-many-classes``.
        StoreUnavailable: code ``source-incomplete``; a part of the folder cannot be listed.
    """
    lowered = source.lower()
    no_value: frozenset[str] = frozenset()
    if lowered.endswith(".csv"):
        columns, rows = rows_of_csv(_bytes(source))
        no_value = _NO_VALUE
    elif lowered.endswith((".parquet", ".pq")):
        columns, rows = rows_of_parquet(_bytes(source))
    else:
        return _labels(_from_folder(source, reading, limits), reading)
    used = _Columns.of(columns, no_value)
    return _labels(_from_rows(rows, used, reading), reading, used.unused)


def _labels(documents: Iterable[Tagged], reading: Reading, unused: Sequence[str] = ()) -> Labels:
    found: list[Tagged] = []
    for each in documents:
        if len(found) == DOCUMENTS_AT_MOST:
            raise InvalidInput(
                "too-many-documents",
                f"A project has at most {DOCUMENTS_AT_MOST:,} documents; the source holds more.",
            )
        found.append(each)
    if not found:
        raise InvalidInput("no-documents", "The source holds no document, so nothing is imported.")
    names = {each.document for each in found}
    if len(names) < len(found):
        repeated = len(found) - len(names)
        raise InvalidInput(
            "repeated-document",
            f"{repeated:,} documents have the name of another; each name may stand once.",
        )
    known = first_spelled(name for each in found for name in each.classes)
    if len(known) < len({name for each in found for name in each.classes}):
        found = [replace(each, classes=_in_one_form(each.classes, known)) for each in found]
    classes = tuple(sorted(known.values()))
    require_distinct(classes)
    if len(classes) > CLASSES_AT_MOST:
        raise InvalidInput(
            "too-many-classes",
            f"A project has at most {CLASSES_AT_MOST} classes; the source has {len(classes):,}.",
        )
    if reading.kind is Kind.MULTI:
        _refuse_other_separators(classes, reading.separator)
    return Labels(
        classes, tuple(found), reading.kind, reading.language or None, unused=tuple(unused)
    )


def _in_one_form(classes: Sequence[str], known: Mapping[str, str]) -> tuple[str, ...]:
    """Return classes as they were first spelled, where others differ by their Unicode form."""
    return tuple(dict.fromkeys(known[class_form(name)] for name in classes))


def _refuse_other_separators(classes: Sequence[str], separator: str) -> None:
    """Refuse a class whose name is put together from others, as by a list with other signs."""
    known = set(classes)
    for name in classes:
        for sign in _SEPARATORS - {separator}:
            parts = [part.strip() for part in name.split(sign)]
            if len(parts) > 1 and known.issuperset(parts):
                raise InvalidInput(
                    "unclear-class",
                    f"A cell names the class {name!r}, and its parts are classes too. Classes in "
                    f"one cell are separated by {separator!r}; `--separator '{sign}'` says "
                    "otherwise.",
                    {"class": name},
                )


def _from_folder(source: str, reading: Reading, limits: Limits) -> Iterator[Tagged]:
    location = Location("import", source)
    names = _files_of(location, source)
    for name, found in zip(names, read_named(location, names, limits), strict=True):
        folder, inside, _ = name.partition("/")
        tags = (checked_class(folder),) if inside else ()
        trouble = None if found.status == OK else (found.status, found.reason)
        # a name has no backslash, a file of most systems may
        named = checked_document(name.replace("\\", "%5C"))
        yield Tagged(named, tags, reading.language, text=found.text, trouble=trouble)


def _files_of(location: Location, source: str) -> list[str]:
    file_system, root = location.store
    if file_system.isfile(root):
        raise InvalidInput(
            "unknown-source-kind",
            "The source is a file that is neither a labels file (.json), .csv nor .parquet.",
        )
    try:
        listing = list_location(location)
    except NotFound as error:
        raise NotFound("no-source", f"There is no folder {source}. Check its path.") from error
    if not listing.complete:
        raise StoreUnavailable(
            "source-incomplete",
            "A part of the folder cannot be listed, so nothing is imported. Check who may read it.",
        )
    return [entry.path for entry in listing.entries]


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which columns of a table hold what; ``unused`` are those that nothing reads.

    ``no_value`` are the words that stand for an empty cell where the form of table has none.
    """

    text: str
    tags: str
    name: str | None
    unused: tuple[str, ...]
    no_value: frozenset[str]

    @classmethod
    def of(cls, columns: Sequence[str], no_value: frozenset[str]) -> "_Columns":
        """Return what columns hold, by their names."""
        text, tags = _column(columns, TEXTS), _column(columns, CLASSES)
        name = next((each for each in NAMES if each in columns), None)
        used = {text, tags, name, "dataset", "language"}
        unused = tuple(each for each in columns if each not in used)
        absent = {"dataset", "language"}.difference(columns)
        refuse_misspelt("column", unused, absent if name else absent.union(NAMES))
        return cls(text, tags, name, unused, no_value)


def _from_rows(rows: Rows, columns: _Columns, reading: Reading) -> Iterator[Tagged]:
    name = columns.name
    for place, (where, row) in enumerate(rows):
        yield Tagged(
            document=checked_document(
                str(row[name]) if name else f"row-{place:06}", f"The name in {where}"
            ),
            classes=_classes(row[columns.tags], reading, where, columns.no_value),
            language=checked_language(
                str(row.get("language") or reading.language), f"The language in {where}"
            ),
            dataset=checked_dataset(str(row.get("dataset") or ""), f"The dataset in {where}"),
            text=_text(row[columns.text], where),
        )


def _column(columns: Sequence[str], wanted: Sequence[str]) -> str:
    found = [each for each in wanted if each in columns]
    if not found:
        near = next((each for each in columns if nearly(each, wanted)), None)
        meant = f" Did you mean {nearly(near, wanted)} by {near[:60]!r}?" if near else ""
        raise InvalidInput(
            "missing-column",
            f"The table has none of the columns {', '.join(wanted)}; one of them is needed.{meant}",
        )
    if len(found) > 1:
        raise InvalidInput(
            "repeated-column",
            f"The table has the columns {' and '.join(found)}, which hold the same thing, so it is "
            "not clear which counts. Remove or rename all but one.",
            {"columns": found},
        )
    return found[0]


def _classes(
    value: object, reading: Reading, where: str, no_value: frozenset[str]
) -> tuple[str, ...]:
    if value is None or value == "" or (isinstance(value, float) and isnan(value)):
        return ()
    if isinstance(value, str):
        several = reading.kind is Kind.MULTI
        listed: list[Any] = value.split(reading.separator) if several else [value]
        if empty := no_value.intersection(each.strip() for each in listed):
            raise InvalidInput(
                "unclear-class",
                f"{where.capitalize()} has the class {min(empty)!r}, which is how tables are "
                "written that have no value there. Leave the cell empty, or name the class "
                "otherwise.",
                {"where": where},
            )
        listed = [each.strip() for each in listed]
    else:
        listed = list(value) if isinstance(value, list | tuple) else [str(value)]
    names = tuple(dict.fromkeys(checked_class(each) for each in listed if each))
    if reading.kind is Kind.SINGLE and len(names) > 1:
        raise InvalidInput(
            "several-classes",
            f"{where.capitalize()} has {len(names)} classes, but the project is single-label; a "
            "multi-label one takes several.",
        )
    return names


def _text(value: object, where: str) -> str:
    text = "" if value is None else str(value)
    if len(text) > DOCUMENT_CHARACTERS:
        raise InvalidInput(
            "document-too-long",
            f"{where.capitalize()} holds {len(text):,} characters; at most "
            f"{DOCUMENT_CHARACTERS:,} are taken.",
        )
    return text


def _bytes(source: str) -> bytes:
    import fsspec  # noqa: PLC0415 - a command that reads none starts faster

    try:
        with fsspec.open(source, "rb") as stream:
            return bytes(stream.read())
    except OSError as error:
        raise NotFound(
            "no-source", f"The source cannot be opened ({type(error).__name__}). Check its path."
        ) from error
