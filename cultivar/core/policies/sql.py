"""A condition as a DuckDB expression with parameters, for queries over stored predictions.

It writes text and lists values; it connects to nothing. What a person typed is always a parameter;
only column names, which are quoted, become part of the text.
"""

from collections.abc import Collection, Iterable
from typing import Any

from cultivar.core.policies import conditions as on
from cultivar.core.policies.rowwise import prediction_column, score_column
from cultivar.core.vocabulary import CLOSE_MATCH, MATCH

Expression = tuple[str, list[Any]]
# DuckDB's lower() knows more letters than a file type's case is about
_UPPER, _LOWER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"


def condition_as_sql(condition: on.Condition, columns: Collection[str]) -> Expression:
    """Return an expression and its parameters in order; it is true where a policy would label.

    ``columns`` are those of the relation, named as for ``columnar``; a leaf over another is
    unknown. SQL's *and*, *or* and *not* are those of three values, so the meaning is the same; a
    ``where`` keeps the rows for which it is true.
    """
    match condition:
        case on.And(conditions=parts):
            return _joined(" and ", (condition_as_sql(part, columns) for part in parts))
        case on.Or(conditions=parts):
            return _joined(" or ", (condition_as_sql(part, columns) for part in parts))
        case on.Not(condition=inner):
            text, values = condition_as_sql(inner, columns)
            return f"(not {text})", values
        case _:
            return _leaf(condition, columns)


def _joined(word: str, parts: Iterable[Expression]) -> Expression:
    texts, values = zip(*parts, strict=True)
    return f"({word.join(texts)})", [value for some in values for value in some]


def _leaf(leaf: on.Leaf, columns: Collection[str]) -> Expression:
    name = _column(leaf)
    if name not in columns:
        return "cast(null as boolean)", []
    quoted = '"' + name.replace('"', '""') + '"'
    match leaf:
        case on.ClassifierIs(at_least=float() as score):
            return f"({quoted} >= cast(? as float))", [score]
        case on.ClassifierIs(at_least=word):
            return _among(quoted, (MATCH,) if word == MATCH else (MATCH, CLOSE_MATCH))
        case on.SizeIs(at_least=low, at_most=high):
            return _bounds([(f"({quoted} >= ?)", low), (f"({quoted} <= ?)", high)])
        case on.DateIs(since=since, before=before):
            return _bounds([(f"({quoted} >= ?)", since), (f"({quoted} < ?)", before)])
        case _:
            return _named(leaf, quoted)


def _named(
    leaf: on.LocationIn | on.WorkloadIn | on.FolderUnder | on.FileTypeIn, quoted: str
) -> Expression:
    match leaf:
        case on.LocationIn(names=names) | on.WorkloadIn(names=names):
            return _among(quoted, names)
        case on.FolderUnder(folder=folder):
            below = f"starts_with(rtrim({quoted}, '/') || '/', ?)"
            return below, [f"{folder.rstrip('/')}/"]
        case on.FileTypeIn(types=types):
            ends = f"ends_with(translate({quoted}, '{_UPPER}', '{_LOWER}'), ?)"
            return _joined(" or ", ((ends, [f".{kind}"]) for kind in types))


def _among(quoted: str, names: tuple[str, ...]) -> Expression:
    return f"({quoted} in ({', '.join('?' * len(names))}))", list(names)


def _bounds(tests: list[tuple[str, Any]]) -> Expression:
    return _joined(" and ", ((text, [bound]) for text, bound in tests if bound is not None))


def _column(leaf: on.Leaf) -> str:
    match leaf:
        case on.ClassifierIs(classifier_id=classifier_id, at_least=float()):
            return score_column(classifier_id)
        case on.ClassifierIs(classifier_id=classifier_id):
            return prediction_column(classifier_id)
        case on.DateIs():
            return leaf.column
        case on.SizeIs():
            return "size"
        case _:
            return _TEXT_COLUMNS[type(leaf)]


_TEXT_COLUMNS = {
    on.LocationIn: "location",
    on.WorkloadIn: "workload",
    on.FolderUnder: "folder",
    on.FileTypeIn: "name",
}
