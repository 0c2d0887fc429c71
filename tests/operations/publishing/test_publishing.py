"""Publishing: only stable, only once, and never by itself."""

import pytest
from sqlalchemy import select

from cultivar.core.errors import Conflict, GateClosed, InvalidInput, NotPermitted, NotReady
from cultivar.operations.classifiers.classifiers import grant_trainer
from cultivar.operations.classifiers.details import classifier_details
from cultivar.operations.outbox import due
from cultivar.operations.publishing.overrides import override_gate, state_reason, stated_reason
from cultivar.operations.publishing.publishing import publish, require_publishable
from cultivar.operations.review.verdicts import close_batch, open_batch, record_verdict
from cultivar.operations.tenant.people import grant_role
from cultivar.store.tables import AuditRow
from tests.operations.organisation import ADMINISTRATOR, Organisation


def reviewed(organisation: Organisation, *wrong: int, codes: tuple[str, ...] = ()) -> str:
    """Review one batch for each number of wrong predictions; return the status."""
    status = ""
    for each in wrong:
        organisation.review_batch("contracts", wrong=each)
        status = organisation.settle("contracts", codes)
    return status


def refused_publish(organisation: Organisation) -> GateClosed:
    with pytest.raises(GateClosed) as refused:
        publish(organisation.workspace, ADMINISTRATOR, "contracts")
    return refused.value


@pytest.mark.requirement("TC-02", "TC-56", "TC-57", "TC-58")
def test_a_stable_classifier_becomes_ready_to_use_and_is_published(
    reviewable: Organisation,
) -> None:
    assert reviewed(reviewable, *[1] * 6) == "Ready to review"
    reviewable.review_batch("contracts", wrong=1)
    assert reviewable.learn("contracts") == "Ready to use"
    before = classifier_details(reviewable.workspace, ADMINISTRATOR, "contracts")
    assert (before.publish_shut_because, before.usable_conditions) == ((), ())
    assert [step.status for step in before.steps] == ["Done", "Done", "Ready to use"]
    done = publish(reviewable.workspace, ADMINISTRATOR, "contracts")
    assert (done.number, done.actor) == (1, ADMINISTRATOR)
    assert (done.evidence["decided"], done.evidence["agreed"]) == (210, 203)
    after = classifier_details(reviewable.workspace, ADMINISTRATOR, "contracts")
    assert after.published_version == done.version_id == before.candidate_version
    assert after.steps[2].status == "Done"
    assert after.usable_conditions == (
        "sensitivity label",
        "retention label",
        "communication compliance",
    )
    assert [(each.kind, each.subject) for each in due(reviewable.workspace)] == [
        ("labelling due", "contracts")
    ]


@pytest.mark.requirement("TC-55")
def test_publishing_at_199_reviews_is_refused_with_the_number(
    organisation: Organisation,
) -> None:
    organisation.opt_in()
    organisation.create()
    organisation.train("contracts")
    organisation.test("contracts", positives=100, negatives=100)
    reviewed(organisation, *[0] * 6)
    state = open_batch(organisation.workspace, ADMINISTRATOR, "contracts")
    items = organisation.presented("contracts", state.batch or 0)
    assert len(items) == 20
    for place, item in enumerate(items):
        verdict = "yes" if place else "not sure"
        record_verdict(organisation.workspace, ADMINISTRATOR, "contracts", item, verdict)
    close_batch(organisation.workspace, ADMINISTRATOR, "contracts")
    organisation.settle("contracts", ["too-few-reviews"])
    refused = refused_publish(organisation)
    assert refused.code == "too-few-reviews"
    assert "199" in refused.sentence


@pytest.mark.requirement("TC-55")
def test_publishing_at_200_stable_reviews_is_allowed(organisation: Organisation) -> None:
    organisation.opt_in()
    organisation.create()
    organisation.train("contracts")
    organisation.test("contracts", positives=100, negatives=100)
    assert reviewed(organisation, *[0] * 7) == "Ready to use"
    assert publish(organisation.workspace, ADMINISTRATOR, "contracts").evidence["decided"] == 200


@pytest.mark.requirement("TC-56")
def test_publishing_while_accuracy_is_not_stable_is_refused_with_the_reason(
    reviewable: Organisation,
) -> None:
    assert reviewed(reviewable, 0, 0, 0, 0, 0, 0, 20) == "Ready to review"
    refused = refused_publish(reviewable)
    assert refused.code == "accuracy-not-stable"
    assert refused.facts["reasons"] == ["accuracy-moving"]
    assert "moved by" in refused.sentence


