"""The second half of a life step by step, with what must hold of it whatever was done before.

Two published classifiers, in use by retention policies over mail; two people who judge.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from cultivar.core.errors import CultivarError
from cultivar.core.limits import CORRECTIONS_TO_RETRAIN, RETRAININGS_A_DAY
from cultivar.core.retraining.feedback import MATCH, NOT_A_MATCH
from cultivar.core.roles import Role
from cultivar.operations.classifiers.classifiers import grant_trainer
from cultivar.operations.outbox import RETRAINING_DUE, UNDO_DUE, due
from cultivar.operations.policies.application import apply_labels
from cultivar.operations.policies.evaluation import (
    current_application,
    evaluate,
    locations_to_apply,
)
from cultivar.operations.policies.policies import create_policy
from cultivar.operations.policies.undo import (
    Undone,
    begin_undo,
    finish_undo,
    locations_to_undo,
    undo_location,
)
from cultivar.operations.publishing.publishing import publish
from cultivar.operations.retraining.feedback import Verdict, give_feedback
from cultivar.operations.retraining.feedback_views import feedback_status, items_to_judge
from cultivar.operations.retraining.retraining import begin_retraining, finish_retraining
from cultivar.operations.retraining.retrainings import may_retrain
from cultivar.operations.tenant.people import grant_role
from cultivar.store.tables import (
    ApplicationRow,
    ArtifactRow,
    ClassifierRow,
    FeedbackRow,
    GateResultRow,
    PublicationRow,
    RetrainingRow,
    VersionRow,
)
from cultivar.store.workspace import Workspace
from tests.operations.mail import evaluated, label
from tests.operations.organisation import ADMINISTRATOR, Organisation
from tests.operations.policing import pass_gates

CLASSIFIERS = ("contracts", "leases")
PEOPLE = (ADMINISTRATOR, "kim")
REASON = "Agreed with the records board"
WINDOW = timedelta(hours=24)
LEASES = {
    "name": "Keep leases",
    "kind": "retention label",
    "condition": {"classifier": "leases", "at_least": "match"},
    "action": {"label": "Lease", "retain_days": 365, "afterwards": "delete"},
    "priority": 7,
}
CONFIDENTIAL = {
    "name": "Confidential",
    "kind": "sensitivity label",
    "condition": {"or": [{"classifier": each, "at_least": "match"} for each in CLASSIFIERS]},
    "action": {"label": "Confidential"},
}
Verdicts = dict[tuple[str, str], str]


def settle(organisation: Organisation) -> None:
    """Come from one classifier in use to the point at which both lives begin."""
    workspace = organisation.workspace
    organisation.create("Leases")
    organisation.train("leases")
    organisation.test("leases", site="lease-tests")
    organisation.agree("leases")
    publish(workspace, ADMINISTRATOR, "leases")
    grant_role(workspace, ADMINISTRATOR, "kim", str(Role.COMPLIANCE_ADMINISTRATOR))
    grant_role(workspace, ADMINISTRATOR, "kim", str(Role.LIST_VIEWER))
    for classifier in CLASSIFIERS:
        grant_trainer(workspace, ADMINISTRATOR, classifier, "kim")
    create_policy(workspace, ADMINISTRATOR, LEASES)
    create_policy(workspace, ADMINISTRATOR, CONFIDENTIAL)
    label(workspace)


def verdicts_on(
    workspace: Workspace, classifier: str, places: range, *, wrong: bool
) -> list[Verdict]:
    """Return verdicts on the listed items at these places, all of them right or wrong."""
    items = items_to_judge(workspace, ADMINISTRATOR, classifier)
    chosen = {items[place % len(items)].item_id: items[place % len(items)] for place in places}
    return [
        Verdict(
            each.item_id,
            NOT_A_MATCH if each.known["folder"].endswith("mixed") != wrong else MATCH,
        )
        for each in chosen.values()
    ]


def send(workspace: Workspace, person: str, classifier: str, verdicts: list[Verdict]) -> None:
    """Give feedback in one send."""
    give_feedback(workspace, person, classifier, verdicts)


def retrain_what_is_due(workspace: Workspace) -> int:
    """Do as the sweep does: retrain what is due or was left; return how many were retrained."""
    done = 0
    for each in due(workspace, RETRAINING_DUE):
        if may_retrain(workspace, each.subject):
            begun = begin_retraining(workspace, ADMINISTRATOR, each.subject)
            made = evaluated(Organisation(workspace), begun)
            finish_retraining(workspace, ADMINISTRATOR, begun, made)
            done += 1
    return done


def apply_everything(workspace: Workspace) -> None:
    """Label what is due, then apply every policy, accepting each difference as it is shown."""
    label(workspace)
    for location in locations_to_apply(workspace, ADMINISTRATOR):
        found = evaluate(workspace, ADMINISTRATOR, location)
        pass_gates(workspace, found)
        apply_labels(workspace, ADMINISTRATOR, found, [found.token])


def undo(workspace: Workspace, policy: str) -> None:
    """Undo a policy's newest version everywhere."""
    begin_undo(workspace, ADMINISTRATOR, policy=policy)
    undo_what_is_due(workspace)


def undo_what_is_due(workspace: Workspace) -> None:
    """Do as the sweep does with what was undone and left."""
    for each in due(workspace, UNDO_DUE):
        undone = Undone.named(each.subject)
        for location in locations_to_undo(workspace, undone):
            undo_location(workspace, ADMINISTRATOR, location, undone)
        finish_undo(workspace, ADMINISTRATOR, undone)


