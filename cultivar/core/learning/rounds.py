"""The rounds of positive-unlabelled learning: which unlabelled item counts as what.

It reads no text and chooses no threshold.

Round 1 takes all unlabelled items as negatives. In each later round one counts as a negative the
less, the likelier it is relevant, by its odds squared: none is left out, so that those nearest to
the seeds go on teaching the difference. Only where many of the unlabelled are relevant does an item
count as a positive too, in the last rounds; where few are, most that score like a seed are not
relevant, and promoting them spoils the ranking (``python -m benchmarks.natural_mix``). Every score
that a round hands on is out-of-fold: no item is judged by a model that has learned from it.

Seeds that are all strong examples score above the category's typical members, which then look like
negatives. Round 1 shows it: more unlabelled items stand out of the bulk than any content shows and
than score like seeds. Where they do, the seeds are called apart and those items count as positives;
seeds that merely seem strong (``standing``) are called apart and change nothing.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cultivar.core.learning import solver
from cultivar.core.learning.estimates import calibration, standing
from cultivar.core.learning.estimates.calibration import Evidence, Line
from cultivar.core.learning.solver import Linear, Rows

Vector = npt.NDArray[np.float64]
Chosen = npt.NDArray[np.bool_]

UNLABELLED = -1
NEGATIVE = 0
POSITIVE = 1

FOLDS = 5
_DOUBTING_ROUNDS = 2
_PROMOTING_ROUNDS = 2
_MANY = 0.1  # from this prior on, what the rounds found is promoted
_FIRST_COST = 0.3  # round 1 is the one with wrong labels: it may bend less to each item
_COST = 1.0
_LARGEST_COST = 3.0
_CLEAN = 0.1  # at a smaller prior the unlabelled are nearly all negatives, and an error costs more
_SPREADS = 3.0  # an item this far above the median stands out, in lower spreads of the unlabelled
_SKEW = 0.05  # share of the unlabelled that stands out of any content, whatever the seeds are
_APART = 0.8  # the seeds are apart where this many times the expected items stand out beyond that
_FAINT = 1e-3  # a smaller weight is not worth a row
_REVIEWED = 2.0  # what a reviewed negative weighs beside an unlabelled item, before balancing


@dataclass(frozen=True)
class Material:
    """Rows and each row's ``roles`` (int8): 1 positive, 0 reviewed negative, -1 unlabelled.

    ``chosen`` marks rows that people chose to judge by their score, ``sampled`` those of them that
    are of the random sample that the unlabelled rows are the rest of, ``ranked`` those of them that
    come from the top of the content, which say nothing of a balanced set; None marks none.
    """

    rows: Rows
    roles: npt.NDArray[np.int8]
    chosen: Chosen | None = None
    sampled: Chosen | None = None
    ranked: Chosen | None = None

    def split(self, scores: Vector, overlooked: Chosen | None = None) -> Evidence:
        """Return the scores by role; those of ``overlooked`` items count as positives too.

        Judged items of the sample stay among the unlabelled, of which shares of the content are
        estimated: without the relevant ones, which are judged first, the rest looks as if hardly
        any were left, and the threshold for content rises (F1 0.52 instead of 0.62).
        """
        positive, negative = self.roles == POSITIVE, self.roles == NEGATIVE
        positive = positive if overlooked is None else positive | overlooked
        chosen = np.zeros(len(self.roles), dtype=bool) if self.chosen is None else self.chosen
        listed = chosen if self.ranked is None else chosen & ~self.ranked
        unlabelled = self.roles == UNLABELLED
        unlabelled = unlabelled if self.sampled is None else unlabelled | self.sampled
        return Evidence(
            scores[positive & ~chosen],
            scores[negative & ~chosen],
            scores[unlabelled],
            scores[positive & listed],
            scores[negative & listed],
            scores[:0] if self.sampled is None else scores[positive & self.sampled],
        )


@dataclass(frozen=True)
class Belief:
    """What each row weighs as a positive and as a negative (float64 [n]), and an error's cost."""

    positive: Vector
    negative: Vector
    cost: float


@dataclass(frozen=True)
class Learned:
    """The final classifier, the out-of-fold scores of its kind, and their calibration.

    ``excess`` is how many times more unlabelled items stand out, beyond those of any content, than
    the seeds lead to expect; ``apart`` tells that they are too many.
    """

    linear: Linear
    evidence: Evidence
    calibration: Line
    excess: float
    apart: bool

    @property
    def prior(self) -> float:
        """The estimated share of positives among the unlabelled."""
        return self.calibration.prior


