"""What a person decides after a retraining: republish, keep, or point back to an earlier version.

Only a person gets here, and of two at once one is told. No retraining calls this module.
"""

from sqlalchemy import select

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import Conflict, GateClosed, NotFound, NotReady
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.retraining.actions import REPUBLISH
from cultivar.core.roles import Action, AnyActor
from cultivar.core.serialisation import as_json
from cultivar.core.texts.given_texts import LEAST_REASON, too_short
from cultivar.operations.content_thresholds import point_to_publish
from cultivar.operations.publishing.publishing import Planned, Publication, point, require_released
from cultivar.operations.publishing.release_reports import publication_evidence
from cultivar.operations.retraining.content_comparisons import give_up_comparison
from cultivar.operations.retraining.retraining import require_evidence
from cultivar.operations.retraining.retrainings import newest_finished
from cultivar.operations.transactions import Transaction, snapshot, transaction
from cultivar.store.tables import ClassifierRow, PublicationRow, RetrainingRow, VersionRow
from cultivar.store.workspace import Workspace

REPUBLISHED, KEPT = "republished", "kept"


def republish(
    workspace: Workspace,
    actor: AnyActor,
    classifier: str,
    *,
    number: int | None = None,
    reason: str | None = None,
) -> Publication:
    """Make the retrained version the live one, with the comparison as evidence.

    ``number`` is the retraining that the person looked at, the newest finished one when left out.
    Where the overview recommends otherwise, a ``reason`` is needed and stays on record.

    Raises:
        NotReady: code ``nothing-to-decide``; no retraining is finished.
        Conflict: code ``already-decided`` (somebody else was first), ``changed-meanwhile`` (another
            retraining finished, or another version was published since).
        GateClosed: codes ``gate-closed``, ``not-recommended``, ``release-not-measured``.
        NotPermitted: the actor may not publish the classifier.
    """
    with snapshot(workspace, actor, Action.PUBLISH) as tx:
        row = tx.classifier(classifier, Action.PUBLISH)
        looked_at = _undecided(tx, row, number)
    retrained = looked_at.retrained_version_id or ""
    released = publication_evidence(workspace, row.id, retrained)
    with transaction(workspace, actor, Action.PUBLISH) as tx:
        row = tx.classifier(classifier, Action.PUBLISH)
        kept = _claimed(tx, row, looked_at.number)
        require_evidence(tx, row.id, kept.feedback_sha256, kept.comparison_sha256)
        _require_reason(kept, reason)
        require_released(tx, row, released)
        before = row.published_version_id
        evidence = _evidence(kept, before, reason) | as_json(released)
        version_id = retrained
        _decide(tx, kept, REPUBLISHED)
        version = tx.session.get_one(VersionRow, version_id)
        published = point(tx, row, version_id, evidence, point_to_publish(row, version))
        if row.candidate_version_id == before:
            row.candidate_version_id = version_id
        tx.audit(
            AuditAction.REPUBLISHED,
            row.id,
            version=version_id,
            before=before,
            retraining=kept.number,
        )
        return published


def plan_republish(
    workspace: Workspace,
    actor: AnyActor,
    classifier: str,
    *,
    number: int | None = None,
    reason: str | None = None,
) -> Planned:
    """Return what republishing would do, after the checks that need no scoring.

    Raises: as ``republish``.
    """
    with snapshot(workspace, actor, Action.PUBLISH) as tx:
        row = tx.classifier(classifier, Action.PUBLISH)
        kept = _undecided(tx, row, number)
        _require_reason(kept, reason)
        return _planned(row, kept.retrained_version_id or "")


def _planned(row: ClassifierRow, version_id: str) -> Planned:
    return Planned(row.id, row.name, version_id, row.published_version_id)


def plan_point_back(
    workspace: Workspace, actor: AnyActor, classifier: str, version: str | None = None
) -> Planned:
    """Return what pointing back would do; nothing is changed.

    Raises: as ``point_back``.
    """
    with snapshot(workspace, actor, Action.PUBLISH) as tx:
        row = tx.classifier(classifier, Action.PUBLISH)
        return _planned(row, _earlier(tx, row, version).version_id)


def _finished(tx: Transaction, row: ClassifierRow) -> RetrainingRow:
    kept = newest_finished(tx.session, row.id)
    if kept is None:
        raise NotReady(
            "nothing-to-decide",
            f"No retraining of {row.name} is finished, so there is nothing to decide.",
            remedy=Remedy(NextStep.FOLLOW_RETRAINING, row.id),
        )
    return kept


def _claimed(tx: Transaction, row: ClassifierRow, number: int | None) -> RetrainingRow:
    # who decides at the same moment waits here, and then sees this decision
    tx.session.refresh(_finished(tx, row), with_for_update=True)
    return _undecided(tx, row, number)


