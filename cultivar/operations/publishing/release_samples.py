"""The release sample: drawn once a version, reviewed in any number of sittings, never learned from.

It keeps verdicts; what they measure is the release report's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import InvalidInput, NotFound, NotReady
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.review.item_names import Named, Names
from cultivar.core.review.order import NOT_SURE, VERDICTS, shown_as, verdict_on
from cultivar.core.review.verdict_files import PREDICTION_RIGHT, VerdictFile, answers_by_item
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.identifiers import version_row
from cultivar.operations.publishing.drawn_samples import members_drawn, top_up
from cultivar.operations.publishing.release_reports import version_named
from cultivar.operations.publishing.scored_samples import cut_drawn_at
from cultivar.operations.retraining.candidates import names_of, texts_of
from cultivar.operations.transactions import Transaction, snapshot, transaction
from cultivar.store.tables import ClassifierRow, ReleaseItemRow, ReleaseSampleRow
from cultivar.store.workspace import Workspace

BATCH = 30
NOT_SAMPLED = ("not-sampled", "names|name no item of the release sample.")


@dataclass(frozen=True, slots=True)
class SampledItem:
    """One item of a release sample to review; ``shown_as`` is the claim that is judged.

    It is that from ``threshold`` on, which is the version's when the sample was drawn.
    """

    item_id: str
    version_id: str
    prediction: str
    shown_as: str
    score: float
    threshold: float
    text: str


@dataclass(frozen=True, slots=True)
class ListedSample:
    """One item of a release sample with its names, and the verdict on what is shown, if any."""

    named: Named
    prediction: str
    shown_as: str
    score: float
    verdict: str | None

    @property
    def relevant(self) -> str | None:
        """What the verdict says the item is: yes, no or not sure."""
        return verdict_on(self.prediction, self.verdict) if self.verdict else None


def next_sampled(
    workspace: Workspace,
    actor: AnyActor,
    classifier: str,
    *,
    version: str | None = None,
    limit: int = BATCH,
) -> list[SampledItem]:
    """Return the next items of a version's release sample without a verdict, in order.

    That the actor opens them is on record before their texts are handed over.

    Raises:
        NotReady: code ``no-release-sample``; it was not drawn yet.
        NotPermitted: the actor may not review the classifier.
    """  # fmt: skip
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        sample = _sample(tx, version_named(tx, row, version), row)
        open_ones = tx.session.scalars(
            select(ReleaseItemRow)
            .where(ReleaseItemRow.version_id == sample.version_id, ReleaseItemRow.verdict.is_(None))
            .order_by(ReleaseItemRow.position)
            .limit(limit)
        ).all()
        if open_ones:
            items = [each.item_id for each in open_ones]
            tx.audit(
                AuditAction.CONTENT_OPENED, row.id, items=items, reason="release sample reviewed"
            )
    unlabelled = workspace.artifacts.inputs_of(sample.scores_sha256)["unlabelled"]
    texts = texts_of(workspace, {unlabelled: [each.item_id for each in open_ones]})
    cut = cut_drawn_at(sample)
    threshold = cut.threshold if cut else version_row(workspace, sample.version_id).threshold
    return [
        SampledItem(
            each.item_id, each.version_id, each.prediction, shown_as(each.prediction), each.score,
            threshold, texts[each.item_id],
        )
        for each in open_ones
    ]  # fmt: skip


def sampled_items(
    workspace: Workspace, actor: AnyActor, classifier: str, *, version: str | None = None
) -> list[ListedSample]:
    """Return every item of a version's release sample, in order, with names and without texts.

    Raises:
        NotReady: code ``no-release-sample``; it was not drawn yet.
        NotPermitted: the actor may not review the classifier.
    """
    with snapshot(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        sample = _sample(tx, version_named(tx, row, version), row)
        items = tx.session.scalars(
            select(ReleaseItemRow)
            .where(ReleaseItemRow.version_id == sample.version_id)
            .order_by(ReleaseItemRow.position)
        ).all()
    unlabelled = workspace.artifacts.inputs_of(sample.scores_sha256)["unlabelled"]
    names = names_of(workspace, {unlabelled: [each.item_id for each in items]})
    return [
        ListedSample(
            names[each.item_id], each.prediction, shown_as(each.prediction), each.score,
            each.verdict,
        )
        for each in items
    ]  # fmt: skip


def answers_of_file(items: Sequence[ListedSample], file: VerdictFile) -> dict[str, str]:
    """Return the verdicts (item id → yes, no, not sure) that a file gives to a release sample.

    Raises:
        InvalidInput: code ``not-sampled``, and those of ``answers_by_item``; nothing of the file
            is taken.
    """
    kinds = {each.named.item_id: each.prediction for each in items}
    found = answers_by_item(file, Names(each.named for each in items), NOT_SAMPLED)
    return {
        item_id: line.answer
        if file.says == PREDICTION_RIGHT
        else verdict_on(kinds[item_id], line.answer)
        for item_id, line in found.items()
    }


def _sample(tx: Transaction, version_id: str, row: ClassifierRow) -> ReleaseSampleRow:
    sample = tx.session.get(ReleaseSampleRow, version_id)
    if sample is None:
        raise NotReady(
            "no-release-sample",
            f"The release sample of {row.name} ({version_id}) is not drawn yet.",
            remedy=Remedy(NextStep.DRAW_RELEASE_SAMPLE, row.id),
        )
    return sample


def judge_sampled(
    workspace: Workspace,
    actor: AnyActor,
    classifier: str,
    verdicts: dict[str, str],
    *,
    version: str | None = None,
) -> int:
    """Keep verdicts (yes, no, not sure) on sampled items; return how many are left to review.

    A later verdict replaces an earlier one. After a *not sure* the next item of its stratum is
    drawn, so that the plan is still met.

    Raises:
        InvalidInput: code ``unknown-verdict``.
        NotFound: code ``not-sampled``; an item is not in the sample. Nothing is kept.
    """
    wrong = sorted(set(verdicts.values()) - set(VERDICTS))
    if wrong:
        raise InvalidInput(
            "unknown-verdict", f"{wrong[0]!r} is not a verdict: {', '.join(VERDICTS)}."
        )
    with snapshot(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        sample = _sample(tx, version_named(tx, row, version), row)
    # who is sure never leaves a stratum short, and waits for no reading of the whole sample
    members = members_drawn(workspace, sample) if NOT_SURE in verdicts.values() else {}
    with transaction(workspace, actor, Action.TRAIN) as tx:
        for item_id, verdict in verdicts.items():
            _judge(tx, sample.version_id, item_id, verdict)
            tx.audit(
                AuditAction.RELEASE_ITEM_REVIEWED, row.id, item=item_id, verdict=verdict,
                version=sample.version_id,
            )  # fmt: skip
        tx.session.flush()
        if members:
            top_up(tx.session, sample, members)
        return _left(tx.session, sample.version_id)


def _judge(tx: Transaction, version_id: str, item_id: str, verdict: str | None) -> None:
    item = tx.session.get(ReleaseItemRow, (version_id, item_id))
    if item is None:
        raise NotFound(
            "not-sampled", f"The item {item_id[:12]} is not in the release sample of {version_id}."
        )
    item.verdict, item.person, item.at = verdict, tx.actor, tx.at


def unjudge_sampled(
    workspace: Workspace,
    actor: AnyActor,
    classifier: str,
    item_id: str,
    *,
    version: str | None = None,
) -> int:
    """Take the verdict on a sampled item back; return how many items are left to review.

    An item that was drawn because of a *not sure* stays in the sample.

    Raises:
        NotFound: code ``not-sampled``; the item is not in the sample.
    """
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        sample = _sample(tx, version_named(tx, row, version), row)
        _judge(tx, sample.version_id, item_id, None)
        tx.audit(AuditAction.RELEASE_REVIEW_UNDONE, row.id, item=item_id, version=sample.version_id)
        tx.session.flush()
        return _left(tx.session, sample.version_id)


def sampled_left(
    workspace: Workspace, actor: AnyActor, classifier: str, *, version: str | None = None
) -> int:
    """Return how many items of a version's release sample have no verdict.

    Raises:
        NotReady: code ``no-release-sample``; it was not drawn yet.
    """
    with snapshot(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        sample = _sample(tx, version_named(tx, row, version), row)
        return _left(tx.session, sample.version_id)


def _left(session: Session, version_id: str) -> int:
    query = select(func.count()).where(
        ReleaseItemRow.version_id == version_id, ReleaseItemRow.verdict.is_(None)
    )
    return session.scalar(query) or 0
