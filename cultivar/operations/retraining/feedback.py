"""Feedback: people's verdicts on what a published version lists, and what they suggest instead.

A send is kept whole or not at all. It retrains nothing: the 30th judged item leaves word.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import Conflict, InvalidInput, NotFound, NotReady
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.policies.retraining import Use, require_retrainable
from cultivar.core.retraining.copies import said_of_copies, taken_over
from cultivar.core.retraining.feedback import Decision, require_verdict
from cultivar.core.retraining.feedback_tally import tally
from cultivar.core.roles import Action, AnyActor
from cultivar.core.vocabulary import how_many
from cultivar.operations.content_thresholds import cut_in_content
from cultivar.operations.retraining.candidates import (
    Candidate,
    LabelledLocation,
    contents_in,
    labelled_mail,
    listed_items,
    texts_of,
    use_of,
)
from cultivar.operations.retraining.feedback_events import mark_retraining_due, state_of_feedback
from cultivar.operations.scoring.version_models import model_of
from cultivar.operations.transactions import Transaction, snapshot, transaction
from cultivar.store.tables import ClassifierRow, FeedbackRow, SuggestionRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Verdict:
    """One item judged ``match`` or ``not a match``; ``suggested`` are ids of other classifiers."""

    item_id: str
    verdict: str
    suggested: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Copied:
    """An item that took over the verdict on another one, of which it is an exact copy."""

    item_id: str
    copy_of: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a suggested classifier's published version says of an item."""

    item_id: str
    classifier_id: str
    version_id: str
    score: float
    prediction: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What a send came to: items judged, and how far the next retraining is.

    ``due`` tells that a retraining is due; ``sentence`` says what is counted or awaited. Of the
    ``items``, ``counting`` add to what counts, ``counted_before`` counted already, and ``repeated``
    say what an earlier retraining used already; ``kept`` says so in words. ``copies`` are those of
    the items that took the verdict over.
    """

    classifier_id: str
    items: int
    counted: int
    missing: int
    due: bool
    allowed_at: datetime | None
    sentence: str
    evaluations: tuple[Evaluation, ...] = ()
    counting: int = 0
    counted_before: int = 0
    repeated: int = 0
    kept: str = ""
    copies: tuple[Copied, ...] = ()


def give_feedback(
    workspace: Workspace,
    actor: AnyActor,
    classifier: str,
    verdicts: Sequence[Verdict],
    *,
    copies: bool = False,
) -> Sent:
    """Keep verdicts on one or many items, with what suggested classifiers say of them.

    A later verdict of the same person on an item replaces the earlier one. The 30th judged item
    makes a retraining due in the same transaction. With ``copies``, listed items with the text of
    a judged one take its verdict over where the actor has not judged them; the audit log names the
    item that each one was taken from.

    Raises:
        NotPermitted: the actor may not train the classifier.
        NotReady: a condition of retraining is missing (the sentence names it), or a suggested
            classifier has no published version (``not-published``).
        NotFound: code ``not-listed``; an item is not listed for this classifier.
        InvalidInput: codes ``unknown-verdict``, ``nothing-judged``, ``judged-twice``,
            ``suggests-itself``.
        Conflict: code ``changed-meanwhile``; another version was published since.
    """
    _require_sendable(verdicts)
    with snapshot(workspace, actor, Action.TRAIN) as tx:
        row, use = retrainable(tx, classifier)
        places = labelled_mail(tx.session, row)
        others = _suggested(tx, row, verdicts)
    listed = _listed(workspace, use, places, [each.item_id for each in verdicts])
    evaluations = _evaluations(workspace, verdicts, listed, others)
    every = {each.item_id: each for each in listed_items(workspace, use, places)} if copies else {}
    contents = contents_in(workspace, every.values())
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row, _ = retrainable(tx, classifier)
        _require_same_version(row, places)
        before = state_of_feedback(tx.session, row.id)
        own = {item for item, person in before.standing if person == tx.actor}
        said = {each.item_id: each.verdict for each in verdicts}
        copied = taken_over(said, contents, own)
        given = [*verdicts, *(Verdict(item, said[source]) for item, source in copied.items())]
        for each in given:
            item = listed.get(each.item_id) or every[each.item_id]
            _keep(tx, row, (each, copied.get(each.item_id)), item, evaluations)
        sent = sent_of(row, len(given), mark_retraining_due(tx, row.id), tuple(evaluations))
        after = state_of_feedback(tx.session, row.id)
        found = tally(before, after, tx.actor, [each.item_id for each in given])
        kept = f"{found.sentence} {said_of_copies(len(copied))}" if copies else found.sentence
        return replace(
            sent, counting=found.counting, counted_before=found.counted_before,
            repeated=found.repeated, kept=kept,
            copies=tuple(Copied(*each) for each in copied.items()),
        )  # fmt: skip


def _require_sendable(verdicts: Sequence[Verdict]) -> None:
    if not verdicts:
        raise InvalidInput("nothing-judged", "No item is judged. Name at least one item.")
    for each in verdicts:
        require_verdict(each.verdict)
    repeated = [item for item, n in Counter(each.item_id for each in verdicts).items() if n > 1]
    if repeated:
        raise InvalidInput(
            "judged-twice",
            f"{how_many(len(repeated), 'item')} {'is' if len(repeated) == 1 else 'are'} judged "
            f"twice in one send, the first of them {repeated[0][:12]}. Judge each item once.",
            {"items": len(repeated)},
        )


def retrainable(tx: Transaction, classifier: str) -> tuple[ClassifierRow, Use]:
    """Return the classifier and the facts of its use; see ``require_retrainable``."""
    row = tx.classifier(classifier, Action.TRAIN)
    use = use_of(tx.session, row)
    require_retrainable(use)
    return row, use


def _suggested(
    tx: Transaction, row: ClassifierRow, verdicts: Sequence[Verdict]
) -> dict[str, tuple[str, str]]:
    """Return what each suggested name stands for: classifier id and its published version."""
    found = {}
    for name in dict.fromkeys(name for each in verdicts for name in each.suggested):
        other = tx.classifier(name)
        if other.id == row.id:
            raise InvalidInput(
                "suggests-itself", f"{row.name} cannot be suggested in its own feedback."
            )
        if other.published_version_id is None:
            raise NotReady(
                "not-published",
                f"{other.name} is not published, so it cannot evaluate an item. Suggest a "
                "published classifier.",
            )
        found[name] = (other.id, other.published_version_id)
    return found


def _listed(
    workspace: Workspace, use: Use, places: Sequence[LabelledLocation], wanted: Sequence[str]
) -> dict[str, Candidate]:
    found = {each.item_id: each for each in listed_items(workspace, use, places, wanted)}
    absent = [item_id for item_id in wanted if item_id not in found]
    if absent:
        raise NotFound(
            "not-listed",
            f"{len(absent)} of {how_many(len(wanted), 'item')} "
            f"{'is' if len(absent) == 1 else 'are'} not listed for {use.classifier_id} under an "
            f"enabled retention policy, the first of them {absent[0][:12]}.",
            {"absent": len(absent)},
            Remedy(NextStep.LIST_JUDGEABLE, use.classifier_id),
        )
    return found


def _evaluations(
    workspace: Workspace,
    verdicts: Sequence[Verdict],
    listed: Mapping[str, Candidate],
    others: Mapping[str, tuple[str, str]],
) -> list[Evaluation]:
    """Let each suggested classifier judge the items for which it was suggested."""
    if not others:
        return []
    import pyarrow as pa  # noqa: PLC0415 - and the kernels: only where a classifier is suggested

    crawls: dict[str, list[str]] = {}
    for each in verdicts:
        if each.suggested:
            crawls.setdefault(listed[each.item_id].items_sha256, []).append(each.item_id)
    texts = texts_of(workspace, crawls)
    found = []
    for name, (classifier_id, version_id) in others.items():
        wanted = [each.item_id for each in verdicts if name in each.suggested]
        model = model_of(workspace, version_id)
        scores = model.score(pa.array([texts[item] for item in wanted], pa.large_string()))
        kinds = model.decide(scores, cut_in_content(workspace, version_id)).to_pylist()
        found += [
            Evaluation(item, classifier_id, version_id, float(score), kind)
            for item, score, kind in zip(wanted, scores, kinds, strict=True)
        ]
    return found


def _require_same_version(row: ClassifierRow, places: Sequence[LabelledLocation]) -> None:
    if any(place.version_id != row.published_version_id for place in places):
        raise Conflict(
            "changed-meanwhile",
            f"Another version of {row.name} was published since; judge what it lists.",
        )


def _keep(
    tx: Transaction,
    row: ClassifierRow,
    given: tuple[Verdict, str | None],
    item: Candidate,
    evaluations: Sequence[Evaluation],
) -> None:
    """Keep a verdict; with it comes the id of the item that it was taken over from, if it was."""
    verdict, copy_of = given
    of_item = [each for each in evaluations if each.item_id == verdict.item_id]
    suggested = [each.classifier_id for each in of_item]
    kept = _row(tx, row, item, verdict.verdict, suggested)
    tx.session.add(kept)
    tx.session.flush()
    tx.session.add_all(
        SuggestionRow(feedback_id=kept.id, at=tx.at, **asdict(each)) for each in of_item
    )
    tx.audit(
        AuditAction.FEEDBACK_GIVEN, row.id, item=verdict.item_id, verdict=verdict.verdict,
        version=item.version_id, suggested=suggested, **({"copy_of": copy_of} if copy_of else {}),
    )  # fmt: skip


def _row(
    tx: Transaction, row: ClassifierRow, item: Candidate, verdict: str | None, suggested: list[str]
) -> FeedbackRow:
    return FeedbackRow(
        classifier_id=row.id, item_id=item.item_id, person=tx.actor, verdict=verdict,
        version_id=item.version_id, score=item.score, prediction=item.prediction,
        location=item.known["location"], items_sha256=item.items_sha256, suggested=suggested,
        at=tx.at,
    )  # fmt: skip


def sent_of(
    row: ClassifierRow, items: int, decision: Decision, evaluations: tuple[Evaluation, ...] = ()
) -> Sent:
    """Return what a send or a withdrawal of ``items`` verdicts came to."""
    return Sent(
        row.id, items, decision.counted, decision.missing, decision.due, decision.allowed_at,
        decision.sentence, evaluations,
    )  # fmt: skip
