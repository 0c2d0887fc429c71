"""The explorer's index: every listed prediction and label of all locations, aggregated in one file.

A file of DuckDB's in the home, made again beside the old one and then renamed, so that readers see
one or the other. It holds what artifacts and the registry hold and may be deleted at any time; it
holds no text of any document.

Rows stand in the order of location, folder and name, and what repeats is a small number: a page is
found by skipping row groups, and a count reads a few bytes a row. Names are kept uncompressed: they
are searched whole, and a page picks single ones from all over the file. Over Parquet the same
questions read every string.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from cultivar.core.reference import ArtifactReference
from cultivar.settings.scratch import Scratch
from cultivar.store.artifacts import ArtifactStore
from cultivar.store.failures import FULL, UNREACHABLE, unavailable

FORMAT = 3
WHAT = "The explorer's index"
MEMORY = "1GB"
_BATCH = 131_072
CLOSE, MATCH, NEITHER = 0, 1, 2
NOBODY = -1

_SCHEMA = """
CREATE TABLE about (format INTEGER, basis VARCHAR);
CREATE TABLE folder (id INTEGER, location VARCHAR, workload VARCHAR, folder VARCHAR);
CREATE TABLE classifier (id SMALLINT, name VARCHAR);
CREATE TABLE version (id SMALLINT, name VARCHAR);
CREATE TABLE type (id INTEGER, media_type VARCHAR, extension VARCHAR);
CREATE TABLE label_set (id INTEGER, key VARCHAR);
CREATE TABLE label (set_id INTEGER, kind VARCHAR, label VARCHAR);
CREATE TABLE label_items (kind VARCHAR, label VARCHAR, items BIGINT);
CREATE TABLE listed (
  folder INTEGER, name VARCHAR USING COMPRESSION uncompressed,
  folded VARCHAR USING COMPRESSION uncompressed, path VARCHAR, item_id UUID,
  classifier SMALLINT, version SMALLINT, prediction UTINYINT, score FLOAT,
  type INTEGER, labels INTEGER, size BIGINT, modified TIMESTAMP, created TIMESTAMP
);
"""

_STAGING = """
CREATE OR REPLACE TEMP TABLE assigned (
  item_id VARCHAR, path VARCHAR, folder VARCHAR, name VARCHAR, classifier_id VARCHAR,
  version_id VARCHAR, score FLOAT, prediction VARCHAR
);
CREATE OR REPLACE TEMP TABLE given (
  item_id VARCHAR, path VARCHAR, folder VARCHAR, name VARCHAR, kind VARCHAR, label VARCHAR
);
CREATE OR REPLACE TEMP TABLE people (item_id VARCHAR, kind VARCHAR, label VARCHAR);
CREATE OR REPLACE TEMP TABLE item (
  item_id VARCHAR, path VARCHAR, folder VARCHAR, name VARCHAR, media_type VARCHAR, size BIGINT,
  modified TIMESTAMP, created TIMESTAMP
);
"""

# A person's decision stands in place of a policy's label of the same kind.
_EFFECTIVE = """
CREATE OR REPLACE TEMP TABLE effective AS
SELECT item_id, kind, label FROM given ANTI JOIN people USING (item_id, kind)
UNION SELECT item_id, kind, label FROM people WHERE label IS NOT NULL;
CREATE OR REPLACE TEMP TABLE wanted AS
SELECT item_id FROM assigned UNION SELECT item_id FROM effective;
"""

_ITEMS = """
INSERT INTO item SELECT item_id, path, folder, name, media_type, size,
  modified_at AT TIME ZONE 'UTC', created_at AT TIME ZONE 'UTC'
