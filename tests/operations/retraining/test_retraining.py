"""Retraining: due at 30 items, capped, learned from all, judged on nothing it has learned from."""

from datetime import timedelta

import pytest

from cultivar.core.errors import CultivarError, GateClosed, NotReady
from cultivar.operations.classifier_state import classifier_state
from cultivar.operations.outbox import RETRAINING_DUE, due
from cultivar.operations.policies.policies import switch_policy
from cultivar.operations.retraining.crossfit import contender, cross_fit
from cultivar.operations.retraining.feedback_events import FAILED
from cultivar.operations.retraining.feedback_views import feedback_status
from cultivar.operations.retraining.retraining import (
    begin_retraining,
    fail_retraining,
    finish_retraining,
    write_feedback,
)
from cultivar.operations.retraining.retrainings import overview, retraining_status
from cultivar.operations.review.items import write_reviews
from cultivar.operations.training.training import train_on
from cultivar.store.lineage import lineage
from cultivar.store.tables import ClassifierRow, VersionRow
from tests.operations.mail import CLASSIFIER, evaluated, give, later, listed, retrain, silent
from tests.operations.organisation import ADMINISTRATOR, Organisation


def refused_start(organisation: Organisation) -> CultivarError:
    with pytest.raises(CultivarError) as found:
        begin_retraining(organisation.workspace, ADMINISTRATOR, CLASSIFIER)
    return found.value


@pytest.mark.requirement("RT-08")
def test_29_items_do_not_begin_a_retraining(used: Organisation) -> None:
    give(used, listed(used)[:29])
    found = refused_start(used)
    assert (type(found), found.code) == (NotReady, "too-little-feedback")
    assert "29 of 30" in found.sentence


@pytest.mark.requirement("RT-24")
def test_a_retraining_of_more_than_four_hours_is_overdue(used: Organisation) -> None:
    give(used, listed(used)[:30])
    begin_retraining(used.workspace, ADMINISTRATOR, CLASSIFIER)
    for minutes, overdue in ((239, False), (241, True)):
        at = later(used, timedelta(minutes=minutes)).workspace
        [row] = retraining_status(at, ADMINISTRATOR, CLASSIFIER).retrainings
        assert (row.outcome, row.overdue) == (None, overdue)


@pytest.mark.requirement("RT-35")
def test_a_built_in_classifier_has_no_original_items_to_be_measured_on(used: Organisation) -> None:
    """They are those of whoever shipped it: it is not retrained, so no overview needs them."""
    give(used, listed(used)[:30])
    with used.workspace.registry.transaction() as session:
        session.get_one(ClassifierRow, CLASSIFIER).kind = "built-in"
    assert refused_start(used).code == "built-in-classifier"
    with pytest.raises(NotReady) as found:
        overview(used.workspace, ADMINISTRATOR, CLASSIFIER)
    assert found.value.code == "never-retrained"


@pytest.mark.requirement("RT-33", "RT-34", "RT-36", "RT-38", "RT-30")
def test_a_retraining_leaves_the_live_version_and_measures_both_sets(used: Organisation) -> None:
    before = classifier_state(used.workspace, CLASSIFIER)
    give(used, listed(used)[:36])
    version = retrain(used)
    assert classifier_state(used.workspace, CLASSIFIER) == before
    assert version not in (before.published_version, before.candidate_version)
    assert due(used.workspace, RETRAINING_DUE) == []
    shown = overview(used.workspace, ADMINISTRATOR, CLASSIFIER, limit=1000)
    sizes = {name: found["published"]["items"] for name, found in shown.sets.items()}
    reviews, _ = write_reviews(used.workspace, CLASSIFIER)
    assert sizes == {"items with feedback": 36, "original items": reviews.rows}
    reviewed = set(used.workspace.artifacts.read(reviews).column("item_id").to_pylist())
    assert {row.item_id for row in shown.items if row.original} == reviewed
    assert shown.compared == len(shown.items) == sum(sizes.values())
    flips = [row.flips for row in shown.items]
    assert flips == sorted(flips, reverse=True)
    for name in ("with_feedback", "original"):
        rows = [row for row in shown.items if getattr(row, name)]
        found = shown.sets["items with feedback" if name == "with_feedback" else "original items"]
        for each in ("published", "retrained"):
            hits = sum(
                row.relevant and getattr(row, f"{each}_prediction") == "match" for row in rows
            )
            assert (found[each]["true_positives"] or {"estimate": 0})["estimate"] == hits
    assert shown.recommendation["action"] in {"re-publish", "provide more feedback"}
    assert shown.recommendation["reasons"]


