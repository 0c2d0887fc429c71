"""What one send of feedback comes to: what of it counts towards the next retraining, and why not.

It compares two states of feedback; what counts is said by them.
"""

from collections.abc import Collection
from dataclasses import dataclass

from cultivar.core.retraining.feedback import FeedbackState
from cultivar.core.vocabulary import how_many


@dataclass(frozen=True, slots=True)
class Tally:
    """One person's send of verdicts; the first three numbers add up to all of them.

    ``counting`` verdicts add an item towards the next retraining, ``counted_before`` are on items
    that count already, ``repeated`` say again what the retraining ``used_by`` used already.
    """

    counting: int
    counted_before: int
    repeated: int
    used_by: int

    @property
    def sentence(self) -> str:
        """What was kept, and what of it counts."""
        kept = self.counting + self.counted_before + self.repeated
        return f"{how_many(kept, 'verdict')} kept: {', '.join(self._parts())}."

    def _parts(self) -> list[str]:
        parts = []
        if self.counting or not self.counted_before + self.repeated:
            verb = "counts" if self.counting == 1 else "count"
            parts.append(f"{self.counting} {verb} towards the next retraining")
        if self.counted_before == 1:
            parts.append("1 is on an item that counts already")
        elif self.counted_before:
            parts.append(f"{self.counted_before} are on items that count already")
        if self.repeated:
            verb = "repeats" if self.repeated == 1 else "repeat"
            parts.append(f"{self.repeated} {verb} what retraining {self.used_by} used already")
        return parts


def tally(
    before: FeedbackState, after: FeedbackState, person: str, items: Collection[str]
) -> Tally:
    """Return what a person's verdicts on items, sent between two states, come to."""
    known = {given.item_id for given in before.news}
    news = {given.item_id for given in after.news if given.person == person}.intersection(items)
    counting, again = len(news - known), len(news & known)
    return Tally(counting, again, len(items) - counting - again, after.used_by)