FROM arrived SEMI JOIN wanted USING (item_id) ANTI JOIN item AS known USING (item_id)
"""

_LABEL_SETS = """
CREATE OR REPLACE TEMP TABLE held AS
SELECT item_id, string_agg(kind || chr(31) || label, chr(30) ORDER BY kind, label) AS key
FROM effective GROUP BY item_id;
INSERT INTO label_set
SELECT (SELECT count(*) FROM label_set) + row_number() OVER (ORDER BY key), key
FROM (SELECT DISTINCT key FROM held) ANTI JOIN label_set AS known USING (key);
INSERT INTO label_items SELECT kind, label, count(*) FROM effective GROUP BY kind, label;
"""

# The folder above stands before those below it, and each below stands next to the others.
_FOLDERS = """
INSERT INTO folder
SELECT (SELECT count(*) FROM folder) + row_number() OVER (ORDER BY replace(folder, '/', chr(1))),
  $location, $workload, folder
FROM (SELECT folder FROM item UNION SELECT folder FROM assigned);
INSERT INTO type
SELECT (SELECT count(*) FROM type) + row_number() OVER (ORDER BY media_type, extension),
  media_type, extension
FROM (SELECT DISTINCT media_type, lower(regexp_extract(name, '[.]([^.]+)$', 1)) AS extension
      FROM item) ANTI JOIN type AS known USING (media_type, extension);
"""

# An item that is labelled and that no classifier lists has one row of its own.
_LISTED = """
INSERT INTO listed
WITH row AS (
  SELECT coalesce(a.item_id, i.item_id) AS item_id, coalesce(a.path, i.path) AS path,
    coalesce(a.folder, i.folder) AS folder, coalesce(a.name, i.name) AS name,
    a.classifier_id, a.version_id, a.score, a.prediction,
    i.media_type, i.size, i.modified, i.created
  FROM item i FULL JOIN assigned a ON a.item_id = i.item_id
)
SELECT f.id, r.name, lower(nfc_normalize(r.name)),
  CASE WHEN r.path = r.folder || '/' || r.name OR r.path = r.name THEN NULL ELSE r.path END,
  r.item_id::UUID, coalesce(c.id, -1), coalesce(v.id, -1),
  CASE r.prediction WHEN 'close match' THEN 0 WHEN 'match' THEN 1 ELSE 2 END,
  coalesce(r.score, -1), coalesce(t.id, -1), coalesce(s.id, 0),
  coalesce(r.size, 0), coalesce(r.modified, TIMESTAMP 'epoch'),
  coalesce(r.created, TIMESTAMP 'epoch')
FROM row r
JOIN folder f ON f.location = $location AND f.folder = r.folder
LEFT JOIN classifier c ON c.name = r.classifier_id
LEFT JOIN version v ON v.name = r.version_id
LEFT JOIN type t ON t.media_type = r.media_type
  AND t.extension = lower(regexp_extract(r.name, '[.]([^.]+)$', 1))
