"""Verdicts from a file, for scripts: the same batches, the same gates, no keys.

It reads a CSV and hands each verdict to the operation.
"""

import csv
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cultivar.core.errors import InvalidInput, NotReady
from cultivar.core.reviewing import NO, NOT_SURE, RELEVANT, VERDICTS, YES
from flows.cli.learner import Learner
from flows.cli.session import Session

if TYPE_CHECKING:
    from cultivar.operations.evidence import ItemToReview

_RELEVANT = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_SHORT = {"y": YES, "n": NO, "?": NOT_SURE}


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What a file says: by item id or path, a verdict, or whether the item is relevant."""

    by: str
    said: dict[str, str]
    relevant: dict[str, bool]

    def of(self, item: "ItemToReview") -> str | None:
        """Return the verdict on an item's prediction, or None where the file has none."""
        path = "/".join(part for part in (item.folder, item.name) if part)
        key = item.item_id if self.by == "item_id" else path
        if key in self.said:
            return self.said[key]
        if key in self.relevant:
            return YES if self.relevant[key] == (item.shown_as == RELEVANT) else NO
        return None


def read_verdicts(file: Path) -> Verdicts:
    """Read a CSV of verdicts.

    Raises:
        InvalidInput: code ``bad-verdicts``; the sentence names the line.
    """
    if str(file) == "-":
        return _parsed(list(csv.reader(sys.stdin)))
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return _parsed(list(csv.reader(lines)))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput("bad-verdicts", f"{file.name} is not a CSV in UTF-8.") from error


def _parsed(rows: list[list[str]]) -> Verdicts:
    header = [name.strip().lower() for name in rows[0]] if rows else []
    by = next((name for name in ("item_id", "path") if name in header), None)
    says = next((name for name in ("verdict", "relevant") if name in header), None)
    if by is None or says is None:
        raise InvalidInput(
            "bad-verdicts",
            "The first line must name the column item_id or path, and verdict or relevant; it "
            f"names {', '.join(header) or 'nothing'}.",
        )
    verdicts = Verdicts(by, {}, {})
    for number, row in enumerate(rows[1:], start=2):
        if row:
            _take(verdicts, dict(zip(header, row, strict=False)), (by, says), number)
    return verdicts


def _take(verdicts: Verdicts, row: dict[str, str], columns: tuple[str, str], number: int) -> None:
    by, says = columns
    key, value = row.get(by, "").strip(), row.get(says, "").strip().lower()
    value = _SHORT.get(value, value)
    if key and says == "verdict" and value in VERDICTS:
        verdicts.said[key] = value
    elif key and says == "relevant" and value in _RELEVANT:
        verdicts.relevant[key] = _RELEVANT[value]
    else:
        allowed = VERDICTS if says == "verdict" else sorted(_RELEVANT)
        raise InvalidInput(
            "bad-verdicts",
            f"Line {number} of the verdicts needs {by}, and as {says} one of {', '.join(allowed)}.",
            {"line": number},
        )


def give(session: Session, learner: Learner, verdicts: Verdicts, *, everything: bool) -> int:
    """Give the file's verdicts batch by batch, and return how many were given.

    Ends when publish opens (unless ``everything``), when every item is reviewed, or with a batch
    for which the file lacks verdicts.
    """
    from cultivar.operations.reviewing import close_batch, open_batch, review_state

    workspace, actor, classifier = session.workspace, session.actor, learner.classifier
    given = 0
    while True:
        if review_state(workspace, actor, classifier).learning:
            with session.working("Learning from the batch"):
                learner.learn()
        if given and not everything and _is_ready(session, classifier):
            return given
        try:
            open_batch(workspace, actor, classifier)
        except NotReady as end:
            if end.code != "nothing-to-review":
                raise
            return given
        given += _give_batch(session, classifier, verdicts)
        state = review_state(workspace, actor, classifier)
        if state.unanswered:
            session.tell(f"{state.unanswered} items of the open batch have no verdict in the file.")
            return given
        point = close_batch(workspace, actor, classifier)
        session.tell(f"Batch {point.batch}: {point.agreed} of {point.decided} agreed so far.")


def _is_ready(session: Session, classifier: str) -> bool:
    from cultivar.operations.reviewing import review_state

    return review_state(session.workspace, session.actor, classifier).status == "Ready to use"


def _give_batch(session: Session, classifier: str, verdicts: Verdicts) -> int:
    from cultivar.operations.evidence import next_items
    from cultivar.operations.reviewing import record_verdicts

    items = next_items(session.workspace, session.actor, classifier)
    said = {item.item_id: verdicts.of(item) for item in items}
    given = {item_id: verdict for item_id, verdict in said.items() if verdict is not None}
    if given:
        record_verdicts(session.workspace, session.actor, classifier, given)
    return len(given)
