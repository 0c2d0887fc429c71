"""What a version labels and mislabels in the tenant, measured on a reviewed, stratified sample.

It reads counts only; it assumes nothing of the test set and draws no sample itself.

Two phases: the tenant's documents were sampled at random and scored, which gives each stratum's
size, and of each stratum items were drawn at random and reviewed. Each step's bounds are exact in
the finite population (hypergeometric); together they are melded confidence intervals (Fay, Proschan
and Brittain 2015), so that strata in which nothing was found still count as what they may hide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cultivar.core.intervals import Draws, Figure, Side, count_draws, quantile_interval

DRAWS = 4_000
_SEED = 20_150_604
_LEVEL = 0.95
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stratum:
    """One stratum of the score.

    ``scored`` items of the baseline's sample fall into it, ``reviewed`` of them were decided, of
    which ``relevant`` are relevant. ``labelled``: its items match.
    """

    name: str
    labelled: bool
    scored: int
    reviewed: int
    relevant: int


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures by name, and the one-sided 95 % upper bound of elusion (a share)."""

    figures: dict[str, Figure]
    elusion_bound: float


@dataclass(frozen=True, slots=True)
class _World:
    """Draws of the tenant: labelled documents and the right ones, the others and the relevant."""

    labelled: Counts
    right: Counts
    unlabelled: Counts
    missed: Counts


def measured_figures(documents: int, strata: Sequence[Stratum], draws: int = DRAWS) -> Measured:
    """Return precision, recall, labelled, mislabelled, missed, relevant and elusion.

    Shares from 0 to 1, counts of the tenant's documents; each with its 95 % interval. ``strata``
    go from the highest score to the lowest and together hold the baseline's whole sample.
    Elusion is the share of relevant documents among those that are not labelled. The same evidence
    gives the same figures. Raises ``ValueError`` where the strata hold more than the documents.
    """
    scored = sum(stratum.scored for stratum in strata)
    if scored > documents:
        raise ValueError(f"{scored} items were scored, more than the {documents} documents")
    tenant = _Tenant(documents, tuple(strata), np.random.default_rng(_SEED), draws)
    # sides of: labelled documents, right ones among them, missed ones
    poor, rich = tenant.world("lower", "lower", "upper"), tenant.world("upper", "upper", "lower")
    wrongest = tenant.world("upper", "lower", "upper")
    rightest = tenant.world("lower", "upper", "lower")
    few, many = tenant.world("lower", "lower", "lower"), tenant.world("upper", "upper", "upper")
    elusion = _share(poor.missed, poor.unlabelled)
    bounds: dict[str, tuple[npt.NDArray[Any], npt.NDArray[Any]]] = {
        "precision": (_share(poor.right, poor.labelled), _share(rich.right, rich.labelled, 1.0)),
        "recall": (_recall(poor), _recall(rich, 1.0)),
        "labelled": (few.labelled, many.labelled),
        "mislabelled": (rightest.labelled - rightest.right, wrongest.labelled - wrongest.right),
        "missed": (rich.missed, poor.missed),
        "relevant": (few.right + few.missed, many.right + many.missed),
        "elusion": (_share(rich.missed, rich.unlabelled), elusion),
    }
    point = _estimates(documents, strata)
    figures = {name: quantile_interval(point[name], *bounds[name]) for name in point}
    bound = float(np.quantile(elusion, _LEVEL, method="higher"))
    return Measured(figures, max(bound, figures["elusion"].estimate))


@dataclass(frozen=True, slots=True)
class _Tenant:
    documents: int
    strata: tuple[Stratum, ...]
    generator: np.random.Generator
    draws: int

    def world(self, size: Side, right: Side, missed: Side) -> _World:
        """Draw stratum by stratum: how many documents it holds, and how many relevant ones."""
        left, sampled = np.full(self.draws, self.documents), sum(s.scored for s in self.strata)
        totals = {kind: np.zeros(self.draws, np.int64) for kind in _KINDS}
        for stratum in self.strata:
            side, rate = (size, right) if stratum.labelled else (missed, missed)
            held = self._counts((stratum.scored, sampled), left, side)
            found = self._counts((stratum.relevant, stratum.reviewed), held, rate)
            totals[stratum.labelled, "held"] += held
            totals[stratum.labelled, "relevant"] += found
            left, sampled = left - held, sampled - stratum.scored
        return _World(*(totals[kind] for kind in _KINDS))

    def _counts(self, sample: tuple[int, int], population: Counts, side: Side) -> Counts:
        return count_draws(self.generator, sample, population, side, self.draws)


_KINDS = ((True, "held"), (True, "relevant"), (False, "held"), (False, "relevant"))


def _share(part: Counts, whole: Counts, without: float = 0.0) -> Draws:
    """Return part / whole; ``without`` a whole the share could be anything."""
    return np.divide(part, whole, out=np.full(len(part), without), where=whole > 0)


def _recall(world: _World, without: float = 0.0) -> Draws:
    return _share(world.right, world.right + world.missed, without)


def _estimates(documents: int, strata: Sequence[Stratum]) -> dict[str, float]:
    sampled = sum(stratum.scored for stratum in strata)
    held, relevant = {True: 0.0, False: 0.0}, {True: 0.0, False: 0.0}
    for stratum in strata:
        size = documents * stratum.scored / sampled
        held[stratum.labelled] += size
        relevant[stratum.labelled] += size * _rate(stratum.relevant, stratum.reviewed)
    return {
        "precision": _rate(relevant[True], held[True]),
        "recall": _rate(relevant[True], relevant[True] + relevant[False]),
        "labelled": held[True],
        "mislabelled": held[True] - relevant[True],
        "missed": relevant[False],
        "relevant": relevant[True] + relevant[False],
        "elusion": _rate(relevant[False], held[False]),
    }


def _rate(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