LEFT JOIN held h ON h.item_id = r.item_id
LEFT JOIN label_set s ON s.key = h.key
ORDER BY f.id, r.name, r.item_id, c.id
"""

_NUMBERED = """
INSERT INTO classifier SELECT row_number() OVER (ORDER BY name) - 1, name
FROM (SELECT DISTINCT unnest($classifiers) AS name);
INSERT INTO version SELECT row_number() OVER (ORDER BY name) - 1, name
FROM (SELECT DISTINCT unnest($versions) AS name);
"""

_FINISHED = """
INSERT INTO label
SELECT id, split_part(part, chr(31), 1), split_part(part, chr(31), 2)
FROM (SELECT id, unnest(string_split(key, chr(30))) AS part FROM label_set);
INSERT INTO about VALUES ($format, $basis);
"""

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Assigned:
    """What one version listed at a location, and the items that it scored."""

    classifier_id: str
    version_id: str
    assignments: ArtifactReference
    items: ArtifactReference


@dataclass(frozen=True, slots=True)
class Place:
    """A location with all that the explorer shows of it.

    ``labels`` and ``labelled`` (the items behind them) are None before any policy was applied.
    ``people`` holds item_id, kind and label of what people decided; a label that is null was taken
    away.
    """

    name: str
    workload: str
    assigned: tuple[Assigned, ...]
    labels: ArtifactReference | None
    labelled: ArtifactReference | None
    newest: ArtifactReference
    people: pa.Table


def build(
    store: ArtifactStore,
    places: Iterable[Place],
    target: Path,
    basis: str,
    advance: Progress | None = None,
) -> None:
    """Write the index of some locations to ``target``, all of it or nothing.

    ``basis`` is kept in the file: what it follows from. Memory stays below about ``MEMORY``.

    Raises:
        Damaged: an artifact cannot be read.
        StoreUnavailable: the home is full or cannot be written to.
    """
    places = sorted(places, key=lambda place: place.name)
    with index_failures():
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with Scratch("making-", target.parent) as scratch:
            made = scratch.path / "index.duckdb"
            _write(store, places, made, basis, advance)
            made.replace(target)


def _write(
    store: ArtifactStore, places: list[Place], path: Path, basis: str, advance: Progress | None
) -> None:
    spilled = str(path.parent / "spilled")
    with duckdb.connect(
        str(path), config={"memory_limit": MEMORY, "temp_directory": spilled}
    ) as index:
        _run(index, _SCHEMA)
        versions = [each for place in places for each in place.assigned]
        _run(
            index, _NUMBERED,
            classifiers=[each.classifier_id for each in versions],
            versions=[each.version_id for each in versions],
        )  # fmt: skip
        for done, place in enumerate(places):
            if advance is not None:
                advance(done, len(places))
            _add(index, store, place)
        _run(index, _FINISHED, format=FORMAT, basis=basis)


def _run(index: Any, script: str, **values: Any) -> None:
    """Run statements one by one, each with the values that it names."""
    for statement in filter(str.strip, script.split(";")):
        index.execute(statement, {k: v for k, v in values.items() if f"${k}" in statement})


def _add(index: Any, store: ArtifactStore, place: Place) -> None:
    _run(index, _STAGING)
    columns = [name for name, *_ in index.execute("DESCRIBE assigned").fetchall()]
    for each in place.assigned:
        _load(index, store, each.assignments, columns, _into("assigned", columns))
    if place.labels is not None:
        columns = ["item_id", "path", "folder", "name", "kind", "label"]
        _load(index, store, place.labels, columns, _into("given", columns))
    index.register("arrived", place.people)
    index.execute(_into("people", ["item_id", "kind", "label"]))
    _run(index, _EFFECTIVE)
    columns = [
        "item_id", "path", "folder", "name", "media_type", "size", "modified_at", "created_at"
    ]  # fmt: skip
    for items in _crawls(place):
        _load(index, store, items, columns, _ITEMS)
    _run(index, _LABEL_SETS)
    _run(index, _FOLDERS, location=place.name, workload=place.workload)
    _run(index, _LISTED, location=place.name)


def _crawls(place: Place) -> list[ArtifactReference]:
    """Return the items artifacts behind what is listed, each once, the newest first."""
    found = [place.newest, *([place.labelled] if place.labelled else [])]
    found += [each.items for each in place.assigned]
    return list({each.sha256: each for each in found}.values())


def _into(table: str, columns: list[str]) -> str:
    names = ", ".join(columns)
    return f"INSERT INTO {table} ({names}) SELECT {names} FROM arrived"  # noqa: S608 - constants


def _load(
    index: Any, store: ArtifactStore, reference: ArtifactReference, columns: list[str], insert: str
) -> None:
    for batch in store.batches(reference, columns, _BATCH):
        index.register("arrived", pa.Table.from_batches([batch]))
        index.execute(insert)


@contextmanager
def index_failures() -> Iterator[None]:
    """Raise StoreUnavailable where the index's file cannot be written or read."""
    try:
        yield
    except (duckdb.IOException, OSError) as error:
        full = "space" in str(error).lower()
        raise unavailable(FULL if full else UNREACHABLE, WHAT, type(error).__name__) from error
