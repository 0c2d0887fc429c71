"""Whether a retrained version is worth publishing: republish, keep, or not enough evidence.

It recommends and never acts, and sees counts, not items.

The rule, on items with feedback and on the original items:

- *keep* when the retrained version is right on fewer items of either set by more than one point of
  them, or when precision or recall falls on either by more than one point and by more than a single
  item can show (a chance of at most one in four);
- else *not enough evidence* when a set holds no relevant item, as recall may have fallen there;
- else *republish* when the exact McNemar test over all items favours it (p < 0.05), or when it wins
  on one set: the same test over that set alone favours it (p < 0.025);
- else there is *not enough evidence* either.

Why a fall must be more than one item: one item is a point of a hundred and three of thirty, and any
retraining moves precision and recall by an item, so that a rule which reads off the shares alone
keeps almost every better version. Why not more than chance, as a win: of the items with feedback
few are relevant, so that hardly any loss of recall among them could be as sure as that: with one
chance in twenty as the bound, too many versions were recommended that trade recall for precision at
a loss (benchmarks/retraining.py). Two items lost and none found are one chance in four.
Each p is two-sided, so that a version that is no better is favoured by all items in at most 2.5 %
and by each set in at most 1.25 % of cases, 5 % together (benchmarks/coverage.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cultivar.core.limits import CORRECTIONS_TO_RETRAIN
from cultivar.core.retraining.paired import MEASURES, McNemar, Paired, mcnemar

REPUBLISH = "republish"
KEEP = "keep"
NOT_ENOUGH = "not enough evidence"
# what the overview offers as the recommended action
ACTIONS = {
    REPUBLISH: "re-publish",
    KEEP: "provide more feedback",
    NOT_ENOUGH: "provide more feedback",
}
MARGIN = 0.01
SIGNIFICANCE = 0.05
SIGNIFICANCE_OF_A_SET = SIGNIFICANCE / 2
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
    """Return what to do with the retrained version, and why.

    ``sets`` are the counts of each set by its name, ``test`` that over all items, each once.
    """
    blind = [sentence for name, paired in sets.items() if (sentence := _blind(name, paired))]
    falls = [fall for name, paired in sets.items() for fall in _falls(name, paired)]
    doubts = [fall.sentence for fall in falls if not fall.counts]
    losses = [_gained(name, paired) for name, paired in sets.items() if _loses(paired)]
    losses += [fall.sentence for fall in falls if fall.counts]
    if losses:
        return _because(KEEP, losses, test)
    if blind:
        return _because(NOT_ENOUGH, blind, test)
    wins = [_gained(name, paired) for name, paired in sets.items() if _wins(paired)]
    if wins or test.favours_retrained(SIGNIFICANCE):
        return _because(REPUBLISH, [*wins, *doubts, _NO_LOSS], test)
    return _because(NOT_ENOUGH, [_NO_DIFFERENCE, *doubts], test)


_NO_LOSS = "It loses on neither set by more than one point and more than one item."
_NO_DIFFERENCE = "Neither version is better by more than chance on these items."
_MORE = f"Give at least {CORRECTIONS_TO_RETRAIN} more items feedback."


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


def _gained(name: str, paired: Paired) -> str:
    net = paired.retrained_right - paired.published_right
    return (
        f"On the {name}, the retrained version is right on {abs(net)} "
        f"{'more' if net > 0 else 'fewer'} of {paired.items} ({100 * paired.gain:+.1f} points)."
    )


def _because(decision: str, reasons: list[str], test: McNemar) -> Recommendation:
    more = () if decision == REPUBLISH else (_MORE,)
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
