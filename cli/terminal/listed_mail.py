"""The pile of feedback: listed items, close matches first, whose verdicts are sent together.

A verdict is kept on this machine at once and counts only once it is sent.
"""

from typing import TYPE_CHECKING

from cli.base.session import Session
from cli.terminal.drafts import Draft, Drafted
from cli.terminal.keys import ENTER
from cli.terminal.piles import Answer, Pile, Said, Stop
from cultivar import operations
from cultivar.core.limits import CORRECTIONS_TO_RETRAIN
from cultivar.core.retraining.feedback import MATCH, NOT_A_MATCH
from cultivar.core.vocabulary import how_many
from processes.events import is_heard, nudge

if TYPE_CHECKING:
    from cli.terminal.reviewer import Reviewer
    from cultivar.operations.retraining.candidates import Candidate
    from cultivar.operations.retraining.feedback import Sent
    from cultivar.operations.review.cards import Card

AT_ONCE = 30
STARTS_ELSEWHERE = "The Prefect server that runs starts it."
# what chooses a classifier, in the order of the list
CHOICES = "123456789abcdefghijklmnoprstuvwxyz"
ANSWERS = {
    "y": Answer(MATCH, "match", "it is a match"),
    "n": Answer(NOT_A_MATCH, "not a match", "it is not a match"),
    "m": Answer(None, "skip", "not sure, skip to next item: no verdict is given"),
}
ASIDE = {"s": "suggest another classifier, which then judges the item, too"}


