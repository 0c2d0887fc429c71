"""Everything that a classifier's page shows, in one answer.

It only reads; each fact is written by the module that it comes from.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from cultivar.core.lifecycle import Status, Step, usable_conditions
from cultivar.core.limits import TESTING_TAKES_AT_MOST
from cultivar.core.release_report.expected import (
    expected_in_words,
    expected_of_stored,
    known_figures,
    known_of_stored,
)
from cultivar.core.release_report.grades import GradedFigure
from cultivar.core.review.content_batch import TEACHING
from cultivar.core.roles import Action, AnyActor
from cultivar.core.serialisation import fields_of
from cultivar.operations.classifiers.summaries import ClassifierSummary, summary_of
from cultivar.operations.content_thresholds import KEEPS_VERSION_OF
from cultivar.operations.gates import GateOutcome, gates_of
from cultivar.operations.outbox import TESTING_DUE
from cultivar.operations.retraining.retrainings import (
    awaiting_decision,
    due_for_retraining,
    held_back,
    under_retraining,
)
from cultivar.operations.review.from_content import ContentState, state_in_content
from cultivar.operations.review.state import ReviewState, state_of
from cultivar.operations.runs import LastRun, last_run
from cultivar.operations.transactions import Transaction, snapshot
from cultivar.store.tables import (
    ClassifierRow,
    OutboxRow,
    PublicationRow,
    ReleaseItemRow,
    StepRow,
    TestSourceRow,
    TrainerGrant,
    VersionRow,
)
from cultivar.store.workspace import Workspace

# Why a version was made, as the registry has it.
RETRAINED = "retraining"


@dataclass(frozen=True, slots=True)
class Folder:
    """Where seeds or test items come from; a classifier of another kind has no seeds."""

    site: str | None
    library: str | None
    folder: str | None


@dataclass(frozen=True, slots=True)
class StepState:
    """How far a step of the lifecycle is; ``items`` counts what it is about."""

    step: str
    items: int
    status: str


@dataclass(frozen=True, slots=True)
class VersionSummary:
    """A trained version: why it was made, and the score from which on it matches.

    ``training`` holds the figures of its training as the registry keeps them.
    """

    id: str
    number: int
    reason: str
    threshold: float
    prior: float
    created_at: datetime
    training: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PublicationSummary:
    """A version that became live; ``evidence`` is what the registry keeps of the reasons.

    It labels content at the ``operating_point``; None: at its review's threshold.
    """

    number: int
    version: str
    actor: str
    at: datetime
    evidence: Mapping[str, Any]
    operating_point: str | None


@dataclass(frozen=True, slots=True)
class ReviewedAccuracy:
    """The accuracy in review, and the bound of it that decides (shares from 0 to 1)."""

    accuracy: float
    assured: float


@dataclass(frozen=True, slots=True)
class RetrainedAccuracy:
    """How a retrained version did on a set of items.

    ``accuracy`` is a share with its interval, as ``estimate``, ``lower`` and ``upper``; None where
    the set is empty.
    """

    items: int
    accuracy: Mapping[str, float] | None


@dataclass(frozen=True, slots=True)
class Live:
    """What is live, since when, by whom, and the figures that it was published on.

    ``retraining`` is the number of the retraining that made it; ``retrained`` maps a set of items
    to how it did there. What does not apply is None. Content is labelled at the
    ``operating_point``; None: at the review's threshold. ``expected`` says in words what its labels
    are worth in this content, and ``figures`` in numbers that say something, as its release sample
    has them by now, else its publication.
    """

    version: str
    since: datetime
    by: str
    retraining: int | None
    reviewed: ReviewedAccuracy | None
    retrained: Mapping[str, RetrainedAccuracy] | None
    operating_point: str | None
    expected: str
    figures: Mapping[str, GradedFigure]


@dataclass(frozen=True, slots=True)
class ClassifierDetails(ClassifierSummary):
    """Everything that a classifier's page shows.

    ``reviewed_version`` is the one that the accuracy in ``review`` speaks of;
    ``publish_shut_because`` holds sentences, and is empty where publishing is open.
    ``retraining_held_back`` says until when the cap holds back what is due, else None.
    """

    testing_overdue: bool
    seeds: Folder
    test_sources: tuple[Folder, ...]
    trainers: tuple[str, ...]
    steps: tuple[StepState, ...]
    usable_conditions: tuple[str, ...]
    versions: tuple[VersionSummary, ...]
    publications: tuple[PublicationSummary, ...]
    live: Live | None
    reviewed_version: str | None
    gates: tuple[GateOutcome, ...]
    review: ReviewState
    from_content: ContentState
    publish_shut_because: tuple[str, ...]
    retraining_held_back: str | None
    last_run: LastRun | None


def classifier_details(workspace: Workspace, actor: AnyActor, name: str) -> ClassifierDetails:
    """Return a classifier's status, steps, versions, gates, accuracy, and why publish is closed.

    Raises:
        NotPermitted: the actor may not read the area.
        NotFound: code ``unknown-classifier``; the sentence offers near matches.
    """
    with snapshot(workspace, actor, Action.READ) as tx:
        row = tx.classifier(name)
        review, session = state_of(tx, row), tx.session
        versions, publications = _versions(tx, row), _publications(tx, row)
        judged = _sampled_versions(tx)
        details = ClassifierDetails(
            **fields_of(_summary(tx, row)),
            testing_overdue=_is_testing_overdue(tx, row),
            seeds=Folder(row.seed_site, row.seed_library, row.seed_folder),
            test_sources=_test_sources(tx, row),
            trainers=_trainers(tx, row),
            steps=_steps(tx, row, review.reviewed),
            usable_conditions=tuple(usable_conditions(row.published_version_id is not None)),
            versions=versions,
            publications=publications,
            live=_live(row.id, publications),
            reviewed_version=_reviewed_version(versions),
            gates=gates_of(session, row.id),
            review=review,
            from_content=state_in_content(tx, row, TEACHING),
            publish_shut_because=tuple(_shut(row, review)),
            retraining_held_back=held_back(session, row.id, tx.at),
            last_run=last_run(session, row.id, tx.at),
        )
    if details.live is None or details.live.version not in judged:
        return details
    return replace(details, live=_as_measured(workspace, details.id, details.live))


def _sampled_versions(tx: Transaction) -> set[str]:
    """Return the versions of whose release sample some items are judged."""
    query = select(ReleaseItemRow.version_id).where(ReleaseItemRow.verdict.is_not(None))
    return set(tx.session.scalars(query.distinct()))


def _as_measured(workspace: Workspace, classifier: str, live: Live) -> Live:
    """Return what is live with its worth as verdicts on the release sample have it by now."""
    from cultivar.operations.publishing import release_reports  # noqa: PLC0415 - brings Arrow

    report = release_reports.report_of(workspace, classifier, live.version)
    expected = expected_in_words(classifier, report.figures, report.missing)
    return replace(live, expected=expected, figures=known_figures(report.figures))


def _summary(tx: Transaction, row: ClassifierRow) -> ClassifierSummary:
    session = tx.session
    return summary_of(
        row, tx.at, row.id in under_retraining(session), row.id in due_for_retraining(session),
        row.id in awaiting_decision(session),
    )  # fmt: skip


def _is_testing_overdue(tx: Transaction, row: ClassifierRow) -> bool:
    """Tell whether test items wait to be scored for longer than they may."""
    since = tx.session.scalar(
        select(OutboxRow.created_at).where(
            OutboxRow.kind == TESTING_DUE,
            OutboxRow.subject == row.id,
            OutboxRow.done_at.is_(None),
        )
    )
    return since is not None and tx.at - since > TESTING_TAKES_AT_MOST


def _shut(row: ClassifierRow, review: ReviewState) -> list[str]:
    if row.candidate_version_id is not None and (
        row.candidate_version_id == row.published_version_id
    ):
        return ["Its newest version is published."]
    if row.status == Status.READY_TO_USE:
        return ["It is learning from the last batch."] if review.learning else []
    if row.status != Status.READY_TO_REVIEW:
        return [f'Its status is "{row.status}"; publish opens once test items are reviewed.']
    return list(review.reasons) or [row.status_reason or "Its accuracy gate is not open."]


def _steps(tx: Transaction, row: ClassifierRow, reviewed: int) -> tuple[StepState, ...]:
    """Return the steps; what the open batch says of ``reviewed`` items counts at once."""
    rows = {
        each.step: each
        for each in tx.session.scalars(select(StepRow).where(StepRow.classifier_id == row.id))
    }
    counts = {step: row.item_count for step, row in rows.items()} | {Step.REVIEW_ITEMS: reviewed}
    return tuple(
        StepState(str(step), counts[step], rows[step].status) for step in Step if step in rows
    )


def _versions(tx: Transaction, row: ClassifierRow) -> tuple[VersionSummary, ...]:
    query = select(VersionRow).where(VersionRow.classifier_id == row.id)
    return tuple(
        VersionSummary(
            each.id, each.number, each.reason, each.threshold, each.prior, each.created_at,
            each.evidence.get("training", {}),
        )
        for each in tx.session.scalars(query.order_by(VersionRow.number))
    )  # fmt: skip


def _publications(tx: Transaction, row: ClassifierRow) -> tuple[PublicationSummary, ...]:
    query = select(PublicationRow).where(PublicationRow.classifier_id == row.id)
    return tuple(
        PublicationSummary(
            each.number, each.version_id, each.actor, each.at, each.evidence, each.operating_point
        )
        for each in tx.session.scalars(query.order_by(PublicationRow.number))
    )


def _live(classifier: str, publications: Iterable[PublicationSummary]) -> Live | None:
    """Return what is live.

    A version that was pointed back to, or labels at another operating point, has the figures of its
    own publication.
    """
    made = {each.number: each for each in publications}
    if not made:
        return None
    last = first = made[max(made)]
    while (before := _earlier(first)) in made:
        first = made[before]
    evidence = first.evidence
    retrained = {
        name: RetrainedAccuracy(versions["retrained"]["items"], versions["retrained"]["accuracy"])
        for name, versions in (evidence.get("comparison") or {}).get("sets", {}).items()
    }
    known = "accuracy" in evidence and "assured" in evidence
    reviewed = ReviewedAccuracy(evidence["accuracy"], evidence["assured"]) if known else None
    return Live(
        last.version, last.at, last.actor, evidence.get("retraining"), reviewed, retrained or None,
        last.operating_point, expected_of_stored(classifier, _reported(last, made)),
        known_of_stored(_reported(last, made)),
    )  # fmt: skip


def _reported(
    last: PublicationSummary, made: Mapping[int, PublicationSummary]
) -> Mapping[str, Any]:
    """Return the newest evidence of the live version with a report, at the same operating point."""
    known = [
        made[number].evidence
        for number in sorted(made, reverse=True)
        if (made[number].version, made[number].operating_point)
        == (last.version, last.operating_point)
        and made[number].evidence.get("release_report")
    ]
    return known[0] if known else {}


def _earlier(publication: PublicationSummary) -> int:
    """Return the number of the publication whose evidence stands for this one; 0 for none."""
    stated = publication.evidence
    return int(stated.get("points_back_to") or stated.get(KEEPS_VERSION_OF) or 0)


def _reviewed_version(versions: Iterable[VersionSummary]) -> str | None:
    """Return the version that the review's accuracy speaks of: the newest not made by feedback."""
    made = [each for each in versions if each.reason != RETRAINED]
    return made[-1].id if made else None


def _test_sources(tx: Transaction, row: ClassifierRow) -> tuple[Folder, ...]:
    query = select(TestSourceRow).where(TestSourceRow.classifier_id == row.id)
    return tuple(Folder(each.site, each.library, each.folder) for each in tx.session.scalars(query))


def _trainers(tx: Transaction, row: ClassifierRow) -> tuple[str, ...]:
    query = select(TrainerGrant.person).where(TrainerGrant.classifier_id == row.id)
    return (row.owner, *sorted(tx.session.scalars(query)))