def test_a_gate_that_was_not_evaluated_keeps_publish_shut(reviewable: Organisation) -> None:
    assert reviewed(reviewable, *[0] * 7, codes=("something-else",)) == "Ready to review"
    refused = refused_publish(reviewable)
    assert refused.code == "accuracy-not-stable"
    assert "accuracy" in refused.sentence


def test_a_classifier_that_was_unstable_again_leaves_ready_to_use(
    stable: Organisation,
) -> None:
    assert reviewed(stable, 30) == "Ready to review"
    found = classifier_details(stable.workspace, ADMINISTRATOR, "contracts")
    assert found.steps[2].status == "Not available"


@pytest.mark.requirement("RT-38")
def test_learning_after_publishing_moves_no_published_pointer(stable: Organisation) -> None:
    done = publish(stable.workspace, ADMINISTRATOR, "contracts")
    stable.review_batch("contracts", wrong=2)
    stable.learn("contracts")
    found = classifier_details(stable.workspace, ADMINISTRATOR, "contracts")
    assert found.published_version == done.version_id
    assert found.candidate_version != done.version_id


@pytest.mark.requirement("TC-05")
def test_a_published_classifier_can_be_improved_and_published_again(
    stable: Organisation,
) -> None:
    first = publish(stable.workspace, ADMINISTRATOR, "contracts")
    stable.review_batch("contracts", wrong=1)
    assert stable.learn("contracts") == "Ready to use"
    second = publish(stable.workspace, ADMINISTRATOR, "contracts")
    assert second.number == 2
    assert second.version_id != first.version_id


def test_publishing_the_same_version_twice_is_told(stable: Organisation) -> None:
    publish(stable.workspace, ADMINISTRATOR, "contracts")
    with pytest.raises(Conflict) as refused:
        publish(stable.workspace, ADMINISTRATOR, "contracts")
    assert refused.value.code == "already-published"


def test_a_batch_that_is_not_learned_from_holds_publish(stable: Organisation) -> None:
    stable.review_batch("contracts")
    with pytest.raises(NotReady) as refused:
        publish(stable.workspace, ADMINISTRATOR, "contracts")
    assert refused.value.code == "learning"


def test_publishing_before_anything_is_reviewed_is_refused(organisation: Organisation) -> None:
    organisation.opt_in()
    organisation.create()
    with pytest.raises(NotReady) as refused:
        publish(organisation.workspace, ADMINISTRATOR, "contracts")
    assert refused.value.code == "wrong-status"
    organisation.train("contracts")
    organisation.test("contracts", positives=10, negatives=10)
    assert refused_publish(organisation).code == "too-few-reviews"


def test_a_reason_is_handed_over_by_the_number_of_its_entry(reviewable: Organisation) -> None:
    workspace, reason = reviewable.workspace, "The regulator wants it by Friday"
    with pytest.raises(InvalidInput) as refused:
        state_reason(workspace, ADMINISTRATOR, "contracts", "short")
    assert refused.value.code == "no-reason"
    number = state_reason(workspace, ADMINISTRATOR, "contracts", reason)
    assert stated_reason(workspace, ADMINISTRATOR, "contracts", number) == reason
    with workspace.registry.reading() as session:
        entry = session.get(AuditRow, number)
    assert entry is not None
    assert (entry.action, entry.actor, entry.details) == (
        "override stated",
        ADMINISTRATOR,
        {"reason": reason},
    )


def test_a_reason_serves_only_who_gave_it_for_what_it_was_given(reviewable: Organisation) -> None:
    workspace = reviewable.workspace
    number = state_reason(workspace, ADMINISTRATOR, "contracts", "The regulator wants it")
    grant_role(workspace, ADMINISTRATOR, "kim", "compliance administrator")
    reviewable.create("Other")
    for actor, classifier, named in (
        ("kim", "contracts", number),
        (ADMINISTRATOR, "other", number),
        (ADMINISTRATOR, "contracts", number - 1),
        (ADMINISTRATOR, "contracts", 10_000),
    ):
        with pytest.raises(InvalidInput) as refused:
            stated_reason(workspace, actor, classifier, named)
        assert refused.value.code == "unknown-override"


