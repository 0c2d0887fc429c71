"""Publishing: a person makes the candidate version the live one.

It moves the pointer once the lifecycle allows; it changes no version.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cultivar.core.errors import Conflict, GateClosed, InvalidInput, NotReady
from cultivar.core.lifecycle import Event, Status, transition_for
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.operating_points import POINTS
from cultivar.core.reference import ArtifactReference
from cultivar.core.review.accuracy import accuracy_by_batch
from cultivar.core.roles import Action, AnyActor, may
from cultivar.core.serialisation import as_json
from cultivar.operations.content_thresholds import point_to_publish
from cultivar.operations.gates import closed_gates
from cultivar.operations.identifiers import next_number
from cultivar.operations.outbox import BATCH_COMPLETE, LABELLING_DUE
from cultivar.operations.publishing.overrides import (
    ACCURACY,
    judged_accuracy,
    override,
    require_overridable,
)
from cultivar.operations.review.batches import closed_batches, is_learning
from cultivar.operations.review.state import ReviewState, stability_of, state_of
from cultivar.operations.thresholds import note_thresholds
from cultivar.operations.transactions import Transaction, snapshot, transaction
from cultivar.operations.transitions import StatusChange, apply_transition
from cultivar.store.tables import ClassifierRow, PublicationRow, VersionRow
from cultivar.store.workspace import Workspace

if TYPE_CHECKING:
    from cultivar.operations.publishing.summaries import ReleaseEvidence


@dataclass(frozen=True, slots=True)
class Publication:
    """A version that became live: its number among the classifier's publications, by whom, when.

    It labels content at the ``operating_point``; None: at its review's threshold.
    """

    classifier_id: str
    version_id: str
    number: int
    actor: str
    at: datetime
    evidence: dict[str, Any]
    operating_point: str | None


def settle_review(
    workspace: Workspace,
    actor: AnyActor,
    classifier: str,
    reviews: ArtifactReference,
    accuracy: ArtifactReference,
) -> StatusChange:
    """Judge stability after a batch was learned from, and tick the batch off.

    Stable and with the gates ``reviews`` and ``accuracy`` open over these artifacts, the classifier
    becomes ready to use; otherwise it stays in review, and its status says why.

    Raises:
        Conflict: code ``changed-meanwhile``; more batches were closed since.
    """
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        if len(closed_batches(tx.session, row.id)) != accuracy.rows:
            raise Conflict(
                "changed-meanwhile",
                "Another batch was closed since.",
                remedy=Remedy(NextStep.REVIEW, row.id),
            )
        tx.clear_due(BATCH_COMPLETE, row.id)
        gates = {"reviews": reviews.sha256, "accuracy": accuracy.sha256}
        closed = closed_gates(tx.session, row.id, gates)
        reasons = [reason.sentence for reason in stability_of(tx, row.id).reasons]
        if not closed and not reasons:
            return apply_transition(tx, row, Event.ACCURACY_STABLE, gates)
        why = " ".join(reasons) or f"Not open: {', '.join(closed)}."
        return apply_transition(tx, row, Event.ACCURACY_UNSTABLE, reason=why)


@dataclass(frozen=True, slots=True)
class Planned:
    """What publishing would do: ``version_id`` becomes live in the place of ``replaces``."""

    classifier_id: str
    name: str
    version_id: str
    replaces: str | None

    @property
    def sentence(self) -> str:
        """What becomes live, to be put into a question."""
        place = f" in the place of {self.replaces}" if self.replaces else ""
        return f"{self.version_id} of {self.name}{place}"


def plan_publication(
    workspace: Workspace, actor: AnyActor, classifier: str, override_reason: str | None = None
) -> Planned:
    """Return what publishing would do, after the checks that need no scoring.

    Raises: as ``publish``.
    """
    with snapshot(workspace, actor, Action.PUBLISH) as tx:
        row = tx.classifier(classifier, Action.PUBLISH)
        _require_candidate(tx, row)
        if override_reason is not None and row.status == Status.READY_TO_REVIEW:
            tx.allow(Action.OVERRIDE_GATE)
            require_overridable(tx, row, ACCURACY, override_reason)
        else:
            _require_needed(row, override_reason)
            _require_stable(tx, row)
            transition_for(Event.PUBLISHED, Status(row.status), row.id)
        return Planned(row.id, row.name, row.candidate_version_id or "", row.published_version_id)


def publish(
    workspace: Workspace,
    actor: AnyActor,
    classifier: str,
    override_reason: str | None = None,
    operating_point: str | None = None,
) -> Publication:
    """Make the candidate version live.

    ``override_reason`` opens the gate ``accuracy`` on the actor's word, which needs the role for
    it; it stays on record permanently. Content is labelled at the ``operating_point``; when left
    out, at the one that was chosen before, or balanced.

    Raises:
        GateClosed: codes ``too-few-reviews``, ``accuracy-not-stable``.
        NotReady: codes ``wrong-status``, ``learning``.
        Conflict: code ``already-published``; this version is live.
        InvalidInput: codes ``nothing-to-override`` (publish is open without a reason),
            ``unknown-operating-point``.
        NotPermitted: the actor may not publish the classifier, or not override.
    """
    require_point(operating_point)
    released = _released(workspace, actor, classifier, override_reason, operating_point)
    with transaction(workspace, actor, Action.PUBLISH) as tx:
        row = tx.classifier(classifier, Action.PUBLISH)
        note_thresholds(tx.session, tx.thresholds, tx.actor, tx.at, tx.origin)
        _require_candidate(tx, row)
        if override_reason is not None and row.status == Status.READY_TO_REVIEW:
            override(tx, row, ACCURACY, override_reason)
        else:
            _require_needed(row, override_reason)
        _require_stable(tx, row)
        require_released(tx, row, released)
        apply_transition(tx, row, Event.PUBLISHED, {ACCURACY: judged_accuracy(tx, row)})
        evidence = _evidence(tx, row) | (as_json(released) if released else {})
        evidence |= {"override_reason": override_reason}
        version = tx.session.get_one(VersionRow, row.candidate_version_id)
        chosen = point_to_publish(row, version, operating_point)
        return point(tx, row, version.id, evidence, chosen)


def require_publishable(
    workspace: Workspace, actor: AnyActor, classifier: str, *, overridden: bool
) -> ReviewState:
    """Return the review that publishing rests on, where it is open or somebody overrides it.

    Raises:
        GateClosed, NotReady, Conflict, NotPermitted: as ``publish`` does.
    """
    with snapshot(workspace, actor, Action.PUBLISH) as tx:
        row = tx.classifier(classifier, Action.PUBLISH)
        _require_candidate(tx, row)
        if not (overridden and row.status == Status.READY_TO_REVIEW):
            _require_stable(tx, row)
            transition_for(Event.PUBLISHED, Status(row.status))
        return state_of(tx, row)


def require_point(chosen: str | None) -> None:
    """Do nothing where an operating point is known, or none is named.

    Raises:
        InvalidInput: code ``unknown-operating-point``.
    """
    if chosen is not None and chosen not in POINTS:
        raise InvalidInput(
            "unknown-operating-point",
            f"{chosen!r} is not an operating point: {', '.join(POINTS)}.",
        )


def _released(
    workspace: Workspace,
    actor: AnyActor,
    classifier: str,
    override_reason: str | None,
    operating_point: str | None,
) -> "ReleaseEvidence | None":
    """Return the release report of the candidate where publishing may be open, else None."""
    with snapshot(workspace, actor, Action.PUBLISH) as tx:
        row = tx.classifier(classifier, Action.PUBLISH)
    version_id = row.candidate_version_id
    is_open = row.status == Status.READY_TO_USE or override_reason is not None
    if version_id is None or version_id == row.published_version_id or not is_open:
        return None
    # scoring brings the kernels; who is refused before must not wait for them
    from cultivar.operations.publishing.release_reports import publication_evidence  # noqa: PLC0415

    return publication_evidence(workspace, row.id, version_id, operating_point)


def require_released(
    tx: Transaction, row: ClassifierRow, released: "ReleaseEvidence | None"
) -> None:
    """Do nothing when a release report has the grade that the tenant wants.

    Raises:
        GateClosed: code ``release-not-measured``.
    """
    if released is None:
        return
    from cultivar.operations.publishing.release_reports import require_grade  # noqa: PLC0415

    require_grade(tx, row, released.release_report)


def _require_candidate(tx: Transaction, row: ClassifierRow) -> None:
    if row.candidate_version_id is not None and (
        row.candidate_version_id == row.published_version_id
    ):
        raise Conflict(
            "already-published",
            f"The newest version of {row.name}, {row.published_version_id}, is published already.",
            {"version": row.published_version_id},
        )
    if is_learning(tx.session, row.id):
        raise NotReady(
            "learning",
            f"{row.name} has not learned from its last batch yet.",
            remedy=Remedy(NextStep.REVIEW, row.id, "makes it learn; publish after that"),
        )


def _require_needed(row: ClassifierRow, override_reason: str | None) -> None:
    """Keep a publication that needs nobody's word from standing on record as overridden."""
    if override_reason is not None and row.status == Status.READY_TO_USE:
        raise InvalidInput(
            "nothing-to-override",
            f"Publish of {row.name} is open, so there is nothing to override.",
            remedy=Remedy(NextStep.PUBLISH, row.id),
        )


