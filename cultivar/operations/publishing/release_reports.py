"""The release report of a version: inferred at once, measured once its release sample is reviewed.

It states what is known and how well; whether to publish is a person's decision.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import GateClosed, NotFound, NotReady
from cultivar.core.intervals import DECIMALS
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.operating_points import Cut
from cultivar.core.release_report.grades import MEASURED, poorly_known, within_counted
from cultivar.core.release_report.inferred import InferredEvidence
from cultivar.core.release_report.report import (
    ReleaseReport as Report,
)
from cultivar.core.release_report.report import (
    release_report,
    report_by_score,
    unscored_report,
)
from cultivar.core.review.order import NOT_SURE, is_relevant
from cultivar.core.roles import Action, AnyActor
from cultivar.core.serialisation import fields_of
from cultivar.core.vocabulary import MATCH
from cultivar.operations.content_thresholds import cut_in_content, point_in_content, points_of
from cultivar.operations.publishing.release_scores import score_sample, strata_of
from cultivar.operations.publishing.release_strata import sampled_strata
from cultivar.operations.publishing.scored_samples import planned_sample
from cultivar.operations.publishing.summaries import (
    CountedItems,
    ReleaseEvidence,
    ReleaseReport,
    VersionReport,
)
from cultivar.operations.retraining.retrainings import newest_finished
from cultivar.operations.review.batches import closed_reviews
from cultivar.operations.transactions import Transaction, snapshot, tenant_of, transaction
from cultivar.store.tables import (
    ClassifierRow,
    LabellingRow,
    LocationRow,
    RetrainingRow,
    VersionRow,
)
from cultivar.store.workspace import Workspace

_Report = tuple[Report, Mapping[str, int] | Literal[False]]


def released_evidence(
    workspace: Workspace, classifier_id: str, version_id: str, at: str | None = None
) -> InferredEvidence:
    """Return the counts from which a version's report is inferred.

    They are of what matches in content: ``at`` an operating point, the version's own unless it is
    named. The rates are those on reviewed test items, each judged by a model that had not learned
    from it.
    """
    scores = score_sample(workspace, version_id)
    cut = cut_in_content(workspace, version_id, at)
    kinds = [kind for kind, _ in strata_of(workspace, scores, cut).values()] if scores else []
    with workspace.registry.reading() as session:
        documents = tenant_of(session).baseline_documents
    rates = _rates(workspace, classifier_id, version_id, at)
    return InferredEvidence(max(documents, len(kinds)), len(kinds), kinds.count(MATCH), *rates)


def _rates(
    workspace: Workspace, classifier_id: str, version_id: str, at: str | None
) -> tuple[int, int, int, int]:
    """Return reviewed positives and the matches among them, and the same of the negatives.

    At an operating point, a version that learned from reviews has counted them at its training, and
    one that did not has judged them itself. At the review's threshold, they were judged as reviewed
    for a version that learned from reviews, out-of-fold for a retrained one.
    """
    with workspace.registry.reading() as session:
        points = points_of(session.get_one(VersionRow, version_id))
        point = at or point_in_content(session, version_id)
        if points is not None and point is not None:
            learned = points.reviewed(point)
            judged = _judged_itself(session, classifier_id, version_id, points.cut(point))
            return learned if any(learned) else _counted_pairs(judged)
        retrained = session.scalars(
            select(RetrainingRow).where(
                RetrainingRow.retrained_version_id == version_id,
                RetrainingRow.comparison_sha256.is_not(None),
            )
        ).first()
        pairs = _as_reviewed(session, classifier_id)
    if retrained is not None:
        pairs = _out_of_fold(workspace, retrained.comparison_sha256 or "")
    return _counted_pairs(pairs)


def _counted_pairs(pairs: list[tuple[bool, bool]]) -> tuple[int, int, int, int]:
    relevant = [matched for truth, matched in pairs if truth]
    others = [matched for truth, matched in pairs if not truth]
    return len(relevant), sum(relevant), len(others), sum(others)


def _judged_itself(
    session: Session, classifier_id: str, version_id: str, cut: Cut
) -> list[tuple[bool, bool]]:
    """Return truth, and match in content, of each decided review of what a version predicted."""
    return [
        (bool(is_relevant(item.prediction or "", review.verdict)), item.score >= cut.threshold)
        for item, review in closed_reviews(session, classifier_id)
        if review.verdict != NOT_SURE and item.version_id == version_id and item.score is not None
    ]


def _as_reviewed(session: Session, classifier_id: str) -> list[tuple[bool, bool]]:
    """Return truth and match of each decided review of a closed batch."""
    return [
        (bool(is_relevant(item.prediction or "", review.verdict)), item.prediction == MATCH)
        for item, review in closed_reviews(session, classifier_id)
        if review.verdict != NOT_SURE
    ]


def _out_of_fold(workspace: Workspace, comparison: str) -> list[tuple[bool, bool]]:
    columns = ["original", "relevant", "retrained_prediction"]
    reference = workspace.artifacts.reference(comparison)
    return [
        (row["relevant"] == 1, row["retrained_prediction"] == MATCH)
        for row in workspace.artifacts.read(reference, columns=columns).to_pylist()
        if row["original"]
    ]


def publication_evidence(
    workspace: Workspace, classifier_id: str, version_id: str, at: str | None = None
) -> ReleaseEvidence:
    """Return what a publication keeps of its version; ``at`` as in ``report_of``."""
    scores = score_sample(workspace, version_id)
    report = report_of(workspace, classifier_id, version_id, at)
    return ReleaseEvidence(report, scores.sha256 if scores else None)


def report_of(
    workspace: Workspace, classifier_id: str, version_id: str, at: str | float | None = None
) -> VersionReport:
    """Return a version's release report, from what is reviewed by now.

    It is of what the version labels ``at`` an operating point or from a probability on, at its own
    point unless one is named.
    """
    cut = cut_in_content(workspace, version_id, at)
    report, sizes = (
        _by_prediction(workspace, classifier_id, version_id)
        if cut is None
        else _by_score(workspace, version_id, cut)
    )
    return VersionReport(
        documents=report.documents,
        grade=report.grade,
        figures=report.graded,
        inferred={name: figure.rounded for name, figure in report.inferred.items()},
        elusion_bound=report.elusion_bound and round(report.elusion_bound, DECIMALS),
        missing=report.missing,
        version=version_id,
        sample=sizes,
        calibration=report.calibration,
    )


def _by_score(workspace: Workspace, version_id: str, cut: Cut) -> _Report:
    """Return the report of a version whose probabilities have operating points."""
    with workspace.registry.reading() as session:
        documents = tenant_of(session).baseline_documents
    planned = planned_sample(workspace, version_id, documents, cut)
    if planned is None:
        return unscored_report(documents), False
    report = report_by_score(planned.sample, cut.threshold, planned.names, planned.plan)
    return report, dict(planned.plan.sizes) if planned.drawn else False


def _by_prediction(workspace: Workspace, classifier_id: str, version_id: str) -> _Report:
    """Return the report of a version of an earlier release, from reviewed test items."""
    evidence = released_evidence(workspace, classifier_id, version_id)
    sampled = sampled_strata(workspace, version_id, evidence.documents)
    report = release_report(evidence, sampled.strata, sampled.plan)
    return report, dict(sampled.drawn.sizes) if sampled.drawn is not None else False


def version_to_release(tx: Transaction, row: ClassifierRow) -> str | None:
    """Return the version whose release is a question: retrained, candidate, or the live one."""
    made = newest_finished(tx.session, row.id)
    if (
        made is not None
        and made.decision is None
        and made.published_version_id == row.published_version_id
    ):
        return made.retrained_version_id
    return row.candidate_version_id or row.published_version_id


def show_report(
    workspace: Workspace, actor: AnyActor, classifier: str, version: str | None = None
) -> ReleaseReport:
    """Return the release report of a version, of the one to be released when none is named.

    Where the version has classified all content, no more can be mislabelled than is labelled.

    Raises:
        NotFound: code ``unknown-version``.
        NotReady: code ``no-version``.
        NotPermitted: the actor may not read the area.
    """
    with snapshot(workspace, actor, Action.READ) as tx:
        row = tx.classifier(classifier)
        version_id = version_named(tx, row, version)
        counted = _counted(tx.session, version_id)
    report = report_of(workspace, row.id, version_id)
    if counted is not None:
        wrong = within_counted(report.figures["mislabelled"], counted.labelled)
        report = replace(report, figures={**report.figures, "mislabelled": wrong})
    poor = poorly_known(row.id, report.figures["precision"], report.missing)
    return ReleaseReport(**fields_of(report), counted=counted, poorly_known=poor)


def _counted(session: Session, version_id: str) -> CountedItems | None:
    """Return how many items a version labels, where it has classified all content; else None."""
    places = session.scalars(
        select(LocationRow).where(
            LocationRow.purpose == "content", LocationRow.items_sha256.is_not(None)
        )
    )
    crawled = {place.name: place.items_sha256 for place in places}
    found = [
        row
        for row in session.scalars(
            select(LabellingRow).where(LabellingRow.version_id == version_id)
        )
        if crawled.get(row.location) == row.items_sha256
    ]
    if not crawled or {row.location for row in found} != set(crawled):
        return None
    return CountedItems(sum(row.matches for row in found), sum(row.items for row in found))


def version_named(tx: Transaction, row: ClassifierRow, version: str | None) -> str:
    """Return the id of a classifier's version, of the one to be released when none is named."""
    if version is None:
        found = version_to_release(tx, row)
        if found is None:
            raise NotReady(
                "no-version",
                f"{row.name} has no trained version yet.",
                remedy=Remedy(NextStep.TRAIN, row.id),
            )
        return found
    known = tx.session.get(VersionRow, version)
    if known is None or known.classifier_id != row.id:
        raise NotFound(
            "unknown-version",
            f"{row.name} has no version {version}.",
            remedy=Remedy(NextStep.LIST_VERSIONS, row.id),
        )
    return known.id


def require_grade(tx: Transaction, row: ClassifierRow, report: VersionReport) -> None:
    """Do nothing unless the tenant wants the measured grade and the report lacks it.

    Raises:
        GateClosed: code ``release-not-measured``; the sentence says how many reviews are missing.
    """
    if not tx.tenant.measured_required or report.grade == MEASURED:
        return
    left = sum(gap.reviews or 0 for gap in report.missing)
    raise GateClosed(
        "release-not-measured",
        f"This tenant publishes on measured evidence only, and the release report of {row.name} is "
        f"{report.grade}. About {left} reviews of the release sample settle it.",
        {"grade": report.grade, "reviews": left},
        Remedy(NextStep.REVIEW_RELEASE_SAMPLE, row.id),
    )


def require_measured(workspace: Workspace, actor: AnyActor, required: bool) -> None:
    """Let publishing wait, or not wait, for the measured grade of the release report.

    Raises:
        NotPermitted: only the global administrator may.
    """
    with transaction(workspace, actor, Action.OPT_IN) as tx:
        tx.tenant.measured_required = required
        tx.audit(AuditAction.MEASURED_GRADE_REQUIRED, "tenant", required=required)
