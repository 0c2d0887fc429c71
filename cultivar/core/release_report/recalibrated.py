"""What a version labels and mislabels here, from its probabilities and what people judged of them.

It reads scores and verdicts; it draws no sample and keeps nothing.

A score is a probability, and probabilities can be wrong in this content. So the log odds of each
stratum of the score are off by an error of its own, near to that of the stratum above: a random
walk from the highest stratum down, as wide as calibrations were found to be wrong. Verdicts on a
sample of each stratum narrow it. What nobody judged is as likely relevant as the corrected score
says, so that a stratum in which nothing was found hides what it may, and not more. The errors are
worked out on a grid (forward filtering, backward sampling), not by chance.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from cultivar.core.intervals import Figure, quantile_interval
from cultivar.core.release_report.measured import Measured

DRAWS = 4_000
_SEED = 20_261_127
_LEVEL = 0.95
# The error of the highest stratum's log odds, and what each further one's adds to it: mean and
# standard deviation, as found on real corpora (docs/measurements.md).
_STEPS = ((-0.2, 1.4), (0.3, 0.9), (-0.1, 0.9), (-0.3, 1.1))
# Where the sample promises fewer relevant items, calibration had as few to go by.
_FEW = 100
_FIRST_OF_FEW = (-0.3, 1.8)
# Once the highest stratum is judged, verdicts outweigh what its scores promise.
_FIRST_JUDGED = (-0.2, 2.2)
_ERRORS = np.linspace(-6.0, 6.0, 121)
_SMALLEST = 1e-6  # a probability below it says no more than this
_ITEMS = 2_000  # of a stratum that stand for all of it
_BINS = 10
Numbers = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ScoredSample:
    """The scored random sample of the content, from the highest stratum to the lowest.

    ``scores`` (float [n]) and the place of each item's ``stratum`` (int [n]); of the ``judged``
    (bool [n]) the ``relevant`` ones (bool [n]). ``documents`` is how many there are in all.
    """

    documents: int
    scores: npt.NDArray[np.floating[Any]]
    stratum: Counts
    judged: Marks
    relevant: Marks

    @cached_property
    def strata(self) -> int:
        """How many there are."""
        return int(self.stratum.max()) + 1 if len(self.stratum) else 0

    @cached_property
    def log_odds(self) -> Numbers:
        """The log odds of each score."""
        bounded = np.clip(np.asarray(self.scores, np.float64), _SMALLEST, 1.0 - _SMALLEST)
        return np.log(bounded / (1.0 - bounded))


@dataclass(frozen=True, slots=True)
class Recalibrated(Measured):
    """The figures, and how far the probabilities are from the truth.

    ``calibration_error`` is the mean distance of a probability shown from the share of relevant
    items, over ten bins of equal width; ``brier`` the mean squared error of the probabilities, and
    ``brier_of_share`` that of stating the share of relevant items of every item.
    """

    calibration_error: Figure
    brier: Figure
    brier_of_share: float


def recalibrated_figures(
    sample: ScoredSample, threshold: float, draws: int = DRAWS
) -> Recalibrated:
    """Return precision, recall, labelled, mislabelled, missed, relevant and elusion.

    Shares from 0 to 1, counts of the documents, each with its 95 % interval; items of ``threshold``
    or more are labelled. The same sample gives the same figures. There must be a scored item.
    """
    generator = np.random.default_rng(_SEED)
    labelled = np.asarray(sample.scores >= np.float32(threshold))
    cells = [
        (stratum, (sample.stratum == stratum) & (labelled == side), side)
        for stratum in range(sample.strata)
        for side in (True, False)
    ]
    cells = [each for each in cells if each[1].any()]
    paths = _errors(sample, generator, draws)
    held, relevant = _worlds(sample, cells, paths, generator)
    sides = np.array([side for *_, side in cells])
    matched, right = held[:, sides].sum(axis=1), relevant[:, sides].sum(axis=1)
    missed = relevant[:, ~sides].sum(axis=1)
    counts = {
        "labelled": matched,
        "mislabelled": matched - right,
        "missed": missed,
        "relevant": right + missed,
    }
    shares = {
        "precision": (right, matched),
        "recall": (right, right + missed),
        "elusion": (missed, sample.documents - matched),
    }
    figures = {name: _share_of(*each) for name, each in shares.items()}
    figures |= {name: _interval(each) for name, each in counts.items()}
    bound = float(np.quantile(_share(*shares["elusion"]), _LEVEL, method="higher"))
    bound = max(bound, figures["elusion"].estimate)
    share = figures["relevant"].estimate / sample.documents
    return Recalibrated(figures, bound, *_distances(sample, paths), share * (1.0 - share))


def _distances(sample: ScoredSample, paths: Counts) -> tuple[Figure, Figure]:
    """Return the calibration error and the Brier score of the sample's probabilities."""
    bins = np.minimum((np.asarray(sample.scores) * _BINS).astype(np.int64), _BINS - 1)
    gaps, brier = np.zeros((len(paths), _BINS)), np.zeros(len(paths))
    for stratum, place in product(range(sample.strata), range(_BINS)):
        here = (sample.stratum == stratum) & (bins == place)
        if here.any():
            log_odds, scores = sample.log_odds[here], np.asarray(sample.scores[here], np.float64)
            errors = paths[:, stratum]
            gaps[:, place] += here.sum() * (scores.mean() - _rates(log_odds)[errors])
            costs = (scores**2).mean() + _rates(log_odds, 1.0 - 2.0 * scores)
            brier += here.sum() * costs[errors]
    both = np.abs(gaps).sum(axis=1), brier
    error, squared = (each / len(sample.scores) for each in both)
    return _interval(error), _interval(squared)