def _require_stable(tx: Transaction, row: ClassifierRow) -> None:
    """Say what is missing in review, where the table would only say which status it wants."""
    if row.status != Status.READY_TO_REVIEW:
        return
    found = stability_of(tx, row.id)
    codes = [reason.code for reason in found.reasons]
    code = "too-few-reviews" if "too-few-reviews" in codes else "accuracy-not-stable"
    why = " ".join(reason.sentence for reason in found.reasons) or (
        row.status_reason or "The accuracy gate is not open."
    )
    state = state_of(tx, row)
    left = f" About {found.reviews_left} more reviews are needed." if found.reviews_left else ""
    on = state.reasons[-1] if state.items_needed else f"{left} `cultivar review {row.id}` goes on."
    raise GateClosed(
        code,
        f"{row.name} cannot be published yet. {why} {on.strip()}{_on_ones_word(tx, row)}",
        {"reasons": codes},
    )


def _on_ones_word(tx: Transaction, row: ClassifierRow) -> str:
    """Name the command that publishes all the same, once there is an accuracy to answer for."""
    if judged_accuracy(tx, row) is None:
        return ""
    who = "You" if may(tx.roles, Action.OVERRIDE_GATE) else "A compliance administrator"
    return (
        f' {who} can publish it all the same: `cultivar publish {row.id} --override "REASON"`; '
        "name and reason stay on record."
    )


