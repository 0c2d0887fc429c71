"""From out-of-fold decision values to a prior, a threshold and probabilities.

It fits no weights and sees no text.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from cultivar.core.learning import arithmetic

Vector = npt.NDArray[np.float64]

_STEPS = 50
_MIXTURE_STEPS = 15
_REGRESSION_STEPS = 3  # in each step of the mixture, from where the last one ended
_PRIOR_STEPS = 5
_RIDGE = 1e-3
_LOWEST_RECALL = 0.5  # below it a bound on the prior rests on too few positives
_DOUBT = 200.0  # reviewed negatives count as much as the unlabelled once there are this many
_CLOSE = 0.02
_THRESHOLDS = 200
_A_KIND = 100.0  # items of each kind that the balanced set stands for beside the chosen ones
_ALIKE = 1e-3  # share of the other items that score like relevant ones, whatever is learned
_HALVINGS = 40
_LOGISTIC_SCALE = 0.5513288954217921  # sqrt 3 / pi


@dataclass(frozen=True)
class Evidence:
    """Out-of-fold decision values of positives, of reviewed negatives, of unlabelled items.

    Those of items that people chose to judge by their score stand apart: they lie near a threshold
    and are a sample of nothing, so no rate or prior is estimated from them. Of the positives among
    them, ``sampled_positive`` are those of the random sample of the content.
    """

    positive: Vector
    negative: Vector
    unlabelled: Vector
    chosen_positive: Vector = field(default_factory=lambda: np.zeros(0))
    chosen_negative: Vector = field(default_factory=lambda: np.zeros(0))
    sampled_positive: Vector = field(default_factory=lambda: np.zeros(0))

    @property
    def trust(self) -> float:
        """How much the reviewed negatives count beside the unlabelled items (0 to 1)."""
        return len(self.negative) / (len(self.negative) + _DOUBT)


@dataclass(frozen=True)
class Line:
    """The probability of relevance at a decision value: p / (1 + lookalikes * p).

    p is logistic(slope * value + intercept). ``lookalikes`` is how many items for each relevant one
    score as high without being relevant, so that no probability is above 1 / (1 + lookalikes).
    ``prior`` is the share of positives among the unlabelled that it comes to.
    """

    slope: float
    intercept: float
    prior: float
    lookalikes: float = 0.0

    def chances(self, values: Vector) -> Vector:
        """Return the probability of relevance at each decision value (float64 [n])."""
        return capped(probabilities(values, self.slope, self.intercept), self.lookalikes)


def capped(chances: Vector, lookalikes: float) -> Vector:
    """Return p / (1 + lookalikes * p) of each probability."""
    return chances / (1.0 + lookalikes * chances)


def total(values: Vector) -> float:
    """Return the sum, from first to last."""
    return float(arithmetic.dot(values, np.ones(len(values))))


def probabilities(decisions: Vector, slope: float, intercept: float) -> Vector:
    """Return the logistic function of ``slope * decision + intercept`` (float64 [n])."""
    return np.asarray(arithmetic.logistics(slope * decisions + intercept))


def fit_logistic(found: Evidence, prior: float) -> tuple[float, float]:
    """Return (slope, intercept) of the probability of relevance at a decision value.

    Minimises the unbiased risk of positive and unlabelled data under the logistic loss, which is
    convex: ``E_u[ln(1 + e^z)] - prior * E_p[z]`` with z = slope * value + intercept (du Plessis,
    Niu, Sugiyama, "Convex formulation for learning from positive and unlabeled data", ICML 2015).
    Reviewed negatives take the unlabelled items' place by ``Evidence.trust``. Newton steps with a
    small ridge; a slope below 0 is raised to 0.
    """
    values, weights = _weighted(found, prior)
    mean = total(found.positive) / len(found.positive)
    slope, intercept = 1.0, float(arithmetic.logarithm(prior / (1.0 - prior)))
    for _ in range(_STEPS):
        risen = probabilities(values, slope, intercept)
        slope_step, intercept_step = _newton(values, weights, risen, (prior * mean, prior), slope)
        slope, intercept = slope - slope_step, intercept - intercept_step
    return max(slope, 0.0), intercept


def fit_mixture(found: Evidence) -> Line:
    """Return the probability of relevance among the unlabelled at a decision value.

    The unlabelled are a mixture: positives like those that are known, and others whose density
    differs from theirs by a factor e^(slope * value), as in logistic regression. Expectation and
    maximisation alternate: a regression tells positives from unlabelled items, each weighed by its
    chance of not being relevant, and the prior is the mean chance of the unlabelled (Saerens,
    Latinne, Decaestecker, "Adjusting the outputs of a classifier to new a priori probabilities",
    2002). Reviewed negatives take the unlabelled items' place in the regression by
    ``Evidence.trust``. It begins at the bound of ``estimate_prior``.
    """
    values = np.concatenate([found.positive, found.unlabelled, found.negative])
    mean = total(found.positive) / len(found.positive)
    prior, slope, intercept = estimate_prior(found), 1.0, 0.0
    chances = np.full(len(found.unlabelled), prior)
    for _ in range(_MIXTURE_STEPS):
        weights = _sided(found, chances)
        for _ in range(_REGRESSION_STEPS):
            risen = probabilities(values, slope, intercept)
            wanted = 0.5 * mean, 0.5
            slope_step, intercept_step = _newton(values, weights, risen, wanted, slope)
            slope, intercept = slope - slope_step, intercept - intercept_step
        slope = max(slope, 0.0)
        for _ in range(_PRIOR_STEPS):
            chances = probabilities(found.unlabelled, slope, intercept + _log_odds(prior))
            prior = _within(found, total(chances) / len(chances))
    return _with_lookalikes(found, Line(slope, intercept + _log_odds(prior), prior))


def _with_lookalikes(found: Evidence, line: Line) -> Line:
    """Return the line that allows for items that score like relevant ones and are not.

    No unlabelled item can tell them from hidden positives, so that their share is one number for
    all content, measured on real corpora: where one item in a hundred is relevant, those shown at
    98 % are in 77 %. The intercept rises until the mean chance of the unlabelled is the prior.
    """
    lookalikes = _ALIKE * (1.0 - line.prior) / line.prior
    low, high = line.intercept, line.intercept + 20.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        risen = Line(line.slope, middle, line.prior, lookalikes)
        enough = total(risen.chances(found.unlabelled)) >= line.prior * len(found.unlabelled)
        low, high = (low, middle) if enough else (middle, high)
    return Line(line.slope, low, line.prior, lookalikes)


def _log_odds(share: float) -> float:
    return float(arithmetic.logarithm(share / (1.0 - share)))


def _within(found: Evidence, share: float) -> float:
    """Return a share that is neither 0 nor 1: between 1 / n and 0.9."""
    return min(0.9, max(1.0 / (len(found.unlabelled) + 1), share))


def _sided(found: Evidence, chances: Vector) -> Vector:
    """Return what positives, unlabelled and negatives weigh; both sides add up to a half."""
    left = 1.0 - chances
    unlabelled = left * (0.5 * (1.0 - found.trust) / max(1e-9, total(left)))
    sides = (found.positive, 0.5), (found.negative, 0.5 * found.trust)
    positive, negative = (np.full(len(part), share / max(1, len(part))) for part, share in sides)
    return np.concatenate([positive, unlabelled, negative])


def _weighted(found: Evidence, prior: float) -> tuple[Vector, Vector]:
    """Return all values and what ln(1 + e^z) weighs at each; the weights add up to 1."""
    trust = found.trust
    parts = (
        (found.unlabelled, 1.0 - trust),
        (found.negative, trust * (1.0 - prior)),
        (found.positive, trust * prior),
    )
    weights = [np.full(len(values), share / max(1, len(values))) for values, share in parts]
    return np.concatenate([values for values, _ in parts]), np.concatenate(weights)


def _newton(
    values: Vector, weights: Vector, risen: Vector, wanted: tuple[float, float], slope: float
) -> tuple[float, float]:
    curve = weights * risen * (1.0 - risen)
    by_slope = arithmetic.dot(weights * risen, values) - wanted[0] + _RIDGE * slope
    by_intercept = arithmetic.dot(weights, risen) - wanted[1]
    a = arithmetic.dot(curve * values, values) + _RIDGE
    b = arithmetic.dot(curve, values)
    c = total(curve) + 1e-9
    determinant = a * c - b * b
    slope_step = (c * by_slope - b * by_intercept) / determinant
    intercept_step = (a * by_intercept - b * by_slope) / determinant
    return _bounded(slope_step), _bounded(intercept_step)


def _bounded(step: float) -> float:
    return max(-2.0, min(2.0, step))


def share_above(values: Vector, thresholds: Vector) -> Vector:
    """Return the share of ``values`` at or above each threshold; 0 where there are no values."""
    below = np.searchsorted(np.sort(values), thresholds, side="left")
    return (len(values) - below) / max(1, len(values))


def estimate_prior(found: Evidence) -> float:
    """Return a bound from above of the share of positives hidden among the unlabelled.

    Any threshold bounds it from above by (share of unlabelled above) / (share of positives above);
    the smallest bound is taken, after one standard error is added to the numerator so that a few
    items do not decide (the best bin of Garg et al., "Mixture proportion estimation and PU
    learning", NeurIPS 2021). Between 1 / n and 0.9.
    """
    thresholds = np.unique(found.positive)
    recall = share_above(found.positive, thresholds)
    kept = recall >= _LOWEST_RECALL
    flagged = share_above(found.unlabelled, thresholds[kept])
    size = max(1, len(found.unlabelled))
    error = np.sqrt((flagged * (1.0 - flagged) + 1.0 / size) / size)
    bound = float(np.min((flagged + error) / recall[kept]))
    return _within(found, bound)


def choose_thresholds(found: Evidence, prior: float) -> tuple[float, float]:
    """Return the decision values of a match and of a close match.

    A match begins where the estimated F1 on a balanced set is largest. The false positive rate is
    what the unlabelled items show above a threshold less the positives hidden there; reviewed
    negatives take part by ``Evidence.trust``. Items that were chosen by their score count one by
    one, beside a balanced set of 200 (measured with 30 verdicts nearest to the threshold, beside
    taking them for a sample: F1 rises by 2.1 points instead of 0.9 and falls by at most 3.6 instead
    of 17.9). A close match begins where all but one in fifty of the positives lie above, and never
    above a match.
    """
    thresholds = np.linspace(found.positive.min(), found.positive.max(), _THRESHOLDS)
    recall = smooth_share_above(found.positive, thresholds)
    hidden = share_above(found.unlabelled, thresholds) - prior * recall
    inferred = np.clip(hidden / (1.0 - prior), 0.0, 1.0)
    seen = share_above(found.negative, thresholds)
    wrong = (1.0 - found.trust) * inferred + found.trust * seen
    hits, misses = _chosen_above(found, thresholds)
    recall, wrong = recall + hits, wrong + misses
    match = float(thresholds[int(np.argmax(2.0 * recall / (1.0 + recall + wrong)))])
    return match, min(match, float(np.quantile(found.positive, _CLOSE)))


def _chosen_above(found: Evidence, thresholds: Vector) -> tuple[Vector, Vector]:
    """Return chosen positives above each threshold, and what they add to the rest of F1's whole.

    In units of a kind of the balanced set: F1 is 2 TP / (positives + matches).
    """
    right, wrong = (
        len(values) * share_above(values, thresholds)
        for values in (found.chosen_positive, found.chosen_negative)
    )
    return right / _A_KIND, (len(found.chosen_positive) + wrong) / _A_KIND


def smooth_share_above(values: Vector, thresholds: Vector, width: float | None = None) -> Vector:
    """Return the share above each threshold with every value spread by a logistic kernel.

    Fifty positives make a staircase whose steps would choose the threshold; the width is that of
    the values unless another is given.
    """
    width = kernel_width(values) if width is None else width
    spread = [total(probabilities(values, 1.0 / width, -each / width)) for each in thresholds]
    return np.array(spread) / max(1, len(values))


def kernel_width(values: Vector) -> float:
    """Return Silverman's width, sd * n^(-1/5), as a logistic distribution's scale."""
    size = float(len(values))
    mean = total(values) / size
    variance = total((values - mean) ** 2) / size
    shrunk = arithmetic.exponential(-0.2 * arithmetic.logarithm(size))
    return max(1e-9, float(np.sqrt(variance)) * shrunk * _LOGISTIC_SCALE)