def learn(material: Material, seed: int) -> Learned:
    """Return what the rounds end with, the same for the same rows and seed."""
    folds = _folds(material, seed)
    scores = _out_of_fold(material, _naive(material), folds, seed)
    overlooked, excess = _overlooked(material, scores)
    first = material.split(scores)
    # once people judged items, the seeds are no longer the only examples
    strong = not (material.roles == NEGATIVE).any() and standing.are_strong(
        first.positive, first.unlabelled, calibration.estimate_prior(first)
    )
    for _ in range(_DOUBTING_ROUNDS):
        found = material.split(scores, overlooked)
        prior = calibration.estimate_prior(found)
        belief = _doubting(material, _chances(scores, found, prior), overlooked, prior)
        scores = _out_of_fold(material, belief, folds, seed)
    found = material.split(scores, overlooked)
    prior = calibration.estimate_prior(found)
    if calibration.fit_mixture(found).prior >= _MANY:
        for _ in range(_PROMOTING_ROUNDS):
            chances = _chances(scores, material.split(scores, overlooked), prior)
            belief = _doubting(material, chances, material.roles == UNLABELLED, prior)
            scores = _out_of_fold(material, belief, folds, seed)
    linear = _fit(material, belief, np.ones(len(folds), dtype=bool), seed)
    found = material.split(scores, overlooked)
    return Learned(linear, found, calibration.fit_mixture(found), excess, strong or excess > _APART)


def _overlooked(material: Material, scores: Vector) -> tuple[Chosen, float]:
    """Tell which unlabelled items are members that the seeds outshine, and the excess.

    Items stand out that score far above the median, in spreads of the lower half (median less the
    16th percentile), which no hidden positive widens.
    """
    unlabelled = material.roles == UNLABELLED
    low, middle = np.quantile(scores[unlabelled], [0.16, 0.5])
    bound = middle + _SPREADS * (middle - low)
    prominent = np.asarray(unlabelled & (scores > bound))
    share = float(prominent.sum()) / float(unlabelled.sum())
    excess = max(0.0, share - _SKEW) / calibration.estimate_prior(material.split(scores))
    return prominent & (excess > _APART), excess


def learn_labelled(material: Material, seed: int) -> tuple[Linear, Vector]:
    """Return the classifier and the out-of-fold scores where no row is unlabelled."""
    nothing = np.zeros(len(material.roles))
    belief = _belief(material, nothing, nothing, _COST)
    scores = _out_of_fold(material, belief, _folds(material, seed), seed)
    return _fit(material, belief, np.ones(len(nothing), dtype=bool), seed), scores


def _naive(material: Material) -> Belief:
    unlabelled = (material.roles == UNLABELLED).astype(np.float64)
    return _belief(material, 0.0 * unlabelled, unlabelled, _FIRST_COST)


def _chances(scores: Vector, found: Evidence, prior: float) -> Vector:
    """Return each row's probability of relevance with its odds squared."""
    slope, intercept = calibration.fit_logistic(found, prior)
    return calibration.probabilities(scores, 2.0 * slope, 2.0 * intercept)


def _doubting(material: Material, chances: Vector, promoted: Chosen, prior: float) -> Belief:
    """Let an unlabelled item count less as a negative, and as a positive where it is promoted."""
    unlabelled = material.roles == UNLABELLED
    cost = min(_LARGEST_COST, max(_COST, _CLEAN / prior))
    return _belief(material, chances * promoted, (1.0 - chances) * unlabelled, cost)


def _belief(material: Material, positive: Vector, negative: Vector, cost: float) -> Belief:
    """Add the rows whose label is known to what the unlabelled ones count as."""
    known = material.roles == POSITIVE
    refused = material.roles == NEGATIVE
    return Belief(positive + known, negative + _REVIEWED * refused, cost)


def _folds(material: Material, seed: int) -> npt.NDArray[np.int64]:
    """Return each row's fold; every role is spread evenly."""
    generator = np.random.Generator(np.random.PCG64(seed))
    folds = np.zeros(len(material.roles), dtype=np.int64)
    for role in (POSITIVE, NEGATIVE, UNLABELLED):
        places = np.flatnonzero(material.roles == role)
        folds[places] = generator.permutation(len(places)) % FOLDS
    return folds


def _out_of_fold(
    material: Material, belief: Belief, folds: npt.NDArray[np.int64], seed: int
) -> Vector:
    """Return each row's decision value by a model that has not learned from it."""
    scores = np.zeros(len(folds))
    for fold in range(FOLDS):
        linear = _fit(material, belief, folds != fold, seed)
        scores[folds == fold] = linear.decide(material.rows, np.flatnonzero(folds == fold))
    return scores


def _fit(material: Material, belief: Belief, inside: Chosen, seed: int) -> Linear:
    """Fit on the rows ``inside``; the classes' costs stand halfway from equal to balanced."""
    as_positive = np.flatnonzero(inside & (belief.positive > _FAINT))
    as_negative = np.flatnonzero(inside & (belief.negative > _FAINT))
    positive, negative = belief.positive[as_positive], belief.negative[as_negative]
    tilt = np.sqrt((calibration.total(negative) + 1.0) / (calibration.total(positive) + 1.0))
    return solver.fit(
        material.rows,
        np.concatenate([as_positive, as_negative]),
        np.repeat([1.0, -1.0], [len(as_positive), len(as_negative)]),
        belief.cost * np.concatenate([positive * tilt, negative / tilt]),
        seed,
    )
