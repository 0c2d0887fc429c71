"""The learner of projects behind scikit-learn's estimator API, for notebooks and pipelines.

It adds no method of its own: ``fit`` is the training of a project's model, with the encoder that
ships. How it is fitted is chosen by cross-validation; from 2,000 documents on, 5 % of them are set
aside for that instead.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from cultivar.core.learning.estimator import as_texts
from cultivar.core.projects.choosing import SMALL_VALIDATION, Places
from cultivar.core.projects.names import Kind
from cultivar.core.projects.splitting import EvaluationOptions, split
from cultivar.core.projects.training import Documents, TrainingData, train
from cultivar.encoder import load

_HELD_OUT = EvaluationOptions("percentage", 90, 10)  # 5 % for validation, 5 % join the training
_FOLDED_BELOW = 20 * SMALL_VALIDATION  # documents of which 5 % would be too few to choose by


class _Fitted(BaseEstimator):
    """What both estimators share: parameters, fitting, scores."""

    kind: Kind

    def __init__(self, random_state: int = 0) -> None:
        self.random_state = random_state

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        return tags

    def _fit(self, texts: Iterable[str], names: Sequence[Sequence[str]]) -> Self:
        found = as_texts(texts)
        if len(names) != len(found):
            raise ValueError(f"X has {len(found)} texts but y has {len(names)} values")
        classes = sorted({name for each in names for name in each})
        learned_from, chosen_on = (
            Documents(found.take(pa.array(places)), [names[place] for place in places])
            for places in self._parts(names, found)
        )
        given = TrainingData(self.kind, classes, learned_from, chosen_on, self.random_state)
        self.model_ = train(given, load())
        return self

    def _parts(self, names: Sequence[Sequence[str]], texts: pa.Array) -> tuple[Places, Places]:
        """Return the places of the texts to learn from and of those to choose by."""
        if len(names) < _FOLDED_BELOW:
            return np.arange(len(names)), np.zeros(0, dtype=np.int64)
        parts = split(names, self.random_state, _HELD_OUT, texts=texts.to_pylist())
        return np.sort(np.concatenate([parts.train, parts.test])), parts.validation

    def decision_function(self, X: Iterable[str]) -> npt.NDArray[np.float64]:  # noqa: N803
        """Return the linear value of each text and class (float64 [n, classes])."""
        check_is_fitted(self)
        return self.model_.decisions(as_texts(X))

    def predict_proba(self, X: Iterable[str]) -> npt.NDArray[np.float32]:  # noqa: N803
        """Return the calibrated probability of each class (float32 [n, classes])."""
        check_is_fitted(self)
        return self.model_.score(as_texts(X))


class TextClassifier(ClassifierMixin, _Fitted):
    """Give each text one of several classes.

    >>> texts = ["apple orchard", "cider and apples", "the clause", "a party to the clause"]
    >>> TextClassifier().fit(texts, ["fruit", "fruit", "law", "law"]).predict(["apples"]).tolist()
    ['fruit']
    """

    kind = Kind.SINGLE

    def fit(self, X: Iterable[str], y: Iterable[Any]) -> Self:  # noqa: N803
        """Learn from texts ``X`` and the class of each in ``y``, at least two classes."""
        labels = np.asarray(list(y))
        self.classes_, places = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"y must hold at least two classes, found {len(self.classes_)}")
        return self._fit(X, [[f"{place:06}"] for place in places])

    def predict(self, X: Iterable[str]) -> npt.NDArray[Any]:  # noqa: N803
        """Return the likeliest class of each text."""
        scores = self.predict_proba(X)
        return np.asarray(self.classes_[scores.argmax(axis=1)])


class MultiLabelTextClassifier(_Fitted):
    """Give each text any number of classes.

    ``predict`` marks the classes at or above a threshold that is chosen on held-out texts.
    """

    kind = Kind.MULTI

    def fit(self, X: Iterable[str], y: Iterable[Sequence[str]]) -> Self:  # noqa: N803
        """Learn from texts ``X`` and the classes of each in ``y`` (a list of names a text).

        Raises:
            TypeError: ``y`` holds one name a text, or is a matrix of marks.
            ValueError: no text has a class, or there are not as many values as texts.
        """
        if getattr(y, "ndim", 1) != 1:
            raise TypeError(
                "y must hold a list of names a text, not a matrix; "
                "MultiLabelBinarizer.inverse_transform makes lists of one"
            )
        y = list(y)
        if any(isinstance(each, str) for each in y):
            raise TypeError("y must hold a list of names a text, not one name")
        names = [[str(name) for name in each] for each in y]
        self.classes_ = np.array(sorted({name for each in names for name in each}))
        if not len(self.classes_):
            raise ValueError("y must hold at least one class")
        return self._fit(X, names)

    def predict(self, X: Iterable[str]) -> npt.NDArray[np.int64]:  # noqa: N803
        """Return 1 for each class that a text gets, else 0 (int64 [n, classes])."""
        scores = self.predict_proba(X)
        return self.model_.decide(scores).astype(np.int64)
