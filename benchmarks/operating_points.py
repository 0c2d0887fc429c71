"""What content gains by an operating point of its own, on real corpora.

``python -m benchmarks.operating_points`` prints, for each share of relevant items, F1, precision
and recall in content at the review's threshold and at each operating point, and F1 at the best
threshold that there is; ``--quick`` takes every ninth category and one draw. It tunes nothing.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchmarks.corpora import DOCUMENTS, Category, categories
from benchmarks.quality import PREVALENCES, Draw, draw
from cultivar.core.learning.estimates.calibration import share_above
from cultivar.core.learning.text import document_frequencies
from cultivar.core.learning.training import TrainingInput, train
from cultivar.core.operating_points import POINTS
from cultivar.encoder import load

SEEDS = 50
REVIEW = "review"
BEST = "best"


@dataclass(frozen=True)
class Cell:
    """What one draw comes to at one threshold: shares in content."""

    place: str
    prevalence: float
    f1: float
    precision: float
    recall: float


def cells(category: Category, prevalence: float, run: int) -> Iterator[Cell]:
    """Yield one draw at the review's threshold, at each point, and at the best threshold."""
    drawn = draw(category, SEEDS, prevalence, run)
    if drawn is None:
        return
    model = train(_given(category, drawn, run), load())
    scores = model.score(pa.array(category.texts[drawn.tested].tolist(), pa.large_string()))
    relevant, others = scores[drawn.relevant], scores[~drawn.relevant]
    points = model.operating.points if model.operating else {}
    thresholds = {name: each.threshold for name, each in points.items()}
    for name, threshold in (thresholds | {REVIEW: model.threshold}).items():
        yield _cell(name, prevalence, relevant, others, np.array([threshold], np.float32))
    yield _cell(BEST, prevalence, relevant, others, np.unique(scores))


def _given(category: Category, drawn: Draw, run: int) -> TrainingInput:
    seeds, unlabelled = (
        pa.table({"text": pa.array(category.texts[rows].tolist(), pa.large_string())})
        for rows in (drawn.seeds, drawn.unlabelled)
    )
    frequencies = document_frequencies(unlabelled.column("text"))
    return TrainingInput(seeds, unlabelled, frequencies, None, len(unlabelled), run)


def _cell(
    place: str,
    prevalence: float,
    relevant: npt.NDArray[np.float32],
    others: npt.NDArray[np.float32],
    thresholds: npt.NDArray[np.float32],
) -> Cell:
    """Return the shares in content at that one of the thresholds where F1 is largest."""
    recall = share_above(relevant.astype(np.float64), thresholds.astype(np.float64))
    wrong = (1.0 - prevalence) * share_above(
        others.astype(np.float64), thresholds.astype(np.float64)
    )
    found = prevalence * recall
    f1 = 2.0 * found / (prevalence + found + wrong)
    at = int(np.argmax(f1))
    matched = found[at] + wrong[at]
    precision = float(found[at] / matched) if matched else 1.0
    return Cell(place, prevalence, float(f1[at]), precision, float(recall[at]))


def report(found: list[Cell]) -> None:
    """Print a line for each share of relevant items and threshold."""
    print(f"{'relevant':<10}{'threshold':<12}{'F1':>7}{'prec.':>7}{'recall':>8}{'draws':>7}")
    for prevalence in PREVALENCES:
        for place in (REVIEW, *POINTS, BEST):
            rows = [e for e in found if (e.prevalence, e.place) == (prevalence, place)]
            if rows:
                f1, precision, recall = np.mean(
                    [(e.f1, e.precision, e.recall) for e in rows], axis=0
                )
                print(
                    f"{prevalence:<10.0%}{place:<12}{f1:7.3f}{precision:7.3f}{recall:8.3f}"
                    f"{len(rows):7}",
                    flush=True,
                )


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every ninth category, one draw")
    parser.add_argument("--runs", type=int, default=2, help="draws a cell (default 2)")
    parser.add_argument("--every", type=int, default=3, help="every n-th category (default 3)")
    parser.add_argument("--corpus", choices=DOCUMENTS, action="append", help="this corpus alone")
    chosen = parser.parse_args()
    every, runs = (9, 1) if chosen.quick else (chosen.every, chosen.runs)
    picked = list(categories(tuple(chosen.corpus or DOCUMENTS)))[::every]
    report(
        [
            cell
            for category in picked
            for prevalence in PREVALENCES
            for run in range(runs)
            for cell in cells(category, prevalence, run)
        ]
    )


if __name__ == "__main__":
    main()
