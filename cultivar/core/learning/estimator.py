"""The learner behind scikit-learn's estimator API, for notebooks and pipelines.

It adds no method of its own: ``fit`` is ``training.train`` with defaults.
"""

from collections.abc import Iterable
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from cultivar.core.learning.encoder import StaticEncoder
from cultivar.core.learning.text import document_frequencies
from cultivar.core.learning.training import TrainingInput, train


class PositiveUnlabelledClassifier(ClassifierMixin, BaseEstimator):
    """Learn one category from positives (y = 1) and unlabelled texts (y = 0).

    ``encoder`` is a ``StaticEncoder`` (``cultivar.encoder.load()`` gives Cultivar's); without one,
    word n-grams are all there is. ``predict`` gives 1 at or above the learned threshold.
    """

    def __init__(self, encoder: StaticEncoder | None = None, random_state: int = 0) -> None:
        self.encoder = encoder
        self.random_state = random_state

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.classifier_tags.multi_class = False
        return tags

    def fit(self, X: Iterable[str], y: Iterable[int]) -> Self:  # noqa: N803
        """Learn from texts ``X`` and ``y`` (1 positive, 0 unlabelled), at least one of each."""
        texts = as_texts(X)
        marks = np.asarray(list(y))
        if len(marks) != len(texts):
            raise ValueError(f"X has {len(texts)} texts but y has {len(marks)} values")
        if not set(np.unique(marks).tolist()) == {0, 1}:
            raise ValueError("y must hold both 1 (positive) and 0 (unlabelled) and nothing else")
        table = pa.table({"text": texts})
        unlabelled = table.filter(pa.array(marks == 0))
        given = TrainingInput(
            seeds=table.filter(pa.array(marks == 1)),
            unlabelled=unlabelled,
            document_frequencies=document_frequencies(unlabelled.column("text")),
            reviewed=None,
            baseline_documents=len(unlabelled),
            seed=self.random_state,
        )
        self.model_ = train(given, self.encoder or StaticEncoder.empty())
        self.classes_ = np.array([0, 1])
        return self

    def decision_function(self, X: Iterable[str]) -> npt.NDArray[np.float64]:  # noqa: N803
        """Return each text's distance from the threshold (float64 [n]); 0 or above is a match."""
        check_is_fitted(self)
        return self.model_.decision_values(as_texts(X)) - self.model_.cut

    def predict_proba(self, X: Iterable[str]) -> npt.NDArray[np.float32]:  # noqa: N803
        """Return the calibrated probabilities of 0 and 1 (float32 [n, 2])."""
        check_is_fitted(self)
        relevant = self.model_.score(as_texts(X))
        return np.stack([1 - relevant, relevant], axis=1)

    def predict(self, X: Iterable[str]) -> npt.NDArray[np.int64]:  # noqa: N803
        """Return 1 for a match and 0 for the rest (int64 [n])."""
        check_is_fitted(self)
        return (self.model_.score(as_texts(X)) >= np.float32(self.model_.threshold)).astype(int)


def as_texts(texts: Iterable[str]) -> pa.Array | pa.ChunkedArray:
    """Return texts as an Arrow array; raises ``ValueError`` for what is not a list of strings."""
    if isinstance(texts, pa.Array | pa.ChunkedArray):
        return texts
    if isinstance(texts, str):
        raise TypeError("X must be several texts, not one string")
    try:
        return pa.array(list(texts), pa.large_string())
    except (pa.ArrowInvalid, pa.ArrowTypeError) as wrong:
        raise ValueError("X must hold strings") from wrong