def standing(workspace: Workspace, classifier: str) -> Verdicts:
    """Return (item, person) → the verdict that stands."""
    found = feedback_status(workspace, ADMINISTRATOR, classifier).verdicts
    return {(each.item_id, each.person): each.verdict for each in found}


def live(workspace: Workspace) -> dict[str, str | None]:
    """Return each classifier's published version."""
    with workspace.registry.reading() as session:
        rows = session.scalars(select(ClassifierRow))
        return {row.id: row.published_version_id for row in rows}


def code_of(refusal: object) -> str | None:
    """Return the code of what was refused, None for what was done."""
    return refusal.code if isinstance(refusal, CultivarError) else None


def require_all(workspace: Workspace) -> None:
    """Check everything that must hold between any two deeds.

    Raises:
        AssertionError: something does not.
    """
    _nothing_is_half_written(workspace)
    _no_pointer_without_evidence(workspace)
    _cap_is_kept(workspace)
    _word_is_left(workspace)
    for location in ("mail", "intranet"):
        _nothing_is_assigned_twice(workspace, location)


def _nothing_is_half_written(workspace: Workspace) -> None:
    with workspace.registry.reading() as session:
        rows = session.scalars(select(ArtifactRow)).all()
    for row in rows:
        assert workspace.artifacts.files.size(row.path) == row.size, row.schema_name


def _no_pointer_without_evidence(workspace: Workspace) -> None:
    with workspace.registry.reading() as session:
        for row in session.scalars(select(ClassifierRow)):
            query = select(PublicationRow).where(PublicationRow.classifier_id == row.id)
            publications = session.scalars(query.order_by(PublicationRow.number)).all()
            assert [each.number for each in publications] == list(range(1, len(publications) + 1))
            assert publications[-1].version_id == row.published_version_id
            for each in publications:
                version = session.get_one(VersionRow, each.version_id)
                assert session.get(ArtifactRow, version.model_sha256) is not None
                assert _is_evident(session, each), f"publication {each.number} of {row.id}"


def _is_evident(session: Any, publication: PublicationRow) -> bool:
    """Tell whether a publication rests on a stable review, a decided comparison, or on another."""
    evidence = publication.evidence
    if "points_back_to" in evidence:
        return True
    if "retraining" not in evidence:
        return publication.number == 1 and "release_report" in evidence
    made = session.scalars(
        select(RetrainingRow).where(
            RetrainingRow.classifier_id == publication.classifier_id,
            RetrainingRow.number == evidence["retraining"],
        )
    ).one()
    passed = session.scalars(
        select(GateResultRow.artifact_sha256).where(GateResultRow.outcome == "pass")
    ).all()
    return (
        (made.outcome, made.decision) == ("finished", "republished")
        and made.retrained_version_id == publication.version_id
        and {made.comparison_sha256, made.feedback_sha256} <= set(passed)
        and session.get(ArtifactRow, made.overview_sha256) is not None
    )


def _cap_is_kept(workspace: Workspace) -> None:
    with workspace.registry.reading() as session:
        rows = session.scalars(select(RetrainingRow).order_by(RetrainingRow.started_at)).all()
        judged = Counter(session.scalars(select(FeedbackRow.classifier_id)))
    for classifier in CLASSIFIERS:
        starts = [row.started_at for row in rows if row.classifier_id == classifier]
        for first, third in zip(starts, starts[RETRAININGS_A_DAY:], strict=False):
            assert third - first >= WINDOW, f"{classifier} retrained three times in a day"
        learned = sum(row.outcome == "finished" for row in rows if row.classifier_id == classifier)
        assert learned * CORRECTIONS_TO_RETRAIN <= judged[classifier]


def _word_is_left(workspace: Workspace) -> None:
    """Check that enough judged items always leave word, so that no verdict waits for ever."""
    subjects = {each.subject for each in due(workspace, RETRAINING_DUE)}
    for classifier in CLASSIFIERS:
        found = feedback_status(workspace, ADMINISTRATOR, classifier)
        if found.code in {"due", "retraining-cap"}:
            assert classifier in subjects


def _nothing_is_assigned_twice(workspace: Workspace, location: str) -> None:
    """Play every application's changes; they must fit each other and end in what is in force."""
    with workspace.registry.reading() as session:
        query = select(ApplicationRow).where(ApplicationRow.location == location)
        applied = session.scalars(query.order_by(ApplicationRow.number)).all()
        last = current_application(session, location)
    assert [row.number for row in applied] == list(range(1, len(applied) + 1))
    if last is None:
        return
    played: dict[tuple[str, str, str], str] = {}
    for row in applied:
        for change in _rows(workspace, row.changes_sha256):
            key = (change["item_id"], change["kind"], change["slot"])
            assert played.get(key) == change["before"], "a label is assigned or taken back twice"
            played.pop(key, None)
            if change["after"] is not None:
                played[key] = change["after"]
    found = list(_rows(workspace, last.labels_sha256))
    keys = [(each["item_id"], each["kind"], each["slot"]) for each in found]
    assert len(keys) == len(set(keys)), "an item has a label twice"
    assert dict(zip(keys, (each["label"] for each in found), strict=True)) == played
    assert all(1 <= each["application"] <= last.number for each in found)


def _rows(workspace: Workspace, sha256: str) -> Iterator[dict[str, Any]]:
    rows: list[dict[str, Any]] = workspace.artifacts.read(
        workspace.artifacts.reference(sha256)
    ).to_pylist()
    yield from rows
