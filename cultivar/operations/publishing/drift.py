"""Drift: what is live compared with what was released, and the reports that are kept of it.

It samples nothing by itself and retrains nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import NotReady
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.operating_points import Cut
from cultivar.core.reference import ArtifactReference
from cultivar.core.release_report.drift import (
    Drift,
    Finding,
    finding_from,
    match_rate_drift,
    new_place_drift,
    precision_drift,
    score_drift,
)
from cultivar.core.retraining.feedback import MATCH, judged_items
from cultivar.core.roles import Action, AnyActor
from cultivar.core.serialisation import as_json
from cultivar.operations.content.former_names import Renaming, name_now, renamings
from cultivar.operations.content_thresholds import cut_in_content
from cultivar.operations.publishing.release_reports import released_evidence
from cultivar.operations.publishing.release_scores import score_sample, score_values, strata_of
from cultivar.operations.retraining.feedback_events import feedback_rows, state_of_feedback
from cultivar.operations.transactions import snapshot, transaction
from cultivar.store.tables import (
    ClassifierRow,
    DriftRow,
    LabellingRow,
    LocationRow,
    PublicationRow,
)
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class DriftReport:
    """What was found of a live version at a moment.

    ``same_sample``: nothing was scored since the release, so both sides are the same scores.
    """

    classifier: str
    version: str
    at: datetime
    verdict: str
    findings: tuple[Finding, ...]
    same_sample: bool


def published_ids(workspace: Workspace, actor: AnyActor) -> list[str]:
    """Return the classifiers that have a live version, by id."""
    with snapshot(workspace, actor, Action.READ) as tx:
        query = select(ClassifierRow.id).where(ClassifierRow.published_version_id.is_not(None))
        return list(tx.session.scalars(query.order_by(ClassifierRow.id)))


def measure_drift(workspace: Workspace, actor: AnyActor, classifier: str) -> DriftReport:
    """Compare the live version with its release, keep the report, and return it.

    Scores and match rate are of the unlabelled samples then and now; precision is that of the
    matches which people reviewed before the release, and judged since. A location that the sample
    at release held nothing of is compared with it by itself. No verdict comes from noise:
    each finding carries its interval and sample sizes, and says when to sample more.

    Raises:
        NotReady: codes ``not-published``, ``no-release-scores``.
        NotPermitted: the actor may not label.
    """
    with snapshot(workspace, actor, Action.LABEL) as tx:
        row = tx.classifier(classifier)
        version_id = row.published_version_id
        if version_id is None:
            raise NotReady(
                "not-published",
                f"{row.name} has no live version to look at.",
                remedy=Remedy(NextStep.PUBLISH, row.id, "publishes one"),
            )
        released = _released_scores(tx.session, row)
        judged = _judged_matches(tx.session, row.id, version_id)
        labelled = _labelled(tx.session, row.id, version_id)
        renamed = renamings(tx.session)
    now = score_sample(workspace, version_id)
    if released is None or now is None:
        raise NotReady(
            "no-release-scores", f"{row.name} was released without scores to compare with."
        )
    then = workspace.artifacts.reference(released)
    cut = cut_in_content(workspace, version_id)
    seen = _places(workspace, then, renamed)
    evidence = released_evidence(workspace, row.id, version_id)
    right = (evidence.true_positives, evidence.true_positives + evidence.false_positives)
    found = Drift(
        (
            score_drift(score_values(workspace, then), score_values(workspace, now)),
            match_rate_drift(_matches(workspace, then, cut), _matches(workspace, now, cut)),
            precision_drift(right, judged),
            *(
                new_place_drift(name, _matches(workspace, then, cut), counts)
                for name, counts in labelled.items()
                if seen is not None and name not in seen
            ),
        )
    )
    return _keep(workspace, actor, (row.id, version_id), found, then.sha256 == now.sha256)


def _released_scores(session: Session, row: ClassifierRow) -> str | None:
    """Return the scores at the live version's first publication that kept some."""
    query = (
        select(PublicationRow)
        .where(
            PublicationRow.classifier_id == row.id,
            PublicationRow.version_id == row.published_version_id,
        )
        .order_by(PublicationRow.number)
    )
    kept = [each.evidence.get("scores_sha256") for each in session.scalars(query)]
    return next((sha256 for sha256 in kept if sha256), None)


def _judged_matches(session: Session, classifier_id: str, version_id: str) -> tuple[int, int]:
    """Return how many judged matches of a version are right, and how many there are."""
    kinds = {
        row.item_id: row.prediction
        for row in feedback_rows(session, classifier_id)
        if row.version_id == version_id
    }
    standing = state_of_feedback(session, classifier_id).standing.values()
    truths = [
        each.relevant
        for each in judged_items(given for given in standing if given.version_id == version_id)
        if kinds.get(each.item_id) == MATCH and each.relevant is not None
    ]
    return sum(truths), len(truths)


def _labelled(session: Session, classifier_id: str, version_id: str) -> dict[str, tuple[int, int]]:
    """Return matches and items of each content location that the version classified, by name."""
    query = (
        select(LabellingRow)
        .join(LocationRow, LocationRow.name == LabellingRow.location)
        .where(
            LabellingRow.classifier_id == classifier_id,
            LabellingRow.version_id == version_id,
            LocationRow.purpose == "content",
        )
        .order_by(LabellingRow.location)
    )
    return {row.location: (row.matches, row.items) for row in session.scalars(query)}


def _places(
    workspace: Workspace, scores: ArtifactReference, renamed: list[Renaming]
) -> set[str] | None:
    """Return the locations that a scored sample is from, by what they are named now.

    None where the registry does not know the sample.
    """
    sample = workspace.artifacts.inputs_of(scores.sha256).get("unlabelled")
    if sample is None:
        return None
    table = workspace.artifacts.read(workspace.artifacts.reference(sample), ["location"])
    return {name_now(renamed, name) for name in table.column("location").unique().to_pylist()}


def _matches(workspace: Workspace, scores: ArtifactReference, cut: Cut | None) -> tuple[int, int]:
    kinds = [kind for kind, _ in strata_of(workspace, scores, cut).values()]
    return kinds.count(MATCH), len(kinds)


def _keep(
    workspace: Workspace, actor: AnyActor, names: tuple[str, str], found: Drift, same_sample: bool
) -> DriftReport:
    report = {"findings": as_json(found.findings), "same_sample": same_sample}
    with transaction(workspace, actor, Action.LABEL) as tx:
        row = DriftRow(
            classifier_id=names[0], version_id=names[1], at=tx.at, verdict=found.verdict,
            report=report,
        )  # fmt: skip
        tx.session.add(row)
        tx.audit(AuditAction.DRIFT_MEASURED, names[0], version=names[1], verdict=found.verdict)
        return _report(row)


def drift_reports(workspace: Workspace, actor: AnyActor, classifier: str) -> list[DriftReport]:
    """Return what was found each time, newest first.

    Raises:
        NotPermitted: the actor may not read the area.
    """
    with snapshot(workspace, actor, Action.READ) as tx:
        row = tx.classifier(classifier)
        query = select(DriftRow).where(DriftRow.classifier_id == row.id)
        return [_report(each) for each in tx.session.scalars(query.order_by(DriftRow.id.desc()))]


def _report(row: DriftRow) -> DriftReport:
    findings = tuple(finding_from(each) for each in row.report["findings"])
    return DriftReport(
        row.classifier_id, row.version_id, row.at, row.verdict, findings, row.report["same_sample"]
    )
