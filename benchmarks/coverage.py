"""How often stated intervals hold the truth: ``python -m benchmarks.coverage [--runs 300]``.

It simulates tenants whose truth is known and asks the core for figures; it judges no real content.
"""

import argparse
import sys
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from cultivar.core.accuracy import FALSELY_STABLE_AT_MOST, Z_95
from cultivar.core.comparison import (
    ORIGINAL,
    REPUBLISH,
    WITH_FEEDBACK,
    JudgedItem,
    Predicted,
    comparison,
)
from cultivar.core.intervals import Figure
from cultivar.core.limits import BATCH_SIZE, MOVEMENT_AT_MOST, REVIEWS_AT_LEAST, STABLE_BATCHES
from cultivar.core.release_report.inferred import InferredEvidence, inferred_figures
from cultivar.core.release_report.measured import Stratum, measured_figures
from cultivar.core.release_report.planning import Plan, release_plan
from cultivar.core.sequential import surely_above

HELD_AT_LEAST = 0.93
WRONG_AT_MOST = 0.05
PREVALENCES = (0.001, 0.01, 0.1, 0.5)
VERSIONS = {"sharp": (0.9, 0.005), "blunt": (0.75, 0.05)}
TENANTS = {"100,000 of which 20,000 scored": (100_000, 20_000), "20,000, all scored": (20_000,) * 2}
TEST_POSITIVES = TEST_NEGATIVES = 100
CLOSE_OF_MISSED, CLOSE_OF_OTHERS = 0.6, 0.03
TARGET = 0.80
SHORTFALLS = (0.0, 0.001, 0.01, 0.02, 0.05)
TEST_SETS = (200, 500, 1_000, 10_000)
ACCURACIES = (0.84, 0.86, 0.88, 0.90, 0.92, 0.95)

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


Judge = Callable[[npt.NDArray[np.int64], npt.NDArray[np.int64]], npt.NDArray[np.bool_]]


