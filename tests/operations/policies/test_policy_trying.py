"""A policy tried out: exact counts, a random sample with reasons, the newest, expected errors."""

from typing import Any

import pytest

from cultivar.core.errors import NotPermitted, NotReady
from cultivar.core.operating_points import BE_SURE
from cultivar.core.policies.policy import Policy
from cultivar.core.policies.policy_json import policy_from_json
from cultivar.operations.content_thresholds import points_of
from cultivar.operations.policies.dry_run import NEWEST, SAMPLE, try_policy
from cultivar.operations.policies.evaluation import current_application
from cultivar.operations.policies.manual_labels import set_label
from cultivar.operations.policies.policies import enabled_policies, policy_details, update_policy
from cultivar.operations.publishing.drawn_samples import draw_release_sample
from cultivar.operations.publishing.release_reports import report_of, show_report
from cultivar.operations.tenant.people import grant_role, revoke_role
from cultivar.store.tables import AuditRow, ClassifierRow, PublicationRow, VersionRow
from cultivar.store.workspace import Workspace
from tests.operations.mail import CLASSIFIER
from tests.operations.organisation import ADMINISTRATOR, Organisation
from tests.operations.policies.test_policy_applying import undo
from tests.operations.policing import apply, define, make, matches, publish_and_label
from tests.operations.sampling import review_all


@pytest.fixture
def workspace(stable: Organisation) -> Workspace:
    publish_and_label(stable)
    return stable.workspace


def draft(**parts: Any) -> Policy:
    return policy_from_json({**define(**parts), "policy_id": "draft"})


def matched(workspace: Workspace) -> set[str]:
    return {path for path, found in matches(workspace).items() if found == "match"}


def test_a_dry_run_counts_what_would_be_labelled_and_labels_nothing(workspace: Workspace) -> None:
    found = try_policy(workspace, ADMINISTRATOR, draft())
    assert (found.items, found.reached) == (250, len(matched(workspace)))
    assert found.would_label == found.reached == found.by_location["intranet"]
    with workspace.registry.reading() as session:
        assert current_application(session, "intranet") is None
        assert enabled_policies(session) == []


def test_the_count_is_what_an_application_then_labels(workspace: Workspace) -> None:
    policy = make(workspace)
    found = try_policy(workspace, ADMINISTRATOR, policy)
    assert apply(workspace).counts["labels"] == found.would_label


def test_what_was_undone_is_said_and_a_next_version_is_tried(workspace: Workspace) -> None:
    policy = make(workspace)
    would = try_policy(workspace, ADMINISTRATOR, policy).would_label
    apply(workspace)
    undo(workspace, policy=policy.policy_id)
    found = try_policy(workspace, ADMINISTRATOR, policy)
    assert (found.undone, found.would_label) == (True, would)
    assert policy_details(workspace, ADMINISTRATOR, policy.policy_id).undone
    after = update_policy(workspace, ADMINISTRATOR, policy.policy_id, {"priority": 2})
    assert not try_policy(workspace, ADMINISTRATOR, after).undone
    newest, oldest = policy_details(workspace, ADMINISTRATOR, policy.policy_id).versions
    assert (newest.undone, oldest.undone) == (False, True)


def test_a_classifier_whose_published_version_was_undone_is_named(workspace: Workspace) -> None:
    assert try_policy(workspace, ADMINISTRATOR, draft()).undone_classifiers == []
    with workspace.registry.reading() as session:
        version = session.get_one(ClassifierRow, "contracts").published_version_id
    undo(workspace, classifier_version=version)
    found = try_policy(workspace, ADMINISTRATOR, draft())
    assert (found.undone_classifiers, found.would_label) == (["contracts"], 0)


def test_labels_of_people_and_of_policies_that_come_first_are_told_apart(
    workspace: Workspace,
) -> None:
    first, *_ = paths = sorted(matched(workspace))
    set_label(workspace, ADMINISTRATOR, first, "retention", "By hand")
    found = try_policy(workspace, ADMINISTRATOR, draft(priority=2))
    assert (found.would_label, found.kept_for_people, found.outranked) == (len(paths) - 1, 1, 0)
    make(workspace)
    found = try_policy(workspace, ADMINISTRATOR, draft(priority=2))
    assert (found.would_label, found.kept_for_people) == (0, 1)
    assert found.outranked == len(paths) - 1


def test_the_newest_fifty_and_a_random_sample_are_listed(workspace: Workspace) -> None:
    everything = draft(
        condition={
            "or": [
                {"classifier": "contracts", "at_least": "close match"},
                {"not": {"classifier": "contracts", "at_least": "close match"}},
            ]
        }
    )
    found = try_policy(workspace, ADMINISTRATOR, everything)
    again = try_policy(workspace, ADMINISTRATOR, everything)
    other = try_policy(workspace, ADMINISTRATOR, everything, seed=7)
    assert found.would_label == 250
    assert found.newest is not None
    assert len(found.newest) == NEWEST
    times = [row.created_at for row in found.newest]
    assert times == sorted(times, reverse=True)
    assert {row.path[-9:-4] for row in found.newest} >= {"09219", "09170", "09180"}
    assert found.sample is not None
    assert len(found.sample) == SAMPLE
    assert found.sample == again.sample
    assert other.sample is not None
    assert {row.path for row in other.sample} != {row.path for row in found.sample}


