from pathlib import Path

import pytest
import sqlalchemy as sa

from cultivar.core.reference import ArtifactReference
from cultivar.store.artifacts import ArtifactStore
from cultivar.store.lineage import lineage
from cultivar.store.models import write_model
from cultivar.store.tables import ArtifactInput
from tests.store.tables_of import frequencies
from tests.store.test_models import small_model

NAME = "document_frequencies"
Family = dict[str, ArtifactReference]


def family(store: ArtifactStore) -> Family:
    """A model made of seeds and a baseline, which share one crawl."""
    crawl = store.write(NAME, frequencies(1), producer="crawl")
    seeds = store.write(NAME, frequencies(2), producer="seeds", inputs={"items": crawl})
    baseline = store.write(NAME, frequencies(3), producer="opt_in", inputs={"items": crawl})
    inputs = {"seed_set": seeds, "baseline": baseline}
    model = write_model(store, small_model(), producer="training", inputs=inputs)
    return {"crawl": crawl, "seeds": seeds, "baseline": baseline, "model": model}


def path(reference: ArtifactReference) -> Path:
    return Path(reference.url.removeprefix("file://"))


@pytest.mark.parametrize("deep", [False, True])
def test_a_lineage_reaches_every_root_once_nearest_first(store: ArtifactStore, deep: bool) -> None:
    made = family(store)
    found = lineage(store, made["model"], deep=deep)
    assert found.whole
    assert found.ancestors[0].sha256 == made["model"].sha256
    assert [each.sha256 for each in found.roots] == [made["crawl"].sha256]
    assert sorted(each.producer for each in found.ancestors) == [
        "crawl",
        "opt_in",
        "seeds",
        "training",
    ]


def test_a_part_of_a_lineage_is_found_by_name(local_store: ArtifactStore) -> None:
    made = family(local_store)
    found = lineage(local_store, made["model"])
    part = found.part("seed_set")
    assert part is not None
    assert part.sha256 == made["seeds"].sha256
    assert found.part("nothing") is None


def test_every_missing_and_damaged_file_is_reported_at_once(local_store: ArtifactStore) -> None:
    made = family(local_store)
    path(made["crawl"]).unlink()
    path(made["seeds"]).write_bytes(b"broken")
    problems = {each.sha256: each.problem for each in lineage(local_store, made["model"]).problems}
    assert set(problems) == {made["crawl"].sha256, made["seeds"].sha256}
    assert "is missing" in str(problems[made["crawl"].sha256])
    assert "cannot be read" in str(problems[made["seeds"].sha256])


def test_a_damaged_file_does_not_hide_its_own_ancestors(local_store: ArtifactStore) -> None:
    made = family(local_store)
    path(made["model"]).unlink()
    assert len(lineage(local_store, made["model"]).ancestors) == 4


def test_a_changed_byte_is_found_by_the_deep_walk(local_store: ArtifactStore) -> None:
    made = family(local_store)
    data = bytearray(path(made["baseline"]).read_bytes())
    data[5] ^= 1
    path(made["baseline"]).write_bytes(bytes(data))
    problems = lineage(local_store, made["model"], deep=True).problems
    assert [each.sha256 for each in problems] == [made["baseline"].sha256]


def test_a_registry_that_contradicts_a_file_is_reported(local_store: ArtifactStore) -> None:
    made = family(local_store)
    with local_store._registry.transaction() as session:
        session.execute(
            sa.delete(ArtifactInput).where(ArtifactInput.output_sha256 == made["seeds"].sha256)
        )
    problems = lineage(local_store, made["model"]).problems
    assert [each.sha256 for each in problems] == [made["seeds"].sha256]
    assert "than the registry does" in str(problems[0].problem)


def test_an_artifact_that_the_registry_does_not_know_is_reported(
    local_store: ArtifactStore,
) -> None:
    found = lineage(local_store, ArtifactReference("", "ab" * 32, 0, NAME))
    assert not found.whole
    assert found.ancestors[0].schema == "unknown"
