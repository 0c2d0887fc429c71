"""What the tests of policies share: roles for the administrator, definitions, a labelled home."""

from collections.abc import Mapping
from typing import Any

from cultivar.core.policies.policy import Policy
from cultivar.operations.policies.application import apply_labels
from cultivar.operations.policies.evaluation import Evaluated, current_application, evaluate
from cultivar.operations.policies.policies import create_policy
from cultivar.operations.publishing.publishing import publish
from cultivar.operations.scoring.item_labels import label_items
from cultivar.operations.scoring.labelling import labelling_due, record_labelling
from cultivar.operations.tenant.people import grant_role
from cultivar.store.tables import ClassifierRow, LabellingRow
from cultivar.store.workspace import Workspace
from tests.operations.organisation import ADMINISTRATOR, Organisation

ROLES = ("record management", "insider risk management administrator")
MATCH: Mapping[str, Any] = {"classifier": "contracts", "at_least": "match"}
ACTIONS: Mapping[str, Mapping[str, Any]] = {
    "sensitivity label": {"label": "Confidential"},
    "retention label": {
        "label": "Contract, 10 years",
        "retain_days": 3650,
        "afterwards": "review before deletion",
    },
    "communication compliance": {"label": "Contract talk", "queue": "legal desk"},
}


def define(kind: str = "retention label", name: str = "Keep contracts", **parts: Any) -> Any:
    """Return a policy's definition as a person writes it."""
    return {"name": name, "kind": kind, "condition": MATCH, "action": ACTIONS[kind], **parts}


def empower(workspace: Workspace) -> None:
    """Give the administrator the roles for policies of every kind."""
    for role in ROLES:
        grant_role(workspace, ADMINISTRATOR, ADMINISTRATOR, role)


def make(workspace: Workspace, *writers: str, **parts: Any) -> Policy:
    """Create a policy as the administrator."""
    return create_policy(workspace, ADMINISTRATOR, define(**parts), writers)


def publish_and_label(organisation: Organisation) -> None:
    """Publish the classifier, label all content with it, and empower the administrator."""
    empower(organisation.workspace)
    publish(organisation.workspace, ADMINISTRATOR, "contracts")
    label(organisation.workspace)


def label(workspace: Workspace) -> None:
    """Label what is due."""
    for due in labelling_due(workspace, ADMINISTRATOR):
        [made] = label_items(workspace, [due])
        record_labelling(workspace, ADMINISTRATOR, due, *made)


def pass_gates(workspace: Workspace, evaluated: Evaluated) -> None:
    """Record that the gates passed over what was evaluated."""
    organisation = Organisation(workspace)
    organisation.passes("labels", evaluated.labels)
    organisation.passes("label_changes", evaluated.changes)


def apply(workspace: Workspace, *accepted: str, location: str = "intranet") -> Evaluated:
    """Evaluate the enabled policies at a location, and put the labels in force."""
    found = evaluate(workspace, ADMINISTRATOR, location)
    pass_gates(workspace, found)
    apply_labels(workspace, ADMINISTRATOR, found, accepted)
    return found


def labels_in_force(workspace: Workspace, location: str = "intranet") -> list[dict[str, Any]]:
    """Return the rows of the labels in force."""
    with workspace.registry.reading() as session:
        last = current_application(session, location)
    assert last is not None
    rows = workspace.artifacts.read(workspace.artifacts.reference(last.labels_sha256)).to_pylist()
    return list(rows)


def matches(workspace: Workspace, location: str = "intranet") -> dict[str, str]:
    """Return the prediction of each listed item, by path."""
    with workspace.registry.reading() as session:
        row = session.get_one(LabellingRow, (location, "contracts"))
    table = workspace.artifacts.read(workspace.artifacts.reference(row.assignments_sha256))
    return dict(zip(table["path"].to_pylist(), table["prediction"].to_pylist(), strict=True))


def retrained(workspace: Workspace) -> str:
    """Publish another version, as a republish does, and label with it."""
    from cultivar.operations.review.items import write_reviews
    from cultivar.operations.training.training import record_version, train_version

    reviews, _ = write_reviews(workspace, "contracts")
    model = train_version(workspace, "contracts", reviews).artifact
    version, _ = record_version(workspace, ADMINISTRATOR, "contracts", model, "review")
    with workspace.registry.transaction() as session:
        session.get_one(ClassifierRow, "contracts").published_version_id = version
    label(workspace)
    return version
