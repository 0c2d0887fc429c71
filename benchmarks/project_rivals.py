"""The rivals of ``projects.py``: each learns from a draw and decides about its test documents."""

import re
import tempfile
from collections.abc import Iterable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from benchmarks.corpora import folder
from benchmarks.project_draws import Draw, Marks, Scores
from cultivar.core.projects.evaluation import evaluate
from cultivar.core.projects.names import Kind

COSTS = (1.0, 10.0, 100.0)
SVM_COSTS = (0.1, 1.0, 10.0)
EPOCHS = (25, 100)
SHRUNK = 0.25  # of NB-SVM's own weights; the rest is their mean size, as in its paper


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


def linear_svm(given: Draw) -> Marks:
    """Return what a linear SVM on TF-IDF of words predicts, C and class weight searched."""
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    rows = _words_weighed(given)
    return _best(
        given,
        (
            _one_against_rest(given, rows, LinearSVC(C=cost, class_weight=weight))
            for cost, weight in product(SVM_COSTS, (None, "balanced"))
        ),
    )


def _words_weighed(given: Draw) -> dict[str, Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415

    vectoriser = TfidfVectorizer(sublinear_tf=True)
    rows = {"train": vectoriser.fit_transform(given.texts["train"])}
    return rows | {part: vectoriser.transform(given.texts[part]) for part in ("validation", "test")}


def _best(given: Draw, tried: Iterable[dict[str, Scores]]) -> Marks:
    """Return the decisions of the scores that are worth most on the validation documents."""
    best: tuple[float, Marks] | None = None
    for scores in tried:
        worth = _worth(given, scores["validation"])
        if best is None or worth > best[0]:
            best = (worth, given.decided(scores))
    assert best is not None
    return best[1]


def _one_against_rest(given: Draw, rows: dict[str, Any], learner: Any) -> dict[str, Scores]:
    from sklearn.multiclass import OneVsRestClassifier  # noqa: PLC0415

    if given.kind is Kind.SINGLE:
        fitted = learner.fit(rows["train"], [tags[0] for tags in given.tags["train"]])
        columns = [given.classes.index(name) for name in fitted.classes_]
    else:
        fitted = OneVsRestClassifier(learner).fit(rows["train"], given.marks("train").astype(int))
        columns = list(range(len(given.classes)))
    found = {}
    for part in ("validation", "test"):
        values = fitted.decision_function(rows[part])
        scores = np.full((len(values), len(given.classes)), 0.0)
        scores[:, columns] = 1.0 / (1.0 + np.exp(-values))
        found[part] = scores
    return found


def nb_svm(given: Draw) -> Marks:
    """Return what NB-SVM (Wang and Manning 2012) on words and pairs of words predicts."""
    from sklearn.feature_extraction.text import CountVectorizer  # noqa: PLC0415

    vectoriser = CountVectorizer(ngram_range=(1, 2), binary=True, dtype=np.float64)
    rows = {"train": vectoriser.fit_transform(given.texts["train"])}
    rows |= {part: vectoriser.transform(given.texts[part]) for part in ("validation", "test")}
    return _best(given, (_nb_svm(given, rows, cost) for cost in SVM_COSTS))


def _nb_svm(given: Draw, rows: dict[str, Any], cost: float) -> dict[str, Scores]:
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    marks = given.marks("train")
    found = {part: np.zeros((rows[part].shape[0], len(given.classes))) for part in rows}
    for place in range(len(given.classes)):
        carrying = marks[:, place]
        if not carrying.any() or carrying.all():
            continue
        ratio = _log_ratio(rows["train"], carrying)
        fitted = LinearSVC(C=cost).fit(rows["train"] @ sp.diags(ratio), carrying)
        weights = fitted.coef_[0]
        weights = ratio * ((1.0 - SHRUNK) * np.abs(weights).mean() + SHRUNK * weights)
        for part in ("validation", "test"):
            values = rows[part] @ weights + fitted.intercept_[0]
            found[part][:, place] = 1.0 / (1.0 + np.exp(-values))
    return {part: found[part] for part in ("validation", "test")}


def _log_ratio(rows: Any, carrying: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    p = 1.0 + np.asarray(rows[carrying].sum(axis=0)).ravel()
    q = 1.0 + np.asarray(rows[~carrying].sum(axis=0)).ravel()
    return np.asarray(np.log((p / p.sum()) / (q / q.sum())))
