"""Seeds: how soon a sentence leads to 50 of them, and whether planted faults are found.

``python -m benchmarks.seeds`` prints a line a category: the share of the first 50 documents shown
that is relevant where 5 % of 3,000 are, how many documents a person who knows the kind is shown
until 50 are picked, and of 4 documents of other kinds among 60 seeds the share that the check
names, beside the share of the good seeds that it names. ``--expected`` prints instead in how many
draws of 50 random seeds F1 in content lies in the range that the check states, on categories that
the range was not chosen on; ``--part choosing`` takes the others. ``--apart`` prints in how many
draws of random and of top-scored seeds the check calls them apart. The sentences were written
before any document of a corpus was looked at.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchmarks.corpora import Category, categories
from benchmarks.natural_draws import CHOOSING, CLAIMING, Wanted
from benchmarks.natural_draws import draws as natural_draws
from benchmarks.natural_truth import Truth
from cultivar.core.identity.families import Relative
from cultivar.core.learning import rounds
from cultivar.core.learning.estimates.operating import operating_points
from cultivar.core.learning.features import inverse_frequencies
from cultivar.core.learning.solver import Rows
from cultivar.core.learning.text import document_frequencies
from cultivar.core.learning.training import TrainingInput
from cultivar.core.learning.writing.forms import folding_of
from cultivar.core.operating_points import BALANCED
from cultivar.core.seeds.check import Seed, check_seeds
from cultivar.core.seeds.expected import expected_f1
from cultivar.core.seeds.suggestion import Language, Sought, joined, learned, row_of
from cultivar.encoder import load

SENTENCES = {
    "newsgroups20/comp.windows.x": "questions on the X window system, its servers, widgets, xterm",
    "newsgroups20/misc.forsale": "offer to sell used things with a price, shipping and condition",
    "newsgroups20/rec.motorcycles": "talk about riding motorcycles, helmets, bikes, BMW and Honda",
    "newsgroups20/rec.sport.hockey": "hockey games, players, goals, the NHL season and playoffs",
    "newsgroups20/sci.crypt": "encryption, keys, the clipper chip, ciphers and privacy of messages",
    "newsgroups20/sci.electronics": "questions on circuits, voltage, amplifiers, chips and wiring",
    "newsgroups20/talk.politics.mideast": "debate about Israel, Arabs, Turkey, Armenia and war",
    "cfpb_complaints/credit_reporting": "complaint about wrong entries in a credit report",
    "bbc_news/business": "news about companies, profits, shares, the economy and markets",
    "bbc_news/sport": "news about a match, players, a coach, a championship and results",
    "bbc_news/tech": "news about computers, phones, the internet, games and software",
    "agnews_test/Sci/Tech": "news about science, space, software, chips and the internet",
}
_DOCUMENTS, _SHARE, _FIRST, _WANTED, _AT_ONCE = 3_000, 0.05, 50, 50, 10
_SEEDS, _PLANTED = 60, 4
_PREVALENCES = (0.01, 0.05, 0.25)

Order = npt.NDArray[np.int64]


def main() -> None:
    """Print a line a category, then the means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--expected", action="store_true", help="F1 in the stated range, instead")
    parser.add_argument("--apart", action="store_true", help="seeds that are called apart, instead")
    parser.add_argument("--part", choices=(CHOOSING, CLAIMING), default=CLAIMING)
    parser.add_argument("--kept", type=Path, help="with those two: folder for what is prepared")
    said = parser.parse_args()
    draws = said.draws
    wanted = Wanted(said.part, prevalences=_PREVALENCES, runs=1)
    if said.expected or said.apart:
        (_expected if said.expected else _apart)(wanted, said.kept)
        return
    print(f"{'category':<38}{'first 50':>9}{'shown':>7}{'planted':>9}{'good':>7}")
    lines = []
    for category in categories():
        name = f"{category.corpus}/{category.name}"
        if name in SENTENCES:
            found = [_measured(category, SENTENCES[name], run) for run in range(draws)]
            lines.append(np.mean(found, axis=0))
            print(_line(name, lines[-1]), flush=True)
    print(_line(f"mean of {len(lines)}", np.mean(lines, axis=0)))


def _expected(wanted: Wanted, kept: Path | None) -> None:
    found: list[tuple[float, float, float, float]] = []
    for drawn in natural_draws(wanted, kept):
        learned = rounds.learn(drawn.material, drawn.run)
        points = operating_points(learned.evidence, learned.prior, float)
        values = learned.linear.decide(drawn.tested, np.arange(len(drawn.tested)))
        truth = Truth.at(drawn.relevant, drawn.prevalence)
        f1 = truth.f1(values >= points.points[BALANCED].threshold)
        found.append((drawn.prevalence, f1, *expected_f1(points, learned.prior)))
    print(f"{'relevant':<10}{'draws':>7}{'F1':>8}{'from':>8}{'to':>8}{'inside':>9}")
    every = np.array(found)
    for prevalence in (*_PREVALENCES, None):
        rows = every if prevalence is None else every[every[:, 0] == prevalence]
        inside = np.mean((rows[:, 1] >= rows[:, 2]) & (rows[:, 1] <= rows[:, 3]))
        name = "all" if prevalence is None else f"{prevalence:.0%}"
        means = "".join(f"{each:8.3f}" for each in rows[:, 1:].mean(axis=0))
        print(f"{name:<10}{len(rows):7}{means}{inside:9.3f}")


