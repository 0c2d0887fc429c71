"""Labelled locations: which are due, and what the last labelling of each found.

It keeps the newest assignments; scoring has a module of its own.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import Conflict
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.content.locations import crawled_content
from cultivar.operations.outbox import LABELLING_DUE
from cultivar.operations.transactions import snapshot, transaction
from cultivar.store.tables import ClassifierRow, LabellingRow, LocationRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class LabelledBefore:
    """The last labelling of a location by a version: its items and its assignments, by sha256.

    It was made at the ``operating_point``; None: at the review's threshold. ``parts`` names parts
    of the items where only these are asked for.
    """

    items_sha256: str
    assignments_sha256: str
    operating_point: str | None = None
    parts: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """Items judged, how many match or nearly match, and how many had to be scored for that."""

    items: int
    matches: int
    close_matches: int
    scored: int


@dataclass(frozen=True, slots=True)
class LabellingDue:
    """A location whose newest items the published version has not labelled yet.

    ``before`` is what the same version last labelled there, whose verdicts need no new score.
    ``operating_point`` is the one at which it labels; None: the review's threshold.
    """

    location: str
    classifier_id: str
    version_id: str
    items_sha256: str
    before: LabelledBefore | None = None
    operating_point: str | None = None


@dataclass(frozen=True, slots=True)
class Labelling:
    """What the newest labelling of a location by a classifier found; the rest does not match.

    ``assignments`` is the sha256 of the artifact that holds it, item by item. It was made at the
    ``operating_point``; None: at the version's threshold of the review.
    """

    location: str
    classifier: str
    version: str
    items: int
    matches: int
    close_matches: int
    assignments: str
    at: datetime
    operating_point: str | None


def labelling_due(
    workspace: Workspace,
    actor: AnyActor,
    locations: Collection[str] | None = None,
    classifiers: Collection[str] | None = None,
) -> list[LabellingDue]:
    """Return what is to be labelled, by location and classifier.

    Crawled content locations and published classifiers count; ``locations`` and ``classifiers``
    (ids) name some of them. What the same version labelled from the same items, at the same
    operating point, is left out.

    Raises:
        NotPermitted: the actor may not label.
        NotFound: code ``unknown-location``.
        InvalidInput: code ``not-content``; a location that is named holds seeds or test items.
        NotReady: code ``not-crawled``; a location that is named was never crawled.
    """
    with snapshot(workspace, actor, Action.LABEL) as tx:
        for name in locations or ():
            crawled_content(tx.session, name)
        places = tx.session.scalars(select(LocationRow).order_by(LocationRow.name)).all()
        live = tx.session.scalars(
            select(ClassifierRow)
            .where(ClassifierRow.published_version_id.is_not(None))
            .order_by(ClassifierRow.id)
        ).all()
        last = {
            (row.location, row.classifier_id, row.version_id): LabelledBefore(
                row.items_sha256, row.assignments_sha256, row.operating_point
            )
            for row in tx.session.scalars(select(LabellingRow))
        }
    pairs = [
        (
            (place.name, each.id, each.published_version_id or "", place.items_sha256 or ""),
            each.operating_point,
        )
        for place in places
        for each in live
        if _is_wanted(place, locations) and (classifiers is None or each.id in classifiers)
    ]
    found = [LabellingDue(*pair, last.get(pair[:3]), point) for pair, point in pairs]
    return [each for each in found if each.before is None or _is_newer(each, each.before)]


def is_any_published(workspace: Workspace) -> bool:
    """Tell whether there is a published classifier, so that something can be labelled."""
    query = select(ClassifierRow.id).where(ClassifierRow.published_version_id.is_not(None))
    with workspace.registry.reading() as session:
        return session.scalars(query.limit(1)).first() is not None


def _is_newer(due: LabellingDue, before: LabelledBefore) -> bool:
    said = (before.items_sha256, before.operating_point)
    return (due.items_sha256, due.operating_point) != said


def _is_wanted(place: LocationRow, locations: Collection[str] | None) -> bool:
    if place.items_sha256 is None:
        return False
    return place.purpose == "content" if locations is None else place.name in locations


def record_labelling(
    workspace: Workspace,
    actor: AnyActor,
    due: LabellingDue,
    assignments: ArtifactReference,
    counts: Counts,
) -> None:
    """Make assignments the newest ones of a location and classifier.

    Raises:
        Conflict: code ``changed-meanwhile``; another version was published since.
    """
    with transaction(workspace, actor, Action.LABEL) as tx:
        classifier = tx.session.get_one(ClassifierRow, due.classifier_id)
        live = (classifier.published_version_id, classifier.operating_point)
        if live != (due.version_id, due.operating_point):
            raise Conflict(
                "changed-meanwhile",
                f"Another version of {classifier.name}, or another operating point, was published "
                "since.",
                remedy=Remedy(NextStep.LABEL, effect="classifies by it"),
            )
        row = tx.session.get(LabellingRow, (due.location, due.classifier_id))
        if row is None:
            row = LabellingRow(location=due.location, classifier_id=due.classifier_id)
            tx.session.add(row)
        row.version_id, row.items_sha256 = due.version_id, due.items_sha256
        row.operating_point = due.operating_point
        row.assignments_sha256, row.at = assignments.sha256, tx.at
        row.items, row.matches = counts.items, counts.matches
        row.close_matches = counts.close_matches
        tx.audit(
            AuditAction.LABELLED, due.classifier_id, location=due.location, version=due.version_id,
            items=counts.items, matches=counts.matches, close_matches=counts.close_matches,
            items_sha256=due.items_sha256, assignments_sha256=assignments.sha256,
            operating_point=due.operating_point,
        )  # fmt: skip


def finish_labelling(workspace: Workspace, actor: AnyActor, classifier_id: str) -> None:
    """Tick off what a publication made due, once every location of a classifier is labelled."""
    with transaction(workspace, actor, Action.LABEL) as tx:
        tx.clear_due(LABELLING_DUE, classifier_id)


def labellings(workspace: Workspace, actor: AnyActor) -> list[Labelling]:
    """Return the newest labelling of each location and classifier in use, with its counts."""
    with snapshot(workspace, actor, Action.READ) as tx:
        rows = tx.session.scalars(
            select(LabellingRow)
            .join(ClassifierRow, ClassifierRow.id == LabellingRow.classifier_id)
            .where(ClassifierRow.archived_at.is_(None))
            .order_by(LabellingRow.location, LabellingRow.classifier_id)
        )
        return [
            Labelling(
                location=row.location,
                classifier=row.classifier_id,
                version=row.version_id,
                items=row.items,
                matches=row.matches,
                close_matches=row.close_matches,
                assignments=row.assignments_sha256,
                at=row.at,
                operating_point=row.operating_point,
            )
            for row in rows
        ]
