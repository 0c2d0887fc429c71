"""Verdicts from a file, for scripts and spreadsheets: the same batches, the same gates, no keys.

The whole file is judged before its first verdict is kept.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cli.base.session import Session
from cultivar import operations
from cultivar.core.errors import NotReady
from cultivar.core.review.order import VERDICTS
from cultivar.core.vocabulary import how_many
from processes.learner import Learner

if TYPE_CHECKING:
    from cultivar.core.review.verdict_files import VerdictFile
    from cultivar.operations.review.lists import Planned, ReviewedItem


@dataclass(slots=True)
class Taken:
    """What was taken of a file: answers by word, what stood already, and what is left."""

    says: str
    answers: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    empty: int = 0
    unused: int = 0
    unanswered: int = 0
    corrected: int = 0
    changed: int = 0
    # whether the open batch came after the last one that the file says something of
    is_next: bool = False

    @property
    def count(self) -> int:
        """How many verdicts were taken."""
        return self.answers.total()

    @property
    def figures(self) -> dict[str, Any]:
        """What the JSON of a command says of it."""
        return {
            "column": self.says,
            "taken": self.count,
            "answers": {word: self.answers[word] for word in VERDICTS},
            "changed": self.changed,
            "corrected": self.corrected,
            "standing_already": self.repeated,
            "empty": self.empty,
            "unused": self.unused,
            "unanswered": self.unanswered,
        }

    @property
    def sentence(self) -> str:
        """What the file came to, in words."""
        parts = [taken_sentence(self.says, self.answers)]
        if self.changed:
            verb = "changes" if self.changed == 1 else "change"
            parts.append(f"{self.changed:,} of them {verb} what the open batch said before")
        if self.corrected:
            parts.append(f"{how_many(self.corrected, 'verdict')} of closed batches corrected")
        if self.unanswered and self.is_next:
            parts.append(f"the next batch holds {how_many(self.unanswered, 'item')}")
        elif self.unanswered:
            verb = "has" if self.unanswered == 1 else "have"
            parts.append(f"{how_many(self.unanswered, 'item')} of the open batch {verb} no verdict")
        if self.repeated:
            verb = "says" if self.repeated == 1 else "say"
            parts.append(f"{how_many(self.repeated, 'line')} {verb} what stands already")
        if self.empty:
            verb = "has" if self.empty == 1 else "have"
            parts.append(f"{how_many(self.empty, 'line')} {verb} no answer")
        if self.unused:
            verb = "is" if self.unused == 1 else "are"
            parts.append(
                f"{how_many(self.unused, 'line')} {verb} not needed, as publish is open (--all "
                "takes them too)"
            )
        return f"{'; '.join(parts)}."


def taken_sentence(says: str, answers: Mapping[str, int]) -> str:
    """Return how many verdicts were taken and what they say in the words of their column."""
    count = sum(answers.values())
    told = ", ".join(f"{answers.get(word, 0):,} {word}" for word in VERDICTS)
    return f"{how_many(count, 'verdict')} taken{f' ({says}: {told})' if count else ''}"


def give(
    session: Session,
    learner: Learner,
    file: "VerdictFile",
    *,
    everything: bool,
    correction: str | None = None,
) -> Taken:
    """Give the file's verdicts batch by batch, and return what was taken.

    ``correction`` is the reason for which verdicts of closed batches may change.

    Ends when publish opens (unless ``everything``), when every item is reviewed, or with a batch
    for which the file lacks verdicts.
    """
    items = _items(session, learner.classifier)
    plan = operations.review.planned(items, file, correcting=correction is not None)
    taken = Taken(file.says, repeated=plan.repeated, empty=file.empty)
    if correction is not None and plan.corrections:
        operations.review.correct_verdicts(
            session.workspace, session.actor, learner.classifier, plan.corrections, correction
        )
        taken.corrected = len(plan.corrections)
    left = dict(plan.answers)
    while _goes_on(session, learner, taken, everything=everything):
        _give_batch(session, learner.classifier, plan, left, taken)
        if taken.unanswered:
            return taken
        _close(session, learner.classifier)
    taken.unused = len(left)
    return taken


def _items(session: Session, classifier: str) -> "list[ReviewedItem]":
    return operations.review.review_items(session.workspace, session.actor, classifier)


def _goes_on(session: Session, learner: Learner, taken: Taken, *, everything: bool) -> bool:
    """Learn what is to be learned, and open a batch unless publish is open or nothing is left."""
    workspace, actor, classifier = session.workspace, session.actor, learner.classifier
    if operations.review.review_state(workspace, actor, classifier).learning:
        with session.working("Learning from the batch"):
            learner.learn()
    status = operations.review.review_state(workspace, actor, classifier).status
    if taken.count and not everything and status == "Ready to use":
        return False
    try:
        operations.review.open_batch(workspace, actor, classifier)
    except NotReady as end:
        if end.code != "nothing-to-review":
            raise
        return False
    return True


def new_verdicts(
    pairs: "Iterable[tuple[ReviewedItem, str | None]]", says: str, taken: Taken
) -> dict[str, str]:
    """Return the verdicts of a file that are new, by item, and count what it says.

    ``pairs`` are items with what the file answers, None for nothing.
    """
    given = {}
    for item, answer in pairs:
        if answer is None:
            continue
        verdict = item.verdict_by(says, answer)
        if verdict == item.verdict:
            taken.repeated += 1
            continue
        given[item.named.item_id] = verdict
        taken.changed += item.verdict is not None
        taken.answers[answer] += 1
    return given


def _give_batch(
    session: Session, classifier: str, plan: "Planned", left: dict[str, str], taken: Taken
) -> None:
    """Keep the file's verdicts on the open batch, and count what it has none for."""
    pairs = [
        (item, left.pop(item.named.item_id, None) if item.open else None)
        for item in _items(session, classifier)
    ]
    before = taken.count
    given = new_verdicts(pairs, plan.says, taken)
    taken.is_next = 0 < before == taken.count
    if given:
        operations.review.record_verdicts(session.workspace, session.actor, classifier, given)
    taken.unanswered = operations.review.review_state(
        session.workspace, session.actor, classifier
    ).unanswered


def _close(session: Session, classifier: str) -> None:
    point = operations.review.close_batch(session.workspace, session.actor, classifier)
    session.tell(f"Batch {point.batch}: {point.agreed} of {point.decided} agreed so far.")
