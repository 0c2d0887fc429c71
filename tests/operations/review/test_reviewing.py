"""Reviewing in batches of 30: verdicts, skips, accuracy, and learning from what people said."""

from time import perf_counter

import pytest
from sqlalchemy import select

from cultivar.core.errors import InvalidInput, NotFound, NotReady
from cultivar.operations.classifiers.details import classifier_details
from cultivar.operations.outbox import due
from cultivar.operations.publishing.publishing import settle_review
from cultivar.operations.review.items import next_items, write_reviews
from cultivar.operations.review.verdicts import (
    ReviewState,
    close_batch,
    open_batch,
    record_verdict,
    review_state,
    skip,
    undo_verdict,
)
from cultivar.store.tables import AuditRow, ReviewItemRow
from tests.operations.organisation import (
    ADMINISTRATOR,
    CONTRACT,
    NOISE,
    Organisation,
    documents,
)


def state(organisation: Organisation) -> ReviewState:
    return review_state(organisation.workspace, ADMINISTRATOR, "contracts")


def opened(organisation: Organisation) -> ReviewState:
    return open_batch(organisation.workspace, ADMINISTRATOR, "contracts")


def say(organisation: Organisation, item: str, verdict: str) -> ReviewState:
    return record_verdict(organisation.workspace, ADMINISTRATOR, "contracts", item, verdict)


@pytest.mark.requirement("TC-51", "TC-52", "TC-53")
def test_30_items_are_presented_with_prediction_and_text(reviewable: Organisation) -> None:
    assert next_items(reviewable.workspace, ADMINISTRATOR, "contracts") == []
    assert opened(reviewable).presented == 30
    items = next_items(reviewable.workspace, ADMINISTRATOR, "contracts")
    assert len(items) == 30
    assert [item.position for item in items] == list(range(30))
    assert {item.shown_as for item in items} == {"Relevant", "Not relevant"}
    assert all(item.text and item.name.endswith(".txt") for item in items)
    say(reviewable, items[0].item_id, "yes")
    left = next_items(reviewable.workspace, ADMINISTRATOR, "contracts")
    assert [item.item_id for item in left] == [item.item_id for item in items[1:]]
    assert len(next_items(reviewable.workspace, ADMINISTRATOR, "contracts", limit=1)) == 1


def test_a_batch_that_is_open_stays_as_it_is(reviewable: Organisation) -> None:
    first = opened(reviewable)
    assert opened(reviewable) == first
    assert state(reviewable) == first


@pytest.mark.requirement("TC-23")
def test_there_are_three_verdicts(reviewable: Organisation) -> None:
    batch = opened(reviewable).batch or 0
    item = reviewable.presented("contracts", batch)[0]
    for verdict in ("yes", "no", "not sure"):
        assert say(reviewable, item, verdict).unanswered == 29
    with pytest.raises(InvalidInput) as refused:
        say(reviewable, item, "perhaps")
    assert refused.value.code == "unknown-verdict"


@pytest.mark.requirement("TC-54")
def test_accuracy_changes_only_when_a_batch_of_30_is_complete(reviewable: Organisation) -> None:
    for number in (1, 2):
        opened(reviewable)
        before = state(reviewable).accuracy
        items = reviewable.presented("contracts", number)
        for place, item in enumerate(items):
            after = say(reviewable, item, "no" if place < 3 * number else "yes")
            assert after.accuracy == before
        close_batch(reviewable.workspace, ADMINISTRATOR, "contracts")
        reviewable.settle("contracts", ["too-few-reviews"])
    assert [point.accuracy for point in state(reviewable).points] == [0.9, pytest.approx(51 / 60)]
    assert state(reviewable).accuracy == pytest.approx(51 / 60)


def test_a_batch_closes_only_when_every_item_has_a_verdict(reviewable: Organisation) -> None:
    with pytest.raises(NotReady) as refused:
        close_batch(reviewable.workspace, ADMINISTRATOR, "contracts")
    assert refused.value.code == "no-open-batch"
    opened(reviewable)
    *most, last = reviewable.presented("contracts", 1)
    for item in most:
        say(reviewable, item, "yes")
    with pytest.raises(NotReady) as refused:
        close_batch(reviewable.workspace, ADMINISTRATOR, "contracts")
    assert refused.value.code == "batch-not-complete"
    assert "1 of 30" in refused.value.sentence
    say(reviewable, last, "yes")
    assert close_batch(reviewable.workspace, ADMINISTRATOR, "contracts").accuracy == 1.0


