"""Verdicts on the content that two versions differ on: drawn, judged, and what they change."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from cultivar.core.errors import NotFound, NotReady
from cultivar.core.reference import ArtifactReference
from cultivar.core.retraining.content_evidence import ContentEvidence, Differing
from cultivar.core.review.content_batch import COMPARISON
from cultivar.core.review.order import NO, NOT_SURE, YES
from cultivar.operations.audit.verification import verify_everything
from cultivar.operations.outbox import BATCH_COMPLETE, due
from cultivar.operations.retraining.content_comparisons import close_comparison, open_comparison
from cultivar.operations.retraining.content_corrections import correct_content_verdicts
from cultivar.operations.retraining.decisions import keep_published, republish
from cultivar.operations.retraining.retrainings import overview
from cultivar.operations.review.content_items import (
    content_items,
    next_content_items,
    write_content_verdicts,
)
from cultivar.operations.review.from_content import (
    close_content_batch,
    content_state,
    open_content_batch,
    record_content_verdicts,
)
from cultivar.operations.scoring.version_models import version_model
from cultivar.store.tables import ContentBatchRow, ContentItemRow, LocationRow
from tests.operations.mail import CLASSIFIER, give, listed, retrain, retrain_without_evidence
from tests.operations.organisation import ADMINISTRATOR, Organisation


@pytest.fixture
def compared(used: Organisation) -> Organisation:
    """An organisation whose retraining lacks evidence."""
    retrain_without_evidence(used)
    return used


def judge(organisation: Organisation, verdict: str) -> dict[str, str]:
    """Say of each item that only the retrained version labels ``verdict``, of others the rest."""
    with organisation.workspace.registry.reading() as session:
        rows = session.query(ContentItemRow).filter_by(verdict=None).all()
        said = {
            row.item_id: verdict if row.only == "retrained" else {YES: NO, NO: YES}[verdict]
            for row in rows
        }
    who = (organisation.workspace, ADMINISTRATOR, CLASSIFIER)
    record_content_verdicts(*who, said, purpose=COMPARISON)
    return said


def test_items_that_only_one_version_labels_decide_and_teach_the_next_version(
    compared: Organisation,
) -> None:
    workspace, who = compared.workspace, (compared.workspace, ADMINISTRATOR, CLASSIFIER)
    assert overview(*who).may_compare
    assert overview(*who).in_content is None
    opened = open_comparison(*who)
    assert opened == open_comparison(*who)
    items = content_items(*who, COMPARISON)
    assert 0 < opened.presented == len(items) <= 30
    assert {each.shown_as for each in next_content_items(*who, COMPARISON)} == {"Relevant"}
    assert {each.named.item_id for each in items}.isdisjoint(
        e.item_id for e in listed(compared)[:40]
    )
    said = judge(compared, YES)
    assert write_content_verdicts(workspace, CLASSIFIER) is None
    found = close_comparison(*who)
    assert found.decision == "republish"
    shown = overview(*who)
    assert shown.recommendation["decision"] == "republish"
    assert shown.in_content is not None
    assert shown.in_content["judged"] == len(said)
    assert not shown.may_compare
    # it is no review, and nothing became due by it; the next training learns it
    state = content_state(*who, COMPARISON)
    assert (state.judged, state.learning, state.batch) == (len(said), False, None)
    kept = write_content_verdicts(workspace, CLASSIFIER)
    assert kept is not None
    assert kept.rows == len(said)
    assert republish(*who).number == 2
    with pytest.raises(NotReady):
        open_comparison(*who)


def test_a_retraining_learns_from_feedback_and_from_verdicts_on_the_content(
    used: Organisation,
) -> None:
    who = (used.workspace, ADMINISTRATOR, CLASSIFIER)
    open_content_batch(*who)
    items = [each for each in content_items(*who) if each.open]
    record_content_verdicts(*who, {each.named.item_id: YES for each in items})
    close_content_batch(*who)
    told = {each.named.item_id for each in items}
    give(used, [each for each in listed(used) if each.item_id not in told][:40])
    version = retrain(used)
    assert overview(*who).retrained_version == version
    inputs = used.workspace.artifacts.inputs_of(version_model(used.workspace, version))
    assert {"feedback", "content_verdicts"} <= set(inputs)
    assert verify_everything(used.workspace, ADMINISTRATOR).require().files


def test_without_a_decision_a_second_batch_of_others_follows_and_no_third(
    compared: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = (compared.workspace, ADMINISTRATOR, CLASSIFIER)
    monkeypatch.setattr("cultivar.operations.retraining.content_comparisons.BATCH_SIZE", 3)
    seen: set[str] = set()
    for batch in (1, 2):
        open_comparison(*who)
        items = {e.named.item_id for e in content_items(*who, COMPARISON) if e.open}
        assert len(items) == 3
        assert items.isdisjoint(seen)
        seen |= items
        record_content_verdicts(*who, dict.fromkeys(items, NOT_SURE), purpose=COMPARISON)
        assert close_comparison(*who).decision == "not enough evidence"
        assert overview(*who).may_compare is (batch == 1)
    with pytest.raises(NotReady) as refused:
        open_comparison(*who)
    assert refused.value.code == "nothing-to-compare"
    with compared.workspace.registry.reading() as session:
        first, second = session.query(ContentBatchRow).order_by("number").all()
        assert first.plan == second.plan


def test_where_every_differing_item_is_judged_no_comparison_is_offered_any_more(
    compared: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = (compared.workspace, ADMINISTRATOR, CLASSIFIER)
    every = {
        item
        for each in crawled(compared)
        for item in compared.workspace.artifacts.read(each, ["item_id"])["item_id"].to_pylist()
    }
    module = "cultivar.operations.retraining.content_comparisons"
    # as after feedback, a release sample and verdicts from the content on all of them
    with monkeypatch.context() as patched:
        patched.setattr(f"{module}.known_items", lambda *_: every)
        assert_nothing_left(compared)
    # content that nobody judged is compared all the same when somebody asks
    assert open_comparison(*who).presented
    assert overview(*who).may_compare


def assert_nothing_left(organisation: Organisation) -> None:
    who = (organisation.workspace, ADMINISTRATOR, CLASSIFIER)
    assert overview(*who).may_compare
    with pytest.raises(NotReady) as refused:
        open_comparison(*who)
    assert refused.value.code == "nothing-to-compare"
    assert f"cultivar retrain keep {CLASSIFIER}" in refused.value.sentence
    assert not overview(*who).may_compare


def crawled(organisation: Organisation) -> list[ArtifactReference]:
    workspace = organisation.workspace
    with workspace.registry.reading() as session:
        places = session.scalars(select(LocationRow.items_sha256)).all()
    return [workspace.artifacts.reference(each) for each in places if each is not None]


def test_a_corrected_verdict_changes_what_is_recommended_until_somebody_decides(
    compared: Organisation,
) -> None:
    workspace, who = compared.workspace, (compared.workspace, ADMINISTRATOR, CLASSIFIER)
    open_comparison(*who)
    said = judge(compared, YES)
    close_comparison(*who)
    other = {item: {YES: NO, NO: YES}[verdict] for item, verdict in said.items()}
    with pytest.raises(NotFound):  # these are no verdicts that teach
        correct_content_verdicts(*who, other, "the columns were mixed up")
    why = "the columns were mixed up"
    correct_content_verdicts(*who, other, why, purpose=COMPARISON)
    shown = overview(*who)
    assert shown.recommendation["decision"] == "keep"
    assert shown.in_content is not None
    assert shown.in_content["judged"] == len(said)
    assert due(workspace, BATCH_COMPLETE) == []
    correct_content_verdicts(*who, said, why, purpose=COMPARISON)
    assert overview(*who).recommendation["decision"] == "republish"
    # once it is decided, what was recommended stands, and what was learned is learned again
    keep_published(*who)
    correct_content_verdicts(*who, other, why, purpose=COMPARISON)
    assert overview(*who).recommendation["decision"] == "republish"
    assert [each.subject for each in due(workspace, BATCH_COMPLETE)] == [CLASSIFIER]


def test_what_is_decided_meanwhile_ends_the_batch_and_frees_what_nobody_judged(
    compared: Organisation,
) -> None:
    workspace, who = compared.workspace, (compared.workspace, ADMINISTRATOR, CLASSIFIER)
    open_comparison(*who)
    first = next_content_items(*who, COMPARISON)[0].item_id
    record_content_verdicts(*who, {first: YES}, purpose=COMPARISON)
    keep_published(*who)
    assert content_state(*who, COMPARISON).batch is None
    with workspace.registry.reading() as session:
        assert [row.item_id for row in session.query(ContentItemRow)] == [first]
    kept = write_content_verdicts(workspace, CLASSIFIER)
    assert kept is not None
    assert kept.rows == 1


def test_the_evidence_says_when_no_batch_is_left() -> None:
    none_left = ContentEvidence(Differing(3, 0, 10, 0.3), found=1, spoiled=1, unsure=1)
    assert none_left.is_exhausted
    assert not replace(none_left, unsure=0).is_exhausted
