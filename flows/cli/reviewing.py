"""The command that reviews predictions: by keys, from a file of verdicts, or as a list.

Verdicts go straight into the registry, so leaving at any moment loses nothing.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.cli.session import Session
from flows.cli.status import accuracy_text
from flows.cli.teaching import classifier_argument, command
from flows.cli.texts import strong

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.operations.review_states import ReviewState


@classifier_argument
@click.option(
    "--verdicts",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True),
    help="A CSV with the column item_id or path, and verdict (yes, no, not sure) or relevant (1, "
    "0); - reads it from standard input.",
)
@click.option("--list", "only_list", is_flag=True, help="List the tested items to review; stop.")
@click.option("--all", "everything", is_flag=True, help="With --verdicts: go on once stable.")
def review(
    session: Session, *, name: str, file: Path | None, only_list: bool, everything: bool
) -> None:
    """Review predictions of NAME, 30 at a time, by yes or no.

    Keys: y yes, n no, ? not sure, s skip, u take back, q quit. Words that pushed the score are
    highlighted. After each batch the classifier learns from it and accuracy is stated anew; from
    200 reviews on, once accuracy is stable, publish opens. Come back at any time.
    """
    from cultivar.operations.reviewing import review_state

    state = review_state(session.workspace, session.actor, name)
    if only_list:
        _list(session, state.classifier_id)
        return
    session.tell(
        f"{state.reviewed} of {state.items} items are reviewed; publish opens from 200 on."
    )
    given = _given(session, state, file, everything)
    after = review_state(session.workspace, session.actor, state.classifier_id)
    ready = after.status == "Ready to use"
    verb = "publish" if ready else "review"
    session.answer(
        {"review": after.as_dict(), "given": given},
        lambda console: show_standing(console, after.as_dict()),
        f"cultivar {verb} {after.classifier_id}",
    )


def _given(session: Session, state: "ReviewState", file: Path | None, everything: bool) -> int:
    """Take verdicts from the file or the keys, and return how many were given."""
    from flows.cli.learner import Learner

    with Learner(session, state.classifier_id) as learner:
        if file is not None:
            from flows.cli.verdicts import give, read_verdicts

            return give(session, learner, read_verdicts(file), everything=everything)
        from flows.cli.reviewer import Reviewer

        with Reviewer(session, learner) as reviewer:
            return reviewer.run()


def show_standing(console: "Console", review: dict[str, Any]) -> None:
    """Print how far the review is, its accuracy, and why publish is not open yet."""
    console.print(
        f"Reviewed {review['reviewed']:,} of {review['items']:,} items, "
        f"{review['decided']:,} of 200 decided in closed batches."
    )
    if review["accuracy"] is not None:
        console.print(f"Accuracy {accuracy_text(review)}.")
    if review["status"] == "Ready to use":
        console.print(f"Accuracy is stable: {strong('publish is open')}.")
        return
    console.print("Publish is not open yet:")
    for reason in review["reasons"]:
        console.print(f"  {reason}", markup=False)
    if review["reviews_left"]:
        console.print(f"  About {review['reviews_left']} more reviews are needed.")


def _list(session: Session, classifier: str) -> None:
    """List the open batch's items without a verdict; opens one where none is open."""
    from cultivar.operations.evidence import next_items
    from cultivar.operations.reviewing import open_batch

    open_batch(session.workspace, session.actor, classifier)
    items = next_items(session.workspace, session.actor, classifier)
    rows = [
        {
            "item_id": each.item_id,
            "path": "/".join(part for part in (each.folder, each.name) if part),
            "prediction": each.shown_as,
            "score": each.score,
        }
        for each in items
    ]
    session.answer(
        {"classifier": classifier, "items": rows},
        lambda console: _table(console, rows),
        f"cultivar review {classifier}",
    )


def _table(console: "Console", rows: list[dict[str, Any]]) -> None:
    from flows.cli.tables import Ids, show_table

    cells = [
        [row["item_id"], row["path"], row["prediction"], f"{row['score']:.2f}"] for row in rows
    ]
    columns = (Ids("Item"), "Path", "Prediction", "Score")
    show_table(console, columns, cells, title="Tested items to review", lead="Path")


def add_to(program: click.Group) -> None:
    """Add the commands of this room."""
    command(
        program,
        "review",
        examples=(
            "cultivar review complaints",
            "cultivar review complaints --list --json",
            "cultivar review complaints --verdicts verdicts.csv",
            'echo "y n ? q" | tr " " "\\n" | cultivar review complaints',
        ),
        then="`cultivar publish NAME`, once accuracy is stable.",
    )(review)
