"""Ranking, thresholds and confidence in the natural mix, beside a naive and a supervised rival.

``python -m benchmarks.natural_mix`` prints means a prevalence over the categories that no choice
was made on; ``--part choosing`` over those on which alternatives are compared. ``--rounds NAME``
takes alternatives from ``benchmarks/alternatives.py``, ``--verdicts 200`` adds a balanced review
(given twice, both are played), ``--shares`` prints precision and recall at each threshold,
``--quick`` takes every sixth category and one draw, ``--kept FOLDER`` keeps what is prepared.

All tested items count so that as many of them are relevant as of the unlabelled ones. The naive
rival is TF-IDF with logistic regression that takes the unlabelled for negatives; the supervised one
has the same features and solver and is told every label.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks import natural_ratios, natural_shares
from benchmarks.alternatives import ROUNDS
from benchmarks.corpora import DOCUMENTS
from benchmarks.natural_draws import (
    CHOOSING,
    CLAIMING,
    PREVALENCES,
    Prepared,
    Wanted,
    draws,
    picked,
)
from benchmarks.natural_truth import Truth
from cultivar.core.learning import features
from cultivar.core.learning.estimates import calibration, operating
from cultivar.core.learning.estimates.calibration import Evidence
from cultivar.core.learning.rounds import NEGATIVE, POSITIVE, Learned, Material
from cultivar.core.operating_points import BALANCED

Numbers = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]

_SHOWN = (0.8, 0.9)


@dataclass(frozen=True)
class Figures:
    """What one draw comes to; ``f1_own`` is at the content threshold, ``f1_best`` at the best."""

    average_precision: float
    naive: float
    supervised: float
    balanced_f1: float
    balanced_told: float
    f1_review: float
    f1_own: float
    f1_best: float
    prior: float
    ece: float
    brier: float
    constant: float
    shown: float
    shown_relevant: float
    apart: float
    by_chance: float


def content_threshold(found: Evidence, prior: float) -> float:
    """Return the decision value of the content's balanced operating point."""
    return operating.operating_points(found, prior, float).points[BALANCED].threshold


