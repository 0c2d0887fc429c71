"""Custom text classification beside its rivals, by the number of training documents a class.

``python -m benchmarks.projects`` prints accuracy, micro and macro F1 a corpus and size, then the
means; ``--sizes``, ``--corpora`` and ``--runs`` narrow it. It tunes nothing of Cultivar.

A draw takes a fifth of the documents for the test (2,000 at most), so many a class for training,
and an eighth of that beside for validation. All four learn from the same training documents and
choose on the same validation documents: logistic regression its C (1, 10, 100), fastText its
epochs (25, 100), and with several labels each the threshold by the rule that Cultivar uses. Near-
duplicates are grouped and one of a group is used. The rivals need the group `bench`.
"""

import argparse
import re
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.corpora import folder, near_duplicates
from cultivar.core.projects.calibration import choose_threshold
from cultivar.core.projects.evaluation import evaluate, marks_of
from cultivar.core.projects.names import Kind
from cultivar.core.projects.training import Documents, TrainingData, train
from cultivar.encoder import load

SINGLE = ("agnews_test", "bbc_news", "newsgroups20", "cfpb_complaints", "banking77")
MULTI = ("cuad_clauses",)
SIZES = (10, 20, 50, 200, 0)  # 0: all there are
TESTED_AT_MOST = 2_000
LONGEST = 20_000  # characters a document, for everybody
COSTS = (1.0, 10.0, 100.0)
EPOCHS = (25, 100)

Marks = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Corpus:
    """Texts and the classes of each; one of every group of near-duplicates."""

    name: str
    kind: Kind
    texts: npt.NDArray[np.object_]
    tags: list[list[str]]
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Draw:
    """The documents of one draw and the marks of each, by part."""

    kind: Kind
    classes: tuple[str, ...]
    texts: dict[str, list[str]]
    tags: dict[str, list[list[str]]]
    seed: int

    def marks(self, part: str) -> Marks:
        """Return bool [documents, classes]."""
        return marks_of(self.classes, self.tags[part])

    def decided(self, scores: dict[str, Scores]) -> Marks:
        """Return what scores of validation and test documents give the test documents."""
        if self.kind is Kind.SINGLE:
            return np.eye(len(self.classes), dtype=bool)[scores["test"].argmax(axis=1)]
        threshold = choose_threshold(scores["validation"], self.marks("validation"))
        return np.asarray(scores["test"] >= threshold)


def read(name: str) -> Corpus:
    """Return a corpus without near-duplicates and without classes of fewer than 20 documents."""
    table = pq.read_table(folder() / f"{name}.parquet", columns=["text", "label"])
    texts = [text[:LONGEST] for text in table.column("text").to_pylist()]
    labels = [[each] if isinstance(each, str) else each for each in table["label"].to_pylist()]
    _, kept = np.unique(near_duplicates(texts), return_index=True)
    names, counts = np.unique([each for row in kept for each in labels[row]], return_counts=True)
    known = {str(each) for each in names[counts >= 20]}
    tags = [[each for each in labels[row] if each in known] for row in kept]
    used = [place for place, row in enumerate(tags) if row]
    return Corpus(
        name=name,
        kind=Kind.MULTI if name in MULTI else Kind.SINGLE,
        texts=np.array([texts[kept[place]] for place in used], dtype=object),
        tags=[tags[place] for place in used],
        classes=tuple(sorted(known)),
    )


