"""What 200 verdicts teach: on balanced test batches, or on the content.

``python -m benchmarks.verdicts`` prints average precision and F1 in the natural mix, before any
verdict and after 200, over the categories that no choice was made on; ``--part choosing`` over the
others, ``--quick`` over every sixth with one draw. Verdicts on the content are on the top of its
ranking, 30 at a time, each batch ranked by a version that has learned from those before, and drawn
again after ten verdicts by a quick fit on all of them; ``ranked`` keeps the version's order,
``explored`` replaces a fifth of them by items drawn at random, ``near`` takes those nearest to the
content threshold. The content is the draw's unlabelled items; all is measured on items that nobody
judged. It tunes nothing.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.corpora import DOCUMENTS
from benchmarks.natural_draws import CHOOSING, CLAIMING, Prepared, Wanted, draws
from benchmarks.natural_mix import Figures, content_threshold, figures, with_verdicts
from cultivar.core.learning import quick, rounds
from cultivar.core.learning.rounds import NEGATIVE, POSITIVE, UNLABELLED, Learned, Material
from cultivar.core.limits import BATCH_SIZE
from cultivar.core.review.content_batch import AT_HAND, RENEWED_AFTER

VERDICTS = 200
EXPLORED = 0.2
PREVALENCES = (0.01, 0.05, 0.25)
COLUMNS = {
    "average_precision": "AP",
    "f1_own": "F1",
    "f1_best": "F1 best",
    "balanced_f1": "F1 bal",
}
Places = npt.NDArray[np.int64]
Choice = Callable[[Learned, Material, int], Places]  # of unlabelled rows, the first first


@dataclass(frozen=True)
class Outcome:
    """What one draw comes to with verdicts of a kind; ``right`` are those on relevant items."""

    kind: str
    category: str
    prevalence: float
    right: int
    figures: Figures


def _top(learned: Learned, material: Material, count: int) -> Places:
    places = np.flatnonzero(material.roles == UNLABELLED)
    values = learned.linear.decide(material.rows, places)
    return places[np.argsort(-values, kind="stable")[:count]]


def _explored(learned: Learned, material: Material, count: int) -> Places:
    top = _top(learned, material, round((1.0 - EXPLORED) * count))
    rest = np.setdiff1d(np.flatnonzero(material.roles == UNLABELLED), top)
    generator = np.random.default_rng(len(rest))
    return np.concatenate([top, generator.permutation(rest)[: count - len(top)]])


def _near(learned: Learned, material: Material, count: int) -> Places:
    places = np.flatnonzero(material.roles == UNLABELLED)
    values = learned.linear.decide(material.rows, places)
    threshold = content_threshold(learned.evidence, learned.prior)
    return places[np.argsort(np.abs(values - threshold), kind="stable")[:count]]


def _renewed(learned: Learned, material: Material, count: int) -> Places:
    hand = _top(learned, material, AT_HAND)
    linear = quick.fit(material.rows, material.roles, len(hand))
    return hand[np.argsort(-linear.decide(material.rows, hand), kind="stable")[:count]]


CHOICES: dict[str, Choice] = {
    "content": _renewed,
    "ranked": _top,
    "explored": _explored,
    "near": _near,
}


def judged(drawn: Prepared, choose: Choice) -> Prepared:
    """Return the draw with verdicts on its content, given batch by batch."""
    material = drawn.material
    starts = len(material.roles) - len(drawn.hidden)
    chosen = np.zeros(len(material.roles), dtype=bool)
    given = 0
    step = RENEWED_AFTER if choose is _renewed else BATCH_SIZE
    while given < VERDICTS:
        if given % BATCH_SIZE == 0:
            learned = rounds.learn(material, drawn.run)
        places = choose(learned, material, min(step, VERDICTS - given))
        roles = material.roles.copy()
        roles[places] = np.where(drawn.hidden[places - starts], POSITIVE, NEGATIVE)
        chosen = chosen.copy()
        chosen[places] = True
        material = Material(material.rows, roles, chosen, chosen, chosen)
        given += len(places)
    return replace(drawn, material=material)


def outcomes(wanted: Wanted, kinds: list[str], kept: Path | None) -> Iterator[Outcome]:
    """Yield every draw without verdicts, with a balanced review, and with each kind of choice."""
    for drawn in draws(wanted, kept):
        reviewed = with_verdicts(drawn, VERDICTS)
        tested = replace(reviewed, material=drawn.material)
        known = {"none": lambda each=tested: each, "review": lambda each=reviewed: each}
        for kind in kinds:
            found = known[kind]() if kind in known else judged(tested, CHOICES[kind])
            learned = rounds.learn(found.material, drawn.run)
            before = int((tested.material.roles == POSITIVE).sum())
            right = int((found.material.roles == POSITIVE).sum()) - before
            told = figures(found, learned)
            yield Outcome(kind, drawn.category, drawn.prevalence, right, told)


def report(found: list[Outcome]) -> None:
    """Print means over categories of means over draws, a line a kind and prevalence."""
    print(f"{'relevant':<10}{'verdicts':<10}" + "".join(f"{e:>9}" for e in COLUMNS.values())
          + f"{'relevant':>10}{'draws':>7}")  # fmt: skip
    for prevalence in sorted({each.prevalence for each in found}):
        for kind in dict.fromkeys(each.kind for each in found):
            rows = [e for e in found if (e.prevalence, e.kind) == (prevalence, kind)]
            means = "".join(f"{_mean(rows, name):9.3f}" for name in COLUMNS)
            right = float(np.mean([each.right for each in rows]))
            print(f"{prevalence:<10.0%}{kind:<10}{means}{right:10.0f}{len(rows):7}", flush=True)


def _mean(rows: list[Outcome], name: str) -> float:
    by_category: dict[str, list[float]] = {}
    for each in rows:
        by_category.setdefault(each.category, []).append(getattr(each.figures, name))
    return float(np.mean([np.mean(values) for values in by_category.values()]))


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="every sixth category, one draw")
    parser.add_argument("--part", choices=(CHOOSING, CLAIMING), default=CLAIMING)
    parser.add_argument("--runs", type=int, default=1, help="draws a cell (default 1)")
    parser.add_argument("--every", type=int, default=2, help="every n-th category (default 2)")
    parser.add_argument("--also", choices=CHOICES, action="append", help="other choices as well")
    parser.add_argument("--prevalence", type=float, action="append")
    parser.add_argument("--corpus", choices=DOCUMENTS, action="append", help="this corpus alone")
    parser.add_argument("--kept", type=Path, help="folder for what is prepared")
    said = parser.parse_args()
    wanted = Wanted(
        part=said.part,
        corpora=tuple(said.corpus or DOCUMENTS),
        every=6 if said.quick else said.every,
        prevalences=tuple(said.prevalence or PREVALENCES),
        runs=1 if said.quick else said.runs,
    )
    kinds = list(dict.fromkeys(["none", "review", "content", *(said.also or ())]))
    report(list(outcomes(wanted, kinds, said.kept)))


if __name__ == "__main__":
    main()
