"""Labels that a person decided: they stay until a person leaves them to the policies."""

import pytest
from sqlalchemy import select

from cultivar.core.errors import CultivarError, NotPermitted
from cultivar.operations.policies.evaluation import locations_to_apply
from cultivar.operations.policies.manual_labels import release_label, set_label
from cultivar.operations.policies.policies import update_policy
from cultivar.operations.tenant.people import grant_role
from cultivar.store.tables import PersonLabelRow
from cultivar.store.workspace import Workspace
from tests.operations.organisation import ADMINISTRATOR, Organisation
from tests.operations.policing import apply, labels_in_force, make, matches, publish_and_label


@pytest.fixture
def workspace(stable: Organisation) -> Workspace:
    publish_and_label(stable)
    make(stable.workspace)
    return stable.workspace


def a_match(workspace: Workspace) -> str:
    return min(path for path, found in matches(workspace).items() if found == "match")


@pytest.mark.parametrize("label", ["Secret", None])
def test_a_label_that_a_person_decided_is_never_overwritten(
    workspace: Workspace, label: str | None
) -> None:
    item = a_match(workspace)
    set_label(workspace, ADMINISTRATOR, item, "retention label", label)
    found = apply(workspace)
    assert found.counts["kept for people"] == 1
    assert item not in {row["path"] for row in labels_in_force(workspace)}
    update_policy(workspace, ADMINISTRATOR, "keep-contracts", {"priority": 2})
    apply(workspace)
    assert item not in {row["path"] for row in labels_in_force(workspace)}
    with workspace.registry.reading() as session:
        (kept,) = session.scalars(select(PersonLabelRow))
    assert (kept.label, kept.person, kept.kind) == (label, ADMINISTRATOR, "retention label")


def test_a_persons_label_takes_the_place_of_a_policys_and_gives_it_back(
    workspace: Workspace,
) -> None:
    apply(workspace)
    item = a_match(workspace)
    given = set_label(workspace, ADMINISTRATOR, item, "retention", "By hand")
    assert locations_to_apply(workspace, ADMINISTRATOR) == ["intranet"]
    found = apply(workspace)
    assert found.counts["removed"] == 1
    assert not found.needs_acceptance
    assert release_label(workspace, ADMINISTRATOR, given.item_id, "retention")
    assert not release_label(workspace, ADMINISTRATOR, given.item_id, "retention")
    assert apply(workspace).counts["added"] == 1
    assert item in {row["path"] for row in labels_in_force(workspace)}


def test_a_kind_that_a_person_did_not_decide_is_labelled_still(workspace: Workspace) -> None:
    make(workspace, kind="sensitivity label", name="Secret")
    item = a_match(workspace)
    set_label(workspace, ADMINISTRATOR, item, "retention", "By hand")
    apply(workspace)
    kinds = [row["kind"] for row in labels_in_force(workspace) if row["path"] == item]
    assert kinds == ["sensitivity label"]


def test_who_may_not_write_such_policies_may_not_label_by_hand(workspace: Workspace) -> None:
    grant_role(workspace, ADMINISTRATOR, "robin", "security administrator")
    item = a_match(workspace)
    with pytest.raises(NotPermitted):
        set_label(workspace, "robin", item, "retention", "By hand")
    assert set_label(workspace, "robin", item, "sensitivity", "Secret").person == "robin"


@pytest.mark.parametrize(
    ("item", "kind", "label", "code"),
    [
        ("nowhere", "retention", "x", "unknown-item"),
        ("legal/09000.txt", "communication", "x", "unknown-kind"),
        ("legal/09000.txt", "retention", " ", "no-label"),
    ],
)
def test_what_cannot_be_set_is_named(
    workspace: Workspace, item: str, kind: str, label: str, code: str
) -> None:
    with pytest.raises(CultivarError) as refusal:
        set_label(workspace, ADMINISTRATOR, item, kind, label)
    assert refusal.value.code == code
