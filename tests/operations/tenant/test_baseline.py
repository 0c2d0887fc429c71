"""The baseline: counts, document frequencies and the random sample of unlabelled items."""

from collections import Counter
from dataclasses import replace
from hashlib import sha256

import pytest

from cultivar.core.errors import NotReady
from cultivar.operations.content.locations import add_location
from cultivar.operations.tenant.baseline import content_of, take_baseline
from cultivar.operations.tenant.tenant import Baseline, bootstrap
from tests.operations.organisation import (
    ADMINISTRATOR,
    CONTRACT,
    NOISE,
    Document,
    Organisation,
    documents,
)


@pytest.fixture
def content(organisation: Organisation) -> Organisation:
    bootstrap(organisation.workspace, ADMINISTRATOR)
    organisation.add(
        "site",
        [*documents(CONTRACT, 30, "a"), Document("a/locked.pdf", "", status="encrypted")],
    )
    organisation.add("mail", documents(NOISE, 50, "b"))
    organisation.add("seeds", documents(CONTRACT, 60, "c", 500), "seed")
    organisation.add("tests", documents(NOISE, 60, "d", 500), "test")
    return organisation


def taken(organisation: Organisation, sample: int = 20_000) -> Baseline:
    settings = replace(organisation.workspace.settings, unlabelled_sample=sample)
    workspace = replace(organisation.workspace, settings=settings)
    return take_baseline(workspace, content_of(workspace))


def test_content_is_counted_by_location_and_status_and_nothing_else(
    content: Organisation,
) -> None:
    found = taken(content)
    rows = content.workspace.artifacts.read(found.baseline).to_pylist()
    counts = Counter[tuple[str, str]]()
    for row in rows:
        counts[row["location"], row["status"]] += row["items"]
    assert counts == {("mail", "ok"): 50, ("site", "ok"): 30, ("site", "encrypted"): 1}
    assert found.documents == 80
    assert sum(row["characters"] for row in rows) > 80 * 40


def test_document_frequencies_count_each_readable_document_once(content: Organisation) -> None:
    found = taken(content)
    table = content.workspace.artifacts.read(found.document_frequencies)
    frequencies = table.column("documents").to_pylist()
    assert 0 < max(frequencies) <= 80
    assert min(frequencies) >= 1


@pytest.mark.requirement("TC-14")
def test_the_sample_is_random_items_of_content_locations_alone(content: Organisation) -> None:
    found = taken(content, sample=25)
    rows = content.workspace.artifacts.read(found.unlabelled).to_pylist()
    assert len(rows) == 25
    assert {row["location"] for row in rows} == {"site", "mail"}
    everything = content.workspace.artifacts.read(taken(content).unlabelled).to_pylist()
    assert len(everything) == 80
    draws = {row["item_id"]: sha256(f"0\nunlabelled\n{row['item_id']}".encode()).digest()[:8]
             for row in everything}  # fmt: skip
    assert {row["item_id"] for row in rows} == set(sorted(draws, key=lambda i: draws[i])[:25])


def test_a_little_more_content_changes_the_sample_little(content: Organisation) -> None:
    def drawn() -> set[str]:
        table = content.workspace.artifacts.read(taken(content, sample=40).unlabelled)
        return set(table.column("item_id").to_pylist())

    before = drawn()
    content.add("extra", documents(NOISE, 8, "e", 900))
    assert len(before & drawn()) >= 32


def test_the_same_content_gives_the_same_artifacts(content: Organisation) -> None:
    assert taken(content) == taken(content)


def test_without_crawled_content_there_is_nothing_to_evaluate(organisation: Organisation) -> None:
    bootstrap(organisation.workspace, ADMINISTRATOR)
    with pytest.raises(NotReady) as refused:
        taken(organisation)
    assert refused.value.code == "no-location"
    add_location(organisation.workspace, ADMINISTRATOR, "site", "memory://site")
    with pytest.raises(NotReady) as refused:
        taken(organisation)
    assert refused.value.code == "not-crawled"
