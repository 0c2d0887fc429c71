"""Labelling again scores only what is new, and writes the artifact that a full run writes."""

import random
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from cultivar.core.errors import Damaged
from cultivar.core.learning.scorer import Scorer
from cultivar.core.learning.text import Texts
from cultivar.core.reference import ArtifactReference
from cultivar.operations import reuse
from cultivar.operations.publishing.publishing import publish
from cultivar.operations.scoring import one_pass
from cultivar.operations.scoring.item_labels import label_items
from cultivar.operations.scoring.labelling import (
    LabelledBefore,
    LabellingDue,
    labelling_due,
    record_labelling,
)
from tests.operations.organisation import (
    ADMINISTRATOR,
    CONTRACT,
    NOISE,
    Document,
    Organisation,
    documents,
    items_table,
    written,
)

COUNT = 6_000


@pytest.fixture
def published(stable: Organisation) -> Organisation:
    publish(stable.workspace, ADMINISTRATOR, "contracts")
    return stable


@pytest.fixture
def scored(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many texts each call of the model's scoring was given."""
    found: list[int] = []
    score = Scorer.score

    def counting(scorer: Scorer, texts: Texts) -> object:
        found.append(len(texts))
        return score(scorer, texts)

    monkeypatch.setattr(Scorer, "score", counting)
    return found


def shelf(organisation: Organisation, found: list[Document], location: str = "shelf") -> str:
    found = sorted(found, key=lambda each: each.path)
    table = items_table(location, found)
    return organisation.workspace.artifacts.write("items", table, producer="crawl").sha256


def many(count: int = COUNT) -> list[Document]:
    noise = documents(NOISE, count - count // 10, "noise", 50_000)
    return [*documents(CONTRACT, count // 10, "contracts", 40_000), *noise]


def version_of(organisation: Organisation) -> str:
    due = labelling_due(organisation.workspace, ADMINISTRATOR)
    return due[0].version_id


def label(
    organisation: Organisation, items: str, before: LabelledBefore | None = None
) -> tuple[ArtifactReference, int, tuple[int, int, int]]:
    due = LabellingDue("shelf", "contracts", version_of(organisation), items, before)
    [(made, counts)] = label_items(organisation.workspace, [due])
    return made, counts.scored, (counts.items, counts.matches, counts.close_matches)


def changed(found: list[Document], by: int) -> list[Document]:
    """Change some, remove some, add some and break some, ``by`` of each."""
    generator = random.Random(3)
    places = generator.sample(range(len(found)), 3 * by)
    kept = list(found)
    for place in places[:by]:
        kept[place] = replace(kept[place], text=documents(CONTRACT, 1, "x", 90_000 + place)[0].text)
    for place in places[by : 2 * by]:
        kept[place] = replace(kept[place], status="corrupt")
    gone = {found[place].path for place in places[2 * by :]}
    new = documents(CONTRACT, by, "a-new", 70_000)
    return [each for each in kept if each.path not in gone] + new


def test_of_many_items_only_the_changed_ones_are_scored(
    published: Organisation, scored: list[int]
) -> None:
    first = many()
    items = shelf(published, first)
    made, fresh, _ = label(published, items)
    assert (fresh, sum(scored)) == (COUNT, COUNT)
    later = shelf(published, changed(first, by=5))
    del scored[:]
    again, fresh, counts = label(published, later, LabelledBefore(items, made.sha256))
    assert (fresh, sum(scored)) == (10, 10)
    full, fresh, of_full_run = label(published, later)
    assert fresh == COUNT - 5
    assert (again.sha256, counts) == (full.sha256, of_full_run)
    assert counts[1] > 100
    assert made.sha256 != again.sha256


def test_what_one_version_lists_keeps_nothing_of_the_others_in_memory() -> None:
    rows = pa.table({"path": pa.array([f"a/long/path/{row}" for row in range(50_000)])})
    listed = one_pass._Listed(rows, [3, 3, 50_000])
    assert listed.of(0)["path"].to_pylist() == [f"a/long/path/{row}" for row in range(3)]
    assert len(listed.of(1)) == 0
    assert listed.of(2)["path"][0].as_py() == "a/long/path/3"
    assert listed.of(0).get_total_buffer_size() < rows.get_total_buffer_size() / 1_000


def test_any_number_of_threads_writes_the_same_file(published: Organisation) -> None:
    workspace = published.workspace
    due = LabellingDue("shelf", "contracts", version_of(published), shelf(published, many()))
    made = set()
    for workers in (1, 5):
        several = replace(workspace, settings=replace(workspace.settings, workers=workers))
        [(found, _)] = label_items(several, [due])
        made.add(found.sha256)
    assert len(made) == 1


def test_versions_label_together_as_each_alone(published: Organisation) -> None:
    """Some of them labelled these items before, some others, and some none."""
    workspace, version = published.workspace, version_of(published)
    first = many(2_500)
    items, later = shelf(published, first), shelf(published, changed(first, by=5))
    shorter = shelf(published, first[:300])
    due = LabellingDue("shelf", "contracts", version, later)
    last = {each: label(published, each)[0].sha256 for each in (items, shorter)}
    wanted = [
        due,
        replace(due, before=LabelledBefore(items, last[items])),
        replace(due, before=LabelledBefore(shorter, last[shorter]), operating_point="be-sure"),
        replace(due, before=LabelledBefore(items, last[items]), operating_point="be-sure"),
        replace(due, operating_point="find-most"),
    ]
    together = label_items(workspace, wanted)
    fresh = [counts.scored for _, counts in together]
    assert (fresh[0], fresh[1], fresh[3]) == (2_495, 10, 10)
    assert 2_000 < fresh[2] < 2_495
    assert together == [made for each in wanted for made in label_items(workspace, [each])]
    assert len({made.sha256 for made, _ in together}) > 1


def test_a_labelling_that_is_recorded_comes_before_the_next(published: Organisation) -> None:
    workspace = published.workspace
    published.add("shelf", many(400))
    due = labelling_due(workspace, ADMINISTRATOR, ["shelf"])[0]
    assert due.before is None
    [(made, counts)] = label_items(workspace, [due])
    record_labelling(workspace, ADMINISTRATOR, due, made, counts)
    assert labelling_due(workspace, ADMINISTRATOR, ["shelf"]) == []
    published.add("shelf", changed(many(400), by=2))
    later = labelling_due(workspace, ADMINISTRATOR, ["shelf"])[0]
    assert later.before == LabelledBefore(due.items_sha256, made.sha256, "balanced")


def test_messages_that_move_inside_their_mailbox_are_not_scored_again(
    published: Organisation,
) -> None:
    messages = documents(CONTRACT, 30, "post", 60_000)

    def mailbox(found: list[Document]) -> str:
        rows = items_table("mail", found).to_pylist()
        for number, row in enumerate(rows, start=1):
            row |= {"source_path": "all.mbox", "path": f"all.mbox!/{number}"}
            row["item_id"] = f"{number:032d}"
        table = pa.Table.from_pylist(rows, schema=items_table("mail", []).schema)
        return published.workspace.artifacts.write("items", table, producer="crawl").sha256

    items = mailbox(messages)
    made, _, _ = label(published, items)
    later = mailbox([*documents(NOISE, 2, "post", 61_000), *messages])
    again, fresh, _ = label(published, later, LabelledBefore(items, made.sha256))
    assert fresh == 2
    assert again.sha256 == label(published, later)[0].sha256


def test_the_same_bytes_read_to_another_text_are_scored_again(published: Organisation) -> None:
    found = many(200)
    items = shelf(published, found)
    made, _, _ = label(published, items)
    rows = items_table("shelf", sorted(found, key=lambda each: each.path)).to_pylist()
    rows[7] |= {"text": "read otherwise", "text_sha256": "0" * 64}
    table = pa.Table.from_pylist(rows, schema=items_table("shelf", []).schema)
    later = published.workspace.artifacts.write("items", table, producer="crawl").sha256
    assert label(published, later, LabelledBefore(items, made.sha256))[1] == 1
    rows[9] |= {"own_text": written(CONTRACT, 9)}
    table = pa.Table.from_pylist(rows, schema=items_table("shelf", []).schema)
    later = published.workspace.artifacts.write("items", table, producer="crawl").sha256
    before = LabelledBefore(items, made.sha256)
    again, fresh, _ = label(published, later, before)
    assert fresh == 2
    assert again.sha256 == label(published, later)[0].sha256


def test_items_out_of_order_are_scored_and_come_out_the_same(published: Organisation) -> None:
    found = many(300)
    items = shelf(published, found)
    made, _, _ = label(published, items)
    mixed = random.Random(1).sample(found, len(found))
    table = items_table("shelf", mixed)
    later = published.workspace.artifacts.write("items", table, producer="crawl").sha256
    again, fresh, _ = label(published, later, LabelledBefore(items, made.sha256))
    assert fresh > 100
    assert again.sha256 == label(published, later)[0].sha256


def test_verdicts_of_other_code_do_not_stand(
    published: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = shelf(published, many(200))
    made, _, _ = label(published, items)
    before = LabelledBefore(items, made.sha256)
    assert label(published, items, before)[1] == 0
    monkeypatch.setattr(reuse, "CODE_VERSION", "another")
    assert label(published, items, before)[1] == 200


def test_where_the_last_labelling_is_damaged_everything_is_scored(
    published: Organisation,
) -> None:
    place = published.workspace.settings.artifacts_url
    if "://" in place:
        pytest.skip("the bytes of an object store cannot be changed behind its back here")
    first = many(200)
    items = shelf(published, first)
    made, _, _ = label(published, items)
    later = shelf(published, changed(first, by=2))
    [file] = (Path(place) / "items").rglob(f"{items}.parquet")
    file.write_bytes(file.read_bytes()[:-20])
    again, fresh, _ = label(published, later, LabelledBefore(items, made.sha256))
    assert (again.sha256, fresh) == (label(published, later)[0].sha256, 198)
    with pytest.raises(Damaged):
        label(published, items)
