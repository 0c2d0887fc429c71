"""The command that reviews predictions: by keys, from a file of verdicts, or as a list.

Verdicts go straight into the registry, so leaving at any moment loses nothing.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.base.files import (
    correct_option,
    list_options,
    read_verdicts,
    require_one,
    verdict_options,
)
from cli.base.help import classifier_argument, command
from cli.base.session import Session
from cli.from_content import Asked, teach
from cli.terminal.batch_lists import Listing, row_of
from cli.terminal.review_state import is_published, next_in_review, standing_lines
from cli.terminal.tested_items import review_by_keys
from cli.verdicts import give
from cultivar import operations
from cultivar.core.errors import NotReady
from cultivar.core.lifecycle import Status
from cultivar.core.review.order import shown_as
from cultivar.core.review.verdict_files import REVIEW
from cultivar.core.roles import Action
from cultivar.core.vocabulary import how_many
from processes.learner import Learner

if TYPE_CHECKING:
    from cli.verdicts import Taken
    from cultivar.operations.review.state import ReviewState


@classifier_argument
@verdict_options(
    "relevant (yes, no, not sure: whether the document is one of the kind) or prediction_right "
    "(the same: whether the prediction shown is right)"
)
@list_options("the items of the open batch", "that list")
@click.option(
    "--all", "everything", is_flag=True,
    help="With --list or --csv: every item to review. With --verdicts: go on once stable.",
)  # fmt: skip
@correct_option
@click.option(
    "--from", "source", type=click.Choice(["content"]),
    help="Judge the top of your content instead: verdicts that teach and count as no review.",
)  # fmt: skip
def review(
    session: Session,
    *,
    name: str,
    source: str | None,
    file: Path | None,
    correction: str | None,
    skip_empty: bool,
    only_list: bool,
    target: Path | None,
    everything: bool,
) -> None:
    """Review predictions of NAME, 30 at a time, by yes or no.

    Keys: y yes, n no, m not sure, u take back, o open the document, ? help, q quit. Words that
    pushed the score are highlighted. After each batch the classifier learns from it and accuracy is
    stated again; from 200 reviews on, once accuracy is stable, publish opens. Come back at any
    time.

    A file of verdicts is taken whole or refused whole. Its column relevant says what a document
    is; prediction_right says whether the prediction that the list shows is right.

    With --from content the 30 items come from the top of your own content, where a verdict teaches
    most. They are learned from as well and never count towards accuracy or the reviews that publish
    needs.
    """
    require_one(file, correction, lists=only_list or target is not None)
    operations.transactions.require_permitted(session.workspace, session.actor, Action.TRAIN, name)
    if source is not None:
        asked = Asked(file, skip_empty, correction, only_list, target, everything)
        teach(session, name, asked)
        return
    state = operations.review.review_state(session.workspace, session.actor, name)
    if only_list or target is not None:
        _list(session, state.classifier_id, target, everything=everything)
        return
    if state.items:
        session.tell(
            f"{state.reviewed} of {state.items} items are reviewed; publish opens from "
            f"{state.reviews_needed} on."
        )
    if state.items_needed:
        session.tell(state.reasons[-1])
    how = FromFile(file, skip_empty, correction) if file is not None else None
    given, taken = _given(session, state, how, everything=everything)
    after = operations.review.review_state(session.workspace, session.actor, state.classifier_id)
    published = is_published(session, after.classifier_id)
    lines = ([taken.sentence] if taken else []) + standing_lines(after, published=published)
    session.answer(
        {"review": after, "given": given} | ({"verdicts": taken.figures} if taken else {}),
        lambda console: console.print("\n".join(lines), markup=False),
        _next(after, published),
    )


def _next(state: "ReviewState", published: bool) -> str:
    if state.status != Status.READY_TO_USE:
        return next_in_review(state)
    return "cultivar label" if published else f"cultivar publish {state.classifier_id}"


@dataclass(frozen=True, slots=True)
class FromFile:
    """A file of verdicts, and how it is taken."""

    path: Path
    skip_empty: bool
    correction: str | None


def _given(
    session: Session, state: "ReviewState", file: FromFile | None, *, everything: bool
) -> "tuple[int, Taken | None]":
    """Take verdicts from the file or the keys, and return how many were given."""
    with Learner(session.settings, session.actor_id, state.classifier_id) as learner:
        if file is not None:
            verdicts = read_verdicts(file.path, REVIEW, skip_empty=file.skip_empty)
            taken = give(
                session, learner, verdicts, everything=everything, correction=file.correction
            )
            return taken.count, taken

        return review_by_keys(session, learner), None


def _list(session: Session, classifier: str, target: Path | None, *, everything: bool) -> None:
    """List what is to be judged; opens a batch where none is open, so that there are predictions.

    An item shows by id and file name: a folder may tell what its documents are.
    """
    _open(session, classifier)
    # a file holds what the open batch has already, so that it can be changed there
    answered = everything or target is not None
    rows = [
        row_of(each.named, "name", each.prediction and shown_as(each.prediction), each.score)
        | {"relevant": each.relevant}
        for each in operations.review.review_items(session.workspace, session.actor, classifier)
        if (each.open or (everything and not each.closed)) and (answered or each.verdict is None)
    ]
    left = f"{how_many(len(rows), 'item')} to review." if rows else "No item is left to review."
    Listing(rows, "name", left, "Test items to review").answer(
        session, {"classifier": classifier}, target, f"cultivar review {classifier}"
    )


def _open(session: Session, classifier: str) -> None:
    try:
        operations.review.open_batch(session.workspace, session.actor, classifier)
    except NotReady as end:
        if end.code != "nothing-to-review":
            raise


def add_to(program: click.Group) -> None:
    """Register the commands."""
    command(
        program,
        "review",
        examples=(
            "cultivar review complaints",
            "cultivar review complaints --from content",
            "cultivar review complaints --csv to-judge.csv",
            "cultivar review complaints --verdicts verdicts.csv",
            'echo "y n m q" | tr " " "\\n" | cultivar review complaints',
        ),
        then="`cultivar publish NAME`, once accuracy is stable.",
    )(review)