def test_whether_publish_is_open_is_told_as_publish_would(reviewable: Organisation) -> None:
    workspace = reviewable.workspace
    reviewed(reviewable, 2, codes=("too-few-reviews",))
    with pytest.raises(GateClosed) as looked:
        require_publishable(workspace, ADMINISTRATOR, "contracts", overridden=False)
    assert looked.value.sentence == refused_publish(reviewable).sentence
    reviewable.create("Other")
    for overridden in (False, True):
        with pytest.raises(NotReady) as early:
            require_publishable(workspace, ADMINISTRATOR, "other", overridden=overridden)
        assert early.value.code == "wrong-status"
    state = require_publishable(workspace, ADMINISTRATOR, "contracts", overridden=True)
    assert (state.decided, state.stable) == (30, False)


def test_an_override_publishes_and_is_shown_for_ever(reviewable: Organisation) -> None:
    workspace = reviewable.workspace
    reviewed(reviewable, 2, codes=("too-few-reviews",))
    with pytest.raises(InvalidInput) as refused:
        publish(workspace, ADMINISTRATOR, "contracts", "short")
    assert refused.value.code == "no-reason"
    done = publish(workspace, ADMINISTRATOR, "contracts", "The regulator wants it by Friday")
    assert done.evidence["override_reason"] == "The regulator wants it by Friday"
    assert done.evidence["stable"] is False
    reviewed(reviewable, *[0] * 6)
    shown = classifier_details(workspace, ADMINISTRATOR, "contracts").gates
    overridden = [gate for gate in shown if gate.overridden_by]
    assert [gate.override_reason for gate in overridden] == ["The regulator wants it by Friday"]
    with workspace.registry.reading() as session:
        row = session.scalars(select(AuditRow).where(AuditRow.action == "gate overridden")).first()
    assert row is not None
    assert row.actor == ADMINISTRATOR


def test_who_overrides_need_not_be_who_publishes(reviewable: Organisation) -> None:
    workspace = reviewable.workspace
    grant_role(workspace, ADMINISTRATOR, "kim", "compliance administrator")
    reviewed(reviewable, 2, codes=("too-few-reviews",))
    override_gate(workspace, "kim", "contracts", "accuracy", "Agreed with the records board")
    found = classifier_details(workspace, ADMINISTRATOR, "contracts")
    assert found.status == "Ready to use"
    assert "kim" in (found.status_reason or "")
    assert publish(workspace, ADMINISTRATOR, "contracts").number == 1


def test_an_override_holds_for_the_batches_that_were_judged(reviewable: Organisation) -> None:
    reviewed(reviewable, 2, codes=("too-few-reviews",))
    workspace = reviewable.workspace
    override_gate(workspace, ADMINISTRATOR, "contracts", "accuracy", "Agreed with the board")
    assert reviewed(reviewable, 9, codes=("too-few-reviews",)) == "Ready to review"
    assert refused_publish(reviewable).code == "too-few-reviews"


def test_an_override_needs_its_role(reviewable: Organisation) -> None:
    workspace = reviewable.workspace
    grant_role(workspace, ADMINISTRATOR, "kim", "compliance data administrator")
    grant_trainer(workspace, ADMINISTRATOR, "contracts", "kim")
    reviewed(reviewable, 2, codes=("too-few-reviews",))
    with pytest.raises(NotPermitted) as refused:
        publish(workspace, "kim", "contracts", "I want to have it published")
    assert refused.value.code == "wrong-role"


def test_what_makes_the_rest_meaningless_cannot_be_overridden(reviewable: Organisation) -> None:
    reviewed(reviewable, 2, codes=("too-few-reviews", "no-accuracy"))
    with pytest.raises(InvalidInput) as refused:
        override_gate(
            reviewable.workspace, ADMINISTRATOR, "contracts", "accuracy", "Because I say so here"
        )
    assert refused.value.code == "not-overridable"
    assert refused.value.facts["codes"] == ["no-accuracy"]


def test_an_open_gate_needs_no_override(reviewable: Organisation) -> None:
    with pytest.raises(NotReady) as refused:
        override_gate(
            reviewable.workspace, ADMINISTRATOR, "contracts", "test_set", "Because I say so here"
        )
    assert refused.value.code == "nothing-to-override"
