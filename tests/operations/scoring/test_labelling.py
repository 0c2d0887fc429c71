"""Labelling locations with published versions, and verifying what was published."""

from pathlib import Path

import pytest

from cultivar.core.errors import Conflict, Damaged, InvalidInput, NotFound, NotReady
from cultivar.operations.audit.verification import verify
from cultivar.operations.content.locations import add_location
from cultivar.operations.content.unreadable import unreadable_items
from cultivar.operations.outbox import due
from cultivar.operations.publishing.publishing import publish
from cultivar.operations.scoring.explanation import text_of_item
from cultivar.operations.scoring.item_labels import label_items
from cultivar.operations.scoring.labelling import (
    finish_labelling,
    labelling_due,
    labellings,
    record_labelling,
)
from cultivar.operations.scoring.version_models import version_model
from cultivar.operations.tenant.tenant import tenant_state
from cultivar.store.tables import ClassifierRow
from tests.operations.organisation import (
    ADMINISTRATOR,
    CONTRACT,
    NOISE,
    Document,
    Organisation,
    documents,
    written,
)


@pytest.fixture
def published(stable: Organisation) -> Organisation:
    publish(stable.workspace, ADMINISTRATOR, "contracts")
    return stable


def label_all(organisation: Organisation) -> int:
    workspace = organisation.workspace
    found = labelling_due(workspace, ADMINISTRATOR)
    for each in found:
        [made] = label_items(workspace, [each])
        record_labelling(workspace, ADMINISTRATOR, each, *made)
    finish_labelling(workspace, ADMINISTRATOR, "contracts")
    return len(found)


def test_content_is_labelled_once_by_a_version_and_again_when_it_changes(
    published: Organisation,
) -> None:
    assert label_all(published) == 1
    (row,) = labellings(published.workspace, ADMINISTRATOR)
    assert (row.location, row.items) == ("intranet", 250)
    assert 0 < row.matches < 125
    assert due(published.workspace) == []
    assert labelling_due(published.workspace, ADMINISTRATOR) == []
    found = [
        *documents(CONTRACT, 4, "new", 9100),
        *documents(NOISE, 4, "new", 9200),
        Document("new/broken.pdf", "", status="corrupt"),
    ]
    published.add("intranet", found)
    assert label_all(published) == 1
    (row,) = labellings(published.workspace, ADMINISTRATOR)
    assert row.items == 8
    listed = published.workspace.artifacts.read(
        published.workspace.artifacts.reference(row.assignments)
    )
    assert set(listed.column("prediction").to_pylist()) <= {"match", "close match"}
    assert len(listed) == row.matches + row.close_matches
    assert listed.column("prediction").to_pylist().count("match") == row.matches


def test_an_author_s_own_words_decide_and_a_partial_text_is_labelled(
    published: Organisation,
) -> None:
    text, noise = written(CONTRACT, 9_500), written(NOISE, 9_500, words=400)
    shown = f"{noise}\n\n{text}"
    found = [
        Document("new/alone.txt", text),
        Document("new/mail.eml", shown, own_text=text),
        Document("new/part.eml", f"{shown} .", own_text=text, status="partial"),
        Document("new/noise.txt", f"{shown} !", own_text=noise),
        Document("new/lost.eml", "", status="encrypted"),
    ]
    published.add("intranet", found)
    label_all(published)
    (row,) = labellings(published.workspace, ADMINISTRATOR)
    assert row.items == 4
    store = published.workspace.artifacts
    listed = store.read(store.reference(row.assignments), columns=["path", "score"]).to_pylist()
    scores = {each["path"]: each["score"] for each in listed}
    assert set(scores) == {"new/alone.txt", "new/mail.eml", "new/part.eml"}
    assert len(set(scores.values())) == 1
    unread = unreadable_items(published.workspace, ADMINISTRATOR, "intranet")
    assert sorted(each.status for each in unread) == ["encrypted", "partial"]
    counted = text_of_item(published.workspace, ADMINISTRATOR, "new/mail.eml")
    assert counted == text


