"""How fast a model scores beside scikit-learn's pipeline, and what a large training costs.

``python -m benchmarks.scoring`` prints megabytes of text a second on one core, both in the same
process on the same texts, then seconds and peak memory of training on 500 seeds and 20,000
unlabelled items in a process of its own.
"""

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import pyarrow as pa
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from benchmarks.corpora import Category, categories
from cultivar.core.learning.model import Model
from cultivar.core.learning.text import document_frequencies
from cultivar.core.learning.training import TrainingInput, train
from data.encoder import load

CORPORA = ("newsgroups20", "agnews_test", "cuad_clauses")
REPEATS = 5
SEEDS, UNLABELLED = 500, 20_000


def _table(texts: list[str]) -> pa.Table:
    return pa.table({"text": pa.array(texts, pa.large_string())})


def _given(category: Category, seeds: int, unlabelled: int) -> TrainingInput:
    positive = category.texts[category.relevant][:seeds].tolist()
    others = np.resize(category.texts[~category.relevant], unlabelled).tolist()
    frequencies = document_frequencies(_table(others)["text"])
    return TrainingInput(_table(positive), _table(others), frequencies, None, len(others), 0)


def _seconds(action: Callable[[], object]) -> float:
    """Return the shortest of several runs."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


def _rival(category: Category) -> Pipeline:
    vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=1 << 18)
    rival = make_pipeline(vectors, LogisticRegression(max_iter=200))
    return rival.fit(category.texts[:3000].tolist(), np.arange(3000) % 2)


def score_speeds() -> None:
    """Print megabytes a second of both, and the ratio, for each corpus."""
    print(
        f"{'corpus':<16}{'MB':>6}{'bytes a text':>14}"
        f"{'Cultivar MB/s':>15}{'sklearn MB/s':>14}{'ratio':>7}"
    )
    for corpus in CORPORA:
        category = next(categories((corpus,)))
        texts = _table(category.texts.tolist())["text"]
        size = sum(len(text.encode()) for text in category.texts)
        model: Model = train(_given(category, 200, 1500), load())
        own = size / _seconds(partial(model.score, texts)) / 1e6
        sample = category.texts[:1500].tolist()
        rival, sampled = _rival(category), sum(len(text.encode()) for text in sample)
        other = sampled / _seconds(partial(rival.predict_proba, sample)) / 1e6
        each = size / len(texts)
        print(
            f"{corpus:<16}{size / 1e6:6.1f}{each:14.0f}{own:15.1f}{other:14.1f}{own / other:7.1f}"
        )


def train_large() -> None:
    """Print what training on 500 seeds and 20,000 unlabelled items takes in this process."""
    category = next(categories(("newsgroups20",)))
    given = _given(category, SEEDS, UNLABELLED)
    start = time.perf_counter()
    train(given, load())
    spent = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"training on {SEEDS} seeds and {UNLABELLED:,} unlabelled: {spent:.1f} s, {peak:.2f} GiB")


def main() -> None:
    """Run both parts."""
    if "--train" in sys.argv:
        train_large()
        return
    score_speeds()
    sys.stdout.flush()
    subprocess.run([sys.executable, "-m", "benchmarks.scoring", "--train"], check=True)


if __name__ == "__main__":
    main()
