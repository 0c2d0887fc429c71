"""A published classifier in use over mail: the point from which feedback and retraining start."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc

from cultivar.core.retraining.feedback import MATCH, NOT_A_MATCH
from cultivar.core.roles import Role
from cultivar.operations.content.crawl_records import record_crawl
from cultivar.operations.content.locations import add_location
from cultivar.operations.policies.policies import create_policy
from cultivar.operations.publishing.publishing import publish
from cultivar.operations.retraining.candidates import Candidate
from cultivar.operations.retraining.crossfit import compare_versions, contender
from cultivar.operations.retraining.feedback import Sent, Verdict, give_feedback
from cultivar.operations.retraining.feedback_views import items_to_judge
from cultivar.operations.retraining.retraining import (
    Begun,
    Made,
    begin_retraining,
    finish_retraining,
    write_feedback,
)
from cultivar.operations.review.items import write_reviews
from cultivar.operations.scoring.item_labels import label_items
from cultivar.operations.scoring.labelling import labelling_due, record_labelling
from cultivar.operations.tenant.people import grant_role
from cultivar.operations.training.training import train_version
from cultivar.store.tables import LabellingRow, RetrainingRow
from cultivar.store.workspace import Workspace
from tests.operations.organisation import (
    ADMINISTRATOR,
    CONTRACT,
    NOISE,
    Document,
    Organisation,
    documents,
    items_table,
    written,
)

CLASSIFIER = "contracts"
POLICY = {
    "name": "Keep contracts",
    "kind": "retention label",
    "condition": {"classifier": CLASSIFIER, "at_least": "match"},
    "action": {"label": "Contract", "retain_days": 3650, "afterwards": "delete"},
}


def add_mail(organisation: Organisation, found: Sequence[Document], name: str = "mail") -> None:
    """Add a mail location and give it the items of a crawl."""
    workspace = organisation.workspace
    add_location(workspace, ADMINISTRATOR, name, f"memory://{name}", "exchange")
    table = items_table(name, found)
    workload = pa.array(["exchange"] * len(table), pa.string())
    table = table.set_column(
        table.column_names.index("workload"), table.schema.field("workload"), workload
    )
    items = workspace.artifacts.write("items", table, producer="crawl")
    record_crawl(workspace, name, items, {"found": items.rows})


def mixed(count: int, folder: str = "mixed", start: int = 0) -> list[Document]:
    """Return documents that speak of contracts more than of anything else, and are none."""
    return [
        replace(each, text=f"{written(CONTRACT, number, 30)} {written(NOISE, number, 10)}")
        for number, each in enumerate(documents(NOISE, count, folder, start), start=start)
    ]


def label(workspace: Workspace, actor: str = ADMINISTRATOR) -> None:
    """Label every location that is due."""
    for due in labelling_due(workspace, actor):
        [made] = label_items(workspace, [due])
        record_labelling(workspace, actor, due, *made)


def show_close_matches(workspace: Workspace, below: float) -> None:
    """Turn the listed matches that score below a bound into close matches.

    The texts of these tests are so far apart that a classifier of them knows no close ones.
    """
    with workspace.registry.reading() as session:
        [row] = session.query(LabellingRow).filter_by(location="mail")
    table = workspace.artifacts.read(workspace.artifacts.reference(row.assignments_sha256))
    close = pc.if_else(pc.less(table.column("score"), below), "close match", "match")
    at = table.column_names.index("prediction")
    table = table.set_column(at, table.schema.field("prediction"), close)
    changed = workspace.artifacts.write("assignments", table, producer="labelling")
    with workspace.registry.transaction() as session:
        key = (row.location, row.classifier_id)
        session.get_one(LabellingRow, key).assignments_sha256 = changed.sha256


def allow_retention(workspace: Workspace, person: str = ADMINISTRATOR) -> None:
    """Let a person use classifiers in retention policies."""
    grant_role(workspace, ADMINISTRATOR, person, str(Role.RECORD_MANAGEMENT))


def in_use(organisation: Organisation) -> Organisation:
    """Publish, add 80 contracts and 60 mixed letters to mail, label, and write a policy."""
    publish(organisation.workspace, ADMINISTRATOR, CLASSIFIER)
    add_mail(
        organisation,
        [*documents(CONTRACT, 80, "inbox", 20_000), *mixed(60, "inbox/mixed", 30_000)],
    )
    label(organisation.workspace)
    allow_retention(organisation.workspace)
    create_policy(organisation.workspace, ADMINISTRATOR, POLICY)
    return organisation


def in_small_use(organisation: Organisation) -> Organisation:
    """Publish, and use the classifier over a mailbox of which it lists 39 mails."""
    publish(organisation.workspace, ADMINISTRATOR, CLASSIFIER)
    add_mail(
        organisation, [*documents(CONTRACT, 29, "inbox", 20_000), *mixed(17, "inbox/mixed", 30_000)]
    )
    label(organisation.workspace)
    allow_retention(organisation.workspace)
    create_policy(organisation.workspace, ADMINISTRATOR, POLICY)
    return organisation


def listed(organisation: Organisation) -> list[Candidate]:
    """Return the items that may be judged."""
    return items_to_judge(organisation.workspace, ADMINISTRATOR, CLASSIFIER)


def judged(items: Sequence[Candidate]) -> list[Verdict]:
    """Return verdicts as the folders say: mixed letters are no contracts."""
    return [
        Verdict(each.item_id, NOT_A_MATCH if each.known["folder"].endswith("mixed") else MATCH)
        for each in items
    ]


def give(
    organisation: Organisation, items: Sequence[Candidate], actor: str = ADMINISTRATOR
) -> Sent:
    """Judge items in one send."""
    return give_feedback(organisation.workspace, actor, CLASSIFIER, judged(items))


def silent(_done: int, _total: int | None) -> None:
    """Take no notice of progress."""


def evaluated(organisation: Organisation, begun: Begun) -> Made:
    """Learn and compare as the flow does, with every gate open."""
    workspace = organisation.workspace
    feedback = write_feedback(workspace, begun)
    organisation.passes("feedback", feedback, begun.classifier_id)
    reviews, _ = write_reviews(workspace, begun.classifier_id)
    model = train_version(workspace, begun.classifier_id, reviews, feedback).artifact
    live = workspace.artifacts.reference(begun.published_model)
    compared = compare_versions(
        workspace, contender(workspace, live), contender(workspace, model), silent
    )
    organisation.passes("comparison", compared.comparison, begun.classifier_id)
    figures = compared.found.as_dict()
    return Made(model, feedback, compared.comparison, compared.overview, figures)


def retrain(organisation: Organisation, actor: str = ADMINISTRATOR) -> str:
    """Retrain as the flow does and return the retrained version."""
    begun = begin_retraining(organisation.workspace, actor, CLASSIFIER)
    made = evaluated(organisation, begun)
    return finish_retraining(organisation.workspace, actor, begun, made)


def later(organisation: Organisation, moved: timedelta) -> Organisation:
    """Return the organisation with its clock put on."""
    workspace = organisation.workspace
    clock = workspace.clock
    return replace(organisation, workspace=replace(workspace, clock=lambda: clock() + moved))


def retrain_without_evidence(organisation: Organisation) -> None:
    """Retrain a version that learned that letters match, and say that evidence is lacking."""
    give(organisation, listed(organisation)[:40])
    retrain(organisation)
    with organisation.workspace.registry.transaction() as session:
        row = session.query(RetrainingRow).one()
        recommended = {"decision": "not enough evidence", "action": "x", "reasons": ["Because."]}
        row.figures = dict(row.figures or {}) | {"recommendation": recommended}