def draw(corpus: Corpus, size: int, run: int) -> Draw:
    """Return a draw with ``size`` training documents a class where there are as many."""
    generator = np.random.default_rng([run, size])
    order = generator.permutation(len(corpus.texts))
    tested = min(TESTED_AT_MOST, len(order) // 5)
    rest = order[tested:]
    held = len(rest) // 9 if not size else max(1, size * len(corpus.classes) // 8)
    chosen = rest if not size else _balanced(corpus, rest, size, held)
    parts = {"test": order[:tested], "validation": chosen[:held], "train": chosen[held:]}
    return Draw(
        corpus.kind,
        corpus.classes,
        {part: corpus.texts[places].tolist() for part, places in parts.items()},
        {part: [corpus.tags[place] for place in places] for part, places in parts.items()},
        run,
    )


def _balanced(corpus: Corpus, rest: Places, size: int, held: int) -> Places:
    """Return ``held`` documents at random, then ``size`` others a class."""
    taken: dict[str, int] = dict.fromkeys(corpus.classes, 0)
    found = list(rest[:held])
    for place in rest[held:]:
        if any(taken[name] < size for name in corpus.tags[place]):
            found.append(place)
            for name in corpus.tags[place]:
                taken[name] += 1
    return np.array(found)


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


def tfidf(given: Draw) -> Marks:
    """Return what TF-IDF of words with logistic regression predicts."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415

    vectoriser = TfidfVectorizer(sublinear_tf=True)
    rows = {"train": vectoriser.fit_transform(given.texts["train"])}
    rows |= {part: vectoriser.transform(given.texts[part]) for part in ("validation", "test")}
    return _logistic(given, rows)


def model2vec(given: Draw) -> Marks:
    """Return what model2vec's vectors of the same encoder with logistic regression predict."""
    from model2vec import StaticModel  # noqa: PLC0415

    encoder = StaticModel.from_pretrained(str(folder().parent / "encoder"))
    rows = {part: encoder.encode(texts) for part, texts in given.texts.items()}
    return _logistic(given, rows)


def _logistic(given: Draw, rows: dict[str, Any]) -> Marks:
    """Choose C on the validation documents, by the figures that count."""
    best: tuple[float, Marks] | None = None
    for cost in COSTS:
        fitted = _fitted(given, rows["train"], cost)
        scores = {part: _expanded(given, fitted, rows[part]) for part in ("validation", "test")}
        worth = _worth(given, scores["validation"])
        if best is None or worth > best[0]:
            best = (worth, given.decided(scores))
    assert best is not None
    return best[1]


def _fitted(given: Draw, rows: Any, cost: float) -> Any:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.multiclass import OneVsRestClassifier  # noqa: PLC0415

    if given.kind is Kind.SINGLE:
        learner = LogisticRegression(C=cost, max_iter=200, tol=1e-3)
        return learner.fit(rows, [tags[0] for tags in given.tags["train"]])
    learner = LogisticRegression(C=cost, solver="liblinear")  # the quickest for two classes
    return OneVsRestClassifier(learner).fit(rows, given.marks("train").astype(int))


def _expanded(given: Draw, fitted: Any, rows: Any) -> Scores:
    """Return probabilities by the draw's classes, also those that training never met."""
    found = fitted.predict_proba(rows)
    if given.kind is Kind.MULTI:
        return np.asarray(found)
    scores = np.zeros((len(found), len(given.classes)))
    scores[:, [given.classes.index(name) for name in fitted.classes_]] = found
    return scores


def _worth(given: Draw, scores: Scores) -> float:
    decided = given.decided({"validation": scores, "test": scores})
    found = evaluate(given.classes, given.marks("validation"), decided, False)
    return found.micro()["f1"] + found.macro()["f1"]


def fasttext(given: Draw) -> Marks:
    """Return what fastText predicts, words and pairs of words."""
    best: tuple[float, Marks] | None = None
    for epochs in EPOCHS:
        scores = _fasttext(given, epochs)
        worth = _worth(given, scores["validation"])
        if best is None or worth > best[0]:
            best = (worth, given.decided(scores))
    assert best is not None
    return best[1]


def _fasttext(given: Draw, epochs: int) -> dict[str, Scores]:
    import fasttext as library  # noqa: PLC0415

    place = {name: number for number, name in enumerate(given.classes)}
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "train.txt"
        lines = (
            " ".join([*(f"__label__{place[name]}" for name in tags), _words(text)])
            for text, tags in zip(given.texts["train"], given.tags["train"], strict=True)
        )
        path.write_text("\n".join(lines), encoding="utf-8")
        model = library.train_supervised(
            str(path), lr=0.5, epoch=epochs, wordNgrams=2, dim=100, minCount=1, bucket=200_000,
            loss="softmax" if given.kind is Kind.SINGLE else "ova", thread=2, verbose=0, seed=1,
        )  # fmt: skip
    parts = ("validation", "test")
    return {part: _told(given, model, given.texts[part]) for part in parts}


def _told(given: Draw, model: Any, texts: Sequence[str]) -> Scores:
    scores = np.zeros((len(texts), len(given.classes)))
    for row, text in enumerate(texts):
        # the Python wrapper of predict fails under NumPy 2
        for chance, label in model.f.predict(
            f"{_words(text)}\n", len(given.classes), 0.0, "strict"
        ):
            scores[row, int(label.removeprefix("__label__"))] = min(chance, 1.0)
    return scores


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+|[^\w\s]", text.lower()))


LEARNERS: dict[str, Callable[[Draw], Marks]] = {
    "cultivar": cultivar,
    "tfidf": tfidf,
    "fasttext": fasttext,
    "model2vec": model2vec,
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


def measured(corpus: Corpus, size: int, run: int) -> Iterator[Row]:
    """Yield the figures of every learner in one draw."""
    given = draw(corpus, size, run)
    wanted = given.marks("test")
    for name, learner in LEARNERS.items():
        started = time.perf_counter()
        decided = learner(given)
        seconds = time.perf_counter() - started
        found = evaluate(given.classes, wanted, decided, False)
        accuracy = float((decided == wanted).all(axis=1).mean())
        figures = (accuracy, found.micro()["f1"], found.macro()["f1"])
        yield Row(corpus.name, size, name, *figures, seconds)


def _shown(what: str, size: int, rows: Sequence[Row]) -> str:
    cells = []
    for name in LEARNERS:
        own = [row for row in rows if row.learner == name]
        figures = [[row.accuracy, row.micro, row.macro, row.seconds] for row in own]
        accuracy, micro, macro, seconds = np.mean(figures, axis=0)
        cells.append(f"{accuracy:.3f} {micro:.3f} {macro:.3f} {seconds:5.0f}s")
    return f"{what:<17}{size or 'all':>5} | " + " | ".join(cells)


def main() -> None:
    """Print a line a corpus and size, then the means by size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--corpora", nargs="*", default=[*SINGLE, *MULTI])
    parser.add_argument("--runs", type=int, default=1)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    print(f"{'accuracy, micro F1, macro F1':<23}| " + " | ".join(f"{n:<24}" for n in LEARNERS))
    corpora = [read(name) for name in options.corpora]
    for size in options.sizes:
        rows: list[Row] = []
        for corpus in corpora:
            own = [row for run in range(options.runs) for row in measured(corpus, size, run)]
            print(_shown(corpus.name, size, own), flush=True)
            rows += own
        print(_shown("mean", size, rows), flush=True)


if __name__ == "__main__":
    main()