def by_wilson(
    agreed: npt.NDArray[np.int64], decided: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Whether the bound of the interval shown reaches the target: valid for one look only."""
    shares, spread = agreed / decided, Z_95 * Z_95 / decided
    root = np.sqrt(shares * (1 - shares) / decided + spread / (4 * decided))
    return np.asarray((shares + spread / 2 - Z_95 * root) / (1 + spread) >= TARGET)


def by_assurance(
    agreed: npt.NDArray[np.int64], decided: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Whether the assured accuracy reaches the target, looked up a number of decisions at a time.

    The smallest number agreed with that suffices is found once for each number decided.
    """
    least = {each: _least_agreed(each) for each in np.unique(decided).tolist()}
    return np.asarray(agreed >= np.vectorize(least.__getitem__)(decided))


def _least_agreed(decided: int) -> int:
    return bisect_left(
        range(round(TARGET * decided), decided + 1),
        True,
        key=lambda agreed: surely_above(agreed, decided, TARGET, FALSELY_STABLE_AT_MOST),
    ) + round(TARGET * decided)


def stable_after(
    agreed: npt.NDArray[np.int64], items: int, judge: Judge
) -> npt.NDArray[np.float64]:
    """Return after how many reviews the rule first calls a version stable, infinity if never.

    ``agreed`` holds the predictions agreed with: int64 [run, batch], all batches full but the last.
    With ``by_assurance`` it is the rule of ``core.accuracy``, which a test holds it to, over all
    runs at once.
    """
    decided = np.minimum(BATCH_SIZE * np.arange(1, agreed.shape[1] + 1), items)
    counts = agreed.cumsum(axis=1)
    last = sliding_window_view(counts / decided, STABLE_BATCHES, axis=1)
    calm = last.max(axis=2) - last.min(axis=2) <= MOVEMENT_AT_MOST + 1e-12
    sure = (decided >= REVIEWS_AT_LEAST) & judge(counts, decided)
    holds = sure[:, STABLE_BATCHES - 1 :] & calm
    return np.where(holds.any(axis=1), decided[STABLE_BATCHES - 1 + holds.argmax(axis=1)], np.inf)


def agreed_by_batch(
    accuracy: float, items: int, runs: int, generator: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Draw the predictions agreed with in each batch of a test set: int64 [run, batch]."""
    batches = -(-items // BATCH_SIZE)
    sizes = np.full(batches, BATCH_SIZE)
    sizes[-1] = items - BATCH_SIZE * (batches - 1)
    return generator.binomial(sizes, accuracy, (runs, batches))


def reviews_needed(
    accuracy: float, items: int, runs: int, judge: Judge = by_assurance
) -> npt.NDArray[np.float64]:
    """Draw after how many reviews a version of that accuracy is declared stable."""
    generator = np.random.default_rng([_SEED, round(1000 * accuracy), items])
    return stable_after(agreed_by_batch(accuracy, items, runs, generator), items, judge)


def judged(
    name: str, count: int, gain: float, differing: float, generator: np.random.Generator
) -> list[JudgedItem]:
    """Draw items of which ``differing`` flip, so that the retrained version gains in accuracy."""
    said = {True: Predicted(0.9, "match"), False: Predicted(0.1, "no match")}
    found = []
    for number, draw in enumerate(generator.random((count, 2))):
        relevant = number % 2 == 0
        only_published = draw[0] < (differing - gain) / 2
        flips = draw[0] < differing
        right = [only_published, not only_published] if flips else [draw[1] < 0.85] * 2
        published, retrained = (said[relevant == bool(one)] for one in right)
        name_of = f"{name} {number}"
        found.append(JudgedItem(name_of, frozenset({name}), relevant, published, retrained))
    return found


def false_republish_rate(loss: float, differing: float, with_feedback: int, runs: int) -> float:
    """Return how often a retrained version that is worse by ``loss`` is recommended."""
    generator = np.random.default_rng([_SEED, round(1000 * loss), round(100 * differing)])
    decisions = [
        comparison(
            [
                *judged(ORIGINAL, 200, -loss, differing, generator),
                *judged(WITH_FEEDBACK, with_feedback, -loss, differing, generator),
            ]
        ).recommendation.decision
        for _ in range(runs)
    ]
    return decisions.count(REPUBLISH) / runs


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


def _print_false_publishing(runs: int) -> float:
    """Print how often versions below the target pass; return the highest rate of the rule."""
    print(f"\nDeclared stable although below the target of {TARGET:.0%} ({runs} runs a cell)")
    highest = 0.0
    for items in TEST_SETS:
        for shortfall in SHORTFALLS:
            rate, naive = (
                float(np.isfinite(reviews_needed(TARGET - shortfall, items, runs, judge)).mean())
                for judge in (by_assurance, by_wilson)
            )
            highest = max(highest, rate)
            mark = "" if rate <= WRONG_AT_MOST else "  ABOVE 5 %"
            below = f"{100 * shortfall:.1f} points below"
            print(
                f"  {items:6,} test items, {below}: {rate:5.1%}{mark}"
                f"  (judged by the interval shown: {naive:.1%})"
            )
    return highest


def _print_reviews_needed(runs: int) -> None:
    print(f"\nReviews until stable, of 1,000 test items, target {TARGET:.0%} ({runs} runs a cell)")
    for accuracy in ACCURACIES:
        needed = reviews_needed(accuracy, 1_000, runs)
        middle, most = np.quantile(needed, [0.5, 0.9], method="higher")
        within = float((needed <= 300).mean())
        print(
            f"  accuracy {accuracy:.0%}: median {middle:.0f}, nine of ten by {most:.0f}, "
            f"{within:.1%} within 300"
        )


def _print_false_republishing(runs: int) -> float:
    """Print how often a worse retrained version is recommended; return the highest rate."""
    print(f"\nRecommended to republish although worse ({runs} runs a cell, 200 original items)")
    highest = 0.0
    for with_feedback in (30, 90):
        for differing in (0.05, 0.1, 0.2):
            for loss in (0.01, 0.03, 0.05):
                rate = false_republish_rate(loss, differing, with_feedback, runs)
                highest = max(highest, rate)
                mark = "" if rate <= WRONG_AT_MOST else "  ABOVE 5 %"
                print(
                    f"  {with_feedback} items with feedback, {differing:.0%} flip, "
                    f"{100 * loss:.0f} points worse: {rate:5.1%}{mark}"
                )
    return highest


def main(arguments: Sequence[str] | None = None) -> int:
    """Print all figures; return 1 if any interval or rule misses its level."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=300, help="simulations a cell")
    runs = parser.parse_args(arguments).runs
    lowest = _print_coverage(runs)
    published = _print_false_publishing(10 * runs)
    _print_reviews_needed(10 * runs)
    republished = _print_false_republishing(runs)
    print(f"\nlowest coverage {lowest:.1%} (at least {HELD_AT_LEAST:.0%} is wanted)")
    print(f"highest false-publish rate {published:.1%} (at most {WRONG_AT_MOST:.0%})")
    print(f"highest false-republish rate {republished:.1%} (at most {WRONG_AT_MOST:.0%})")
    return int(lowest < HELD_AT_LEAST or max(published, republished) > WRONG_AT_MOST)


if __name__ == "__main__":
    sys.exit(main())
