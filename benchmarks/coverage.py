"""How often stated intervals hold the truth: ``python -m benchmarks.coverage [--runs 300]``.

It simulates tenants whose truth is known and asks the core for figures; it judges no real content.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import numpy.typing as npt

from benchmarks.wrong_decisions import (
    WRONG_AT_MOST,
    print_publishing,
    print_republishing,
    print_reviews_needed,
)
from cultivar.core.intervals import Figure
from cultivar.core.release_report.inferred import InferredEvidence, inferred_figures
from cultivar.core.release_report.measured import Stratum, measured_figures
from cultivar.core.release_report.planning import Plan, release_plan

HELD_AT_LEAST = 0.93
PREVALENCES = (0.001, 0.01, 0.1, 0.5)
VERSIONS = {"sharp": (0.9, 0.005), "blunt": (0.75, 0.05)}
TENANTS = {"100,000 of which 20,000 scored": (100_000, 20_000), "20,000, all scored": (20_000,) * 2}
TEST_POSITIVES = TEST_NEGATIVES = 100
CLOSE_OF_MISSED, CLOSE_OF_OTHERS = 0.6, 0.03

_STRATA = (("match", True), ("close match", False), ("no match", False))
_SEED = 20_261_121


@dataclass(frozen=True)
class Cell:
    """One simulated situation: a share of relevant documents, a version's rates, a tenant."""

    prevalence: float
    version: str
    tenant: str

    @property
    def place(self) -> tuple[int, int, int]:
        """Where the cell stands among all, which seeds it."""
        version, tenant = list(VERSIONS).index(self.version), list(TENANTS).index(self.tenant)
        return round(1000 * self.prevalence), version, tenant

    @property
    def relevant(self) -> int:
        """Relevant documents of the tenant."""
        return round(self.prevalence * TENANTS[self.tenant][0])

    def population(self, generator: np.random.Generator) -> npt.NDArray[np.int64]:
        """Draw the tenant: [stratum, (relevant, other)] counts of documents."""
        documents, relevant = TENANTS[self.tenant][0], self.relevant
        found, false = VERSIONS[self.version]
        right = generator.binomial(relevant, found)
        wrong = generator.binomial(documents - relevant, false)
        missed, others = relevant - right, documents - relevant - wrong
        close = generator.binomial([missed, others], [CLOSE_OF_MISSED, CLOSE_OF_OTHERS])
        return np.array([[right, wrong], close, np.array([missed, others]) - close])


def truth(population: npt.NDArray[np.int64]) -> dict[str, float]:
    """Return what the report should state; a share without a whole is absent."""
    (right, wrong), below = population[0], population[1:].sum(axis=0)
    missed, relevant, labelled = below[0], right + below[0], right + wrong
    shares = {
        "precision": (right, labelled),
        "recall": (right, relevant),
        "elusion": (missed, below.sum()),
    }
    counts = {"labelled": labelled, "mislabelled": wrong, "missed": missed, "relevant": relevant}
    return {name: float(count) for name, count in counts.items()} | {
        name: float(part / whole) for name, (part, whole) in shares.items() if whole
    }


def coverage(cell: Cell, runs: int) -> dict[str, tuple[float, float]]:
    """Return, by grade and figure, the share of intervals that held the truth and their width."""
    generator = np.random.default_rng([_SEED, *cell.place])
    plan = _plan(cell, generator)
    held, widths = defaultdict(list), defaultdict(list)
    for _ in range(runs):
        population = cell.population(generator)
        known = truth(population)
        for name, figure in _stated(cell, population, plan, generator):
            value = known.get(name.split()[1])
            held[name].append(value is None or figure.contains(value))
            widths[name].append(figure.upper - figure.lower)
    return {name: (float(np.mean(held[name])), float(np.median(widths[name]))) for name in held}


def _plan(cell: Cell, generator: np.random.Generator) -> Plan:
    documents, sampled = TENANTS[cell.tenant]
    sample = generator.multivariate_hypergeometric(cell.population(generator).ravel(), sampled)
    return release_plan(documents, _strata(sample.reshape(3, 2), {}, generator))


def _strata(
    sample: npt.NDArray[np.int64], sizes: dict[str, int], generator: np.random.Generator
) -> list[Stratum]:
    strata = []
    for (name, labelled), (relevant, other) in zip(_STRATA, sample.tolist(), strict=True):
        size = min(sizes.get(name, 0), relevant + other)
        found = int(generator.hypergeometric(relevant, other, size)) if size else 0
        strata.append(Stratum(name, labelled, relevant + other, size, found))
    return strata


def _stated(
    cell: Cell, population: npt.NDArray[np.int64], plan: Plan, generator: np.random.Generator
) -> Iterator[tuple[str, Figure]]:
    documents, sampled = TENANTS[cell.tenant]
    sample = generator.multivariate_hypergeometric(population.ravel(), sampled).reshape(3, 2)
    found, false = generator.binomial([TEST_POSITIVES, TEST_NEGATIVES], VERSIONS[cell.version])
    evidence = InferredEvidence(
        documents=documents,
        sampled=sampled,
        matched=int(sample[0].sum()),
        positives=TEST_POSITIVES,
        true_positives=int(found),
        negatives=TEST_NEGATIVES,
        false_positives=int(false),
    )
    for name, figure in inferred_figures(evidence).items():
        yield f"inferred {name}", figure
    measured = measured_figures(documents, _strata(sample, dict(plan.sizes), generator))
    for name, figure in measured.figures.items():
        yield f"measured {name}", figure
    yield "measured elusion bound", Figure(0.0, 0.0, measured.elusion_bound)


def _print_coverage(runs: int) -> float:
    """Print one row a cell and figure; return the lowest share held."""
    lowest = 1.0
    for tenant in TENANTS:
        for version in VERSIONS:
            for prevalence in PREVALENCES:
                started = perf_counter()
                found = coverage(Cell(prevalence, version, tenant), runs)
                took = perf_counter() - started
                print(f"\n{prevalence:.1%} relevant, {version} version, {tenant} ({took:.0f} s)")
                for name, (held, width) in found.items():
                    lowest = min(lowest, held)
                    mark = "" if held >= HELD_AT_LEAST else "  SHORT"
                    print(f"  {name:24} held {held:6.1%}  median width {width:10.4g}{mark}")
    return lowest


def main(arguments: Sequence[str] | None = None) -> int:
    """Print all figures; return 1 if any interval or rule misses its level."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=300, help="simulations a cell")
    runs = parser.parse_args(arguments).runs
    lowest = _print_coverage(runs)
    published = print_publishing(10 * runs)
    print_reviews_needed(10 * runs)
    republished = print_republishing(10 * runs)
    print(f"\nlowest coverage {lowest:.1%} (at least {HELD_AT_LEAST:.0%} is wanted)")
    print(f"highest false-publish rate {published:.1%} (at most {WRONG_AT_MOST:.0%})")
    print(f"highest false-republish rate {republished:.1%} (at most {WRONG_AT_MOST:.0%})")
    return int(lowest < HELD_AT_LEAST or max(published, republished) > WRONG_AT_MOST)


if __name__ == "__main__":
    sys.exit(main())