def _undecided(tx: Transaction, row: ClassifierRow, number: int | None) -> RetrainingRow:
    kept = _finished(tx, row)
    if kept.decision is not None:
        raise Conflict(
            "already-decided",
            f"Retraining {kept.number} of {row.name} was {kept.decision} by {kept.decided_by} at "
            f"{kept.decided_at:%Y-%m-%d %H:%M} UTC.",
            {"retraining": kept.number, "by": kept.decided_by},
            Remedy(NextStep.FOLLOW_RETRAINING, row.id, "shows how far the next is"),
        )
    stale = number is not None and number != kept.number
    if stale or kept.published_version_id != row.published_version_id:
        raise Conflict(
            "changed-meanwhile",
            f"Another retraining of {row.name} finished, or another version was published, since "
            f"retraining {number or kept.number}.",
            {"retraining": kept.number},
            Remedy(NextStep.DECIDE, row.id),
        )
    return kept


def _require_reason(kept: RetrainingRow, reason: str | None) -> None:
    recommended = (kept.figures or {}).get("recommendation", {})
    if recommended.get("decision") == REPUBLISH or len((reason or "").strip()) >= LEAST_REASON:
        return
    facts = {"recommendation": recommended.get("decision")}
    if (reason or "").strip():
        raise GateClosed("not-recommended", too_short(reason or ""), facts)
    raise GateClosed(
        "not-recommended",
        f"The overview recommends: {recommended.get('action')}. "
        f"{' '.join(recommended.get('reasons', []))} Republishing all the same needs a reason of "
        f"at least {LEAST_REASON} characters, which stays on record with your name.",
        facts,
        Remedy(NextStep.REPUBLISH_WITH_REASON, kept.classifier_id),
    )


def _evidence(kept: RetrainingRow, before: str | None, reason: str | None) -> dict[str, object]:
    return {
        "retraining": kept.number,
        "replaces": before,
        "comparison": kept.figures,
        "comparison_sha256": kept.comparison_sha256,
        "override_reason": reason,
    }


def _decide(tx: Transaction, kept: RetrainingRow, decision: str) -> None:
    kept.decision, kept.decided_by, kept.decided_at = decision, tx.actor, tx.at
    give_up_comparison(tx, tx.session.get_one(ClassifierRow, kept.classifier_id))


def keep_published(
    workspace: Workspace, actor: AnyActor, classifier: str, *, number: int | None = None
) -> None:
    """Decide to leave the live version in place; more feedback starts another cycle.

    Raises: as ``republish``, gates aside.
    """
    with transaction(workspace, actor, Action.PUBLISH) as tx:
        row = tx.classifier(classifier, Action.PUBLISH)
        kept = _claimed(tx, row, number)
        _decide(tx, kept, KEPT)
        tx.audit(AuditAction.RETRAINING_KEPT, row.id, retraining=kept.number)


def point_back(
    workspace: Workspace, actor: AnyActor, classifier: str, version: str | None = None
) -> Publication:
    """Make an earlier published version live again: the one before, or the one named.

    ``version`` is a version's id, or the number of a publication. Its own evidence still stands
    and is named; nothing is trained or judged again. It labels content as it did.

    Raises:
        NotFound: code ``never-published``; the version was never live.
        NotReady: code ``no-earlier-version``; there is none to point back to.
        Conflict: code ``already-published``; it is live.
        NotPermitted: the actor may not publish the classifier.
    """
    with transaction(workspace, actor, Action.PUBLISH) as tx:
        row = tx.classifier(classifier, Action.PUBLISH)
        earlier = _earlier(tx, row, version)
        before = row.published_version_id
        evidence = {"points_back_to": earlier.number, "replaces": before}
        published = point(tx, row, earlier.version_id, evidence, earlier.operating_point)
        if row.candidate_version_id == before:
            row.candidate_version_id = earlier.version_id
        tx.audit(AuditAction.POINTED_BACK, row.id, version=earlier.version_id, before=before)
        return published


def _earlier(tx: Transaction, row: ClassifierRow, version: str | None) -> PublicationRow:
    query = select(PublicationRow).where(PublicationRow.classifier_id == row.id)
    rows = tx.session.scalars(query.order_by(PublicationRow.number.desc())).all()
    if version is None:
        others = [each for each in rows if each.version_id != row.published_version_id]
        if not others:
            raise NotReady(
                "no-earlier-version",
                f"{row.name} has no earlier published version to point back to.",
            )
        return others[0]
    named = [each for each in rows if version in (each.version_id, str(each.number))]
    if not named:
        raise NotFound(
            "never-published",
            f"{row.name} never had the live version {version}. It had: "
            f"{', '.join(f'{each.number} ({each.version_id})' for each in reversed(rows[:5]))}.",
            remedy=Remedy(NextStep.POINT_BACK, row.id),
        )
    if named[0].version_id == row.published_version_id:
        raise Conflict("already-published", f"{named[0].version_id} of {row.name} is live already.")
    return named[0]
