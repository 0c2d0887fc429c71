"""The retrained version against the published one, on the same judged items.

It recommends and never acts: only a person moves the published pointer.

Both versions are judged on items with feedback and on the items of the original test and review.
The caller hands in out-of-fold predictions, so that nothing is judged on what it learned from.

The rule: *keep* when precision or recall falls by more than one point on either set; else
*republish* when the exact McNemar test over all items favours the retrained version, or when
precision or recall rises by more than one point on a set; else there is *not enough evidence*.
A win needs the same margin as a loss, so that swapping the versions never turns one republish into
another. A version that matches nothing has made no wrong match: its precision compares as 1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scipy import stats

from cultivar.core.intervals import Figure, share_of
from cultivar.core.limits import CORRECTIONS_TO_RETRAIN

WITH_FEEDBACK = "items with feedback"
ORIGINAL = "original items"
SETS = (WITH_FEEDBACK, ORIGINAL)
MARGIN = 0.01
SIGNIFICANCE = 0.05
REPUBLISH = "republish"
KEEP = "keep"
NOT_ENOUGH = "not enough evidence"
# what the overview offers as the recommended action
ACTIONS = {
    REPUBLISH: "re-publish",
    KEEP: "provide more feedback",
    NOT_ENOUGH: "provide more feedback",
}
_MATCH = "match"
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Predicted:
    """What a version says of an item: a score from 0 to 1, and match, close match or no match."""

    score: float
    prediction: str

    @property
    def matched(self) -> bool:
        """Whether the item is labelled."""
        return self.prediction == _MATCH


@dataclass(frozen=True, slots=True)
class JudgedItem:
    """An item whose truth a person stated, in one or both of the sets."""

    item_id: str
    sets: frozenset[str]
    relevant: bool
    published: Predicted
    retrained: Predicted

    @property
    def flips(self) -> bool:
        """Whether one version labels the item and the other does not."""
        return self.published.matched != self.retrained.matched

    @property
    def right(self) -> str | None:
        """Which version alone is right: ``published``, ``retrained``, or None."""
        if not self.flips:
            return None
        return "retrained" if self.retrained.matched == self.relevant else "published"


@dataclass(frozen=True, slots=True)
class Performance:
    """How one version does on one set.

    Shares and counts carry their 95 % Wilson intervals (a count's is that of its share times the
    whole); None where the share has no whole.
    """

    items: int
    relevant: int
    precision: Figure | None
    recall: Figure | None
    accuracy: Figure | None
    true_positives: Figure | None
    false_positives: Figure | None


@dataclass(frozen=True, slots=True)
class McNemar:
    """The items on which only one version is right, and the exact two-sided p-value."""

    retrained_right: int
    published_right: int
    p_value: float

    @property
    def favours_retrained(self) -> bool:
        """Whether the retrained version is right more often, beyond chance."""
        return self.retrained_right > self.published_right and self.p_value < SIGNIFICANCE


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The decision, what the overview offers to do, and why, in sentences."""

    decision: str
    action: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both versions on both sets. ``rows`` hold each item once, flips first."""

    performance: dict[str, dict[str, Performance]]
    mcnemar: McNemar
    recommendation: Recommendation
    rows: tuple[JudgedItem, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the figures without the rows, as plain values for the registry and for JSON."""
        return {
            "sets": {
                name: {version: asdict(found) for version, found in versions.items()}
                for name, versions in self.performance.items()
            },
            "mcnemar": asdict(self.mcnemar),
            "recommendation": asdict(self.recommendation)
            | {"reasons": list(self.recommendation.reasons)},
            "items": len(self.rows),
            "flips": sum(row.flips for row in self.rows),
        }


def comparison(items: Sequence[JudgedItem]) -> Comparison:
    """Compare the versions on judged items, each handed in once.

    Raises ``ValueError`` where an item comes twice or belongs to neither set.
    """
    _require_distinct(items)
    performance = {
        name: {
            version: _performance([item for item in items if name in item.sets], version)
            for version in ("published", "retrained")
        }
        for name in SETS
    }
    test = mcnemar(items)
    return Comparison(performance, test, recommended(performance, test), side_by_side(items))


