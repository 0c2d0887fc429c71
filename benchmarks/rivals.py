"""Rivals of the ranking: what learns from the same texts without positive-unlabelled rounds.

They are told nothing that Cultivar is not, but for the supervised one.
"""

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

Scores = npt.NDArray[np.float64]


def naive(seeds: list[str], unlabelled: list[str], tested: list[str]) -> Scores:
    """Return the tested texts' decision values by TF-IDF and logistic regression.

    The unlabelled are taken for negatives. Logarithmic counts of words, C = 10
    and balanced classes.
    """
    vectors = TfidfVectorizer(sublinear_tf=True, min_df=2)
    learned = vectors.fit_transform(seeds + unlabelled)
    labels = np.repeat([1, 0], [len(seeds), len(unlabelled)])
    model = LogisticRegression(C=10.0, class_weight="balanced", solver="liblinear")
    return np.asarray(model.fit(learned, labels).decision_function(vectors.transform(tested)))
