"""How fast a model scores beside its rivals, and what a large training costs.

``python -m benchmarks.scoring`` prints megabytes of text for each second of one core, beside
scikit-learn's pipeline in the same process on the same texts and beside one pass that hashes the
words and does nothing else; where the variable ``SCORERS`` names a Python with Vowpal Wabbit and
fastText, beside those too. Then seconds and peak memory of training on 500 seeds and 20,000
unlabelled items, and of the next training at 2,000 items, in a process of its own. A thread's time
is counted, not the clock's, so that a busy machine does not decide; all run in one thread. Medians
of five runs.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from benchmarks.corpora import Category, categories
from cultivar.core.learning.model import Model
from cultivar.core.learning.text import document_frequencies
from cultivar.core.learning.training import TrainingInput, prepare, train
from cultivar.encoder import load

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
    """Return the median of several runs."""
    times = []
    for _ in range(REPEATS):
        start = time.thread_time()
        action()
        times.append(time.thread_time() - start)
    return median(times)


def _rival(category: Category) -> Pipeline:
    vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=1 << 18)
    rival = make_pipeline(vectors, LogisticRegression(max_iter=200))
    return rival.fit(category.texts[:3000].tolist(), np.arange(3000) % 2)


@numba.njit(nogil=True)
def _hashed(text: npt.NDArray[np.uint8]) -> int:
    """Return all words' FNV-1a hashes in one number: what merely looking at each byte costs."""
    together, word = np.uint64(0), np.uint64(14695981039346656037)
    for byte in text:
        if byte > 32:
            word = (word ^ np.uint64(byte)) * np.uint64(1099511628211)
        else:
            together ^= word
            word = np.uint64(14695981039346656037)
    return int(together ^ word)


def _other_scorers(texts: list[str]) -> dict[str, float]:
    """Return the seconds that rivals take in an environment of their own, where there is one."""
    if (python := os.environ.get("SCORERS")) is None:
        return {}
    lines = "\n".join(" ".join(text.split()) for text in texts)
    with tempfile.TemporaryDirectory(prefix="cultivar-scoring-") as scratch:
        path = Path(scratch) / "texts"
        path.write_text(lines, encoding="utf-8")
        script = Path(__file__).with_name("other_scorers.py")
        told = subprocess.run(
            [python, script, path], check=True, stdout=subprocess.PIPE, text=True
        ).stdout
    return {name: float(spent) for name, spent in map(str.split, told.splitlines())}


def score_speeds() -> None:
    """Print megabytes a second of all, and the ratios, for each corpus."""
    print(
        f"{'corpus':<16}{'MB':>6}{'bytes a text':>14}"
        f"{'Cultivar MB/s':>15}{'sklearn MB/s':>14}{'ratio':>7}"
    )
    beside = []
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
        data = np.frombuffer("\n".join(category.texts).encode(), np.uint8)
        _hashed(data[:1])
        others = {"hash pass": _seconds(partial(_hashed, data))}
        others |= _other_scorers(category.texts.tolist())
        beside += [
            f"{corpus:<16}beside {name:<16}{size / spent / 1e6:8.1f} MB/s"
            f"{own * spent * 1e6 / size:7.2f}"
            for name, spent in others.items()
        ]
    print("\n".join(beside))


def train_large() -> None:
    """Print what training on 500 seeds and 20,000 unlabelled items takes in this process."""
    category = next(categories(("newsgroups20",)))
    given, encoder = _given(category, SEEDS, UNLABELLED), load()
    start, begun = time.perf_counter(), time.process_time()
    train(given, encoder)
    spent, busy = time.perf_counter() - start, time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"training on {SEEDS} seeds and {UNLABELLED:,} unlabelled, code compiled: "
        f"{spent:.1f} s ({busy:.1f} s of a core), peak {peak:.2f} GiB"
    )


def refit() -> None:
    """Print what a refit after a batch of reviews takes at 2,000 items."""
    category = next(categories(("newsgroups20",)))
    given, encoder = _given(category, 500, 1500), load()
    ready = prepare(given, encoder)
    spent = _seconds(partial(train, given, encoder, ready))
    print(f"training again on 2,000 prepared items: {spent:.2f} s of a core")


def main() -> None:
    """Run both parts."""
    if "--train" in sys.argv:
        train_large()
        refit()
        return
    score_speeds()
    sys.stdout.flush()
    subprocess.run([sys.executable, "-m", "benchmarks.scoring", "--train"], check=True)


if __name__ == "__main__":
    main()
