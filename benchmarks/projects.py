"""Custom text classification beside its rivals, by the number of training documents a class.

``python -m benchmarks.projects`` prints accuracy, micro and macro F1 a corpus and size, then the
means; ``--sizes``, ``--corpora`` and ``--runs`` narrow it. It tunes nothing of Cultivar.

A draw takes a fifth of the documents for the test (2,000 at most), so many a class for training,
and an eighth of that beside for validation. All learn from the same training documents and choose
on the same validation documents: logistic regression its C (1, 10, 100), the linear SVM its C (0.1,
1, 10) and whether classes are balanced, NB-SVM its C (``project_rivals.py``), fastText its epochs
(25, 100), and with several labels each the threshold by the rule that Cultivar uses. Near-
duplicates are grouped and one of a group is used. Seconds are those
of a core, reading texts and deciding included. ``--learners`` and ``--first`` (the first run)
narrow it further. The rivals need the group `bench`.
"""

import argparse
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from benchmarks import project_rivals as rivals
from benchmarks.project_draws import MULTI, SINGLE, Corpus, Draw, Marks, draw, read
from cultivar.core.projects.evaluation import evaluate
from cultivar.core.projects.training import Documents, TrainingData, train
from cultivar.encoder import load

SIZES = (10, 20, 50, 200, 0)  # 0: all there are


def cultivar(given: Draw) -> Marks:
    """Return what Cultivar predicts, by the threshold in its model."""
    parts = {
        part: Documents(pa.array(given.texts[part], pa.large_string()), given.tags[part])
        for part in ("train", "validation")
    }
    model = train(
        TrainingData(given.kind, given.classes, parts["train"], parts["validation"], given.seed),
        load(),
    )
    return model.decide(model.score(pa.array(given.texts["test"], pa.large_string())))


LEARNERS: dict[str, Callable[[Draw], Marks]] = {
    "cultivar": cultivar,
    "linear-svm": rivals.linear_svm,
    "nb-svm": rivals.nb_svm,
    "tfidf": rivals.tfidf,
    "fasttext": rivals.fasttext,
    "model2vec": rivals.model2vec,
}


@dataclass(frozen=True)
class Row:
    """One learner's figures in one draw."""

    corpus: str
    size: int
    learner: str
    accuracy: float
    micro: float
    macro: float
    seconds: float


def measured(corpus: Corpus, size: int, run: int, learners: Sequence[str]) -> Iterator[Row]:
    """Yield the figures of every learner in one draw."""
    given = draw(corpus, size, run)
    wanted = given.marks("test")
    for name in learners:
        started = time.process_time()
        decided = LEARNERS[name](given)
        seconds = time.process_time() - started
        found = evaluate(given.classes, wanted, decided, False)
        accuracy = float((decided == wanted).all(axis=1).mean())
        figures = (accuracy, found.micro()["f1"], found.macro()["f1"])
        yield Row(corpus.name, size, name, *figures, seconds)


def _shown(what: str, size: int, rows: Sequence[Row], learners: Sequence[str]) -> str:
    cells = []
    for name in learners:
        own = [row for row in rows if row.learner == name]
        figures = [[row.accuracy, row.micro, row.macro, row.seconds] for row in own]
        accuracy, micro, macro, seconds = np.mean(figures, axis=0)
        cells.append(f"{accuracy:.3f} {micro:.3f} {macro:.3f} {seconds:5.1f}s")
    return f"{what:<17}{size or 'all':>5} | " + " | ".join(cells)


def main() -> None:
    """Print a line a corpus and size, then the means by size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--corpora", nargs="*", default=[*SINGLE, *MULTI])
    parser.add_argument("--learners", nargs="*", default=list(LEARNERS))
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    names = " | ".join(f"{name:<24}" for name in options.learners)
    print(f"{'accuracy, micro F1, macro F1':<23}| {names}")
    corpora = [read(name) for name in options.corpora]
    runs = range(options.first, options.first + options.runs)
    # what is loaded and compiled once is no part of anybody's training
    list(measured(corpora[0], options.sizes[0], options.first, options.learners))
    for size in options.sizes:
        rows: list[Row] = []
        for corpus in corpora:
            own = [row for run in runs for row in measured(corpus, size, run, options.learners)]
            print(_shown(corpus.name, size, own, options.learners), flush=True)
            rows += own
        print(_shown("mean", size, rows, options.learners), flush=True)


if __name__ == "__main__":
    main()
