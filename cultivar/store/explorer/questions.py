"""Questions to the explorer's index: pages, counts a folder, and what there is to filter by.

It reads one file and answers what is asked; who may ask is decided by the layers above.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb

from cultivar.core.errors import Conflict, Damaged, InvalidInput
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.store.explorer.filters import (
    ORDERS,
    PREDICTIONS,
    Filters,
    Part,
    among,
    beyond,
    decoded,
    encoded,
    joined,
    measured,
    plain_type,
)
from cultivar.store.explorer.index import FORMAT, index_failures

MEMORY = "384MB"


@dataclass(frozen=True, slots=True)
class Page:
    """Rows as plain values, and the cursor of the next page; None after the last."""

    rows: list[dict[str, Any]]
    next: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many predictions the filters show, in all and a folder (never zero).

    ``folders``: location, workload, folder, predictions, matches, close_matches. ``next`` is the
    cursor of further folders.
    """

    predictions: int
    matches: int
    close_matches: int
    folders: list[dict[str, Any]]
    next: str | None


class Explorer:
    """An open index; see ``opened``. Not to be shared between threads."""

    def __init__(self, index: Any, basis: str) -> None:
        self._index = index
        self.basis = basis
        self._relabelled: dict[str, set[str]] = {}

    def heed(self, by_hand: Mapping[str, Mapping[str, str | None]]) -> None:
        """Let filters by labels go by what people decided since: item id → kind → label, or None.

        It holds for items of the index; memory follows the number of those decided on.
        """
        found = self._index.execute(
            "SELECT DISTINCT item_id, labels FROM listed "
            "WHERE item_id IN (SELECT unnest(?::UUID[]))",
            [list(by_hand)],
        ).fetchall()
        named = self._labels_of([{"labels": labels} for _, labels in found])
        for item, labels in found:
            decided = by_hand[item.hex]
            kept = {each["label"] for each in named[labels] if each["kind"] not in decided}
            self._relabelled[item.hex] = kept | set(filter(None, decided.values()))

    def page(
        self,
        filters: Filters,
        order: str = "place",
        after: str | None = None,
        limit: int = 50,
        *,
        skip: int = 0,
    ) -> Page:
        """Return the rows that follow the cursor ``after``, at most ``limit``, but ``skip`` first.

        Raises:
            InvalidInput: codes ``unknown-order``, ``unknown-prediction``, ``bad-cursor``.
            Conflict: code ``aggregated-anew``; the cursor is of an earlier index.
        """
        if order not in ORDERS:
            raise InvalidInput(
                "unknown-order", f"Unknown order {order!r}. There are: {', '.join(ORDERS)}."
            )
        key = ORDERS[order]
        where = self._where(filters)
        if after is not None:
            where.append(beyond(key, self._seen(after, order)))
        rows = self._found(where, key, f"LIMIT {int(limit) + 1} OFFSET {int(skip)}")
        more = len(rows) > limit
        shown = rows[:limit]
        last = self._cursor(order, shown[-1], key) if more and shown else None
        labels = self._labels_of(shown)
        return Page([_shown(row, labels[row["labels"]]) for row in shown], last)

    def _found(
        self, where: list[Part], key: tuple[str, str] | None, part: str
    ) -> list[dict[str, Any]]:
        """Return the rows of a page in order, from the numbers of its rows."""
        text, values = joined(where)
        # rows come in the order of places by themselves, so that reading stops with the last one
        sort = f"ORDER BY {key[0]} {key[1]}, rowid" if key else ""
        numbers = self._index.execute(
            f"SELECT rowid FROM listed {text} {sort} {part}",  # noqa: S608 - bound
            values,
        ).fetchall()
        return self._rows([number for (number,) in numbers])

    def _rows(self, numbers: list[int]) -> list[dict[str, Any]]:
        # joined to a list of numbers few row groups are read; a condition would read them all
        found = self._index.execute(
            """SELECT l.*, f.location, f.workload, f.folder AS folder_name,
              c.name AS classifier_id, v.name AS version_id, t.media_type
            FROM (SELECT n.at, n.row, l.* EXCLUDE (folded)
              FROM (SELECT unnest(?::BIGINT[]) AS row, generate_subscripts(?::BIGINT[], 1) AS at) n
              JOIN listed l ON l.rowid = n.row) l
            JOIN folder f ON f.id = l.folder LEFT JOIN classifier c ON c.id = l.classifier
            LEFT JOIN version v ON v.id = l.version LEFT JOIN type t ON t.id = l.type
            ORDER BY l.at""",
            [numbers, numbers],
        )
        names = [each[0] for each in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def counts(
        self, filters: Filters, after: str | None = None, limit: int = 1000, *, skip: int = 0
    ) -> Counts:
        """Return how many predictions there are a folder, in the order of places.

        Raises: as ``page``.
        """
        text, values = joined(self._where(filters))
        start = self._seen(after, "folders")[1] if after is not None else 0
        found = self._index.execute(
            f"""WITH counted AS (
              SELECT folder AS id, count(*) AS predictions,
                count(*) FILTER (prediction = 1) AS matches,
                count(*) FILTER (prediction = 0) AS close_matches
              FROM listed {text} GROUP BY folder),
            total AS (SELECT sum(predictions)::BIGINT AS a, sum(matches)::BIGINT AS b,
              sum(close_matches)::BIGINT AS c FROM counted)
            SELECT total.*, k.id, f.location, f.workload, f.folder, k.predictions, k.matches,
              k.close_matches
            FROM total LEFT JOIN (SELECT * FROM counted WHERE id > ? ORDER BY id
              LIMIT {int(limit) + 1} OFFSET {int(skip)}) k ON true
            LEFT JOIN folder f ON f.id = k.id ORDER BY k.id""",  # noqa: S608 - values are bound
            [*values, start],
        ).fetchall()
        names = ("location", "workload", "folder", "predictions", "matches", "close_matches")
        rows = [row for row in found if row[3] is not None]
        folders = [dict(zip(names, row[4:], strict=True)) for row in rows[:limit]]
        more = len(rows) > limit
        following = encoded(self.basis, "folders", None, rows[limit - 1][3]) if more else None
        totals = [int(each or 0) for each in found[0][:3]]
        return Counts(totals[0], totals[1], totals[2], folders, following)

    def classifiers(self) -> dict[str, tuple[int, int]]:
        """Return matches and close matches of each classifier that lists anything."""
        found = self._index.execute(
            """SELECT c.name, count(*) FILTER (prediction = 1), count(*) FILTER (prediction = 0)
            FROM listed l JOIN classifier c ON c.id = l.classifier GROUP BY c.name ORDER BY 1"""
        ).fetchall()
        return {name: (matches, close) for name, matches, close in found}

    def labels(self) -> list[tuple[str, str, int]]:
        """Return kind, label and number of items of every label."""
        found = self._index.execute(
            "SELECT kind, label, sum(items)::BIGINT FROM label_items GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        return [(kind, label, items) for kind, label, items in found]

    def types(self) -> list[str]:
        """Return the media types that occur."""
        found = self._index.execute("SELECT DISTINCT media_type FROM type ORDER BY 1").fetchall()
        return [name for (name,) in found]

    def types_and_extensions(self) -> set[str]:
        """Return the media types and the extensions that occur."""
        found = self._index.execute("SELECT media_type, extension FROM type").fetchall()
        return {name for names in found for name in names if name}

    def _labels_of(self, rows: list[dict[str, Any]]) -> dict[int, list[dict[str, str]]]:
        """Return kind and label by number, for the rows of a page."""
        found: dict[int, list[dict[str, str]]] = {row["labels"]: [] for row in rows}
        named = self._index.execute(
            "SELECT set_id, kind, label FROM label WHERE set_id IN (SELECT unnest(?::INTEGER[])) "
            "ORDER BY ALL",
            [list(found)],
        ).fetchall()
        for number, kind, label in named:
            found[number].append({"kind": kind, "label": label})
        return found

    def _ids(self, table: str, condition: str, values: list[Any]) -> list[int]:
        column = "set_id" if table == "label" else "id"
        found = self._index.execute(
            f"SELECT DISTINCT {column} FROM {table} WHERE {condition} ORDER BY 1",  # noqa: S608
            values,
        ).fetchall()
        return [number for (number,) in found]

    def _where(self, filters: Filters) -> list[Part]:
        parts = [*self._places(filters), *measured(filters)]
        if filters.classifier is not None:
            found = self._ids("classifier", "name = ?", [filters.classifier])
            parts.append(among("classifier", found))
        if filters.type is not None:
            kind = plain_type(filters.type)
            found = self._ids("type", "media_type = ? OR extension = ?", [kind, kind])
            parts.append(among("type", found))
        if filters.label is not None:
            held = among("labels", self._ids("label", "label = ?", [filters.label]))
            parts.append(self._or_by_hand(held, lambda labels: filters.label in labels))
        if filters.labelled is not None:
            part: Part = ("labels > 0" if filters.labelled else "labels = 0", [])
            parts.append(self._or_by_hand(part, lambda labels: bool(labels) == filters.labelled))
        return parts

    def _or_by_hand(self, part: Part, fits: Callable[[set[str]], bool]) -> Part:
        """Return a condition on labels in which what people decided since takes precedence."""
        if not self._relabelled:
            return part
        text, values = part
        fitting = [item for item, labels in self._relabelled.items() if fits(labels)]
        among_ids = "item_id IN (SELECT unnest(?::UUID[]))"
        return (
            f"(({text} AND NOT {among_ids}) OR {among_ids})",
            [*values, list(self._relabelled), fitting],
        )

    def _places(self, filters: Filters) -> list[Part]:
        conditions: list[tuple[str, list[Any]]] = []
        if filters.location is not None:
            conditions.append(("location = ?", [filters.location]))
        if filters.workload is not None:
            conditions.append(("workload = ?", [filters.workload]))
        if filters.folder is not None:
            named = filters.folder.strip("/")
            one_form = "nfc_normalize(folder) = nfc_normalize(?)"
            below = f"({one_form} OR starts_with(nfc_normalize(folder), nfc_normalize(?)))"
            conditions += [(below, [named, f"{named}/"])] if named else []
        if not conditions:
            return []
        text = " AND ".join(condition for condition, _ in conditions)
        values = [value for _, bound in conditions for value in bound]
        return [among("folder", self._ids("folder", text, values))]

    def _cursor(self, order: str, row: Mapping[str, Any], key: tuple[str, str] | None) -> str:
        value = row[key[0]] if key else None
        plain = value.isoformat() if isinstance(value, datetime) else value
        return encoded(self.basis, order, plain, row["row"])

    def _seen(self, cursor: str, order: str) -> tuple[Any, int]:
        """Return the sort key and the row of the last row that was shown."""
        basis, value, row = decoded(cursor, order)
        if basis != self.basis:
            raise Conflict(
                "aggregated-anew",
                "The list was aggregated again since the last page. Begin with its first page.",
            )
        return value, row


def _shown(row: Mapping[str, Any], labels: list[dict[str, str]]) -> dict[str, Any]:
    folder, name = row["folder_name"], row["name"]
    listed = row["classifier_id"] is not None
    return {
        "item_id": row["item_id"].hex,
        "location": row["location"],
        "workload": row["workload"],
        "folder": folder,
        "name": name,
        "path": row["path"] or (f"{folder}/{name}" if folder else name),
        "type": row["media_type"],
        "size": row["size"],
        "modified_at": row["modified"].replace(tzinfo=UTC),
        "created_at": row["created"].replace(tzinfo=UTC),
        "classifier": row["classifier_id"],
        "version": row["version_id"],
        "prediction": PREDICTIONS[row["prediction"]],
        "score": row["score"] if listed else None,
        "labels": labels,
    }


@contextmanager
def opened(path: Path) -> Iterator[Explorer]:
    """Open an index; threads and processes may do so at once.

    Raises:
        Damaged: code ``index-damaged``; it can be aggregated again.
        StoreUnavailable: it cannot be read.
    """
    with index_failures():
        state = path.stat()
        instance, basis = _instance(str(path), state.st_ino, state.st_mtime_ns)
        with instance.cursor() as cursor:
            yield Explorer(cursor, basis)


@lru_cache(maxsize=1)
def _instance(path: str, _inode: int, _changed: int) -> tuple[Any, str]:
    """Return the open file and its basis. An index never changes, and opening one costs more than
    most questions to it, so the last one stays open.
    """
    try:
        index = duckdb.connect(path, read_only=True, config={"memory_limit": MEMORY})
        found = index.execute("SELECT format, basis FROM about").fetchone()
    except duckdb.Error as error:
        raise _damaged() from error
    if found is None or found[0] != FORMAT:
        raise _damaged()
    return index, found[1]


def _damaged() -> Damaged:
    return Damaged(
        "index-damaged",
        "The explorer's index cannot be read.",
        remedy=Remedy(NextStep.REBUILD_EXPLORER),
    )
