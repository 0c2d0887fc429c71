"""The command that says which words moved a score.

The explanation is the model's own and exact.
"""

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from cli.base.help import classifier_argument, command
from cli.base.session import Session
from cli.base.sources import item_meant
from cli.terminal.tables import show_table
from cli.terminal.texts import strong
from cultivar import operations
from cultivar.core.errors import NotFound
from cultivar.core.figures import probability, probability_in_words
from cultivar.core.learning.writing.function_words import is_function_word
from cultivar.core.vocabulary import how_many

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.operations.scoring.explanation import Explanation


@classifier_argument
@click.argument("listed", metavar="[ITEM]", required=False)
@click.option("--text", help="Explain this text.")
@click.option(
    "--file",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Explain this document, read as a crawl reads it.",
)
@click.option("--item", "item", help="The same as ITEM.")
@click.option(
    "--top", type=click.IntRange(min=1), default=20, show_default=True, help="How many words."
)
def explain(
    session: Session,
    *,
    name: str,
    listed: str | None,
    text: str | None,
    file: Path | None,
    item: str | None,
    top: int,
) -> None:
    """Say why the classifier NAME gives an item or a text its score.

    ITEM is an id or the start of one, a path as the lists print it or from the current folder, or a
    name that only one item has.

    The score is the probability that such an item of the content is relevant. Each word's weight
    adds to it or takes from it; all of them and the bias make it up. The
    table merges what a word adds wherever it stands, and sums up common English words (the, of);
    --json lists each place of each word, exactly.
    """
    _require_one(text, file, item, listed)
    content = _text_of(session, text, file, item or listed)
    # the table merges words, so it needs them all
    wanted = top if session.json else None
    found = operations.scoring.explain_text(session.workspace, session.actor, name, content, wanted)
    session.answer({"explanation": found}, lambda console: _show(console, found, top))


def _require_one(*given: Any) -> None:
    if sum(value is not None for value in given) != 1:
        raise click.UsageError("Give one of ITEM, --text and --file.")


def _text_of(session: Session, text: str | None, file: Path | None, item: str | None) -> str:
    if text is not None:
        return text
    if file is not None:
        return operations.scoring.text_of_file(
            session.workspace, session.actor, file.name, file.read_bytes()
        )

    meant = item_meant(session, item or "")
    try:
        return operations.scoring.text_of_item(session.workspace, session.actor, meant)
    except NotFound as unknown:
        if unknown.code != "unknown-item" or not Path(item or "").is_file():
            raise
        raise NotFound(
            unknown.code,
            f"{item} is a file that no crawl has read. `cultivar explain NAME --file "
            f"{quote(item or '')}` explains it as it is.",
        ) from None


def _show(console: "Console", found: "Explanation", top: int) -> None:
    from cultivar.core.learning.explanation import by_word

    console.print(
        f"{probability_in_words(found.score, found.threshold)}; {strong(found.prediction)} "
        f"(threshold {probability(found.threshold, found.score)}, version {found.version_id})"
    )
    if not found.enough:
        console.print("Not enough to go by: the classifier knows too little of this text.")
    words = by_word(found.words)
    telling = [each for each in words if not is_function_word(each.word)]
    common = sum(each.weight for each in words if is_function_word(each.word))
    rows = [
        [each.word, str(each.times), f"{each.weight:+.3f}",
         "for a match" if each.weight > 0 else "against"]
        for each in telling[:top]
    ]  # fmt: skip
    show_table(console, ("Word", "Times", "Weight", ""), rows)
    rest = sum(each.weight for each in telling[top:])
    others = how_many(max(0, len(telling) - top), "other word")
    console.print(
        f"{others}: {rest:+.3f}; common English words: {common:+.3f}; where every text begins "
        f"(bias): {found.bias:+.3f}"
    )
    if found.whole:
        console.print(f"The text as a whole, by the transformer: {found.whole:+.3f}")


def add_to(program: click.Group) -> None:
    """Register the commands."""
    command(
        program,
        "explain",
        examples=(
            'cultivar explain complaints --text "I want my money back"',
            "cultivar explain complaints --file letter.docx",
            "cultivar explain complaints 4f0c2a91 --json",
        ),
    )(explain)
