"""The items of a review as a list: what is to be judged, and what a file of verdicts would change.

It reads names, predictions and verdicts; it neither opens a text nor keeps a verdict.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from cultivar.core.errors import InvalidInput
from cultivar.core.review.item_names import Named, Names
from cultivar.core.review.order import verdict_on
from cultivar.core.review.verdict_files import (
    PREDICTION_RIGHT,
    Line,
    VerdictFile,
    answers_by_item,
    refuse,
)
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.transactions import snapshot
from cultivar.store.tables import BatchRow, ReviewItemRow, ReviewRow
from cultivar.store.workspace import Workspace

NOT_TESTED = ("not-tested", "names|name no test item of the classifier.")
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class ReviewedItem:
    """A test item in the order of review, with its names.

    ``batch`` is null until it is presented, ``open`` while its batch is; ``prediction`` and
    ``score`` are what is judged, frozen when it was presented; ``verdict`` is on them.
    """

    named: Named
    batch: int | None
    open: bool
    prediction: str | None
    score: float | None
    verdict: str | None

    @property
    def closed(self) -> bool:
        """Whether its review stands, as its batch is closed."""
        return self.batch is not None and not self.open

    @property
    def relevant(self) -> str | None:
        """What the verdict says the item is: yes, no or not sure."""
        return verdict_on(self.prediction or "", self.verdict) if self.verdict else None

    def said(self, column: str) -> str | None:
        """Return its verdict in the words of a column of a file."""
        return self.verdict if column == PREDICTION_RIGHT else self.relevant

    def verdict_by(self, column: str, answer: str) -> str:
        """Return the verdict on its prediction that an answer in a column gives."""
        if column == PREDICTION_RIGHT:
            return answer
        return verdict_on(self.prediction or "", answer)


@dataclass(frozen=True, slots=True)
class Planned:
    """What a file gives: item id → answer in the words of the column ``says``.

    ``repeated`` lines say what closed batches say already; ``corrections`` (item id → verdict on
    its prediction) say otherwise.
    """

    says: str
    answers: dict[str, str]
    repeated: int
    corrections: dict[str, str]


def review_items(workspace: Workspace, actor: AnyActor, classifier: str) -> list[ReviewedItem]:
    """Return every test item in the order of review.

    Raises:
        NotPermitted: the actor may not review the classifier.
    """
    with snapshot(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        found = tx.session.execute(
            select(ReviewItemRow, ReviewRow.verdict, BatchRow.closed_at)
            .outerjoin(
                ReviewRow,
                (ReviewRow.classifier_id == ReviewItemRow.classifier_id)
                & (ReviewRow.item_id == ReviewItemRow.item_id),
            )
            .outerjoin(
                BatchRow,
                (BatchRow.classifier_id == ReviewItemRow.classifier_id)
                & (BatchRow.number == ReviewItemRow.batch),
            )
            .where(ReviewItemRow.classifier_id == row.id)
            .order_by(ReviewItemRow.position)
        ).all()
    if not found:
        return []
    names = _names(workspace, row.test_set_sha256 or "")
    return [
        ReviewedItem(
            names[item.item_id], item.batch, item.batch is not None and closed_at is None,
            item.prediction if item.batch is not None else None,
            item.score if item.batch is not None else None,
            verdict,
        )
        for item, verdict, closed_at in found
    ]  # fmt: skip


def _names(workspace: Workspace, test_set_sha256: str) -> dict[str, Named]:
    store = workspace.artifacts
    columns = ["item_id", "location", "path", "folder", "name"]
    rows = store.read(store.reference(test_set_sha256), columns=columns).to_pylist()
    return {row["item_id"]: Named.of(row) for row in rows}


def planned(
    items: Sequence[ReviewedItem],
    file: VerdictFile,
    *,
    correcting: bool = False,
    absent: tuple[str, str] = NOT_TESTED,
) -> Planned:
    """Return what a file gives to a review; it is refused whole or taken whole.

    ``correcting`` takes lines that say otherwise than a closed batch as corrections; ``absent`` is
    the code and the sentence where a line names none of the items.

    Raises:
        InvalidInput: codes ``not-tested``; ``already-reviewed`` (a line says otherwise than a
            closed batch); ``not-presented`` (a prediction is judged that nobody was shown yet); and
            those of ``answers_by_item``.
    """
    known = {each.named.item_id: each for each in items}
    found = answers_by_item(file, Names(each.named for each in items), absent)
    closed = {item_id: line for item_id, line in found.items() if known[item_id].closed}
    changed = {
        line: known[item_id]
        for item_id, line in closed.items()
        if line.answer != known[item_id].said(file.says)
    }
    if changed and not correcting:
        raise _already_reviewed(changed, file.says)
    left = {item_id: line for item_id, line in found.items() if item_id not in closed}
    if file.says == PREDICTION_RIGHT:
        refuse(
            "not-presented",
            sorted(line.number for item_id, line in left.items() if not known[item_id].open),
            "judges|judge a prediction that was not shown yet: only items of the open batch have "
            "one (`cultivar review NAME --list`). The column relevant says what an item is, and "
            "can be filled in beforehand.",
        )
    answers = {item_id: line.answer for item_id, line in left.items()}
    corrections = {
        item.named.item_id: item.verdict_by(file.says, line.answer)
        for line, item in changed.items()
    }
    return Planned(file.says, answers, len(closed) - len(changed), corrections)


def _already_reviewed(changed: dict[Line, ReviewedItem], says: str) -> InvalidInput:
    told = "; ".join(
        f"line {line.number} says {line.answer}, batch {item.batch} has {item.said(says)}"
        for line, item in list(changed.items())[:_SHOWN]
    )
    more = f"; and {len(changed) - _SHOWN:,} more" if len(changed) > _SHOWN else ""
    lines = [line.number for line in changed]
    return InvalidInput(
        "already-reviewed",
        "What is reviewed in a closed batch was learned from, and the file says otherwise: "
        f"{told}{more}. Nothing of the file is taken. If the file is right, repeat the command "
        'with `--correct "REASON"`, which changes those verdicts and learns again; else remove '
        "such lines to give the others.",
        {"lines": lines[:_SHOWN], "count": len(lines)},
    )