def _require_distinct(items: Sequence[JudgedItem]) -> None:
    if len({item.item_id for item in items}) < len(items):
        raise ValueError("an item is compared twice")
    if any(not item.sets or not item.sets <= set(SETS) for item in items):
        raise ValueError("an item belongs to no known set")


def _performance(items: Sequence[JudgedItem], version: str) -> Performance:
    pairs = [(item.relevant, getattr(item, version).matched) for item in items]
    relevant, matched = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
    hits, wrong = pairs.count((True, True)), pairs.count((False, True))
    others = len(pairs) - relevant
    return Performance(
        len(pairs),
        relevant,
        share_of(hits, matched),
        share_of(hits, relevant),
        share_of(hits + others - wrong, len(pairs)),
        _counted(hits, relevant),
        _counted(wrong, others),
    )


def _counted(part: int, whole: int) -> Figure | None:
    share = share_of(part, whole)
    return share and Figure(part, share.lower * whole, share.upper * whole)


def mcnemar(items: Iterable[JudgedItem]) -> McNemar:
    """Return the exact test of whether each version is alone in the right as often.

    McNemar 1947, "Note on the sampling error of the difference between correlated proportions",
    with the binomial distribution in place of its approximation.
    """
    rights = [item.right for item in items]
    retrained, published = rights.count("retrained"), rights.count("published")
    differing = retrained + published
    p_value = stats.binomtest(retrained, differing).pvalue if differing else 1.0
    return McNemar(retrained, published, float(p_value))


def side_by_side(items: Iterable[JudgedItem]) -> tuple[JudgedItem, ...]:
    """Return the items with flips first, then by how far the score moved, then by id."""
    return tuple(
        sorted(
            items,
            key=lambda item: (
                not item.flips,
                -abs(item.retrained.score - item.published.score),
                item.item_id,
            ),
        )
    )


@dataclass(frozen=True, slots=True)
class _Change:
    items: str
    measure: str
    before: float
    after: float

    @property
    def points(self) -> float:
        return self.after - self.before

    @property
    def sentence(self) -> str:
        way = "rises" if self.points > 0 else "falls"
        return (
            f"On the {self.items}, {self.measure} {way} from {self.before:.1%} to "
            f"{self.after:.1%} ({100 * self.points:+.1f} points)."
        )


def recommended(performance: dict[str, dict[str, Performance]], test: McNemar) -> Recommendation:
    """Return what to do with the retrained version, and why."""
    empty = [name for name in SETS if not performance[name]["published"].items]
    changes = [change for name in SETS for change in _changes(name, performance[name])]
    losses = [change for change in changes if change.points < -MARGIN - _ROUNDING]
    wins = [change for change in changes if change.points > MARGIN + _ROUNDING]
    if losses:
        return _because(KEEP, [change.sentence for change in losses], test)
    if empty:
        return _because(NOT_ENOUGH, [f"There are no {name} to judge by." for name in empty], test)
    if wins or test.favours_retrained:
        reasons = [change.sentence for change in wins]
        return _because(REPUBLISH, [*reasons, _NO_LOSS], test)
    return _because(NOT_ENOUGH, [_NO_CHANGE], test)


_NO_LOSS = "Neither precision nor recall falls by more than one point on either set."
_NO_CHANGE = "Precision and recall move by no more than one point on either set."
_MORE = f"Give at least {CORRECTIONS_TO_RETRAIN} more items feedback."


def _changes(name: str, versions: dict[str, Performance]) -> list[_Change]:
    published, retrained = versions["published"], versions["retrained"]
    changes = []
    if published.precision or retrained.precision:
        before, after = _or_one(published.precision), _or_one(retrained.precision)
        changes.append(_Change(name, "precision", before, after))
    if published.recall and retrained.recall:
        before, after = published.recall.estimate, retrained.recall.estimate
        changes.append(_Change(name, "recall", before, after))
    return changes


def _or_one(precision: Figure | None) -> float:
    return precision.estimate if precision else 1.0


def _because(decision: str, reasons: Sequence[str], test: McNemar) -> Recommendation:
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
