"""Precision and recall in content at each threshold, beside a naive and a supervised rival.

``benchmarks.natural_mix --shares`` prints it. Each learner decides by a threshold that it chose
itself: Cultivar that of its review and each operating point, the naive rival the one of its loss,
the supervised rival the one with the largest F1 by its own out-of-fold values and the true labels.
Verdicts teach all of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from benchmarks.natural_draws import Prepared
from cultivar.core.learning import rounds
from cultivar.core.learning.estimates import calibration, operating
from cultivar.core.learning.rounds import NEGATIVE, POSITIVE, UNLABELLED, Learned, Material
from cultivar.core.learning.solver import Rows
from cultivar.core.operating_points import POINTS

Numbers = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]

REVIEW, NAIVE, TOLD = "review", "naive", "told"
ALL = (REVIEW, *POINTS, NAIVE, TOLD)


@dataclass(frozen=True)
class Share:
    """What one learner's labels are worth in one draw; no precision where it labels nothing."""

    category: str
    prevalence: float
    verdicts: int
    who: str
    precision: float
    recall: float


def shares(drawn: Prepared, learned: Learned, verdicts: int) -> Iterator[Share]:
    """Yield the precision and recall of each learner in the natural mix of a draw."""
    values = learned.linear.decide(drawn.tested, np.arange(len(drawn.tested)))
    found, prior = learned.evidence, learned.prior
    points = operating.operating_points(found, prior, float).points
    matched = {name: values >= each.threshold for name, each in points.items()}
    matched[REVIEW] = values >= calibration.choose_thresholds(found, prior)[0]
    matched[NAIVE] = _naive(drawn)
    matched[TOLD] = _told(drawn)
    for name in ALL:
        recall, wrong = (
            float(matched[name][drawn.relevant == side].mean()) for side in (True, False)
        )
        right = drawn.prevalence * recall
        labelled = right + (1.0 - drawn.prevalence) * wrong
        precision = right / labelled if labelled else np.nan
        yield Share(drawn.category, drawn.prevalence, verdicts, name, precision, recall)


def _naive(drawn: Prepared) -> Marks:
    """Return what logistic regression on words matches that takes the unlabelled for negatives."""
    model = LogisticRegression(C=10.0, class_weight="balanced", solver="liblinear")
    model.fit(_sparse(drawn.material.rows), drawn.material.roles == POSITIVE)
    return np.asarray(model.decision_function(_sparse(drawn.tested)) >= 0.0)


def _sparse(rows: Rows) -> "csr_matrix[np.float64]":
    return csr_matrix((rows.values, rows.indices, rows.indptr), (len(rows), rows.features))


def _told(drawn: Prepared) -> Marks:
    """Return what the same features and solver match that are told every label."""
    roles = drawn.material.roles.copy()
    unlabelled = np.flatnonzero(roles == UNLABELLED)
    roles[unlabelled] = np.where(drawn.hidden, POSITIVE, NEGATIVE)
    linear, scores = rounds.learn_labelled(Material(drawn.material.rows, roles), drawn.run)
    thresholds = np.unique(scores[roles == POSITIVE])
    recall = calibration.share_above(np.sort(scores[roles == POSITIVE]), thresholds)
    above = calibration.share_above(np.sort(scores[unlabelled]), thresholds)
    f1 = drawn.prevalence * recall / (drawn.prevalence + above)
    values = linear.decide(drawn.tested, np.arange(len(drawn.tested)))
    return np.asarray(values >= thresholds[int(np.argmax(f1))])


def report(found: Sequence[Share]) -> None:
    """Print a line a prevalence and number of verdicts: means over categories."""
    print("\nin content: precision, recall" + "".join(f"{name:>14}" for name in ALL))
    for prevalence in sorted({each.prevalence for each in found}):
        for verdicts in sorted({each.verdicts for each in found}):
            line = f"{prevalence:.1%} relevant, {verdicts} verdicts"
            cells = "".join(
                _cell([e for e in found if (e.prevalence, e.verdicts, e.who)
                       == (prevalence, verdicts, name)])
                for name in ALL
            )  # fmt: skip
            print(f"{line:<29}{cells}", flush=True)


def _cell(rows: Sequence[Share]) -> str:
    precision = np.nanmean([each.precision for each in rows])
    recall = np.mean([each.recall for each in rows])
    return f"{precision:8.2f} {recall:5.2f}"
