"""The pile of documents that may be good seeds, likest first; each pick is a file at once.

A pick is the text that counts of a document, in a folder of the person's own.
"""

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cli.base.files import written_aside
from cli.base.session import Session
from cli.terminal.piles import Answer, Pile, Said
from cultivar import operations
from cultivar.core.limits import SEEDS_AT_LEAST
from cultivar.core.vocabulary import how_many

if TYPE_CHECKING:
    from cli.terminal.reviewer import Reviewer
    from cultivar.operations.review.cards import Card
    from cultivar.operations.training.seed_suggestions import SeedSearch, Suggestion

AT_ONCE = 10
GOOD, NOT_GOOD = "good", "not"
ANSWERS = {
    "y": Answer(GOOD, "good example", "it is a good example: its text is put into the folder"),
    "n": Answer(NOT_GOOD, "not one", "it is not one of the kind: the like of it comes later"),
    "m": Answer(None, "skip", "not sure, skip to next item"),
}
_SAFE = re.compile(r"[^\w.-]+")
_ID = 16


class SuggestedSeeds(Pile):
    """Documents like a description; what is picked decides what comes next."""

    answers = ANSWERS
    why = "seed suggestion"

    def __init__(self, session: Session, search: "SeedSearch", folder: Path) -> None:
        super().__init__(session, "")
        self.search = search
        self.folder = folder
        self._known: dict[str, Suggestion] = {}
        self._take_up()

    def _take_up(self) -> None:
        """Go on with what an earlier sitting picked."""
        picked = {path.stem.rpartition("-")[2] for path in self.folder.glob("*.txt")}
        for item in self.search.found:
            if item[:_ID] in picked:
                self.search.answers[item] = True

    def more(self, sitting: "Reviewer") -> "list[Card]":
        """Return the likest documents that wait for an answer."""
        coming = self.search.next(AT_ONCE)
        self._known |= {each.item_id: each for each in coming}
        if not coming:
            self.ended = "Every document that is at all like it was shown."
        return [operations.review.card_of_suggestion(each) for each in coming]

    def heading(self, waiting: int) -> tuple[str, ...]:
        """Return how many were picked."""
        picked = len(self.search.picked)
        missing = SEEDS_AT_LEAST - picked
        wanted = f"{missing} more to go" if missing > 0 else "enough to create a classifier"
        return (f"{how_many(picked, 'good example')} in {self.folder.name} · {wanted}",)

    def judge(self, card: "Card", verdict: str | None) -> None:
        """Keep a good example as a file; what is refused pushes its like away."""
        if verdict == GOOD:
            with suppress(OSError):  # writing the file says what is wrong with the folder
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with written_aside(self._file(card.item_id)) as file:
                file.write(self._known[card.item_id].text)
        self.search.answers[card.item_id] = None if verdict is None else verdict == GOOD

    def take_back(self, said: Said) -> None:
        """Take an answer back, and the file with it."""
        self.search.answers.pop(said.card.item_id, None)
        if said.verdict == GOOD:
            self._file(said.card.item_id).unlink(missing_ok=True)

    def _file(self, item_id: str) -> Path:
        name = _SAFE.sub("-", Path(self._known[item_id].path).stem)[:60].strip("-.")
        return self.folder / f"{name or 'item'}-{item_id[:_ID]}.txt"