def test_a_verdict_can_be_replaced_and_undone_until_the_batch_closes(
    reviewable: Organisation,
) -> None:
    opened(reviewable)
    items = reviewable.presented("contracts", 1)
    for item in items:
        say(reviewable, item, "yes")
    say(reviewable, items[0], "no")
    undone = undo_verdict(reviewable.workspace, ADMINISTRATOR, "contracts", items[1])
    assert (undone.reviewed, undone.unanswered) == (29, 1)
    say(reviewable, items[1], "no")
    point = close_batch(reviewable.workspace, ADMINISTRATOR, "contracts")
    assert (point.decided, point.agreed) == (30, 28)
    for act in (undo_verdict, skip):
        with pytest.raises(NotFound) as refused:
            act(reviewable.workspace, ADMINISTRATOR, "contracts", items[0])
        assert refused.value.code == "not-presented"
    with pytest.raises(NotFound):
        say(reviewable, items[0], "yes")
    with reviewable.workspace.registry.reading() as session:
        verdicts = select(AuditRow).where(AuditRow.action == "verdict")
        (replaced,) = [row for row in session.scalars(verdicts) if row.details["before"] == "yes"]
        assert replaced.details["verdict"] == "no"


@pytest.mark.requirement("TC-53")
def test_a_skipped_item_is_left_out_and_comes_again(reviewable: Organisation) -> None:
    opened(reviewable)
    items = reviewable.presented("contracts", 1)
    after = skip(reviewable.workspace, ADMINISTRATOR, "contracts", items[0])
    assert (after.presented, after.unanswered) == (30, 30)
    now = reviewable.presented("contracts", 1)
    assert items[0] not in now
    assert now[:29] == items[1:]
    with reviewable.workspace.registry.reading() as session:
        row = session.get_one(ReviewItemRow, ("contracts", items[0]))
        assert (row.batch, row.position) == (None, 240)


def test_when_only_skipped_items_are_left_a_batch_shrinks_and_they_come_in_the_next(
    organisation: Organisation,
) -> None:
    organisation.opt_in()
    organisation.create()
    organisation.train("contracts")
    organisation.test("contracts", positives=16, negatives=16)
    organisation.review_batch("contracts")
    organisation.settle("contracts")
    opened(organisation)
    first, second = organisation.presented("contracts", 2)
    assert skip(organisation.workspace, ADMINISTRATOR, "contracts", first).presented == 1
    say(organisation, second, "yes")
    close_batch(organisation.workspace, ADMINISTRATOR, "contracts")
    organisation.settle("contracts")
    assert opened(organisation).presented == 1
    assert organisation.presented("contracts", 3) == [first]
    skip(organisation.workspace, ADMINISTRATOR, "contracts", first)
    with pytest.raises(NotReady):
        close_batch(organisation.workspace, ADMINISTRATOR, "contracts")
    assert opened(organisation).batch == 3
    say(organisation, first, "not sure")
    close_batch(organisation.workspace, ADMINISTRATOR, "contracts")
    organisation.settle("contracts")
    with pytest.raises(NotReady) as refused:
        opened(organisation)
    assert refused.value.code == "nothing-to-review"


@pytest.mark.requirement("TC-52")
def test_the_last_batch_is_the_remainder(organisation: Organisation) -> None:
    organisation.opt_in()
    organisation.create()
    organisation.train("contracts")
    organisation.test("contracts", positives=20, negatives=21)
    organisation.review_batch("contracts")
    organisation.settle("contracts")
    assert opened(organisation).presented == 11


def test_a_closed_batch_is_learned_from_before_the_next_opens(reviewable: Organisation) -> None:
    reviewable.review_batch("contracts")
    (row,) = due(reviewable.workspace, "batch complete")
    assert (row.subject, row.payload["batch"]) == ("contracts", 1)
    assert state(reviewable).learning
    with pytest.raises(NotReady) as refused:
        opened(reviewable)
    assert refused.value.code == "learning"
    reviewable.learn("contracts", ["too-few-reviews"])
    assert due(reviewable.workspace) == []
    assert opened(reviewable).batch == 2


