"""Feedback on a published version's matches: which verdicts stand, and when they retrain it.

It derives everything from a list of events and the present moment; it keeps neither.

A verdict stands until the same person replaces or withdraws it. What counts towards the next
retraining are the distinct items with a standing verdict that the last one has not learned from:
given, or turned into its opposite, since that retraining began. So a later verdict that changes
one that a retraining used counts again, and one that repeats it does not; the first verdict of
another person on the same item is news, and one item counts once however many people judge it.
Taking a verdict back counts nothing. A retraining that failed has learned nothing: its verdicts
count again, but it still counts towards the cap, so that nothing repeats by itself without end.
One that failed by a defect holds back no person who asks for another. Verdicts given while a
retraining runs or while the cap holds wait for the next.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cultivar.core.errors import InvalidInput
from cultivar.core.limits import CORRECTIONS_TO_RETRAIN, RETRAININGS_A_DAY
from cultivar.core.vocabulary import how_many

MATCH = "match"
NOT_A_MATCH = "not a match"
VERDICTS = (MATCH, NOT_A_MATCH)
WINDOW = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class VerdictGiven:
    """A person judged an item of the published version, perhaps naming other classifiers."""

    at: datetime
    person: str
    item_id: str
    verdict: str
    version_id: str
    suggested: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A person took their verdict on an item back."""

    at: datetime
    person: str
    item_id: str


@dataclass(frozen=True, slots=True)
class RetrainingStarted:
    """A retraining began: it learns from the verdicts that stand at this moment."""

    at: datetime


@dataclass(frozen=True, slots=True)
class RetrainingEnded:
    """The running retraining ended; ``learned`` is False when it failed, perhaps by a defect."""

    at: datetime
    learned: bool = True
    defect: bool = False


Event = VerdictGiven | Withdrawn | RetrainingStarted | RetrainingEnded
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class FeedbackState:
    """What follows from the events of one classifier, in their order.

    ``standing`` maps (item, person) to the last verdict that was not withdrawn. ``used`` maps the
    same to the verdict that the retraining ``used_by`` learned or, while it runs, learns from: the
    last one that did not fail, counted from 1; 0 is none. ``starts`` are the moments of all
    retrainings, ascending, ``broken`` of those that failed by a defect; ``running`` is whether the
    last one has not ended.
    """

    standing: Mapping[Key, VerdictGiven] = field(default_factory=dict)
    used: Mapping[Key, str] = field(default_factory=dict)
    used_by: int = 0
    starts: tuple[datetime, ...] = ()
    running: bool = False
    broken: tuple[datetime, ...] = ()

    @property
    def news(self) -> tuple[VerdictGiven, ...]:
        """Standing verdicts that count towards the next retraining, in the order given."""
        return tuple(
            given for key, given in self.standing.items() if self.used.get(key) != given.verdict
        )

    @property
    def counted(self) -> int:
        """Distinct items that count towards the next retraining."""
        return len({given.item_id for given in self.news})

    @property
    def missing(self) -> int:
        """Items still to be judged before the next retraining."""
        return max(0, CORRECTIONS_TO_RETRAIN - self.counted)


def feedback_state(events: Iterable[Event]) -> FeedbackState:
    """Return the state after events in the order in which they were kept.

    Raises:
        InvalidInput: code ``unknown-verdict``; code ``retraining-order`` where a retraining starts
            while one runs, or ends while none does.
    """
    ledger = _Ledger()
    for event in events:
        ledger.take(event)
    return ledger.state()


class _Ledger:
    """The events folded so far."""

    def __init__(self) -> None:
        self.standing: dict[Key, VerdictGiven] = {}
        # what was learned, and by which retraining; the same of the one that runs
        self.learned: tuple[dict[Key, str], int] = ({}, 0)
        self.learning: tuple[dict[Key, str], int] | None = None
        self.starts: list[datetime] = []
        self.broken: list[datetime] = []

    def state(self) -> FeedbackState:
        used, by = self.learning or self.learned
        starts = tuple(sorted(self.starts))
        running, broken = self.learning is not None, tuple(sorted(self.broken))
        return FeedbackState(self.standing, used, by, starts, running, broken)

    def take(self, event: Event) -> None:
        if isinstance(event, RetrainingStarted):
            self._start(event)
        elif isinstance(event, RetrainingEnded):
            self._end(event)
        else:
            # a replacement goes to the end: the order is that of each person's last word
            self.standing.pop((event.item_id, event.person), None)
            if isinstance(event, VerdictGiven):
                require_verdict(event.verdict)
                self.standing[event.item_id, event.person] = event

    def _start(self, event: RetrainingStarted) -> None:
        _require_order(self.learning is None, "start while one runs")
        self.starts.append(event.at)
        used = {key: given.verdict for key, given in self.standing.items()}
        self.learning = used, len(self.starts)

    def _end(self, event: RetrainingEnded) -> None:
        _require_order(self.learning is not None, "end when none runs")
        if event.learned and self.learning is not None:
            self.learned = self.learning
        if event.defect:
            self.broken.append(self.starts[-1])
        self.learning = None