def test_a_location_can_be_named_and_must_be_crawled(published: Organisation) -> None:
    workspace = published.workspace
    (found,) = labelling_due(workspace, ADMINISTRATOR, ["intranet"])
    assert found.location == "intranet"
    with pytest.raises(InvalidInput) as aside:
        labelling_due(workspace, ADMINISTRATOR, ["tests"])
    assert aside.value.code == "not-content"
    assert "holds test items" in aside.value.sentence
    add_location(workspace, ADMINISTRATOR, "fresh", "memory://fresh")
    with pytest.raises(NotReady) as refused:
        labelling_due(workspace, ADMINISTRATOR, ["fresh"])
    assert refused.value.code == "not-crawled"
    with pytest.raises(NotFound):
        labelling_due(workspace, ADMINISTRATOR, ["nowhere"])


def test_unpublished_classifiers_label_nothing(reviewable: Organisation) -> None:
    assert labelling_due(reviewable.workspace, ADMINISTRATOR) == []


def test_labels_of_a_version_that_is_no_longer_live_are_not_kept(published: Organisation) -> None:
    workspace = published.workspace
    (found,) = labelling_due(workspace, ADMINISTRATOR)
    [made] = label_items(workspace, [found])
    published.review_batch("contracts", wrong=5)
    published.learn("contracts", ["accuracy-moving"])
    with workspace.registry.transaction() as session:
        row = session.get_one(ClassifierRow, "contracts")
        row.published_version_id = row.candidate_version_id
    with pytest.raises(Conflict):
        record_labelling(workspace, ADMINISTRATOR, found, *made)


def test_a_published_version_is_verified_to_its_roots_and_retrained_to_the_same_bytes(
    published: Organisation,
) -> None:
    found = verify(published.workspace, ADMINISTRATOR, "contracts")
    assert found.identical
    schemas = {each.schema for each in found.files.ancestors}
    assert schemas == {
        "model", "seed_set", "items", "baseline", "document_frequencies", "unlabelled",
    }  # fmt: skip


def test_a_version_that_learned_from_reviews_is_retrained_to_the_same_bytes(
    reviewable: Organisation,
) -> None:
    reviewable.review_batch("contracts", wrong=4, unsure=2)
    reviewable.learn("contracts")
    found = verify(reviewable.workspace, ADMINISTRATOR, "contracts", candidate=True)
    assert found.identical
    assert {"reviews", "test_set"} <= {each.schema for each in found.files.ancestors}


def test_a_version_is_verified_against_its_own_baseline_when_there_is_a_newer_one(
    published: Organisation,
) -> None:
    before = tenant_state(published.workspace, ADMINISTRATOR)
    published.add("archive", documents(NOISE, 40, "old", 30_000))
    published.take_baseline()
    after = tenant_state(published.workspace, ADMINISTRATOR)
    assert after.baseline_documents == before.baseline_documents + 40
    assert verify(published.workspace, ADMINISTRATOR, "contracts").identical


def test_nothing_to_verify_is_said(reviewable: Organisation) -> None:
    with pytest.raises(NotReady) as refused:
        verify(reviewable.workspace, ADMINISTRATOR, "contracts")
    assert refused.value.code == "no-version"


def test_a_byte_changed_anywhere_in_the_lineage_is_found(published: Organisation) -> None:
    place = published.workspace.settings.artifacts_url
    if "://" in place:
        pytest.skip("the bytes of an object store cannot be changed behind its back here")
    for schema in ("items", "seed_set", "model"):
        files = sorted((Path(place) / schema).rglob("*.*"))
        damaged = [file for file in files if flipped(published, file)]
        assert damaged, schema


def flipped(organisation: Organisation, file: Path) -> bool:
    """Change a byte of a file, tell whether verifying notices, and change it back."""
    whole = file.read_bytes()
    file.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
    try:
        verify(organisation.workspace, ADMINISTRATOR, "contracts")
    except Damaged as error:
        assert file.stem[:12] in error.sentence or error.code == "artifact-damaged"  # noqa: PT017
        return True
    else:
        return False
    finally:
        file.write_bytes(whole)


def test_an_unknown_version_is_named(reviewable: Organisation) -> None:
    with pytest.raises(NotFound) as refused:
        version_model(reviewable.workspace, "contracts-000000000000")
    assert refused.value.code == "unknown-version"
