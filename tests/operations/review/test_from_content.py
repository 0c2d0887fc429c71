"""Verdicts from the content: they come from its top, teach, and count as no review."""

from dataclasses import replace

import pytest

from cultivar.core.errors import Conflict, GateClosed, NotFound, NotReady
from cultivar.core.review.content_batch import TEACHING
from cultivar.core.review.order import NO, NOT_SURE, YES, is_relevant, verdict_on
from cultivar.core.vocabulary import MATCH
from cultivar.operations.audit.verification import verify_everything
from cultivar.operations.content.left_items import resting_on
from cultivar.operations.outbox import BATCH_COMPLETE, due
from cultivar.operations.publishing.publishing import publish
from cultivar.operations.retraining.content_corrections import correct_content_verdicts
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
    renew_content_batch,
    settle_content,
    undo_content_verdict,
)
from cultivar.operations.review.verdicts import open_batch, review_state
from cultivar.operations.training.training import record_version, train_version
from cultivar.store.tables import AuditRow, BatchRow, ClassifierRow, ReviewRow
from tests.operations.organisation import ADMINISTRATOR, CONTRACT, Organisation, documents, written

NAME = "contracts"


def judge(organisation: Organisation) -> dict[str, str]:
    """Answer every item of the open batch rightly, and return what was said."""
    who = (organisation.workspace, ADMINISTRATOR, NAME)
    said = {
        each.named.item_id: verdict_on(
            each.prediction or "", YES if each.named.folder == "legal" else NO
        )
        for each in content_items(*who)
        if each.open
    }
    record_content_verdicts(*who, said)
    return said


def learn(organisation: Organisation) -> str:
    """Learn from what is judged, as the review gate does before any review is closed."""
    model = train_version(organisation.workspace, NAME).artifact
    version, _ = record_version(organisation.workspace, ADMINISTRATOR, NAME, model, "review")
    settle_content(organisation.workspace, ADMINISTRATOR, NAME)
    return version


@pytest.fixture
def trained(organisation: Organisation) -> Organisation:
    """An organisation with a trained classifier and no test item; some contents come twice."""
    organisation.opt_in()
    first = documents(CONTRACT, 1, "legal", 9000)[0]
    organisation.add(
        "archive",
        [
            replace(first, path="legal/copy.txt"),
            replace(first, path="legal/seed.txt", text=written(CONTRACT, 3)),
            replace(first, path="legal/a.txt", text=written(CONTRACT, 9_501), thread_id="one"),
            replace(first, path="legal/b.txt", text=written(CONTRACT, 9_502), thread_id="one"),
        ],
    )
    organisation.create()
    organisation.train(NAME)
    return organisation


def test_a_batch_holds_the_top_of_the_content_each_family_once_and_no_seed(
    trained: Organisation,
) -> None:
    who = (trained.workspace, ADMINISTRATOR, NAME)
    opened = open_content_batch(*who)
    assert (opened.batch, opened.presented, opened.unanswered) == (1, 30, 30)
    items = content_items(*who)
    assert sum(each.named.folder == "legal" for each in items) >= 25
    names = [each.named.name for each in items]
    assert "seed.txt" not in names
    assert len({"a.txt", "b.txt"}.intersection(names)) == 1
    assert len({"copy.txt", "09000.txt"}.intersection(names)) == 1
    texts = [each.text for each in next_content_items(*who)]
    assert len(set(texts)) == 30
    assert open_content_batch(*who) == opened


def test_the_rest_of_a_batch_is_drawn_anew_by_what_its_verdicts_teach(
    trained: Organisation,
) -> None:
    who = (trained.workspace, ADMINISTRATOR, NAME)
    assert renew_content_batch(*who).batch is None
    opened = open_content_batch(*who)
    assert renew_content_batch(*who) == opened  # nothing is said yet
    before = next_content_items(*who)
    assert [each.position for each in before] == list(range(30))
    # the person wants the opposite of what the seeds said
    judged = {each.item_id: NO if each.prediction == MATCH else YES for each in before[:20]}
    record_content_verdicts(*who, judged)
    state = renew_content_batch(*who)
    assert (state.batch, state.presented, state.unanswered) == (1, 30, 10)
    after = next_content_items(*who, TEACHING, 10)
    assert [each.item_id for each in after] != [each.item_id for each in before[20:]]
    assert all(each.position >= 30 for each in after)
    assert judged.keys().isdisjoint(each.item_id for each in after)
    assert renew_content_batch(*who) == state
    assert [each.item_id for each in next_content_items(*who)] == [each.item_id for each in after]
    judge(trained)
    assert renew_content_batch(*who).unanswered == 0
    assert close_content_batch(*who).judged == 30