class ListedMail(Pile):
    """The listed items of one classifier that a person has not judged, or all of them again."""

    answers = ANSWERS
    aside = ASIDE
    why = "feedback"

    def __init__(self, session: Session, classifier: str) -> None:
        found = operations.retraining.to_judge(session.workspace, session.actor, classifier)
        super().__init__(session, found.classifier_id)
        self.sent: list[Sent] = []
        # whether a server that runs starts the retraining that became due
        self.starts_elsewhere = False
        self._items = {each.item_id: each for each in found.items}
        self._judged, self._counted, self._missing = found.judged, found.counted, found.missing
        self._allowed_at = found.allowed_at
        self._draft = Draft(session, found.classifier_id)
        self._dropped = self._draft.keep_only(set(self._items))
        self._left = self._to_come()
        self._suggested: dict[str, tuple[str, ...]] = {}
        # whether to ask before the next item; not while what was said is taken back
        self._enough = self._is_enough()

    def _is_enough(self) -> bool:
        return self.unsent >= min(AT_ONCE, self._missing or AT_ONCE)

    @property
    def unsent(self) -> int:
        """How many verdicts are given and not sent."""
        return len(self._draft.verdicts)

    def _to_come(self) -> "list[Candidate]":
        """Return the items without a verdict; where all have one, those that were sent, again."""
        drafted = self._draft.verdicts
        fresh = [
            each
            for each in self._items.values()
            if each.item_id not in self._judged and each.item_id not in drafted
        ]
        if fresh or drafted:
            return fresh
        return list(self._items.values())

    def more(self, sitting: "Reviewer") -> "list[Card]":
        """Return the next items with their texts, whose opening is recorded."""
        if self._dropped:
            sitting.note(
                f"{how_many(self._dropped, 'unsent verdict')} on items that are not listed "
                "any more are dropped."
            )
            self._dropped = 0
        coming, self._left = self._left[:AT_ONCE], self._left[AT_ONCE:]
        if not coming:
            self.ended = "Every listed item was shown." if self._items else "No item is listed."
            return []
        if coming[0].item_id in self._judged:
            sitting.note("You have judged every listed item: this is a second look at them.")
        return self._cards(coming)

    def _cards(self, items: "list[Candidate]") -> "list[Card]":
        texts = operations.retraining.open_listed(*self._who, items)
        threshold = operations.review.threshold_in_content(
            self.session.workspace, items[0].version_id
        )
        return [
            operations.review.card_of_listed(
                each, texts[each.item_id], threshold, self._judged.get(each.item_id)
            )
            for each in items
        ]

    def heading(self, waiting: int) -> tuple[str, ...]:
        """Return how many items are left, and how many verdicts are not sent yet."""
        left = how_many(waiting + len(self._left), "item")
        due = (
            f"{self._counted} of {CORRECTIONS_TO_RETRAIN} sent for the next retraining"
            if self._missing
            else "enough sent for the next retraining"
        )
        return (
            f"{self.classifier} · feedback · {left} left",
            f"{how_many(self.unsent, 'verdict')} not sent yet · {due}",
        )

    def judge(self, card: "Card", verdict: str | None) -> None:
        """Keep a verdict until it is sent; one that only repeats what was sent is none."""
        suggested = self._suggested.pop(card.item_id, ())
        if verdict and (suggested or verdict != self._judged.get(card.item_id)):
            self._draft.give(card.item_id, Drafted(verdict, suggested))
        self._enough = self._is_enough()

    def take_back(self, said: Said) -> None:
        """Take an unsent verdict back."""
        self._enough = False
        found = self._draft.take_back(said.card.item_id)
        if found is not None:
            self._suggested[said.card.item_id] = found.suggested

    def earlier(self) -> Said | None:
        """Return the last verdict that an earlier sitting left unsent."""
        if not self.unsent:
            return None
        item_id, drafted = list(self._draft.verdicts.items())[-1]
        [card] = self._cards([self._items[item_id]])
        return Said(card, drafted.verdict)

    def stop(self, waiting: int) -> Stop | None:
        """Ask whether to send: at each 30, where they make a retraining due, and at the end."""
        nothing_left = not waiting and not self._left
        if not self.unsent or not (nothing_left or self._enough):
            return None
        ended = " Every listed item is judged or skipped." if nothing_left else ""
        return self._sending(f"{self._unsent_words()}{ended}", undo=True)

    def leaving(self) -> Stop | None:
        """Ask whether to send what is unsent."""
        return self._sending(self._unsent_words(), undo=False) if self.unsent else None

    def _unsent_words(self) -> str:
        are = "is" if self.unsent == 1 else "are"
        return f"{how_many(self.unsent, 'verdict')} {are} not sent yet and {are} not counted."

    def _sending(self, said: str, *, undo: bool) -> Stop:
        lines = [said, "What is sent counts at once, and can be withdrawn."]
        if self.unsent >= self._missing:
            lines.append(f"They are enough for the next retraining, {self._when()}.")
        return Stop(tuple(lines), "sends them", "keeps them here for later", undo=undo)

    def _when(self) -> str:
        """Say when a retraining starts that is due."""
        if self._allowed_at is None:
            return "which waits for the one that runs"
        if self._allowed_at > self.session.workspace.clock():
            at = f"{self._allowed_at:%Y-%m-%d %H:%M} {self._allowed_at:%Z}"
            return f"which may start at {at}, as two started within 24 hours"
        return "which then starts"

    @property
    def is_all_judged(self) -> bool:
        """Whether every listed item has a verdict that is sent, so that none can bring more."""
        return not self.unsent and all(item in self._judged for item in self._items)

    @property
    def missing(self) -> int:
        """How many more judged items make a retraining due."""
        return self._missing

    def go_on(self, sitting: "Reviewer") -> Stop | None:
        """Send what is unsent; end the sitting where a retraining is due."""
        given = [
            operations.retraining.Verdict(item, each.verdict, each.suggested)
            for item, each in self._draft.verdicts.items()
        ]
        with sitting.working("Sending"):
            sent = operations.retraining.give_feedback(*self._who, given)
        self._draft.clear()
        sitting.closed()
        self.sent.append(sent)
        self._judged |= {each.item_id: each.verdict for each in given}
        self._counted, self._missing, self._enough = sent.counted, sent.missing, False
        self._allowed_at = sent.allowed_at
        started = ""
        if sent.due:
            self.starts_elsewhere = starts_elsewhere(self.session, sent)
            started = f" {STARTS_ELSEWHERE}" if self.starts_elsewhere else ""
            if not self.starts_elsewhere:
                sitting.end()
        sitting.note(f"{how_many(sent.items, 'verdict')} sent. {sent.sentence}{started}")
        return None

    def suggest(self, sitting: "Reviewer", card: "Card") -> str:
        """Let the person choose classifiers that are to judge the item, too."""
        known = dict(zip(CHOICES, operations.retraining.suggestable(*self._who), strict=False))
        if not known:
            return "No other classifier is published, so none can be suggested."
        chosen = set(self._suggested.get(card.item_id, ()))
        while True:
            lines = [
                f"{key}  {'✓' if id_ in chosen else ' '} {name}"
                for key, (id_, name) in known.items()
            ]
            key = sitting.ask(
                ("Which other classifiers fit this item?", *lines),
                "A number or letter chooses or drops one · Enter goes back to the item",
                (ENTER, "esc", *known),
            )
            if key not in known:
                break
            chosen ^= {known[key][0]}
        self._suggested[card.item_id] = tuple(id_ for id_, _ in known.values() if id_ in chosen)
        names = ", ".join(name for id_, name in known.values() if id_ in chosen)
        return f"Suggested: {names}. It is sent with your verdict." if names else ""


def starts_elsewhere(session: Session, sent: "Sent") -> bool:
    """Tell a server that runs of the retraining that is due; return whether it starts it."""
    settings = session.settings
    return is_heard(settings) and nudge(settings, sent.classifier_id, session.actor_id)
