"""How near positive-unlabelled training comes to training on true labels, on real corpora.

``python -m benchmarks.quality`` prints one line a category; ``--quick`` takes every fifth category
and one draw. It tunes nothing.

The rival is supervised: the same features and solver, given the true label of every seed and every
unlabelled item, and a threshold from its own out-of-fold scores. F1 is stated for a balanced test
set, as the review's, and for one with the prevalence of the unlabelled items.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchmarks.corpora import DOCUMENTS, Category, categories
from cultivar.core.learning import features, rounds
from cultivar.core.learning.estimates import calibration
from cultivar.core.learning.rounds import NEGATIVE, POSITIVE, Material
from cultivar.core.learning.text import document_frequencies
from cultivar.core.learning.training import Prepared, TrainingInput, prepare, train
from cultivar.encoder import load

PREVALENCES = (0.01, 0.05, 0.25)
UNLABELLED = 1500
FEWEST_UNLABELLED = 300
FEWEST_TESTED = 60  # positives
BALANCED = 0.5
SEEDS = (50, 200)
_HEADING = f"{'category':<44}{'F1':>7}{'told':>7}{'ratio':>7} |{'F1':>7}{'told':>7} |{'prior':>7}"

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Draw:
    """Row numbers of one draw; ``hidden`` are the positives among ``unlabelled``."""

    seeds: Rows
    unlabelled: Rows
    hidden: npt.NDArray[np.bool_]
    tested: Rows
    relevant: npt.NDArray[np.bool_]


def draw(category: Category, seeds: int, prevalence: float, run: int) -> Draw | None:
    """Return a draw without near-duplicates, or nothing where the category is too small."""
    generator = np.random.default_rng([run, seeds, int(1000 * prevalence)])
    order = generator.permutation(len(category.texts))
    _, first = np.unique(category.groups[order], return_index=True)
    order = order[np.sort(first)]
    positive, negative = order[category.relevant[order]], order[~category.relevant[order]]
    tested = min(400, int(0.4 * (len(positive) - seeds))), min(1500, int(0.4 * len(negative)))
    left, others = positive[tested[0] + seeds :], negative[tested[1] :]
    size = min(UNLABELLED, int(len(left) / prevalence), int(len(others) / (1 - prevalence)))
    if tested[0] < FEWEST_TESTED or size < FEWEST_UNLABELLED:
        return None
    hidden = max(1, round(size * prevalence))
    unlabelled = np.concatenate([left[:hidden], others[: size - hidden]])
    shuffled = generator.permutation(size)
    return Draw(
        seeds=positive[tested[0] : tested[0] + seeds],
        unlabelled=unlabelled[shuffled],
        hidden=shuffled < hidden,
        tested=np.concatenate([positive[: tested[0]], negative[: tested[1]]]),
        relevant=np.arange(sum(tested)) < tested[0],
    )


@dataclass(frozen=True)
class Rates:
    """Shares of relevant and of other tested items that matched."""

    recall: float
    wrong: float

    def f1(self, prevalence: float) -> float:
        """Return F1 where ``prevalence`` of the items is relevant."""
        found = prevalence * self.recall
        return 2.0 * found / (prevalence + found + (1.0 - prevalence) * self.wrong)


def _rates(matched: npt.NDArray[np.bool_], drawn: Draw) -> Rates:
    return Rates(float(matched[drawn.relevant].mean()), float(matched[~drawn.relevant].mean()))


@dataclass(frozen=True)
class Outcome:
    """One draw's rates, learned from seeds and unlabelled items and from true labels."""

    category: str
    seeds: int
    prevalence: float
    learned: Rates
    supervised: Rates
    prior: float


def training_input(category: Category, drawn: Draw, run: int) -> TrainingInput:
    """Return the texts of a draw as a training takes them."""
    seeds, unlabelled = (
        pa.table({"text": pa.array(category.texts[rows].tolist(), pa.large_string())})
        for rows in (drawn.seeds, drawn.unlabelled)
    )
    frequencies = document_frequencies(unlabelled.column("text"))
    return TrainingInput(seeds, unlabelled, frequencies, None, len(unlabelled), run)


def strongest(category: Category, drawn: Draw, run: int) -> Draw:
    """Return the draw with the highest-scored positives as seeds, the others among the unlabelled.

    The scores are the supervised rival's, out-of-fold: the worst case of seeds picked by hand.
    """
    given = training_input(category, drawn, run)
    rows = np.concatenate([drawn.seeds, drawn.unlabelled])
    known = np.append(np.ones(len(drawn.seeds), bool), drawn.hidden)
    material = prepare(given, load()).material
    labelled = Material(material.rows, np.where(known, POSITIVE, NEGATIVE).astype(np.int8))
    scores = rounds.learn_labelled(labelled, run)[1]
    positive = np.flatnonzero(known)
    top = positive[np.argsort(-scores[positive], kind="stable")[: len(drawn.seeds)]]
    rest = np.setdiff1d(np.arange(len(rows)), top)
    return replace(drawn, seeds=rows[top], unlabelled=rows[rest], hidden=known[rest])