def test_each_sampled_item_is_explained_and_its_opening_recorded(workspace: Workspace) -> None:
    found = try_policy(workspace, ADMINISTRATOR, draft())
    assert found.sample
    for row in found.sample:
        words = [each.word.casefold() for each in row.words or ()]
        assert words
        assert len(set(words)) == len(words)
        assert row.path in matched(workspace)
    with workspace.registry.reading() as session:
        opened = session.query(AuditRow).filter_by(action="content opened").count()
    assert opened == len(found.sample)


def test_items_and_content_are_shown_to_those_who_may_see_them(workspace: Workspace) -> None:
    grant_role(workspace, ADMINISTRATOR, "robin", "record management")
    found = try_policy(workspace, "robin", draft())
    assert (found.sample, found.newest) == (None, None)
    assert found.would_label > 0
    grant_role(workspace, ADMINISTRATOR, "robin", "content explorer list viewer")
    found = try_policy(workspace, "robin", draft())
    assert found.sample
    assert {str(row.words) for row in found.sample} == {"None"}
    revoke_role(workspace, ADMINISTRATOR, "robin", "record management")
    with pytest.raises(NotPermitted):
        try_policy(workspace, "robin", draft())


def test_expected_errors_come_from_the_release_report_that_was_published_or_is_shown(
    workspace: Workspace,
) -> None:
    with workspace.registry.transaction() as session:
        row = session.query(PublicationRow).one()
        row.evidence = {name: row.evidence[name] for name in row.evidence if name[:7] != "release"}
    found = try_policy(workspace, ADMINISTRATOR, draft())
    (stated,) = found.expected_wrong
    report = show_report(workspace, ADMINISTRATOR, CLASSIFIER)
    assert stated.grade == report.figures["precision"].grade == "inferred"
    precision = {"grade": "measured", "estimate": 0.9, "lower": 0.8, "upper": 0.95}
    with workspace.registry.transaction() as session:
        row = session.query(PublicationRow).one()
        row.evidence = row.evidence | {"release_report": {"figures": {"precision": precision}}}
    (stated,) = try_policy(workspace, ADMINISTRATOR, draft()).expected_wrong
    count = found.would_label
    assert stated.grade == "measured"
    assert stated.wrong is not None
    assert stated.wrong.estimate == pytest.approx(0.1 * count, abs=0.06)
    assert stated.wrong.lower == pytest.approx(0.05 * count, abs=0.06)
    assert stated.wrong.upper == pytest.approx(0.2 * count, abs=0.06)
    # pointing back publishes the version again, without a report of its own
    with workspace.registry.transaction() as session:
        row = session.query(PublicationRow).one()
        session.add(
            PublicationRow(
                classifier_id=row.classifier_id, version_id=row.version_id, number=2,
                actor=ADMINISTRATOR, at=workspace.clock(), evidence={"points_back_to": 1},
            )
        )  # fmt: skip
    (stated,) = try_policy(workspace, ADMINISTRATOR, draft()).expected_wrong
    assert stated.grade == "measured"


def test_a_minimum_confidence_may_be_an_operating_point(workspace: Workspace) -> None:
    definition = {"classifier": CLASSIFIER, "at_least": BE_SURE}
    found = try_policy(workspace, ADMINISTRATOR, draft(condition=definition))
    assert f"{CLASSIFIER} is a match at the point {BE_SURE}" in found.policy.sentence
    [version] = found.by_version
    with workspace.registry.reading() as session:
        points = points_of(session.get_one(VersionRow, version))
    assert points is not None
    least = points.points[BE_SURE].threshold
    scores = [each.score or 0.0 for each in found.newest or ()]
    as_number = {"classifier": CLASSIFIER, "at_least": least}
    same = try_policy(workspace, ADMINISTRATOR, draft(condition=as_number))
    assert (found.reached, found.would_label) == (same.reached, same.would_label)
    assert found.expected_wrong == same.expected_wrong
    assert 0 < found.reached < try_policy(workspace, ADMINISTRATOR, draft()).reached
    assert min(scores) >= least
    [wrong] = found.expected_wrong
    report = report_of(workspace, CLASSIFIER, version, BE_SURE)
    assert wrong.grade == report.figures["precision"].grade


def test_a_release_sample_reviewed_after_publishing_settles_how_many_labels_are_wrong(
    workspace: Workspace,
) -> None:
    (stated,) = try_policy(workspace, ADMINISTRATOR, draft()).expected_wrong
    assert stated.grade == "inferred"
    draw_release_sample(workspace, ADMINISTRATOR, CLASSIFIER)
    review_all(workspace)
    (stated,) = try_policy(workspace, ADMINISTRATOR, draft()).expected_wrong
    assert stated.grade == "measured"
    assert stated.wrong is not None
    assert stated.wrong.lower <= stated.wrong.estimate <= stated.wrong.upper


def test_what_was_not_labelled_cannot_be_tried(stable: Organisation) -> None:
    from cultivar.operations.publishing.publishing import publish
    from tests.operations.policing import empower

    empower(stable.workspace)
    with pytest.raises(NotReady) as refusal:
        try_policy(stable.workspace, ADMINISTRATOR, draft())
    assert refusal.value.code == "unpublished-classifier"
    publish(stable.workspace, ADMINISTRATOR, "contracts")
    with pytest.raises(NotReady) as refusal:
        try_policy(stable.workspace, ADMINISTRATOR, draft())
    assert refusal.value.code == "not-labelled"
