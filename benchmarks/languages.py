"""Custom text classification in twelve languages beside TF-IDF, by training documents a class.

``python -m benchmarks.languages`` writes documents of four kinds from phrases of its own, in which
what any kind may say outweighs what one kind says; it needs no corpus. Cultivar and logistic
regression on TF-IDF of words, and of 1 to 4 characters, learn from the same documents. The
regression's C is 1 and 10, and the better one is taken by the test documents themselves, so that
it cannot lose by its tuning. It prints the accuracy of each, Cultivar's lead over the better rival,
and its accuracy on the test documents in NFD where it learned from NFC. ``--sizes``,
``--languages``, ``--seeds FIRST LAST``. Ends with 1 where the lead is below -0.01.
"""

import argparse
import json
import random
import sys
import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from cultivar.estimators import TextClassifier

PHRASES = Path(__file__).parent / "languages.json"
SIZES = (8, 15, 50)
TESTED = 50  # documents a kind
COSTS = (1.0, 10.0)
COMMON, OWN, OTHER = 6, 2, 1  # phrases a document: of any kind, of its kind, of another one
LEAST_LEAD = -0.01


@dataclass(frozen=True)
class Language:
    """What joins phrases, those of any kind, and those of each kind."""

    code: str
    joined: str
    common: tuple[str, ...]
    kinds: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Part:
    """Documents and the kind of each."""

    texts: list[str]
    kinds: list[str]


def read_languages() -> list[Language]:
    """Return the languages in the order of the file."""
    found = json.loads(PHRASES.read_text(encoding="utf-8"))
    return [
        Language(
            code,
            each["joined"],
            tuple(each["common"]),
            {kind: tuple(phrases) for kind, phrases in each["kinds"].items()},
        )
        for code, each in found.items()
    ]


def written(language: Language, count: int, draw: random.Random) -> Part:
    """Return ``count`` documents of each kind."""
    texts: list[str] = []
    kinds: list[str] = []
    for kind, phrases in language.kinds.items():
        for _ in range(count):
            other = draw.choice([each for each in language.kinds if each != kind])
            parts = draw.sample(language.common, COMMON) + draw.sample(phrases, OWN)
            parts += draw.sample(language.kinds[other], OTHER)
            draw.shuffle(parts)
            texts.append(f"{language.joined.join(parts)} {draw.randint(100, 9999)}")
            kinds.append(kind)
    return Part(texts, kinds)


def rival(analyzer: str, train: Part, test: Part) -> float:
    """Return the accuracy of logistic regression on TF-IDF, by the better of two costs."""
    letters = {"analyzer": "char_wb", "ngram_range": (1, 4)} if analyzer == "characters" else {}
    found = []
    for cost in COSTS:
        vectors = TfidfVectorizer(sublinear_tf=True, **letters)
        model = make_pipeline(vectors, LogisticRegression(C=cost, max_iter=300))
        found.append(model.fit(train.texts, train.kinds).score(test.texts, test.kinds))
    return float(max(found))


def measured(language: Language, size: int, seed: int) -> tuple[float, float, float, float]:
    """Return the accuracies: Cultivar, on NFD, TF-IDF of characters, of words."""
    draw = random.Random(f"{language.code} {size} {seed}")
    train, test = written(language, size, draw), written(language, TESTED, draw)
    own = TextClassifier(random_state=seed).fit(train.texts, train.kinds)
    apart = [unicodedata.normalize("NFD", text) for text in test.texts]
    return (
        float(own.score(test.texts, test.kinds)),
        float(own.score(apart, test.kinds)),
        rival("characters", train, test),
        rival("words", train, test),
    )


def table(languages: Sequence[Language], sizes: Sequence[int], seeds: range) -> bool:
    """Print a line a language and size; return whether no lead is too small."""
    print(f"{'':<4}{'a class':>8}{'Cultivar':>10}{'on NFD':>8}{'chars':>8}{'words':>8}{'lead':>8}")
    good = True
    for size in sizes:
        leads = []
        for language in languages:
            rows = [measured(language, size, seed) for seed in seeds]
            own, apart, letters, words = np.mean(rows, axis=0)
            leads.append(own - max(letters, words))
            good &= leads[-1] >= LEAST_LEAD
            figures = f"{own:10.3f}{apart:8.3f}{letters:8.3f}{words:8.3f}{leads[-1]:+8.3f}"
            print(f"{language.code:<4}{size:>8}{figures}", flush=True)
        print(f"mean{size:>8}{'':>34}{np.mean(leads):+8.3f}; least {min(leads):+.3f}", flush=True)
    return good


def main() -> int:
    """Print the table."""
    languages = read_languages()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--languages", nargs="*", default=[each.code for each in languages])
    parser.add_argument("--seeds", type=int, nargs=2, default=(0, 6))
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    wanted = [each for each in languages if each.code in options.languages]
    return 0 if table(wanted, options.sizes, range(*options.seeds)) else 1


if __name__ == "__main__":
    sys.exit(main())