def _require_order(right: bool, wrong: str) -> None:
    if not right:
        raise InvalidInput("retraining-order", f"A retraining cannot {wrong}.")


def require_verdict(verdict: str) -> str:
    """Return the verdict itself when it is one of the two.

    Raises:
        InvalidInput: code ``unknown-verdict``.
    """
    if verdict not in VERDICTS:
        raise InvalidInput(
            "unknown-verdict",
            f"{verdict!r} is not a verdict. Feedback is {MATCH!r} or {NOT_A_MATCH!r}.",
            {"verdict": verdict},
        )
    return verdict


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a retraining starts at a moment, and if not, why not.

    ``code`` is ``due``, ``too-little-feedback``, ``retraining-running`` or ``retraining-cap``.
    ``allowed_at`` is the earliest moment that the cap allows; None while one runs.
    """

    due: bool
    code: str
    counted: int
    missing: int
    allowed_at: datetime | None
    sentence: str


def retraining_decision(state: FeedbackState, now: datetime, *, asked: bool = False) -> Decision:
    """Return whether the 30th judged item starts a retraining now.

    At most two start in any 24 hours: a third may start when 24 hours have passed since the first
    of them did. Where a person asks (``asked``), those that failed by a defect do not count.
    """
    counted, missing = state.counted, state.missing
    items = how_many(counted, "judged item")
    if state.running:
        are = "is" if counted == 1 else "are"
        sentence = f"A retraining runs; {items} {are} kept for the next."
        return Decision(False, "retraining-running", counted, missing, None, sentence)
    starts = [each for each in state.starts if not (asked and each in state.broken)]
    allowed_at = cap_ends(starts, now)
    if missing:
        sentence = (
            f"{counted} of {CORRECTIONS_TO_RETRAIN} items are judged; {missing} more "
            f"{'makes' if missing == 1 else 'make'} a retraining due."
        )
        return Decision(False, "too-little-feedback", counted, missing, allowed_at, sentence)
    if allowed_at > now:
        sentence = (
            f"{RETRAININGS_A_DAY} retrainings started within 24 hours. The next may start at "
            f"{allowed_at:%Y-%m-%d %H:%M:%S} {allowed_at:%Z}; {items} wait for it."
        )
        return Decision(False, "retraining-cap", counted, 0, allowed_at, sentence)
    sentence = f"{counted} items are judged: a retraining is due."
    by_itself = cap_ends(state.starts, now)
    if by_itself > now:
        sentence += (
            " The one before failed by a defect: none starts by itself before "
            f"{by_itself:%Y-%m-%d %H:%M:%S} {by_itself:%Z}."
        )
    return Decision(True, "due", counted, 0, allowed_at, sentence)


def cap_ends(starts: Sequence[datetime], now: datetime) -> datetime:
    """Return the earliest moment from ``now`` on at which a further retraining may start.

    ``starts`` ascend.
    """
    if len(starts) < RETRAININGS_A_DAY:
        return now
    return max(now, starts[-RETRAININGS_A_DAY] + WINDOW)


@dataclass(frozen=True, slots=True)
class Judged:
    """What people's standing verdicts say of one item; ``relevant`` is None when they are split."""

    item_id: str
    relevant: bool | None
    matches: int
    others: int


def judged_items(standing: Iterable[VerdictGiven]) -> tuple[Judged, ...]:
    """Return each judged item once, by id: the majority's verdict decides.

    Nothing is learned from an item on which as many say one thing as the other.
    """
    matches, others = Counter[str](), Counter[str]()
    for given in standing:
        (matches if given.verdict == MATCH else others)[given.item_id] += 1
    return tuple(
        Judged(
            item_id, _majority(matches[item_id], others[item_id]), matches[item_id], others[item_id]
        )
        for item_id in sorted(matches | others)
    )


def _majority(matches: int, others: int) -> bool | None:
    return None if matches == others else matches > others