def _apart(wanted: Wanted, kept: Path | None) -> None:
    print(f"{'seeds':<12}{'relevant':<10}{'draws':>7}{'apart':>8}")
    for name, strong in (("random", False), ("top-scored", True)):
        found = [
            (drawn.prevalence, rounds.learn(drawn.material, drawn.run).apart)
            for drawn in natural_draws(replace(wanted, strong=strong), kept)
        ]
        for prevalence in (*_PREVALENCES, None):
            rows = [apart for at, apart in found if prevalence in (None, at)]
            at = "all" if prevalence is None else f"{prevalence:.0%}"
            print(f"{name:<12}{at:<10}{len(rows):7}{np.mean(rows):8.3f}", flush=True)


def _line(name: str, found: npt.NDArray[np.float64]) -> str:
    first, shown, planted, good = found
    return f"{name:<38}{first:>9.2f}{shown:>7.0f}{planted:>9.2f}{good:>7.3f}"


def _measured(category: Category, sentence: str, run: int) -> tuple[float, float, float, float]:
    order = np.random.default_rng(run).permutation(len(category.texts))
    _, first = np.unique(category.groups[order], return_index=True)
    order = order[np.sort(first)]
    positive, negative = order[category.relevant[order]], order[~category.relevant[order]]
    return (
        *_sought(category, sentence, (positive, negative)),
        *_checked(category, (positive, negative)),
    )


def _sought(category: Category, sentence: str, kinds: tuple[Order, Order]) -> tuple[float, float]:
    positive, negative = kinds
    hidden = min(len(positive), round(_DOCUMENTS * _SHARE))
    others = min(len(negative), round(hidden / _SHARE) - hidden)
    content = np.concatenate([positive[:hidden], negative[:others]])
    texts = _texts(category, content)
    frequencies = inverse_frequencies(document_frequencies(texts), len(content))
    language = Language(load(), frequencies, folding_of())
    rows, like = language.rows(texts), language.rows(pa.array([sentence], pa.large_string()))
    likeness = Sought.of(like).likeness(rows)
    first = np.argsort(-likeness, kind="stable")[:_FIRST]
    return float(np.mean(first < hidden)), float(_shown(rows, like, hidden))


def _shown(rows: Rows, like: Rows, hidden: int) -> int:
    """Return how many documents are shown until the wanted number is picked."""
    picked: list[int] = []
    refused: list[int] = []
    while len(picked) < _WANTED and len(picked) + len(refused) < len(rows):
        left = [row for row in range(len(rows)) if row not in {*picked, *refused}]
        good, bad, rest = (_of(rows, each) for each in (picked, refused, left))
        if good and bad and rest:
            worth = learned(like, good, bad, rest)
        else:
            worth = Sought.of(like, good, bad).likeness(rest or rows)
        for place in np.argsort(-worth, kind="stable")[:_AT_ONCE]:
            (picked if left[place] < hidden else refused).append(left[place])
    return len(picked) + len(refused)


def _of(rows: Rows, places: Sequence[int]) -> Rows | None:
    return joined([row_of(rows, place) for place in places]) if places else None


def _checked(category: Category, kinds: tuple[Order, Order]) -> tuple[float, float]:
    positive, negative = kinds
    good, planted = positive[: _SEEDS - _PLANTED], negative[:_PLANTED]
    content = np.concatenate([positive[_SEEDS : _SEEDS + 50], negative[_PLANTED : _PLANTED + 950]])
    chosen = np.concatenate([good, planted])
    seeds = list(_seeds(category, chosen))
    unlabelled = _texts(category, content)
    given = TrainingInput(
        pa.table({"text": _texts(category, chosen)}),
        pa.table({"text": unlabelled}),
        document_frequencies(unlabelled), None, len(content), 0,
    )  # fmt: skip
    named = set(check_seeds(seeds, given, load()).ordinary)
    return (
        float(np.mean([str(row) in named for row in planted])),
        float(np.mean([str(row) in named for row in good])),
    )


def _seeds(category: Category, chosen: Order) -> Iterator[Seed]:
    for row in chosen:
        yield Seed(category.texts[row], None, Relative(str(row)))


def _texts(category: Category, chosen: Order) -> pa.Array:
    return pa.array(category.texts[chosen].tolist(), pa.large_string())


if __name__ == "__main__":
    main()