@pytest.mark.requirement("TC-24")
def test_reviews_change_the_model_and_past_predictions_stay(reviewable: Organisation) -> None:
    before = classifier_details(reviewable.workspace, ADMINISTRATOR, "contracts")
    reviewable.review_batch("contracts", wrong=9)
    with reviewable.workspace.registry.reading() as session:
        frozen = {
            row.item_id: (row.version_id, row.score, row.prediction)
            for row in session.scalars(select(ReviewItemRow).where(ReviewItemRow.batch == 1))
        }
    reviewable.learn("contracts")
    after = classifier_details(reviewable.workspace, ADMINISTRATOR, "contracts")
    assert after.candidate_version != before.candidate_version
    assert [each.reason for each in after.versions] == ["training", "review"]
    opened(reviewable)
    with reviewable.workspace.registry.reading() as session:
        rows = session.scalars(select(ReviewItemRow).where(ReviewItemRow.batch.is_not(None)))
        for row in rows:
            if row.batch == 1:
                assert frozen[row.item_id] == (row.version_id, row.score, row.prediction)
            else:
                assert row.version_id == after.candidate_version


def test_the_reviews_artifact_holds_closed_batches_alone(reviewable: Organisation) -> None:
    with pytest.raises(NotReady) as refused:
        write_reviews(reviewable.workspace, "contracts")
    assert refused.value.code == "nothing-reviewed"
    reviewable.review_batch("contracts", wrong=2, unsure=3)
    reviewable.settle("contracts")
    opened(reviewable)
    say(reviewable, reviewable.presented("contracts", 2)[0], "yes")
    reviews, accuracy = write_reviews(reviewable.workspace, "contracts")
    assert (reviews.rows, accuracy.rows) == (30, 1)
    rows = reviewable.workspace.artifacts.read(reviews).to_pylist()
    for row in rows:
        said = {"yes": row["prediction"] == "match", "no": row["prediction"] != "match"}
        assert row["relevant"] == said.get(row["verdict"])
    (point,) = reviewable.workspace.artifacts.read(accuracy).to_pylist()
    assert (point["presented"], point["decided"], point["agreed"]) == (30, 27, 25)


def test_writing_and_settling_again_gives_the_same(reviewable: Organisation) -> None:
    reviewable.review_batch("contracts")
    first = write_reviews(reviewable.workspace, "contracts")
    assert write_reviews(reviewable.workspace, "contracts") == first
    for _ in range(2):
        moved = settle_review(reviewable.workspace, ADMINISTRATOR, "contracts", *first)
        assert moved.after == "Ready to review"


def test_why_publish_is_shut_is_said_in_sentences(reviewable: Organisation) -> None:
    reviewable.review_batch("contracts")
    reviewable.settle("contracts")
    found = classifier_details(reviewable.workspace, ADMINISTRATOR, "contracts")
    assert found.publish_shut_because[0].startswith("30 predictions are decided")
    assert found.review.reviews_left == 180
    assert found.steps[1].items == 30


def test_a_test_set_that_is_too_small_asks_for_items_until_it_holds_enough(
    organisation: Organisation,
) -> None:
    organisation.opt_in()
    organisation.create()
    organisation.train("contracts")
    organisation.test("contracts", positives=100, negatives=99)
    assert state(organisation).reasons[-1] == (
        "Publish needs 200 decided reviews; the test set holds 199 items: add at least 1 more with "
        "`cultivar add-test contracts FOLDER`."
    )
    organisation.review_batch("contracts", unsure=2)
    organisation.settle("contracts", ["too-few-reviews"])
    assert (
        '199 items, 2 of them judged "not sure": add at least 3' in state(organisation).reasons[-1]
    )
    organisation.test("contracts", positives=2, negatives=1, site="more", start=7000)
    assert not state(organisation).items_needed


@pytest.mark.slow
def test_the_next_item_of_10000_comes_within_100_milliseconds(
    organisation: Organisation,
) -> None:
    organisation.opt_in()
    organisation.create()
    organisation.train("contracts")
    found = [
        *documents(CONTRACT, 5_000, "positive", 20_000),
        *documents(NOISE, 5_000, "negative", 20_000),
    ]
    long = [type(each)(each.path, each.text * 20, each.created_at) for each in found]
    organisation.add("large", long, "test")
    from cultivar.content.locations import Source

    organisation.add_test("contracts", Source("large"))
    opened(organisation)
    took = []
    for _ in range(5):
        began = perf_counter()
        (item,) = next_items(organisation.workspace, ADMINISTRATOR, "contracts", limit=1)
        took.append(perf_counter() - began)
        began = perf_counter()
        say(organisation, item.item_id, "yes")
        took.append(perf_counter() - began)
    # Of five tries the best: the machine that runs the tests may be busy with other things.
    assert min(took[::2]) < 0.1, took
    assert min(took[1::2]) < 0.1, took
