"""The command that says which words moved a score.

The explanation is the model's own and exact.
"""

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cultivar.core.errors import InvalidInput, NotFound, NotReady
from flows.cli.session import Session
from flows.cli.teaching import classifier_argument, command
from flows.cli.texts import printable

SHORTEST_ID = 6

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.core.learning.model import Model


@classifier_argument
@click.option("--text", help="Explain this text.")
@click.option("--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--item", "item", help="Explain the item with this id, as labelled or tested.")
@click.option("--top", default=20, show_default=True, help="How many words.")
def explain(
    session: Session,
    *,
    name: str,
    text: str | None,
    file: Path | None,
    item: str | None,
    top: int,
) -> None:
    """Say why the classifier NAME gives an item, a text or a FILE its score.

    Each word's weight adds to the score or takes from it; all of them and the bias make it up.
    """
    _require_one(text, file, item)
    version, model = model_of_classifier(session, name)
    content = _text_of(session, text, file, item)
    data = explanation(model, content, top) | {"version": version}
    session.answer(data, lambda console: _show(console, data))


def _require_one(*given: Any) -> None:
    if sum(value is not None for value in given) != 1:
        raise click.UsageError("Give one of --text, --file and --item.")


def model_of_classifier(session: Session, name: str) -> "tuple[str, Model]":
    """Return the live version of a classifier, or the newest one, with its model.

    Raises:
        NotReady: code ``no-version``; nothing is trained yet.
    """
    from cultivar.operations.details import classifier_details
    from cultivar.operations.scoring import model_of

    details = classifier_details(session.workspace, session.actor, name)
    version = details["published_version"] or details["candidate_version"]
    if version is None:
        raise NotReady("no-version", f"{details['name']} has no trained version yet.")
    return version, model_of(session.workspace, version)


def explanation(model: "Model", text: str, top: int) -> dict[str, Any]:
    """Return score, prediction and the words that moved it most."""
    scores = model.score([text])
    return {
        "score": float(scores[0]),
        "prediction": model.decide(scores)[0].as_py(),
        "threshold": model.threshold,
        "words": [
            {"word": each.word, "weight": each.weight, "start": each.start, "end": each.end}
            for each in model.explain(text, top)
        ],
    }


def _text_of(session: Session, text: str | None, file: Path | None, item: str | None) -> str:
    if text is not None:
        return text
    if file is not None:
        return _text_of_file(session, file)
    return _text_of_item(session, item or "")


def _text_of_file(session: Session, file: Path) -> str:
    """Read a file as a crawl would: in a worker, within the same limits.

    Raises:
        InvalidInput: code ``not-readable``; the sentence gives the reason.
    """
    from cultivar.content.crawling import Request, crawl
    from cultivar.content.locations import Location
    from flows.cli.crawls import limits_of

    with tempfile.TemporaryDirectory(prefix="cultivar-explain-") as folder:
        shutil.copy(file, folder)
        request = Request(Location("explained", folder), limits=limits_of(session))
        with crawl(request) as found:
            rows = [row for batch in found.batches() for row in batch.to_pylist()]
    texts = [row["text"] for row in rows if row["status"] == "ok"]
    if not texts:
        raise InvalidInput(
            "not-readable",
            f"{file.name} is {rows[0]['status']}; see its reason: {rows[0]['reason']}.",
        )
    return "\n\n".join(texts)


def _text_of_item(session: Session, item: str) -> str:
    """Return the text of an item that was crawled, by its id (or how it begins) or its path.

    Raises:
        NotPermitted: the actor may not open content.
        NotFound: code ``unknown-item``.
    """
    from cultivar.core.roles import Action
    from cultivar.operations.deeds import viewing
    from cultivar.operations.locations import locations

    with viewing(session.workspace, session.actor, Action.OPEN_CONTENT):
        crawled = [each.items_sha256 for each in locations(session.workspace)]
    for sha256 in crawled:
        found = _in_artifact(session, sha256, item) if sha256 else None
        if found is not None:
            return found
    raise NotFound(
        "unknown-item",
        f"No crawled item has the id or path {item!r}. `cultivar matches NAME` lists ids.",
    )


def _in_artifact(session: Session, sha256: str, item: str) -> str | None:
    store = session.workspace.artifacts
    with store.open(store.reference(sha256)) as file:
        for group in range(file.num_row_groups):
            names = file.read_row_group(group, columns=["item_id", "path"]).to_pydict()
            for row, (item_id, path) in enumerate(
                zip(names["item_id"], names["path"], strict=True)
            ):
                if item == path or (len(item) >= SHORTEST_ID and item_id.startswith(item)):
                    texts = file.read_row_group(group, columns=["text"])
                    return texts.column("text")[row].as_py() or ""
    return None


def _show(console: "Console", data: dict[str, Any]) -> None:
    from rich.table import Table

    console.print(
        f"Score {data['score']:.3f}, [bold]{data['prediction']}[/bold] "
        f"(threshold {data['threshold']:.3f}, version {data['version']})"
    )
    table = Table("Word", "Weight", "")
    for each in data["words"]:
        direction = "for a match" if each["weight"] > 0 else "against"
        table.add_row(printable(each["word"]), f"{each['weight']:+.3f}", direction)
    console.print(table)


def add_to(program: click.Group) -> None:
    """Add the commands of this room."""
    command(
        program,
        "explain",
        examples=(
            'cultivar explain complaints --text "I want my money back"',
            "cultivar explain complaints --file letter.docx",
            "cultivar explain complaints --item 4f0c2a91 --json",
        ),
    )(explain)
