"""Batches that compare a retrained version with the live one, on the content that they differ on.

Both judge at their operating points. The verdicts are evidence first, and teach the next version
after the one that they judge; no pointer moves here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import NotReady
from cultivar.core.identity.families import Relative
from cultivar.core.limits import BATCH_SIZE
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.retraining.content_evidence import ContentEvidence, Differing, half_f1
from cultivar.core.retraining.recommendation import Recommendation, after_content
from cultivar.core.review.content_batch import COMPARISON, at_random, distinct
from cultivar.core.review.order import is_relevant
from cultivar.core.roles import Action, AnyActor
from cultivar.core.vocabulary import MATCH
from cultivar.operations.content_thresholds import (
    cut_of,
    point_in_content,
    point_to_publish,
    points_of,
)
from cultivar.operations.retraining.retrainings import (
    IN_CONTENT,
    NOTHING_LEFT,
    newest_finished,
    waits_for_verdicts,
)
from cultivar.operations.review.content_batches import (
    Purpose,
    Shown,
    batches_of,
    close_content_row,
    give_up_batch,
    known_items,
    open_content_row,
    present,
    shown_in,
)
from cultivar.operations.review.from_content import ContentState, state_in_content
from cultivar.operations.transactions import Transaction, snapshot, transaction
from cultivar.store.tables import ClassifierRow, ContentBatchRow, RetrainingRow, VersionRow
from cultivar.store.workspace import Workspace

PUBLISHED, RETRAINED = "published", "retrained"
Scored = tuple[dict[str, float], float]


def open_comparison(workspace: Workspace, actor: AnyActor, classifier: str) -> ContentState:
    """Present up to 30 items, drawn from those of the content on which the versions differ.

    A batch that is open stays. All content is scored with both versions where it was not yet.

    Raises:
        NotReady: codes ``nothing-to-compare`` (no retraining waits for such evidence, or the
            versions differ on nothing more), ``no-location``, ``not-crawled``.
        NotPermitted: the actor may not review the classifier.
    """
    with snapshot(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        made = _compared(tx, row)
        batch = open_content_row(tx.session, row.id, COMPARISON)
        if batch is not None and batch.retraining == made.number:
            return state_in_content(tx, row, COMPARISON)
        known = known_items(tx.session, row.id)
        before = _batches(tx, row, made)
        cuts = _cuts(tx, row, made)
        seed = f"{tx.tenant.seed}\ncomparison\n{row.id}\n{made.number}"
    plan, items = _drawn(workspace, row, (made, cuts, known), seed)
    if not items:
        raise _nothing_left(workspace, actor, classifier)
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        made = _compared(tx, row)
        # content that came since may differ again
        made.figures = {**(made.figures or {}), NOTHING_LEFT: False}
        give_up_comparison(tx, row)
        present(
            tx, row,
            Purpose(
                COMPARISON, made.retrained_version_id or "", made.number,
                before[0].plan if before else asdict(plan),
            ),
            items,
        )  # fmt: skip
        return state_in_content(tx, row, COMPARISON)


def _nothing_left(workspace: Workspace, actor: AnyActor, classifier: str) -> NotReady:
    """Note that a comparison can add nothing, so that none is offered, and return the refusal."""
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        made = _compared(tx, row)
        made.figures = {**(made.figures or {}), NOTHING_LEFT: True}
        return NotReady(
            "nothing-to-compare",
            f"Both versions of {row.name} label the same items of the content that nobody judged "
            f"yet, so no verdict can tell them apart. `cultivar retrain keep {row.id}` leaves the "
            "published version live;",
            remedy=Remedy(NextStep.REPUBLISH_WITH_REASON, row.id, "makes the retrained one live"),
        )


def _compared(tx: Transaction, row: ClassifierRow) -> RetrainingRow:
    made = newest_finished(tx.session, row.id)
    live = made is not None and made.published_version_id == row.published_version_id
    if made is None or not live or not waits_for_verdicts(made):
        raise NotReady(
            "nothing-to-compare",
            f"No retraining of {row.name} waits for verdicts on the content: only one that lacks "
            "evidence does, until somebody decides on it, and at most two batches of them.",
            remedy=Remedy(NextStep.FOLLOW_RETRAINING, row.id),
        )
    return made


def _batches(tx: Transaction, row: ClassifierRow, made: RetrainingRow) -> list[ContentBatchRow]:
    found = batches_of(tx.session, row.id, COMPARISON)
    return [each for each in found if each.retraining == made.number]


def _cuts(tx: Transaction, row: ClassifierRow, made: RetrainingRow) -> tuple[float, float, float]:
    """Return where each version labels content, and half the F1 expected of the published one."""
    live = tx.session.get_one(VersionRow, made.published_version_id)
    new = tx.session.get_one(VersionRow, made.retrained_version_id)
    point = point_in_content(tx.session, live.id)
    published, retrained = cut_of(live, point), cut_of(new, point_to_publish(row, new))
    points = points_of(live)
    half = half_f1(points, point, live.prior) if points and point else 0.0
    return (
        published.threshold if published else live.threshold,
        retrained.threshold if retrained else new.threshold,
        half,
    )


def _drawn(
    workspace: Workspace,
    row: ClassifierRow,
    compared: tuple[RetrainingRow, tuple[float, float, float], set[str]],
    seed: str,
) -> tuple[Differing, list[Shown]]:
    """Return on how many items the versions differ, and those that are judged next."""
    from cultivar.operations.review import content_ranking  # noqa: PLC0415 - brings the kernels

    made, (published, retrained, half), known = compared
    versions = made.published_version_id, made.retrained_version_id or ""
    scores = [
        content_ranking.scores_of(workspace, content_ranking.rank_content(workspace, version))
        for version in versions
    ]
    labelled = [
        {item for item, score in found.items() if score >= least}
        for found, least in zip(scores, (published, retrained), strict=True)
    ]
    tied = content_ranking.tied_items(workspace, {*labelled[0], *labelled[1], *known})
    order = at_random((tied[each].relative for each in labelled[0] | labelled[1]), seed)
    barred = content_ranking.taught_with(workspace, row)
    barred += [tied[each].relative if each in tied else Relative(each) for each in sorted(known)]
    every = distinct(order, barred)
    differing = [item for item in every if (item in labelled[0]) != (item in labelled[1])]
    only_new = sum(item in labelled[1] for item in differing)
    plan = Differing(
        only_new, len(differing) - only_new, sum(item in labelled[0] for item in every), half
    )
    return plan, [
        Shown(
            item, scores[item in labelled[1]][item], (published, retrained)[item in labelled[1]],
            MATCH, tied[item].items_sha256, RETRAINED if item in labelled[1] else PUBLISHED,
        )
        for item in differing[:BATCH_SIZE]
    ]  # fmt: skip


def close_comparison(workspace: Workspace, actor: AnyActor, classifier: str) -> Recommendation:
    """Close the open batch, and return what is recommended now; it stands in the overview.

    Raises:
        NotReady: codes ``no-open-batch``, ``batch-not-complete``, ``nothing-to-compare``.
    """
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        made = _compared(tx, row)
        batch = open_content_row(tx.session, row.id, COMPARISON)
        close_content_row(tx, row, batch)
        tx.session.flush()
        return _recommend(tx, row, made)


def recommend_again(tx: Transaction, row: ClassifierRow) -> int | None:
    """Work out again what the closed batches recommend; return the retraining that waits for it.

    None where nobody waits: the newest retraining was decided on, or the live version is another.
    """
    made = newest_finished(tx.session, row.id)
    if made is None or made.decision is not None:
        return None
    if made.published_version_id != row.published_version_id:
        return None
    batches = _batches(tx, row, made)
    if any(batch.closed_at is not None for batch in batches):
        _recommend(tx, row, made)
    return made.number


def _recommend(tx: Transaction, row: ClassifierRow, made: RetrainingRow) -> Recommendation:
    closed = [batch for batch in _batches(tx, row, made) if batch.closed_at is not None]
    evidence = _evidence(tx, closed)
    found = after_content(evidence)
    recommendation = asdict(found) | {"reasons": list(found.reasons)}
    made.figures = {
        **(made.figures or {}),
        "recommendation": recommendation,
        IN_CONTENT: evidence.stored,
    }
    tx.audit(
        AuditAction.RETRAINING_COMPARED, row.id, retraining=made.number,
        recommendation=found.decision, judged=evidence.judged, chance=round(evidence.chance, 4),
    )  # fmt: skip
    return found


def _evidence(tx: Transaction, batches: Sequence[ContentBatchRow]) -> ContentEvidence:
    counts: dict[tuple[str | None, bool | None], int] = {}
    for batch in batches:
        for item in shown_in(tx.session, batch):
            said = (item.only, is_relevant(item.prediction, item.verdict or ""))
            counts[said] = counts.get(said, 0) + 1
    plan: Mapping[str, Any] = batches[0].plan
    return ContentEvidence(
        Differing(**plan),
        found=counts.get((RETRAINED, True), 0),
        spoiled=counts.get((RETRAINED, False), 0),
        lost=counts.get((PUBLISHED, True), 0),
        cleared=counts.get((PUBLISHED, False), 0),
        unsure=sum(count for (_, relevant), count in counts.items() if relevant is None),
        batches=len(batches),
    )


def give_up_comparison(tx: Transaction, row: ClassifierRow) -> None:
    """Close a batch of a retraining that was decided on; verdicts given so far still teach."""
    batch = open_content_row(tx.session, row.id, COMPARISON)
    if batch is not None:
        give_up_batch(tx, row, batch)
        tx.session.flush()
