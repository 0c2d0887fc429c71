"""The retrained version against the published one, on the same judged items.

It recommends and never acts: only a person moves the published pointer.

Both versions are judged on items with feedback and on the items of the original test and review.
The caller hands in out-of-fold predictions, so that nothing is judged on what it learned from.

What follows from the figures is ``cultivar.core.retraining.recommendation``'s rule.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cultivar.core.intervals import Figure, share_of
from cultivar.core.retraining.paired import McNemar, Paired, mcnemar
from cultivar.core.retraining.recommendation import Recommendation, recommended

WITH_FEEDBACK = "items with feedback"
ORIGINAL = "original items"
SETS = (WITH_FEEDBACK, ORIGINAL)
_MATCH = "match"


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
class Comparison:
    """Both versions on both sets. ``rows`` hold each item once, flips first."""

    performance: dict[str, dict[str, Performance]]
    mcnemar: McNemar
    recommendation: Recommendation
    rows: tuple[JudgedItem, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the figures without the rows, in the form in which the registry keeps them."""
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
    paired = paired_sets(items)
    everything = _paired(items)
    test = mcnemar(everything.retrained_right, everything.published_right)
    return Comparison(performance, test, recommended(paired, test), side_by_side(items))


def paired_sets(items: Sequence[JudgedItem]) -> dict[str, Paired]:
    """Return the counts of each set by its name."""
    return {name: _paired([item for item in items if name in item.sets]) for name in SETS}


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


def _paired(items: Sequence[JudgedItem]) -> Paired:
    cells = Counter((i.relevant, i.published.matched, i.retrained.matched) for i in items)
    return Paired(
        items=len(items),
        relevant=sum(item.relevant for item in items),
        both_right=cells[True, True, True],
        both_wrong=cells[False, True, True],
        found=cells[True, False, True],
        lost=cells[True, True, False],
        spoiled=cells[False, False, True],
        cleared=cells[False, True, False],
    )


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