def with_verdicts(drawn: Prepared, verdicts: int) -> Prepared:
    """Return the draw with a balanced review of tested items, which are tested no more."""
    if not verdicts:
        return drawn
    generator = np.random.default_rng([drawn.run, verdicts])
    sides = [np.flatnonzero(drawn.relevant == side) for side in (True, False)]
    size = min(verdicts // 2, *(len(side) // 2 for side in sides))
    taken = np.concatenate([generator.permutation(side)[:size] for side in sides])
    rest = np.setdiff1d(np.arange(len(drawn.relevant)), taken)
    rows = drawn.material.rows
    both = features.concatenate([rows, picked(drawn.tested, taken)], rows.dense.shape[1])
    judged = np.where(drawn.relevant[taken], POSITIVE, NEGATIVE).astype(np.int8)
    return replace(
        drawn,
        material=Material(both, np.concatenate([drawn.material.roles, judged])),
        tested=picked(drawn.tested, rest),
        relevant=drawn.relevant[rest],
        naive=drawn.naive[rest],
        supervised=drawn.supervised[rest],
    )


def figures(drawn: Prepared, learned: Learned) -> Figures:
    """Return what a draw comes to with what the rounds learned."""
    found, prior = learned.evidence, learned.prior
    values = learned.linear.decide(drawn.tested, np.arange(len(drawn.tested)))
    chances = learned.calibration.chances(values)
    truth, even = (Truth.at(drawn.relevant, each) for each in (drawn.prevalence, 0.5))
    review = values >= calibration.choose_thresholds(found, prior)[0]
    shown = (chances >= _SHOWN[0]) & (chances < _SHOWN[1])
    return Figures(
        average_precision=truth.average_precision(values),
        naive=truth.average_precision(drawn.naive),
        supervised=truth.average_precision(drawn.supervised),
        balanced_f1=even.f1(review),
        balanced_told=even.best_f1(drawn.supervised),
        f1_review=truth.f1(review),
        f1_own=truth.f1(values >= content_threshold(found, prior)),
        f1_best=truth.best_f1(values),
        prior=prior,
        ece=truth.expected_error(chances),
        brier=truth.brier(chances),
        constant=drawn.prevalence * (1.0 - drawn.prevalence),
        shown=float(truth.weights[shown].sum()),
        shown_relevant=float(truth.weights[shown & drawn.relevant].sum()),
        apart=float(learned.apart),
        by_chance=truth.error_by_chance(chances),
    )


@dataclass(frozen=True)
class Outcome:
    """One draw's figures with one alternative."""

    rounds: str
    category: str
    prevalence: float
    verdicts: int
    figures: Figures
    shares: tuple[natural_shares.Share, ...]


@dataclass(frozen=True)
class Asked:
    """What is played on each draw."""

    rounds: tuple[str, ...] = ("product",)
    verdicts: tuple[int, ...] = (0,)
    shares: bool = False


def outcomes(wanted: Wanted, asked: Asked, kept: Path | None) -> Iterator[Outcome]:
    """Yield every draw's outcome with each of the named alternatives."""
    for drawn in draws(wanted, kept):
        for verdicts, name in product(asked.verdicts, asked.rounds):
            judged = with_verdicts(drawn, verdicts)
            learned = ROUNDS[name](judged.material, drawn.run)
            shares = natural_shares.shares(judged, learned, verdicts) if asked.shares else ()
            yield Outcome(
                name, drawn.category, drawn.prevalence, verdicts, figures(judged, learned),
                tuple(shares),
            )  # fmt: skip


def ratios(outcome: Outcome) -> Iterator[natural_ratios.Pair]:
    """Yield a draw's figures beside their bounds; the rival that is told all learns no verdicts."""
    own = outcome.figures
    pairs = [("F1 in content / at the best", own.f1_own, own.f1_best)]
    if not outcome.verdicts:
        pairs.append(("average precision / told", own.average_precision, own.supervised))
        pairs.append(("balanced F1 / told", own.balanced_f1, own.balanced_told))
    for what, figure, bound in pairs:
        yield natural_ratios.Pair(
            outcome.category, outcome.prevalence, outcome.verdicts, what, figure, bound
        )


_COLUMNS = {
    "average_precision": "AP", "naive": "naive", "supervised": "told", "balanced_f1": "F1 bal",
    "balanced_told": "told", "f1_review": "F1 rev", "f1_own": "F1 own", "f1_best": "F1 best",
    "prior": "prior", "ece": "ECE", "brier": "Brier", "constant": "const", "apart": "apart",
}  # fmt: skip


def report(found: list[Outcome]) -> None:
    """Print a line an alternative and prevalence: means over categories of means over draws."""
    for prevalence, verdicts in sorted({(each.prevalence, each.verdicts) for each in found}):
        here = [e for e in found if (e.prevalence, e.verdicts) == (prevalence, verdicts)]
        count = len({each.category for each in here})
        judged = f", {verdicts} verdicts" if verdicts else ""
        print(f"\n{prevalence:.1%} of the unlabelled are relevant{judged} ({count} categories)")
        print(
            f"{'rounds':<18}"
            + "".join(f"{head:>8}" for head in _COLUMNS.values())
            + "  80-90 %  chance"
        )
        for name in dict.fromkeys(each.rounds for each in here):
            _line(name, [each for each in here if each.rounds == name])


def _line(name: str, chosen: list[Outcome]) -> None:
    means = _means(chosen)
    line = "".join(f"{means[column]:8.3f}" for column in _COLUMNS)
    shown = means["shown_relevant"] / means["shown"] if means["shown"] else np.nan
    print(f"{name:<18.18}{line}{shown:9.2f}{means['by_chance']:8.3f}", flush=True)


def _means(chosen: list[Outcome]) -> dict[str, float]:
    by_category: dict[str, list[list[float]]] = {}
    names = [each.name for each in fields(Figures)]
    for each in chosen:
        row = [getattr(each.figures, name) for name in names]
        by_category.setdefault(each.category, []).append(row)
    means = np.mean([np.mean(rows, axis=0) for rows in by_category.values()], axis=0)
    return dict(zip(names, means.tolist(), strict=True))


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every sixth category, one draw")
    parser.add_argument("--part", choices=(CHOOSING, CLAIMING), default=CLAIMING)
    parser.add_argument("--rounds", choices=ROUNDS, action="append", help="alternatives")
    parser.add_argument("--runs", type=int, default=2, help="draws a cell (default 2)")
    parser.add_argument("--every", type=int, default=1, help="every n-th category")
    parser.add_argument("--prevalence", type=float, action="append")
    parser.add_argument("--verdicts", type=int, action="append", help="of a balanced review")
    parser.add_argument("--shares", action="store_true", help="precision and recall in content")
    parser.add_argument("--strong", action="store_true", help="the strongest positives as seeds")
    parser.add_argument("--corpus", choices=DOCUMENTS, action="append", help="this corpus alone")
    parser.add_argument("--kept", type=Path, help="folder for what is prepared")
    said = parser.parse_args()
    wanted = Wanted(
        part=said.part,
        corpora=tuple(said.corpus or DOCUMENTS),
        every=6 if said.quick else said.every,
        prevalences=tuple(said.prevalence or PREVALENCES),
        runs=1 if said.quick else said.runs,
        strong=said.strong,
    )
    asked = Asked(tuple(said.rounds or ["product"]), tuple(said.verdicts or [0]), said.shares)
    found = list(outcomes(wanted, asked, said.kept))
    report(found)
    if said.shares:
        first = [each for each in found if each.rounds == asked.rounds[0]]
        natural_shares.report([share for each in first for share in each.shares])
        natural_ratios.report([pair for each in first for pair in ratios(each)])


if __name__ == "__main__":
    main()
