"""Labelling goes part by part: what did not change is not opened, and labels are as ever."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from cultivar.core.parts.compaction import Bounds
from cultivar.core.reference import ArtifactReference
from cultivar.operations.content.crawl_records import record_crawl
from cultivar.operations.publishing.publishing import publish
from cultivar.operations.scoring.item_labels import label_items
from cultivar.operations.scoring.labelling import (
    Counts,
    LabelledBefore,
    LabellingDue,
    labelling_due,
    record_labelling,
)
from cultivar.store.lineage import lineage
from cultivar.store.parts.reading import PartRows
from tests.operations.organisation import (
    ADMINISTRATOR,
    CONTRACT,
    NOISE,
    Document,
    Organisation,
    documents,
    items_table,
    written_in_parts,
)

BOUNDS = Bounds(rows=40, size=10_000_000)


class Shelf:
    """A location in parts of forty items, crawled night after night."""

    def __init__(self, organisation: Organisation) -> None:
        self.workspace = organisation.workspace
        found = [
            *documents(CONTRACT, 30, "contracts", 40_000),
            *documents(NOISE, 90, "noise", 50_000),
        ]
        self.held = {each.path: each for each in found}
        self.items = self._write([], None)

    def _write(self, origins: list[int], before: PartRows | None) -> ArtifactReference:
        table = items_table("shelf", [self.held[path] for path in sorted(self.held)])
        return written_in_parts(self.workspace.artifacts, table, before, origins, BOUNDS)

    def night(self, changed: list[Document], gone: tuple[str, ...] = ()) -> str:
        """Change or add some documents and take some away; return the new items."""
        named = {*gone, *(each.path for each in changed)}
        places = {path: place for place, path in enumerate(sorted(self.held))}
        self.held = {path: each for path, each in self.held.items() if path not in gone}
        self.held |= {each.path: each for each in changed}
        origins = [-1 if path in named else places[path] for path in sorted(self.held)]
        before = PartRows(self.workspace.artifacts, self.items)
        self.items = self._write(origins, before)
        return self.items.sha256

    @property
    def at_once(self) -> str:
        """The same items as one crawl would write them."""
        return self._write([], None).sha256


@pytest.fixture
def published(stable: Organisation) -> Organisation:
    publish(stable.workspace, ADMINISTRATOR, "contracts")
    return stable


@pytest.fixture
def version(published: Organisation) -> str:
    return labelling_due(published.workspace, ADMINISTRATOR)[0].version_id


def label(
    shelf: Shelf, version: str, items: str, before: LabelledBefore | None = None,
    point: str | None = "balanced",
) -> tuple[ArtifactReference, Counts]:  # fmt: skip
    due = LabellingDue("shelf", "contracts", version, items, before, point)
    [(made, counts)] = label_items(shelf.workspace, [due])
    return made, counts


def rows(shelf: Shelf, made: ArtifactReference) -> pa.Table:
    return shelf.workspace.artifacts.read(made).drop_columns(["row"])


@contextmanager
def opened(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """Yield the hashes of the files of items that are opened within the block."""
    files, found = shelf.workspace.artifacts.files, set[str]()
    before = files.open

    def noticing(name: str) -> Any:
        if name.startswith("items/"):
            found.add(name.rpartition("/")[2].removesuffix(".parquet"))
        return before(name)

    with monkeypatch.context() as patch:
        patch.setattr(files, "open", noticing)
        yield found


def parts(shelf: Shelf) -> set[str]:
    return {each.sha256 for each in PartRows(shelf.workspace.artifacts, shelf.items).parts}


def test_a_part_that_did_not_change_is_not_opened_again(
    published: Organisation, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf(published)
    first = shelf.items.sha256
    with opened(shelf, monkeypatch) as seen:
        made, counts = label(shelf, version, first)
    assert (seen, counts.scored, counts.items) == (parts(shelf), 120, 120)
    old, last = parts(shelf), LabelledBefore(first, made.sha256, "balanced")
    new = documents(CONTRACT, 3, "a-new", 70_000)
    items = shelf.night(new, ("contracts/40004.txt",))
    with opened(shelf, monkeypatch) as seen:
        again, counts = label(shelf, version, items, last)
    assert (seen, counts.scored, counts.items) == (parts(shelf) - old, 3, 122)
    # another operating point that lists less scores nothing
    last = LabelledBefore(items, again.sha256, "balanced")
    surer, counts = label(shelf, version, items, last, "be-sure")
    assert (counts.scored, counts.items) == (0, 122)
    full, of_full_run = label(shelf, version, items, None, "be-sure")
    assert surer == full
    assert replace(counts, scored=122) == replace(of_full_run, scored=122)


def test_nights_in_parts_give_the_labels_of_one_crawl(
    published: Organisation, version: str
) -> None:
    shelf = Shelf(published)
    last: LabelledBefore | None = None
    for night in range(4):
        new = documents(CONTRACT, 2, "noise", 50_010 + 7 * night)
        gone = (f"contracts/{40_000 + night:05d}.txt", f"noise/{50_040 + night}.txt")
        items = shelf.night(new, gone)
        made, counts = label(shelf, version, items, last)
        whole, of_whole = label(shelf, version, shelf.at_once)
        assert rows(shelf, made).equals(rows(shelf, whole))
        assert replace(counts, scored=0) == replace(of_whole, scored=0)
        assert counts.matches > 10
        shelf.workspace.artifacts.verify(made)
        assert lineage(shelf.workspace.artifacts, made).whole
        last = LabelledBefore(items, made.sha256, "balanced")
    # parts do not depend on what was labelled before
    assert label(shelf, version, items)[0] == made


def test_content_of_parts_that_were_merged_is_not_scored_again(
    published: Organisation, version: str
) -> None:
    shelf = Shelf(published)
    first = shelf.items.sha256
    made, _ = label(shelf, version, first)
    gone = tuple(sorted(shelf.held)[:20])
    items = shelf.night([], gone)  # half of the first part
    again, counts = label(shelf, version, items, LabelledBefore(first, made.sha256, "balanced"))
    assert (counts.scored, counts.items) == (0, 100)
    assert again == label(shelf, version, items)[0]


def test_a_location_labelled_before_parts_goes_on_in_parts(
    published: Organisation, version: str
) -> None:
    shelf = Shelf(published)
    store = shelf.workspace.artifacts
    whole = store.write("items", store.read(shelf.items), producer="crawl")
    made, counts = label(shelf, version, whole.sha256)
    # an earlier release did not keep where items stood
    older = store.read(made)
    at = older.schema.get_field_index("row")
    older = older.set_column(at, older.schema.field(at), pa.nulls(len(older), pa.int64()))
    inputs = store.inputs_of(made.sha256)
    written = store.write("assignments", older, producer="labelling", inputs=inputs)
    shelf.items = whole
    items = shelf.night(documents(CONTRACT, 2, "a-new", 70_000))
    before = LabelledBefore(whole.sha256, written.sha256, "balanced")
    again, counts = label(shelf, version, items, before)
    assert (counts.scored, counts.items) == (2, 122)
    assert again == label(shelf, version, items)[0]


def test_what_is_recorded_serves_the_next_night(published: Organisation, version: str) -> None:
    shelf = Shelf(published)
    workspace = shelf.workspace
    published.add("shelf", [])
    for night in range(2):
        record_crawl(workspace, "shelf", shelf.items, {"found": shelf.items.rows})
        [due] = labelling_due(workspace, ADMINISTRATOR, ["shelf"])
        [(made, counts)] = label_items(workspace, [due])
        assert counts.scored == (120, 1)[night]
        record_labelling(workspace, ADMINISTRATOR, due, made, counts)
        shelf.night(documents(CONTRACT, 1, "a-new", 70_000 + night))