def point(
    tx: Transaction,
    row: ClassifierRow,
    version_id: str,
    evidence: dict[str, Any],
    operating_point: str | None,
) -> Publication:
    """Move the published pointer within a person's transaction, and make labelling due.

    The version labels content at the ``operating_point``; None: at its review's threshold. The
    classifier's revision rises with it, so that of two people who move it one is told.
    """
    of_classifier = PublicationRow.classifier_id == row.id
    number = next_number(tx.session, PublicationRow.number, of_classifier)
    publication = Publication(
        row.id, version_id, number, tx.actor, tx.at, evidence, operating_point
    )
    tx.session.add(
        PublicationRow(
            classifier_id=row.id, version_id=version_id, number=publication.number,
            actor=tx.actor, at=tx.at, evidence=evidence, operating_point=operating_point,
        )
    )  # fmt: skip
    row.published_version_id, row.operating_point = version_id, operating_point
    tx.mark_due(LABELLING_DUE, row.id, version=version_id)
    return publication


def _evidence(tx: Transaction, row: ClassifierRow) -> dict[str, Any]:
    points = accuracy_by_batch(closed_batches(tx.session, row.id))
    if not points:
        return {"batches": 0}
    last = points[-1]
    return {
        "batches": last.batch,
        "decided": last.decided,
        "agreed": last.agreed,
        "accuracy": last.accuracy,
        "lower": last.lower,
        "upper": last.upper,
        "assured": last.assured,
        "target": tx.thresholds.accuracy_target,
        "stable": stability_of(tx, row.id).stable,
    }