def test_the_retrained_version_is_made_from_recorded_inputs_and_trains_again_bit_by_bit(
    used: Organisation,
) -> None:
    give(used, listed(used)[:30])
    version = retrain(used)
    with used.workspace.registry.reading() as session:
        row = session.get_one(VersionRow, version)
    assert row.reason == "retraining"
    inputs = used.workspace.artifacts.inputs_of(row.model_sha256)
    assert {"seed_set", "unlabelled", "reviews", "test_set", "feedback"} <= set(inputs)
    model = used.workspace.artifacts.reference(row.model_sha256)
    assert lineage(used.workspace.artifacts, model, deep=True).whole
    again = train_on(used.workspace, inputs, int(row.evidence["seed"]))
    assert again.sha256 == row.model_sha256


def test_no_version_judges_an_item_that_it_has_learned_from(
    used: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cultivar.core.learning.training import train
    from cultivar.operations.retraining import crossfit as crossfitting

    give(used, listed(used)[:30])
    begun = begin_retraining(used.workspace, ADMINISTRATOR, CLASSIFIER)
    made = evaluated(used, begun)
    versions = [
        contender(used.workspace, used.workspace.artifacts.reference(sha256))
        for sha256 in (begun.published_model, made.model.sha256)
    ]
    judged_by: list[tuple[set[str], set[str]]] = []
    learned: dict[int, set[str]] = {
        id(each.model): set(each.given.reviewed.column("text").to_pylist())
        for each in versions
        if each.given.reviewed is not None
    }
    predicted = crossfitting._predicted

    def watched_train(given, table, ready):  # type: ignore[no-untyped-def]
        model = train(given, table, ready)
        learned[id(model)] = set(given.reviewed.column("text").to_pylist())
        kept_alive.append(model)
        return model

    def watched_predicted(model, items):  # type: ignore[no-untyped-def]
        judged_by.append((learned.get(id(model), set()), set(items.column("text").to_pylist())))
        return predicted(model, items)

    kept_alive: list[object] = []
    monkeypatch.setattr(crossfitting, "train", watched_train)
    monkeypatch.setattr(crossfitting, "_predicted", watched_predicted)
    judged = crossfitting._judged(versions[1].given)
    found = cross_fit(judged, versions[0], versions[1], silent)
    assert len(found) == len(judged)
    twins = [pair for pair in judged_by if len(pair[1]) < len(judged)]
    assert len(twins) == len(judged_by) - 2
    assert len(twins) >= 5
    assert all(known.isdisjoint(texts) for known, texts in twins)
    covered = set().union(*(texts for _, texts in twins))
    assert covered == set(judged.column("text").to_pylist())
    # the live version of this organisation has learned from seeds alone, so it judges by itself
    assert {each.learned for each in found.values()} == {False}


@pytest.mark.requirement("RT-25")
def test_at_most_two_retrainings_start_in_any_24_hours(used: Organisation) -> None:
    found = listed(used)
    give(used, found[:30])
    for _ in range(2):
        begun = begin_retraining(used.workspace, ADMINISTRATOR, CLASSIFIER)
        fail_retraining(used.workspace, ADMINISTRATOR, begun, "a test")
    refused = refused_start(used)
    assert refused.code == "retraining-cap"
    assert refused.facts["allowed_at"] is not None
    assert [each.subject for each in due(used.workspace, RETRAINING_DUE)] == [CLASSIFIER]
    assert refused_start(later(used, timedelta(hours=23, minutes=59))).code == "retraining-cap"
    tomorrow = later(used, timedelta(hours=24, minutes=1))
    assert begin_retraining(tomorrow.workspace, ADMINISTRATOR, CLASSIFIER).number == 3


@pytest.mark.requirement("RT-32")
def test_feedback_that_arrives_meanwhile_is_kept_for_the_next_cycle(used: Organisation) -> None:
    found = listed(used)
    give(used, found[:30])
    begun = begin_retraining(used.workspace, ADMINISTRATOR, CLASSIFIER)
    sent = give(used, found[30:60])
    assert not sent.due
    assert "kept for the next" in sent.sentence
    made = evaluated(used, begun)
    assert made.feedback.rows == 30
    finish_retraining(used.workspace, ADMINISTRATOR, begun, made)
    assert feedback_status(used.workspace, ADMINISTRATOR, CLASSIFIER).counted == 30
    assert [each.subject for each in due(used.workspace, RETRAINING_DUE)] == [CLASSIFIER]
    second = begin_retraining(used.workspace, ADMINISTRATOR, CLASSIFIER)
    assert (second.number, second.resumed) == (2, False)
    assert write_feedback(used.workspace, second).rows == 60


def test_a_failed_retraining_gives_its_verdicts_back(used: Organisation) -> None:
    give(used, listed(used)[:30])
    begun = begin_retraining(used.workspace, ADMINISTRATOR, CLASSIFIER)
    fail_retraining(used.workspace, ADMINISTRATOR, begun, "the disk is full")
    status = retraining_status(used.workspace, ADMINISTRATOR, CLASSIFIER)
    assert (status.counted, status.code) == (30, "due")
    assert [each.outcome for each in status.retrainings] == [FAILED]
    assert len(due(used.workspace, RETRAINING_DUE)) == 1


def test_what_a_killed_process_left_is_taken_up_and_not_counted_again(used: Organisation) -> None:
    give(used, listed(used)[:30])
    first = begin_retraining(used.workspace, ADMINISTRATOR, CLASSIFIER)
    again = begin_retraining(used.workspace, ADMINISTRATOR, CLASSIFIER)
    assert (again.number, again.resumed) == (first.number, True)
    status = retraining_status(used.workspace, ADMINISTRATOR, CLASSIFIER)
    assert len(status.retrainings) == 1


@pytest.mark.requirement("RT-06", "RT-09")
def test_a_retraining_without_its_policy_is_refused_with_what_is_missing(
    used: Organisation,
) -> None:
    give(used, listed(used)[:30])
    switch_policy(used.workspace, ADMINISTRATOR, "Keep contracts", enabled=False)
    assert refused_start(used).code == "policy-disabled"
    switch_policy(used.workspace, ADMINISTRATOR, "Keep contracts", enabled=True)
    assert begin_retraining(used.workspace, ADMINISTRATOR, CLASSIFIER).number == 1


def test_a_retraining_whose_gate_is_shut_makes_no_version(used: Organisation) -> None:
    give(used, listed(used)[:30])
    begun = begin_retraining(used.workspace, ADMINISTRATOR, CLASSIFIER)
    made = evaluated(used, begun)
    used.finds("comparison", made.comparison, CLASSIFIER, ["lost-comparisons"])
    with pytest.raises(GateClosed) as found:
        finish_retraining(used.workspace, ADMINISTRATOR, begun, made)
    assert found.value.facts["gates"] == ["comparison"]
    with used.workspace.registry.reading() as session:
        assert session.query(VersionRow).filter_by(reason="retraining").count() == 0


@pytest.mark.requirement("RT-28")
def test_there_is_no_overview_before_a_retraining_has_finished(used: Organisation) -> None:
    for code in ("never-retrained", "retraining-not-finished"):
        with pytest.raises(NotReady) as found:
            overview(used.workspace, ADMINISTRATOR, CLASSIFIER)
        assert found.value.code == code
        if code == "never-retrained":
            give(used, listed(used)[:30])
            begin_retraining(used.workspace, ADMINISTRATOR, CLASSIFIER)
