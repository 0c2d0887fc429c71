"""What a location holds reads the same whatever parts it came in, and costs what changed."""

from dataclasses import dataclass
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from sqlalchemy import func, select

from cultivar.core.errors import Damaged, InvalidInput
from cultivar.core.parts.compaction import Bounds
from cultivar.core.reference import ArtifactReference
from cultivar.store.artifacts import ArtifactStore
from cultivar.store.item_rows import item_rows
from cultivar.store.lineage import lineage
from cultivar.store.parts.reading import PartRows
from cultivar.store.parts.writing import write_items
from cultivar.store.registry import Registry
from cultivar.store.tables import ArtifactRow
from tests.operations.organisation import Document, items_table, written_in_parts

BOUNDS = Bounds(rows=7, size=100_000)


@dataclass
class Night:
    """A location's rows by a number each, and what the store holds of them."""

    store: ArtifactStore
    texts: dict[str, str]
    held: ArtifactReference | None = None

    @property
    def table(self) -> pa.Table:
        """All rows in order."""
        return items_table(
            "post", [Document(path, self.texts[path]) for path in sorted(self.texts)]
        )

    def crawl(self, changed: dict[str, str | None], bounds: Bounds = BOUNDS) -> ArtifactReference:
        """Change, add and (None) delete some rows, and write what is new."""
        before = sorted(self.texts)
        for path, text in changed.items():
            self.texts.pop(path, None)
            if text is not None:
                self.texts[path] = text
        known = {path: place for place, path in enumerate(before) if path not in changed}
        origins = [known.get(path, -1) for path in sorted(self.texts)]
        held = PartRows(self.store, self.held) if self.held else None
        self.held = written_in_parts(self.store, self.table, held, origins, bounds)
        return self.held

    def parts(self) -> list[str]:
        """The parts that are held."""
        assert self.held is not None
        return [each.sha256 for each in PartRows(self.store, self.held).parts]


def some(count: int, night: int = 0) -> dict[str, str | None]:
    return {f"{number:03d}.txt": f"text {number} of night {night}" for number in range(count)}


def first(store: ArtifactStore, count: int = 30) -> Night:
    made = Night(store, {})
    made.crawl(some(count))
    return made


def test_rows_read_the_same_in_any_parts(store: ArtifactStore) -> None:
    random, place = Random(7), first(store)
    for night in range(1, 9):
        changed = {
            f"{random.randrange(50):03d}.txt": random.choice([f"night {night}", None])
            for _ in range(random.randrange(1, 7))
        }
        held = place.crawl(changed)
        whole = place.table
        assert held.rows == len(whole)
        assert store.read(held).equals(whole)
        narrow = list(store.batches(held, ["text", "item_id"], 4))
        assert pa.Table.from_batches(narrow).equals(whole.select(["text", "item_id"]))
        assert {len(each) for each in narrow[:-1]} == {4}
        wanted = whole.column("item_id").to_pylist()[::3]
        rows = pa.concat_tables(item_rows(store, held, wanted, ["path"]))
        assert rows.equals(
            whole.filter(pc.is_in(whole["item_id"], pa.array(wanted))).select(["path"])
        )
        store.verify(held)
        found = lineage(store, held, deep=True)
        assert found.whole
        assert {each.sha256 for each in found.ancestors} >= set(place.parts())


def test_a_night_writes_what_changed_and_keeps_the_other_parts(
    local_store: ArtifactStore, sqlite_registry: Registry
) -> None:
    place = first(local_store, 70)
    before = place.parts()
    assert len(before) == 10

    def artifacts() -> int:
        with sqlite_registry.reading() as session:
            return session.scalars(select(func.count()).select_from(ArtifactRow)).one()

    count = artifacts()
    place.crawl({"003.txt": "changed", "033.txt": None, "0345.txt": "new"})
    assert artifacts() == count + 2  # one part of two rows, and the list
    assert set(before) < set(place.parts())
    place.crawl({"069.txt": None})
    assert artifacts() == count + 3  # a list alone


def test_what_was_crawled_at_once_is_the_same_on_any_machine(
    tmp_path: Path, sqlite_registry: Registry, local_store: ArtifactStore
) -> None:
    other = ArtifactStore(str(tmp_path / "other"), sqlite_registry, clock=local_store._clock)
    one, two = first(local_store), Night(other, {})
    rows = Night(other, {name: text or "" for name, text in some(30).items()}).table
    two.held = write_items(other, rows.to_batches(), producer="crawl", bounds=BOUNDS)
    assert one.held is not None
    assert two.held.sha256 == one.held.sha256


def test_a_single_part_of_which_all_rows_hold_needs_no_list(local_store: ArtifactStore) -> None:
    place = first(local_store, 7)
    assert place.held is not None
    assert place.held.schema == "items"
    assert place.crawl({"001.txt": None}).schema == "item_parts"
    emptied = place.crawl(dict.fromkeys(some(7)))
    assert (emptied.schema, emptied.rows) == ("items", 0)
    assert place.crawl(some(3, 4)).rows == 3


def test_a_part_with_many_superseded_rows_is_written_again(local_store: ArtifactStore) -> None:
    place = first(local_store, 14)
    old = place.parts()
    place.crawl({"000.txt": None, "001.txt": None})
    assert place.parts() == old
    place.crawl({"002.txt": None})  # three of seven
    assert old[0] not in place.parts()
    assert old[1] in place.parts()
    assert place.held is not None
    assert local_store.read(place.held).equals(place.table)


def test_small_parts_become_one(local_store: ArtifactStore) -> None:
    place = first(local_store, 14)
    for night in range(17):
        place.crawl({f"{100 + night}.txt": f"night {night}"})
        assert len(place.parts()) == 3 + night
    place.crawl({"200.txt": "the last"})
    assert len(place.parts()) == 5  # two full ones, and three that eighteen rows fill
    assert place.held is not None
    assert local_store.read(place.held).equals(place.table)


def test_a_damaged_part_is_found_before_anything_is_built_on_its_list(
    local_store: ArtifactStore,
) -> None:
    place = first(local_store)
    assert place.held is not None
    part = local_store.reference(place.parts()[2])
    file = Path(part.url.removeprefix("file://"))
    file.write_bytes(file.read_bytes()[:-9] + b"123456789")
    with pytest.raises(Damaged, match=part.sha256[:12]):
        local_store.check(place.held)
    with pytest.raises(Damaged, match=part.sha256[:12]):
        local_store.write("items", place.table, producer="x", inputs={"items": place.held})
    file.unlink()
    with pytest.raises(Damaged, match="is missing"):
        place.crawl({"001.txt": None})


def test_a_column_that_is_not_there_is_refused(local_store: ArtifactStore) -> None:
    place = first(local_store)
    assert place.held is not None
    with pytest.raises(InvalidInput, match="no column nothing"):
        local_store.read(place.held, ["nothing"])