def _interval(drawn: npt.NDArray[Any]) -> Figure:
    return quantile_interval(float(drawn.mean()), drawn, drawn)


def _share_of(part: Counts, whole: Counts) -> Figure:
    """Return a share that agrees with the counts that stand beside it.

    The mean of the shares would not: where few items are relevant, worlds with hardly any weigh as
    much in it as those with many.
    """
    drawn, expected = _share(part, whole), float(whole.mean())
    return quantile_interval(float(part.mean()) / expected if expected else 0.0, drawn, drawn)


def _share(part: Counts, whole: Counts) -> Numbers:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def _errors(sample: ScoredSample, generator: np.random.Generator, draws: int) -> Counts:
    """Draw the error of each stratum, given the verdicts (places on the grid [draws, strata])."""
    apart = _ERRORS[:, None] - _ERRORS[None, :]
    steps = [_normal(apart, *_STEPS[min(each, len(_STEPS) - 1)]) for each in range(sample.strata)]
    belief = _normal(_ERRORS, *_first(sample))
    beliefs = []
    for stratum in range(sample.strata):
        belief = steps[stratum] @ belief if stratum else belief
        belief = belief * _likelihood(sample, stratum)
        belief = belief / belief.sum()
        beliefs.append(belief)
    paths = np.zeros((draws, sample.strata), np.int64)
    paths[:, -1] = generator.choice(len(_ERRORS), draws, p=beliefs[-1])
    for stratum in range(sample.strata - 2, -1, -1):
        onward = steps[stratum + 1][paths[:, stratum + 1]] * beliefs[stratum]
        weights = np.cumsum(onward, axis=1)
        chance = generator.random(draws)[:, None] * weights[:, -1:]
        paths[:, stratum] = (weights < chance).sum(axis=1)
    return np.minimum(paths, len(_ERRORS) - 1)


def _first(sample: ScoredSample) -> tuple[float, float]:
    if (sample.judged & (sample.stratum == 0)).any():
        return _FIRST_JUDGED
    few = float(np.sum(sample.scores, dtype=np.float64)) < _FEW
    return _FIRST_OF_FEW if few else _STEPS[0]


def _normal(distance: Numbers, mean: float, deviation: float) -> Numbers:
    weights = np.exp(-0.5 * ((distance - mean) / deviation) ** 2)
    return np.asarray(weights / weights.sum(axis=0))


def _likelihood(sample: ScoredSample, stratum: int) -> Numbers:
    """Return how likely the verdicts of a stratum are at each error, up to a factor.

    They are a random sample of it, so that its mean rate counts, whatever the rates within are.
    """
    here = sample.stratum == stratum
    judged, relevant = int((here & sample.judged).sum()), int((here & sample.relevant).sum())
    if not judged:
        return np.ones(len(_ERRORS))
    rates = np.clip(_rates(sample.log_odds[here]), 1e-12, 1.0 - 1e-12)
    logs = relevant * np.log(rates) + (judged - relevant) * np.log1p(-rates)
    return np.asarray(np.exp(logs - logs.max()))


def _rates(log_odds: Numbers, weights: Numbers | None = None) -> Numbers:
    """Return the mean probability of some items, each by its weight, at each error [errors]."""
    if not len(log_odds):
        return np.zeros(len(_ERRORS))
    order = np.argsort(log_odds)
    places = np.linspace(0, len(order) - 1, min(len(order), _ITEMS)).astype(np.int64)
    some = order[places]
    chances = 1.0 / (1.0 + np.exp(-(log_odds[some][:, None] + _ERRORS)))
    return np.asarray((chances if weights is None else weights[some][:, None] * chances).mean(0))


def _worlds(
    sample: ScoredSample,
    cells: list[tuple[int, Marks, bool]],
    paths: Counts,
    generator: np.random.Generator,
) -> tuple[Counts, Counts]:
    """Draw how many documents each cell holds, and how many relevant ones (int [draws, cells])."""
    sizes = np.array([each.sum() for _, each, _ in cells])
    shares = generator.dirichlet(sizes + 1.0 / len(sizes), len(paths))
    unseen = generator.multinomial(sample.documents - len(sample.scores), shares)
    relevant = np.zeros_like(unseen)
    for place, (stratum, members, _) in enumerate(cells):
        known = int((members & sample.judged & sample.relevant).sum())
        left = members & ~sample.judged
        errors = paths[:, stratum]
        others = _rates(sample.log_odds[left])[errors]
        everyone = _rates(sample.log_odds[members])[errors]
        relevant[:, place] = (
            known + generator.binomial(int(left.sum()), others)
            + generator.binomial(unseen[:, place], everyone)
        )  # fmt: skip
    return unseen + sizes, relevant
