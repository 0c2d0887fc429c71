"""What a version will label and mislabel in the tenant, inferred from reviewed test items.

It reads counts only; it draws no sample and states no word about the measured grade.

The match rate of the baseline's random sample is corrected by the version's true and false positive
rates on the reviewed test items (adjusted count: Forman 2008, "Quantifying counts and costs via
classification"). The uncertainty of all three rates is carried through as melded confidence
intervals (Fay, Proschan and Brittain 2015, "Combining one-sample confidence procedures for
inference in the two-sample case"): each bound draws each rate from that one of its two exact
confidence distributions which moves the bound outwards. Bounds are of what the tenant's documents
hold, so the chance of which documents a tenant happens to have is drawn as well.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import fisher_exact

from cultivar.core.intervals import SIDES, Draws, Figure, Side, quantile_interval, rate_draws

DRAWS = 4_000
_SEED = 20_150_603
_REFUTED = 0.025  # chance of such counts where the test items are like the tenant's documents


@dataclass(frozen=True, slots=True)
class InferredEvidence:
    """What the inferred grade is computed from.

    ``documents`` the tenant holds; ``sampled`` of them were drawn at random and scored, of which
    ``matched`` matched. Of the reviewed test items ``positives`` are relevant, of which
    ``true_positives`` matched, and ``negatives`` are not, of which ``false_positives`` matched.
    """

    documents: int
    sampled: int
    matched: int
    positives: int
    true_positives: int
    negatives: int
    false_positives: int


@dataclass(frozen=True, slots=True)
class _World:
    """Draws of the tenant as it may be, all of one length; counts of documents."""

    labelled: npt.NDArray[np.int64]
    mislabelled: npt.NDArray[np.int64]
    missed: npt.NDArray[np.int64]
    relevant: npt.NDArray[np.int64]


def unlike(evidence: InferredEvidence) -> str | None:
    """Return which test items the tenant's documents are unlike: ``other`` or ``relevant``.

    Documents of any mixture match at a rate between those of the two kinds. Where the sample's rate
    is lower than that of the other test items, or higher than that of the relevant ones, by more
    than chance (Fisher's exact test, one-sided), no mixture explains it, and nothing but the match
    rate itself can be inferred.
    """
    sample = [evidence.matched, evidence.sampled - evidence.matched]
    other = [evidence.false_positives, evidence.negatives - evidence.false_positives]
    relevant = [evidence.true_positives, evidence.positives - evidence.true_positives]
    if fisher_exact([sample, other], "less").pvalue < _REFUTED:
        return "other"
    if fisher_exact([sample, relevant], "greater").pvalue < _REFUTED:
        return "relevant"
    return None


def inferred_figures(evidence: InferredEvidence, draws: int = DRAWS) -> dict[str, Figure]:
    """Return precision, recall, labelled, mislabelled, missed and relevant, each with its interval.

    Shares from 0 to 1, counts of the tenant's documents. The same evidence gives the same figures.
    Raises ``ValueError`` where a count exceeds its whole; there must be at least one sampled item,
    one positive and one negative.
    """
    if evidence.sampled > evidence.documents:
        raise ValueError(f"{evidence.sampled} sampled of {evidence.documents} is impossible")
    generator = np.random.default_rng(_SEED)
    least = _world(evidence, generator, "lower", draws)
    most = _world(evidence, generator, "upper", draws)
    bounds = {
        "precision": (_precision(least, 0.0), _precision(most, 1.0)),
        "labelled": (least.labelled, most.labelled),
        "mislabelled": (most.mislabelled, least.mislabelled),
        "missed": (least.missed, most.missed),
        "relevant": (least.relevant, most.relevant),
    }
    point = _estimates(evidence)
    figures = {name: quantile_interval(point[name], *bounds[name]) for name in bounds}
    return figures | {"recall": _recall(evidence, generator, figures["relevant"], draws)}


def _estimates(evidence: InferredEvidence) -> dict[str, float]:
    matched = evidence.matched / evidence.sampled
    found = evidence.true_positives / evidence.positives
    false = evidence.false_positives / evidence.negatives
    prior = float(_prior(np.array([matched]), np.array([found]), np.array([false]), 0.0)[0])
    right = min(prior * found, matched)
    return {
        "precision": right / matched if matched else 0.0,
        "labelled": evidence.documents * matched,
        "mislabelled": evidence.documents * (matched - right),
        "missed": evidence.documents * prior * (1 - found),
        "relevant": evidence.documents * prior,
    }


def _prior(matched: Draws, found: Draws, false: Draws, otherwise: float) -> Draws:
    """Return the share of relevant documents, within 0 to 1 (float64 [n] each).

    ``otherwise`` stands where the version finds relevant items no more often than others.
    """
    apart = found - false
    usable = apart > 1e-12
    raw = (matched - false) / np.where(usable, apart, 1.0)
    return np.where(usable, np.clip(raw, 0.0, 1.0), otherwise)


def _world(
    evidence: InferredEvidence, generator: np.random.Generator, side: Side, draws: int
) -> _World:
    """Draw the tenant with as few, or as many, relevant documents as the evidence bears.

    Relevant documents grow with the match rate and shrink with both rates of the test items, so
    the two sides serve every figure: precision grows and mislabelled shrinks with them.
    """
    other: Side = "upper" if side == "lower" else "lower"
    matched = rate_draws(generator, evidence.matched, evidence.sampled, side, draws)
    found = rate_draws(generator, evidence.true_positives, evidence.positives, other, draws)
    false = rate_draws(generator, evidence.false_positives, evidence.negatives, other, draws)
    prior = _prior(matched, found, false, 0.0 if side == "lower" else 1.0)
    right = np.minimum(prior * found, matched)
    unseen = evidence.documents - evidence.sampled
    labelled = evidence.matched + generator.binomial(unseen, matched)
    correct = generator.binomial(labelled, _ratio(right, matched))
    left = np.clip(_ratio(prior - right, 1.0 - matched), 0.0, 1.0)
    missed = generator.binomial(evidence.documents - labelled, left)
    return _World(labelled, labelled - correct, missed, correct + missed)


def _ratio(part: Draws, whole: Draws) -> Draws:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _precision(world: _World, without: float) -> Draws:
    """Return the share of right labels; ``without`` labels it could be anything."""
    wrong = _ratio(world.mislabelled.astype(np.float64), world.labelled.astype(np.float64))
    return np.where(world.labelled > 0, 1.0 - wrong, without)


def _recall(
    evidence: InferredEvidence, generator: np.random.Generator, relevant: Figure, draws: int
) -> Figure:
    """Return the share of the tenant's relevant documents that are labelled.

    The test positives and the tenant's relevant documents are two samples of one rate. How many
    the second holds is known only to lie within its own interval; there it is drawn uniformly in
    its cube root, which leaves small numbers, whose shares scatter most, their chance. (Between
    Jeffreys' prior of a count, uniform in the square root, whose coverage falls short in small
    tenants, and the uniform logarithm, which is needlessly wide: benchmarks/coverage.py.)
    """
    low, high = np.cbrt(np.maximum([relevant.lower, relevant.upper], 1.0))
    sizes = np.rint(generator.uniform(low, high, draws) ** 3).astype(np.int64)
    counts = evidence.true_positives, evidence.positives
    bounds = [
        generator.binomial(sizes, rate_draws(generator, *counts, side, draws)) / sizes
        for side in SIDES
    ]
    return quantile_interval(counts[0] / counts[1], bounds[0], bounds[1])
