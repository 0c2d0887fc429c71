"""The operating points of a version: what each means in this content, and which one is chosen.

Another point needs no training: what is live labels the content again, and past labels are
evaluated again, as after a republish.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import Conflict, NotReady
from cultivar.core.intervals import Figure, share_of
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.operating_points import MEANINGS, POINTS, OperatingPoints
from cultivar.core.release_report.expected import expected_in_words, known_figures
from cultivar.core.release_report.grades import MEASURED, GradedFigure
from cultivar.core.roles import Action, AnyActor
from cultivar.core.serialisation import as_json
from cultivar.operations.content_thresholds import KEEPS_VERSION_OF, point_in_content, points_of
from cultivar.operations.publishing.publishing import (
    Publication,
    point,
    require_point,
    require_released,
)
from cultivar.operations.publishing.release_reports import (
    publication_evidence,
    report_of,
    version_to_release,
)
from cultivar.operations.publishing.summaries import VersionReport
from cultivar.operations.transactions import Transaction, snapshot, transaction
from cultivar.store.tables import ClassifierRow, PublicationRow, VersionRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class PointSummary:
    """One operating point: from which score on it labels, and what it means in this content.

    ``labelled_per_thousand`` items are labelled, with its interval: of the content where the
    version has scored it, else as its training expects.
    ``figures`` are those of the release report at this point that say something; ``expected`` says
    them in words, or how many verdicts would settle them.
    """

    point: str
    meaning: str
    chosen: bool
    threshold: float
    labelled_per_thousand: Figure | None
    figures: Mapping[str, GradedFigure]
    expected: str


@dataclass(frozen=True, slots=True)
class PointsOfVersion:
    """A version with its operating points; ``live`` tells whether it labels by the chosen one."""

    classifier_id: str
    name: str
    version: str
    live: bool
    points: tuple[PointSummary, ...]


@dataclass(frozen=True, slots=True)
class PlannedPoint:
    """What choosing a point would do: ``point`` labels in the place of ``replaces``."""

    classifier_id: str
    name: str
    version: str
    point: str
    replaces: str | None

    @property
    def sentence(self) -> str:
        """What would label, to be put into a question."""
        before = self.replaces or "the review's threshold"
        return f'{self.version} of {self.name} at the point "{self.point}" in the place of {before}'


def operating_points(workspace: Workspace, actor: AnyActor, classifier: str) -> PointsOfVersion:
    """Return the points of the live version, or of the one to be released where none is live.

    Raises:
        NotReady: codes ``no-version``, ``no-operating-points``.
        NotPermitted: the actor may not read the area.
    """
    with snapshot(workspace, actor, Action.READ) as tx:
        row = tx.classifier(classifier)
        version_id = row.published_version_id or version_to_release(tx, row)
        if version_id is None:
            raise NotReady(
                "no-version",
                f"{row.name} has no trained version yet.",
                remedy=Remedy(NextStep.TRAIN, row.id),
            )
        known = _points(tx, row, version_id)
        chosen = point_in_content(tx.session, version_id)
    found = tuple(
        _summary(workspace, (row.id, version_id), known, name, name == chosen) for name in POINTS
    )
    live = row.published_version_id == version_id
    return PointsOfVersion(row.id, row.name, version_id, live, found)


def _points(tx: Transaction, row: ClassifierRow, version_id: str) -> OperatingPoints:
    found = points_of(tx.session.get_one(VersionRow, version_id))
    if found is None:
        raise NotReady(
            "no-operating-points",
            f"{version_id} of {row.name} was trained by an earlier Cultivar: it has one threshold, "
            "which serves the review and the content. The next version that is trained has "
            "operating points.",
            {"version": version_id},
            Remedy(NextStep.FOLLOW_RETRAINING, row.id, "shows how far the next retraining is"),
        )
    return found


def _summary(
    workspace: Workspace,
    names: tuple[str, str],
    known: OperatingPoints,
    name: str,
    chosen: bool,
) -> PointSummary:
    report = report_of(workspace, *names, name)
    share = _labelled_share(report) or share_of(known.points[name].above, known.unlabelled)
    per_thousand = share and Figure(
        *(round(1_000 * each, 1) for each in (share.estimate, share.lower, share.upper))
    )
    return PointSummary(
        name, MEANINGS[name], chosen, known.points[name].threshold, per_thousand,
        known_figures(report.figures), expected_in_words(names[0], report.figures, report.missing),
    )  # fmt: skip


def _labelled_share(report: VersionReport) -> Figure | None:
    """Return the share of the content that is labelled, where the version has scored it."""
    labelled = report.figures.get("labelled")
    if labelled is None or labelled.grade != MEASURED or labelled.estimate is None:
        return None
    bounds = (labelled.estimate, labelled.lower or 0.0, labelled.upper or 0.0)
    return Figure(*(each / report.documents for each in bounds))


def plan_operating_point(
    workspace: Workspace, actor: AnyActor, classifier: str, chosen: str
) -> PlannedPoint:
    """Return what choosing a point would do; nothing is changed.

    Raises: as ``choose_operating_point``.
    """
    with snapshot(workspace, actor, Action.PUBLISH) as tx:
        row = tx.classifier(classifier, Action.PUBLISH)
        version_id = _live(tx, row, chosen)
        return PlannedPoint(row.id, row.name, version_id, chosen, row.operating_point)


def choose_operating_point(
    workspace: Workspace, actor: AnyActor, classifier: str, chosen: str
) -> Publication:
    """Let the live version label content at another point, and make labelling due.

    Raises:
        InvalidInput: code ``unknown-operating-point``.
        NotReady: codes ``not-published``, ``no-operating-points``.
        Conflict: codes ``already-chosen``, ``changed-meanwhile``.
        GateClosed: code ``release-not-measured``.
        NotPermitted: the actor may not publish the classifier.
    """
    planned = plan_operating_point(workspace, actor, classifier, chosen)
    released = publication_evidence(workspace, planned.classifier_id, planned.version, chosen)
    with transaction(workspace, actor, Action.PUBLISH) as tx:
        row = tx.classifier(classifier, Action.PUBLISH)
        version_id = _live(tx, row, chosen)
        if version_id != planned.version:
            raise Conflict(
                "changed-meanwhile",
                f"Another version of {row.name} was published since.",
                remedy=Remedy(NextStep.LOOK_AT_STATUS, row.id),
            )
        require_released(tx, row, released)
        before = row.operating_point
        evidence = {KEEPS_VERSION_OF: _publication(tx, row, version_id)} | as_json(released)
        made = point(tx, row, version_id, evidence, chosen)
        tx.audit(
            AuditAction.OPERATING_POINT_CHOSEN, row.id, version=version_id, point=chosen,
            before=before,
        )  # fmt: skip
        return made


def _live(tx: Transaction, row: ClassifierRow, chosen: str) -> str:
    """Return the live version, where it can label at the chosen point and does not yet."""
    require_point(chosen)
    if row.published_version_id is None:
        raise NotReady(
            "not-published",
            f"{row.name} is not published, so it labels nothing yet.",
            remedy=Remedy(NextStep.PUBLISH, f"{row.id}", "publishes it"),
        )
    _points(tx, row, row.published_version_id)
    if row.operating_point == chosen:
        raise Conflict(
            "already-chosen", f"{row.name} labels content at the point {chosen} already."
        )
    return row.published_version_id


def _publication(tx: Transaction, row: ClassifierRow, version_id: str) -> int:
    query = select(PublicationRow.number).where(
        PublicationRow.classifier_id == row.id, PublicationRow.version_id == version_id
    )
    return tx.session.scalars(query.order_by(PublicationRow.number.desc())).first() or 0
