"""Which version labelled an item on a day, who approved that version, and on what evidence."""

from datetime import datetime, timedelta

import pytest

from cultivar.core.errors import CultivarError, NotFound
from cultivar.core.roles import Role
from cultivar.operations.content.crawl_records import record_crawl
from cultivar.operations.content.item_history import ItemOn, item_on
from cultivar.operations.policies.manual_labels import release_label, set_label
from cultivar.operations.retraining.decisions import point_back, republish
from cultivar.operations.tenant.people import grant_role
from cultivar.store.tables import ClassifierRow
from cultivar.store.workspace import Workspace
from tests.operations.mail import give, label, later, listed, retrain
from tests.operations.organisation import ADMINISTRATOR, Organisation, documents, items_table
from tests.operations.policing import apply

ITEM = "inbox/20000.txt"
DAY = timedelta(days=1)


def asked(organisation: Organisation, on: datetime | None = None) -> ItemOn:
    return item_on(organisation.workspace, ADMINISTRATOR, ITEM, on)


def moved(organisation: Organisation, days: int) -> tuple[Organisation, datetime]:
    """Return the organisation some days on, and that moment."""
    there = later(organisation, days * DAY)
    return there, there.workspace.clock()


def test_the_answer_names_version_approver_and_evidence(used: Organisation) -> None:
    apply(used.workspace, location="mail")
    found = asked(used)
    [predicted] = found.predictions
    assert (found.location, predicted.classifier, predicted.prediction) == (
        "mail", "contracts", "match",
    )  # fmt: skip
    approval = predicted.version.approval
    assert approval is not None
    assert (approval.number, approval.actor) == (1, ADMINISTRATOR)
    assert approval.evidence["decided"] == 210
    assert "release_report" in approval.evidence
    [given] = found.labels
    assert (given.label, given.policy, given.policy_version) == ("Contract", "keep-contracts", 1)
    assert given.version == predicted.version
    assert given.application == 1


def test_before_anything_labelled_it_the_answer_is_empty(used: Organisation) -> None:
    found = asked(used, used.workspace.clock() - 365 * DAY)
    assert (found.predictions, found.labels) == ((), ())


def test_each_day_is_answered_as_it_was_after_republishing_and_pointing_back(
    used: Organisation,
) -> None:
    apply(used.workspace, location="mail")
    first = asked(used)
    second_day, at_second = moved(used, 2)
    give(second_day, listed(second_day)[:30])
    retrain(second_day)
    republish(second_day.workspace, ADMINISTRATOR, "contracts", reason="the second one is wanted")
    label(second_day.workspace)
    third_day, _ = moved(used, 4)
    point_back(third_day.workspace, ADMINISTRATOR, "contracts")
    label(third_day.workspace)
    on_first = asked(third_day, at_second - DAY)
    on_second = asked(third_day, at_second + DAY)
    on_third = asked(third_day)
    assert on_first.predictions == first.predictions
    versions = [each.predictions[0].version for each in (on_first, on_second, on_third)]
    assert versions[0].version_id == versions[2].version_id != versions[1].version_id
    approvals = [each.approval for each in versions]
    assert [each.number for each in approvals if each] == [1, 2, 3]
    assert approvals[1] is not None
    assert approvals[1].evidence["override_reason"] == "the second one is wanted"
    assert approvals[1].evidence["comparison_sha256"]


def test_a_label_by_hand_stands_from_its_day_until_it_was_left_to_the_policies(
    used: Organisation,
) -> None:
    apply(used.workspace, location="mail")
    before = used.workspace.clock()
    second, at_second = moved(used, 2)
    set_label(second.workspace, ADMINISTRATOR, ITEM, "retention", "Held")
    third, at_third = moved(used, 4)
    set_label(third.workspace, ADMINISTRATOR, ITEM, "retention", None)
    fourth, _ = moved(used, 6)
    release_label(fourth.workspace, ADMINISTRATOR, ITEM, "retention")
    labels = [
        [(each.label, each.policy) for each in asked(fourth, on).labels]
        for on in (before + DAY, at_second + DAY, at_third + DAY, None)
    ]
    of_policy = [("Contract", "keep-contracts")]
    assert labels == [of_policy, [("Held", None)], [], of_policy]


def test_an_item_that_was_deleted_since_is_still_answered_for(used: Organisation) -> None:
    item_id = asked(used).item_id
    workspace = later(used, DAY).workspace
    rest = items_table("mail", documents(["other"], 3, "inbox"))
    items = workspace.artifacts.write("items", rest, producer="crawl")
    record_crawl(workspace, "mail", items, {"found": 3})
    for name in (ITEM, item_id, item_id[:12]):
        found = item_on(workspace, ADMINISTRATOR, name)
        assert (found.item_id, found.location) == (item_id, "mail")
        assert found.predictions


def test_an_item_that_no_version_listed_was_no_match(used: Organisation) -> None:
    workspace = used.workspace
    ids = [each.item_id for each in listed(used)]
    with workspace.registry.reading() as session:
        row = session.get_one(ClassifierRow, "contracts")
        assert row.published_version_id
    items = workspace.artifacts.read(
        workspace.artifacts.reference(_items_of(workspace)), ["item_id"]
    )
    other = next(name for name in items["item_id"].to_pylist() if name not in ids)
    [predicted] = item_on(workspace, ADMINISTRATOR, other).predictions
    assert (predicted.prediction, predicted.score) == ("no match", None)


def _items_of(workspace: Workspace) -> str:
    from cultivar.operations.content.locations import locations

    return next(each.items_sha256 or "" for each in locations(workspace) if each.name == "intranet")


def test_an_unknown_item_is_refused(used: Organisation) -> None:
    with pytest.raises(NotFound) as caught:
        item_on(used.workspace, ADMINISTRATOR, "no/such/file.txt")
    assert caught.value.code == "unknown-item"


@pytest.mark.parametrize("roles", [(), (Role.COMPLIANCE_ADMINISTRATOR,), (Role.LIST_VIEWER,)])
def test_the_answer_needs_the_area_and_the_list_viewer(
    used: Organisation, roles: tuple[Role, ...]
) -> None:
    for role in roles:
        grant_role(used.workspace, ADMINISTRATOR, "kim", str(role))
    with pytest.raises(CultivarError) as caught:
        item_on(used.workspace, "kim", ITEM)
    assert caught.value.code == "wrong-role"
