"""Classifiers and policies put away and taken back."""

import pytest

from cultivar.core.errors import Conflict, NotPermitted, NotReady
from cultivar.operations.classifiers.archiving import archive_classifier, restore_classifier
from cultivar.operations.classifiers.classifiers import create_classifier, list_classifiers
from cultivar.operations.classifiers.details import classifier_details
from cultivar.operations.outbox import BATCH_COMPLETE, due
from cultivar.operations.policies.archiving import archive_policy, restore_policy
from cultivar.operations.policies.policies import (
    list_policies,
    policy_details,
    switch_policy,
    update_policy,
)
from cultivar.operations.publishing.publishing import publish
from cultivar.operations.review.verdicts import open_batch
from cultivar.operations.scoring.classification import Models, classify
from cultivar.operations.scoring.labelling import labelling_due, labellings
from tests.operations.organisation import ADMINISTRATOR, NOISE, Organisation, documents
from tests.operations.policing import MATCH, empower, label, make

NAME = "contracts"


@pytest.fixture
def published(stable: Organisation) -> Organisation:
    publish(stable.workspace, ADMINISTRATOR, NAME)
    return stable


def test_an_archived_classifier_is_live_nowhere_and_comes_back_as_it_was(
    published: Organisation,
) -> None:
    workspace = published.workspace
    before = classifier_details(workspace, ADMINISTRATOR, NAME)
    assert labelling_due(workspace, ADMINISTRATOR)
    label(workspace)
    published.add("annex", documents(NOISE, 3, "more", 12_000))
    assert labellings(workspace, ADMINISTRATOR)
    assert archive_classifier(workspace, ADMINISTRATOR, "Contracts") == NAME
    assert not labellings(workspace, ADMINISTRATOR)
    assert archive_classifier(workspace, ADMINISTRATOR, NAME) == NAME
    assert list_classifiers(workspace, ADMINISTRATOR) == []
    assert [each.id for each in list_classifiers(workspace, ADMINISTRATOR, archived=True)] == [NAME]
    assert not labelling_due(workspace, ADMINISTRATOR)
    assert classify(workspace, ADMINISTRATOR, "a contract", models=Models()) == []
    for refused in (
        lambda: open_batch(workspace, ADMINISTRATOR, NAME),
        lambda: publish(workspace, ADMINISTRATOR, NAME),
    ):
        with pytest.raises(NotReady) as told:
            refused()
        assert told.value.code == "archived"
        assert "`cultivar restore contracts`" in told.value.sentence
    with pytest.raises(Conflict):
        create_classifier(workspace, ADMINISTRATOR, "Contracts", "", None)
    restore_classifier(workspace, ADMINISTRATOR, NAME)
    after = classifier_details(workspace, ADMINISTRATOR, NAME)
    assert (after.status, after.live, after.versions) == (
        before.status,
        before.live,
        before.versions,
    )
    assert labelling_due(workspace, ADMINISTRATOR)


def test_what_is_due_for_an_archived_classifier_waits(reviewable: Organisation) -> None:
    workspace = reviewable.workspace
    reviewable.review_batch(NAME)
    assert [each.subject for each in due(workspace, BATCH_COMPLETE)] == [NAME]
    archive_classifier(workspace, ADMINISTRATOR, NAME)
    assert due(workspace, BATCH_COMPLETE) == []
    restore_classifier(workspace, ADMINISTRATOR, NAME)
    assert [each.subject for each in due(workspace, BATCH_COMPLETE)] == [NAME]


def test_what_an_enabled_policy_asks_for_is_not_archived(published: Organisation) -> None:
    workspace = published.workspace
    empower(workspace)
    policy = make(workspace, condition=MATCH)
    with pytest.raises(Conflict) as refused:
        archive_classifier(workspace, ADMINISTRATOR, NAME)
    assert refused.value.code == "classifier-in-use"
    assert f"`cultivar policy disable {policy.policy_id}`" in refused.value.sentence
    with pytest.raises(Conflict) as refused:
        archive_policy(workspace, ADMINISTRATOR, policy.policy_id)
    assert refused.value.code == "policy-enabled"
    switch_policy(workspace, ADMINISTRATOR, policy.policy_id, enabled=False)
    archive_policy(workspace, ADMINISTRATOR, policy.policy_id)
    archive_classifier(workspace, ADMINISTRATOR, NAME)
    assert list_policies(workspace, ADMINISTRATOR) == []
    assert len(list_policies(workspace, ADMINISTRATOR, archived=True)) == 1
    with pytest.raises(NotReady) as told:
        update_policy(workspace, ADMINISTRATOR, policy.policy_id, {"priority": 5})
    assert "`cultivar policy restore" in told.value.sentence
    restore_policy(workspace, ADMINISTRATOR, policy.policy_id)
    assert not policy_details(workspace, ADMINISTRATOR, policy.policy_id).enabled


def test_who_may_not_train_it_may_not_archive_it(published: Organisation) -> None:
    with pytest.raises(NotPermitted):
        archive_classifier(published.workspace, "nobody", NAME)
