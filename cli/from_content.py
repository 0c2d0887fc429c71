"""Verdicts on items of the content: by keys, from a file, or as a list.

What they are for, opening a batch and closing it are the caller's; nothing here counts as a review.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.base.files import read_verdicts
from cli.base.session import Session
from cli.terminal.batch_lists import Listing, row_of
from cli.terminal.content_items import Batches, ContentItems
from cli.terminal.review_state import verdicts_standing
from cli.terminal.reviewer import Reviewer
from cli.verdicts import Taken, new_verdicts
from cultivar import operations
from cultivar.core.errors import NotReady
from cultivar.core.review.content_batch import TEACHING
from cultivar.core.review.order import shown_as
from cultivar.core.review.verdict_files import REVIEW
from cultivar.core.vocabulary import how_many
from processes.learner import Learner

if TYPE_CHECKING:
    from cultivar.operations.review.from_content import ContentState
    from cultivar.operations.review.lists import ReviewedItem


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked for: a file of verdicts, a list, or neither, which is the keys."""

    file: Path | None = None
    skip_empty: bool = False
    correction: str | None = None
    only_list: bool = False
    target: Path | None = None
    everything: bool = False


def teach(session: Session, name: str, asked: Asked) -> None:
    """Judge items from the top of the content; each closed batch is learned from."""
    state = operations.review.content_state(session.workspace, session.actor, name)
    classifier = state.classifier_id
    with Learner(session.settings, session.actor_id, classifier) as learner:

        def opened() -> "ContentState":
            _learn(session, learner)
            return operations.review.open_content_batch(
                session.workspace, session.actor, classifier
            )

        def closed() -> str:
            operations.review.close_content_batch(session.workspace, session.actor, classifier)
            _learn(session, learner)
            return "The batch is learned; the next one is ranked by the version that learned it."

        batches = Batches(
            TEACHING, opened, closed, "closes it and learns from it", "Ranking the content",
            more=True,
            renew=lambda: operations.review.renew_content_batch(
                session.workspace, session.actor, classifier
            ),
        )  # fmt: skip
        judge(session, classifier, batches, asked, f"cultivar review {classifier} --from content")


def _learn(session: Session, learner: Learner) -> None:
    state = operations.review.content_state(session.workspace, session.actor, learner.classifier)
    if state.learning:
        learner.learn()


def judge(session: Session, classifier: str, batches: Batches, asked: Asked, again: str) -> None:
    """Do what was asked with the open batch; ``again`` is the command that goes on."""
    if asked.only_list or asked.target is not None:
        _list(session, classifier, batches, asked, again)
        return
    if asked.file is not None:
        given, extra, lines = _from_file(session, classifier, batches, asked)
    else:
        pile = ContentItems(session, classifier, batches)
        given, extra = Reviewer(session, pile).run(), {}
        lines = [pile.ended] if pile.ended else []
    state = operations.review.content_state(
        session.workspace, session.actor, classifier, batches.purpose
    )
    lines.append(f"From the content: {verdicts_standing(state)}")
    session.answer(
        {"content": state, "given": given} | extra,
        lambda console: console.print("\n".join(lines), markup=False),
        again,
    )


def _items(session: Session, classifier: str, purpose: str) -> "list[ReviewedItem]":
    return operations.review.content_items(session.workspace, session.actor, classifier, purpose)


def _list(session: Session, classifier: str, batches: Batches, asked: Asked, again: str) -> None:
    """List the open batch, or every item so far; opens a batch where none is open."""
    _open(session, batches)
    rows = [
        row_of(each.named, "path", shown_as(each.prediction or ""), each.score)
        | {"relevant": each.relevant}
        for each in _items(session, classifier, batches.purpose)
        if each.open or asked.everything
    ]
    left = f"{how_many(sum(row['relevant'] is None for row in rows), 'item')} to judge."
    Listing(rows, "path", left, "Items of the content").answer(
        session, {"classifier": classifier}, asked.target, again
    )


def _open(session: Session, batches: Batches) -> None:
    try:
        with session.working(batches.ranking):
            batches.open()
    except NotReady as end:
        if end.code != "nothing-to-review":
            raise


def _from_file(
    session: Session, classifier: str, batches: Batches, asked: Asked
) -> tuple[int, dict[str, Any], list[str]]:
    assert asked.file is not None  # noqa: S101 - the caller has looked
    file = read_verdicts(asked.file, REVIEW, skip_empty=asked.skip_empty)
    items = _items(session, classifier, batches.purpose)
    plan = operations.review.planned(
        items, file, correcting=asked.correction is not None,
        absent=operations.review.NOT_PRESENTED,
    )  # fmt: skip
    taken = Taken(file.says, repeated=plan.repeated, empty=file.empty)
    if asked.correction is not None and plan.corrections:
        operations.retraining.correct_content_verdicts(
            session.workspace, session.actor, classifier, plan.corrections, asked.correction,
            purpose=batches.purpose,
        )  # fmt: skip
        taken.corrected = len(plan.corrections)
    pairs = [(item, plan.answers.get(item.named.item_id)) for item in items]
    _give(session, classifier, batches.purpose, new_verdicts(pairs, plan.says, taken))
    state = operations.review.content_state(
        session.workspace, session.actor, classifier, batches.purpose
    )
    taken.unanswered = state.unanswered
    lines = [taken.sentence]
    if state.batch is not None and not state.unanswered:
        with session.working("Closing the batch"):
            lines.append(batches.close())
    elif taken.corrected and batches.more:
        _open(session, batches)
    return taken.count, {"verdicts": taken.figures}, lines


def _give(session: Session, classifier: str, purpose: str, verdicts: Mapping[str, str]) -> None:
    if verdicts:
        operations.review.record_content_verdicts(
            session.workspace, session.actor, classifier, verdicts, purpose=purpose
        )