def test_verdicts_teach_the_next_version_and_count_as_no_review(trained: Organisation) -> None:
    workspace, who = trained.workspace, (trained.workspace, ADMINISTRATOR, NAME)
    assert write_content_verdicts(workspace, NAME) is None
    open_content_batch(*who)
    said = judge(trained)
    assert write_content_verdicts(workspace, NAME) is None  # nothing stands before it is closed
    closed = close_content_batch(*who)
    assert (closed.batch, closed.judged, closed.learning) == (None, 30, True)
    with pytest.raises(NotReady, match="still to learn"):
        open_content_batch(*who)
    version = learn(trained)
    assert due(workspace, BATCH_COMPLETE) == []
    with workspace.registry.reading() as session:
        row = session.get_one(ClassifierRow, NAME)
        assert row.candidate_version_id == version
        assert session.query(ReviewRow).count() == session.query(BatchRow).count() == 0
    kept = write_content_verdicts(workspace, NAME)
    assert kept is not None
    table = workspace.artifacts.read(kept).to_pylist()
    assert {row["item_id"] for row in table} == set(said)
    assert all(row["text"] for row in table)
    # the next batch is of others, and the new version's
    open_content_batch(*who)
    later = [each for each in content_items(*who) if each.open]
    assert len(later) == 30
    assert {each.named.item_id for each in later}.isdisjoint(said)
    assert content_state(*who).version_id == version
    with workspace.registry.reading() as session:
        assert resting_on(session, list(said)).keys() == said.keys()
    assert verify_everything(workspace, ADMINISTRATOR).require().files


def test_publishing_sees_nothing_of_them(reviewable: Organisation) -> None:
    workspace, who = reviewable.workspace, (reviewable.workspace, ADMINISTRATOR, NAME)
    before = review_state(*who)
    open_content_batch(*who)
    judge(reviewable)
    close_content_batch(*who)
    after = review_state(*who)
    assert replace(after, learning=False) == before
    with pytest.raises(NotReady, match="still to learn"):
        open_batch(*who)
    learn(reviewable)
    with pytest.raises(GateClosed, match="0 predictions are decided"):
        publish(workspace, ADMINISTRATOR, NAME)
    # once a batch of the review was closed meanwhile, its own settling ticks both off
    open_content_batch(*who)
    judge(reviewable)
    reviewable.review_batch(NAME)
    with pytest.raises(Conflict):
        settle_content(workspace, ADMINISTRATOR, NAME)


def test_verdicts_are_taken_back_corrected_and_refused_where_they_belong_nowhere(
    trained: Organisation,
) -> None:
    who = (trained.workspace, ADMINISTRATOR, NAME)
    open_content_batch(*who)
    said = judge(trained)
    item = next(iter(said))
    assert undo_content_verdict(*who, item).unanswered == 1
    with pytest.raises(NotReady, match="have no verdict"):
        close_content_batch(*who)
    record_content_verdicts(*who, {item: NOT_SURE})
    close_content_batch(*who)
    learn(trained)
    with pytest.raises(NotFound):
        record_content_verdicts(*who, {item: YES})
    with pytest.raises(NotFound):
        correct_content_verdicts(*who, {"0" * 32: YES}, "there is no such item")
    corrected = correct_content_verdicts(*who, {item: YES}, "it was misread at first")
    assert (corrected.judged, corrected.learning) == (30, True)
    with trained.workspace.registry.reading() as session:
        row = session.query(AuditRow).filter_by(action="content verdict corrected").one()
        assert row.details["before"] == NOT_SURE
        found = {each.named.item_id: each for each in content_items(*who, TEACHING)}[item]
        assert is_relevant(found.prediction or "", found.verdict or "") is not None


def test_without_a_version_it_says_what_to_run(organisation: Organisation) -> None:
    organisation.opt_in()
    organisation.create()
    with pytest.raises(NotReady, match="cultivar train contracts"):
        open_content_batch(organisation.workspace, ADMINISTRATOR, NAME)
