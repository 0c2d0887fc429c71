"""What a release sample of at most 150 verdicts tells: ``python -m benchmarks.release_samples``.

Simulated organisations whose truth is known: how often the intervals of precision, recall and wrong
labels hold it, at each operating point, and how wide they are. ``--corpora`` takes organisations
of 3,000 documents whose scores are those of real corpora, from versions without and with 200
verdicts. It tunes nothing; ends with 1 where a cell misses its level.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cultivar.core.operating_points import BALANCED, BE_SURE, FIND_MOST, POINTS
from cultivar.core.release_report.by_score import NAMES, bounds_of, places_of, sizes_of
from cultivar.core.release_report.recalibrated import ScoredSample, recalibrated_figures

HELD_AT_LEAST = 0.93
PREVALENCES = (0.001, 0.01, 0.03, 0.1)
FIGURES = ("precision", "recall", "mislabelled")
DOCUMENTS, SCORED = 20_000, 10_000
FILES = 3_000
_SEED = 20_261_127
_APART = (3.0, 4.5)  # how far the relevant items' values lie above the others', in their spread
_SHIFT, _STRETCH = 0.5, 0.2  # how wrong the log odds shown are
_LOST = 0.01  # of the relevant items score like any other
_DRAWS = 2_000
Numbers = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Organisation:
    """Documents with the scores that a version shows, and which are relevant."""

    scores: Numbers
    relevant: Marks
    thresholds: dict[str, float]


def simulated(prevalence: float, generator: np.random.Generator) -> Organisation:
    """Draw an organisation whose version shows log odds that are shifted and stretched."""
    relevant = np.arange(DOCUMENTS) < max(1, round(prevalence * DOCUMENTS))
    apart = generator.uniform(*_APART)
    outshone = relevant & (generator.random(DOCUMENTS) >= _LOST)
    values = generator.normal(size=DOCUMENTS) + apart * outshone
    odds = apart * values - apart**2 / 2 + np.log(prevalence / (1 - prevalence))
    shown = odds * np.exp(generator.normal(0, _STRETCH)) + generator.normal(0, _SHIFT)
    scores = 1 / (1 + np.exp(-shown))
    return Organisation(scores, relevant, thresholds(scores))


def thresholds(scores: Numbers) -> dict[str, float]:
    """Return the operating points that the scores themselves lead to."""
    falling = np.sort(scores)[::-1]
    found, flagged = np.cumsum(falling), np.arange(1, len(falling) + 1)
    recall = found / found[-1]
    f1, sure = (found / (weight * found[-1] + flagged) for weight in (1.0, 0.09))
    places = {
        FIND_MOST: int(np.searchsorted(recall, 0.95)),
        BALANCED: int(np.argmax(f1)),
        BE_SURE: int(np.argmax(np.where(recall >= 0.3, sure, 0.0))),
    }
    return {name: float(falling[place]) for name, place in places.items()}


@dataclass(frozen=True)
class Outcome:
    """One figure of one organisation: whether its interval holds the truth, and how wide it is."""

    cell: str
    figure: str
    held: bool
    width: float
    judged: int


def outcomes(
    cell: str, place: Organisation, generator: np.random.Generator, scored: int
) -> Iterator[Outcome]:
    """Yield what a reviewed release sample says of each operating point."""
    chosen = np.sort(generator.permutation(len(place.scores))[:scored])
    scores, relevant = place.scores[chosen].astype(np.float32), place.relevant[chosen]
    for point in POINTS:
        threshold = place.thresholds[point]
        strata = places_of(scores, bounds_of(scores, threshold))
        judged = np.zeros(len(scores), bool)
        held = np.bincount(strata, minlength=len(NAMES)).tolist()
        for stratum, size in enumerate(sizes_of(held).values()):
            members = np.flatnonzero(strata == stratum)
            judged[generator.permutation(members)[:size]] = True
        sample = ScoredSample(len(place.scores), scores, strata, judged, judged & relevant)
        known = truth(place, threshold)
        found = recalibrated_figures(sample, threshold, _DRAWS).figures
        for name in FIGURES:
            figure = found[name]
            yield Outcome(
                f"{cell}, {point}", name, figure.contains(known[name]),
                figure.upper - figure.lower, int(judged.sum()),
            )  # fmt: skip


def truth(place: Organisation, threshold: float) -> dict[str, float]:
    """Return what the figures should say."""
    labelled = place.scores.astype(np.float32) >= np.float32(threshold)
    right = float((labelled & place.relevant).sum())
    return {
        "precision": right / max(1, labelled.sum()),
        "recall": right / max(1, place.relevant.sum()),
        "mislabelled": float(labelled.sum()) - right,
    }


def of_corpora(prevalence: float, runs: int, every: int) -> Iterator[tuple[str, Organisation]]:
    """Yield organisations of ``FILES`` documents with the scores of a version on a real corpus."""
    from benchmarks import natural_draws, natural_mix  # noqa: PLC0415 - bring scikit-learn
    from cultivar.core.learning import rounds  # noqa: PLC0415
    from cultivar.core.learning.estimates import operating  # noqa: PLC0415

    wanted = natural_draws.Wanted(prevalences=(prevalence,), runs=1, every=every)
    for drawn in natural_draws.draws(wanted, None):
        for verdicts in (0, 200):
            told = natural_mix.with_verdicts(drawn, verdicts)
            learned = rounds.learn(told.material, told.run)
            line = learned.calibration
            values = learned.linear.decide(told.tested, np.arange(len(told.tested)))
            chances = line.chances(values)
            points = operating.operating_points(learned.evidence, learned.prior, float).points
            names, values = list(points), np.array([each.threshold for each in points.values()])
            cuts = line.chances(values).tolist()
            generator = np.random.default_rng([_SEED, told.run, verdicts])
            size = round(prevalence * FILES)
            for _ in range(runs):
                picked = np.concatenate(
                    [
                        generator.choice(np.flatnonzero(told.relevant), size),
                        generator.choice(np.flatnonzero(~told.relevant), FILES - size),
                    ]
                )
                yield (
                    f"{prevalence:.1%} relevant, corpora, {verdicts} verdicts before",
                    Organisation(
                        chances[picked], told.relevant[picked], dict(zip(names, cuts, strict=True))
                    ),
                )


def report(found: Sequence[Outcome]) -> float:
    """Print a line a cell and figure; return the lowest share held."""
    lowest = 1.0
    for cell in dict.fromkeys(each.cell for each in found):
        for name in FIGURES:
            rows = [each for each in found if (each.cell, each.figure) == (cell, name)]
            held = float(np.mean([each.held for each in rows]))
            half = np.quantile([each.width / 2 for each in rows], [0.5, 0.9])
            lowest = min(lowest, held)
            mark = "" if held >= HELD_AT_LEAST else "  SHORT"
            print(
                f"{cell:52} {name:12} held {held:6.1%}  half width {half[0]:8.3f} (nine in ten "
                f"below {half[1]:.3f})  {np.mean([e.judged for e in rows]):4.0f} verdicts{mark}",
                flush=True,
            )
    return lowest


def main(arguments: Sequence[str] | None = None) -> int:
    """Print all cells; return 1 if the intervals of any hold the truth too rarely."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, help="organisations a cell [300; of a corpus: 10]")
    parser.add_argument("--corpora", action="store_true", help="scores of real corpora")
    parser.add_argument("--every", type=int, default=2, help="every n-th category of the corpora")
    parser.add_argument("--prevalence", type=float, action="append")
    said = parser.parse_args(arguments)
    lowest = 1.0
    for prevalence in said.prevalence or ((0.01, 0.05) if said.corpora else PREVALENCES):
        generator = np.random.default_rng([_SEED, round(1_000 * prevalence)])
        cell = f"{prevalence:.1%} relevant"
        places = (
            of_corpora(prevalence, said.runs or 10, said.every)
            if said.corpora
            else ((cell, simulated(prevalence, generator)) for _ in range(said.runs or 300))
        )
        scored = FILES if said.corpora else SCORED
        found = [
            each for name, place in places for each in outcomes(name, place, generator, scored)
        ]
        lowest = min(lowest, report(found))
    print(f"\nlowest coverage {lowest:.1%} (at least {HELD_AT_LEAST:.0%} is wanted)")
    return int(lowest < HELD_AT_LEAST)


if __name__ == "__main__":
    sys.exit(main())