def outcome(
    category: Category, seeds: int, prevalence: float, run: int, strong: bool = False
) -> Outcome | None:
    """Return what one draw comes to, or nothing where the category is too small for it."""
    drawn = draw(category, seeds, prevalence, run)
    if drawn is None:
        return None
    drawn = strongest(category, drawn, run) if strong else drawn
    given = training_input(category, drawn, run)
    ready = prepare(given, load())
    model = train(given, load(), ready)
    tested = pa.array(category.texts[drawn.tested].tolist(), pa.large_string())
    matched = model.score(tested) >= np.float32(model.threshold)
    rival = _supervised(ready, drawn, given, tested)
    name = f"{category.corpus}/{category.name}"
    return Outcome(
        name, seeds, prevalence, _rates(matched, drawn), _rates(rival, drawn), model.prior
    )


def _supervised(
    ready: Prepared, drawn: Draw, given: TrainingInput, tested: pa.Array
) -> npt.NDArray[np.bool_]:
    """Return which tested items match by a classifier that was told every label."""
    known = np.append(np.ones(len(drawn.seeds), bool), drawn.hidden)
    if len(known) != len(ready.material.roles):
        raise ValueError("a seed's text occurs among the unlabelled items")
    material = Material(ready.material.rows, np.where(known, POSITIVE, NEGATIVE).astype(np.int8))
    linear, scores = rounds.learn_labelled(material, given.seed)
    threshold = _best_balanced(scores[known], scores[~known])
    rows = features.extract(tested, load(), ready.idf)
    return np.asarray(linear.decide(rows, np.arange(len(rows))) >= threshold)


def _best_balanced(positive: npt.NDArray[np.float64], negative: npt.NDArray[np.float64]) -> float:
    thresholds = np.unique(positive)
    recall = calibration.share_above(positive, thresholds)
    wrong = calibration.share_above(negative, thresholds)
    return float(thresholds[int(np.argmax(2.0 * recall / (1.0 + recall + wrong)))])


def outcomes(picked: list[Category], seeds: int, runs: int, strong: bool) -> Iterator[Outcome]:
    """Yield every draw's outcome."""
    for category in picked:
        for prevalence in PREVALENCES:
            for run in range(runs):
                found = outcome(category, seeds, prevalence, run, strong)
                if found is not None:
                    yield found


def report(found: list[Outcome]) -> None:
    """Print a line a category, then means and the worst category."""
    for seeds in sorted({each.seeds for each in found}):
        for prevalence in PREVALENCES:
            chosen = [e for e in found if (e.seeds, e.prevalence) == (seeds, prevalence)]
            if chosen:
                _table(chosen, f"{seeds} seeds, {prevalence:.0%} of the unlabelled are positives")


def _table(chosen: list[Outcome], title: str) -> None:
    print(f"\n{title}\n{_HEADING}")
    lines = {name: _means(name, chosen) for name in sorted({each.category for each in chosen})}
    for name, figures in lines.items():
        _line(name, figures)
    _line(f"mean of {len(lines)}", np.mean(list(lines.values()), axis=0))
    worst = min(lines, key=lambda name: lines[name][2])
    print(f"lowest ratio {lines[worst][2]:.3f}: {worst}", flush=True)


def _means(name: str, chosen: list[Outcome]) -> npt.NDArray[np.float64]:
    """Return a category's F1, rival's F1 and ratio, the same two at prevalence, the prior."""
    rows = [
        (
            each.learned.f1(BALANCED),
            each.supervised.f1(BALANCED),
            each.learned.f1(each.prevalence),
            each.supervised.f1(each.prevalence),
            each.prior,
        )
        for each in chosen
        if each.category == name
    ]
    own, told, here, told_here, prior = np.mean(rows, axis=0)
    return np.array([own, told, own / told, here, told_here, prior])


def _line(name: str, figures: npt.NDArray[np.float64]) -> None:
    own, told, ratio, here, told_here, prior = figures
    print(
        f"{name:<44.44}{own:7.3f}{told:7.3f}{ratio:7.3f} |{here:7.3f}{told_here:7.3f} |{prior:7.3f}"
    )


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every fifth category, one draw")
    parser.add_argument("--runs", type=int, default=3, help="draws a cell (default 3)")
    parser.add_argument("--strong", action="store_true", help="the strongest positives as seeds")
    parser.add_argument("--corpus", choices=DOCUMENTS, action="append", help="this corpus alone")
    chosen = parser.parse_args()
    picked = list(categories(tuple(chosen.corpus or DOCUMENTS)))
    picked, runs = (picked[::5], 1) if chosen.quick else (picked, chosen.runs)
    print(
        "F1 at the own threshold: balanced test set | at the prevalence of the unlabelled | prior"
    )
    report([each for seeds in SEEDS for each in outcomes(picked, seeds, runs, chosen.strong)])


if __name__ == "__main__":
    main()
