"""Whether a retrained version is worth publishing: republish, keep, or not enough evidence.

It recommends and never acts, and sees counts, not items.

Items with feedback are judged as content is labelled, original items as the review judges. First,
by these two sets:

- *keep* when the exact McNemar test over one set favours the published version (p < 0.025);
- *republish* when it favours the retrained version on both (p < 0.025 each), and neither precision
  nor recall falls on either by more than one point and by more than a single item can show (a
  chance of at most one in four);
- else *not enough evidence*, also where a set holds no relevant item, as recall may have fallen.

Neither set can decide alone. People judge what the published version lists, near its threshold, so
that a version which labels everything wins on the items with feedback; and the original items are a
balanced set, where a threshold that spoils the content does little harm. So *not enough evidence*
is the usual answer, and asks for verdicts on items of the content on which the versions differ:
``content_evidence`` says how likely the retrained version labels the content better. From 0.9 on it
is *republish*, up to 0.1 *keep*; else there is not enough evidence, and after a second batch it
stays so (``python -m benchmarks.retraining`` prints this rule beside the one before it).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cultivar.core.retraining.actions import ACTIONS, KEEP, MORE, NOT_ENOUGH, REPUBLISH
from cultivar.core.retraining.content_evidence import (
    KEEP_UP_TO,
    REPUBLISH_FROM,
    ContentEvidence,
)
from cultivar.core.retraining.paired import MEASURES, McNemar, Paired, mcnemar

MARGIN = 0.01
SIGNIFICANCE_OF_A_SET = 0.025
FALL_BY_CHANCE = 0.25
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The decision, what the overview offers to do, and why, in sentences."""

    decision: str
    action: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Fall:
    """A measure that falls by more than a point on a set."""

    items: str
    measure: str
    before: float
    after: float
    chance: float

    @property
    def counts(self) -> bool:
        return self.chance <= FALL_BY_CHANCE + _ROUNDING

    @property
    def sentence(self) -> str:
        weight = "more than one item's worth" if self.counts else "no more than one item's worth"
        return (
            f"On the {self.items}, {self.measure} falls from {self.before:.1%} to {self.after:.1%} "
            f"({100 * (self.after - self.before):+.1f} points), {weight} (p = {self.chance:.2g})."
        )


def recommended(sets: Mapping[str, Paired], test: McNemar) -> Recommendation:
    """Return what to do with the retrained version by the judged items, and why.

    ``sets`` are the counts of each set by its name, ``test`` that over all items, each once.
    """
    lost = [_gained(name, paired) for name, paired in sets.items() if _is_lost(paired)]
    if lost:
        return _because(KEEP, lost, test)
    blind = [sentence for name, paired in sets.items() if (sentence := _blind(name, paired))]
    falls = [fall for name, paired in sets.items() for fall in _falls(name, paired)]
    doubts = [_gained(name, paired) for name, paired in sets.items() if _loses(paired)]
    doubts += [fall.sentence for fall in falls if fall.counts]
    small = [fall.sentence for fall in falls if not fall.counts]
    if not blind and not doubts and all(map(_wins, sets.values())):
        wins = [_gained(name, paired) for name, paired in sets.items()]
        return _because(REPUBLISH, [*wins, *small], test)
    return _because(NOT_ENOUGH, [*blind, *doubts, *small] or [_NO_DIFFERENCE], test)


def after_content(evidence: ContentEvidence) -> Recommendation:
    """Return what to do once people judged items of the content on which the versions differ."""
    chance = evidence.chance
    reasons = [evidence.sentence]
    if chance >= REPUBLISH_FROM:
        return Recommendation(REPUBLISH, ACTIONS[REPUBLISH], tuple(reasons))
    decision = KEEP if chance <= KEEP_UP_TO else NOT_ENOUGH
    reasons.append(MORE)
    return Recommendation(decision, ACTIONS[decision], tuple(reasons))


_NO_DIFFERENCE = "The retrained version is not better on both sets by more than chance."


def _blind(name: str, paired: Paired) -> str | None:
    """Say why a set cannot tell whether the retrained version loses on it."""
    if not paired.items:
        return f"There are no {name} to judge by."
    if not paired.relevant:
        return f"None of the {paired.items} {name} is relevant: whether recall falls is not known."
    return None


def _falls(name: str, paired: Paired) -> list[_Fall]:
    changes = {measure: paired.change(measure) for measure in MEASURES}
    return [
        _Fall(name, measure, *change, paired.chance_of_fall(measure))
        for measure, change in changes.items()
        if change is not None and change[1] - change[0] < -MARGIN - _ROUNDING
    ]


def _loses(paired: Paired) -> bool:
    return paired.gain < -MARGIN - _ROUNDING


def _wins(paired: Paired) -> bool:
    test = mcnemar(paired.retrained_right, paired.published_right)
    return test.favours_retrained(SIGNIFICANCE_OF_A_SET)


def _is_lost(paired: Paired) -> bool:
    test = mcnemar(paired.published_right, paired.retrained_right)
    return test.favours_retrained(SIGNIFICANCE_OF_A_SET)


def _gained(name: str, paired: Paired) -> str:
    net = paired.retrained_right - paired.published_right
    return (
        f"On the {name}, the retrained version is right on {abs(net)} "
        f"{'more' if net > 0 else 'fewer'} of {paired.items} ({100 * paired.gain:+.1f} points)."
    )


def _because(decision: str, reasons: list[str], test: McNemar) -> Recommendation:
    more = () if decision == REPUBLISH else (MORE,)
    return Recommendation(decision, ACTIONS[decision], (*reasons, _tested(test), *more))


def _tested(test: McNemar) -> str:
    differing = test.retrained_right + test.published_right
    if not differing:
        return "The two versions label the same items."
    return (
        f"Of the {differing} items on which they differ, the retrained version is right on "
        f"{test.retrained_right} and the published one on {test.published_right} (exact McNemar "
        f"test, p = {test.p_value:.2g})."
    )
