"""Training: from seeds, unlabelled items and reviews to a model, the same bits every time.

It checks no gate and reads no clock; limits on the number of seeds are the lifecycle's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cultivar.core.errors import InvalidInput
from cultivar.core.learning import calibration, features, solver
from cultivar.core.learning.encoder import StaticEncoder
from cultivar.core.learning.model import Model
from cultivar.core.learning.solver import Linear, Rows
from cultivar.core.learning.text import Texts

Vector = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

FOLDS = 5
_COST = 1.0
_LIKELY = 0.2  # an unlabelled item above this quantile of the seeds is a likely positive


@dataclass(frozen=True)
class TrainingInput:
    """What a version is learned from.

    ``seeds``, ``unlabelled`` and ``reviewed`` have a column ``text``; ``reviewed`` also
    ``relevant`` (1 or 0; rows with null are left out). ``document_frequencies`` and
    ``baseline_documents`` are the baseline's. ``inputs`` are hashes that the model's header
    records.
    """

    seeds: pa.Table
    unlabelled: pa.Table
    document_frequencies: pa.Table
    reviewed: pa.Table | None
    baseline_documents: int
    seed: int
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Prepared:
    """Rows of seeds, then of unlabelled items; they outlive a review batch and can be kept."""

    rows: Rows
    idf: npt.NDArray[np.float32]
    seeds: Places
    unlabelled: Places
    duplicates: int


def prepare(given: TrainingInput, encoder: StaticEncoder) -> Prepared:
    """Return the features of seeds and unlabelled items, which do not change with reviews."""
    if not len(given.seeds) or not len(given.unlabelled):
        found = {"seeds": len(given.seeds), "unlabelled": len(given.unlabelled)}
        sentence = f"Training needs seeds and unlabelled items; found {found!s}."
        raise InvalidInput("nothing-to-learn-from", sentence, found)
    idf = features.inverse_frequencies(given.document_frequencies, given.baseline_documents)
    seeds, unlabelled = given.seeds.column("text"), given.unlabelled.column("text")
    parts = [features.extract(texts, encoder, idf) for texts in (seeds, unlabelled)]
    repeated = _repeats(unlabelled, seeds)
    places = len(seeds) + np.flatnonzero(~repeated)
    rows = features.concatenate(parts, parts[0].dense.shape[1])
    return Prepared(rows, idf, np.arange(len(seeds)), places, int(repeated.sum()))


def _repeats(texts: Texts, seeds: Texts) -> npt.NDArray[np.bool_]:
    """Tell which texts are a seed's: a seed among the unlabelled is no negative."""
    known = pc.is_in(texts, value_set=pc.unique(seeds))
    return known.to_numpy(zero_copy_only=False).astype(bool)


def train(given: TrainingInput, encoder: StaticEncoder, prepared: Prepared | None = None) -> Model:
    """Return the model that ``given`` teaches; ``prepared`` is what ``prepare`` made of it."""
    ready = prepared or prepare(given, encoder)
    first = _out_of_fold(ready, np.zeros(len(ready.rows), bool), given.seed)
    likely = np.zeros(len(ready.rows), dtype=bool)
    bound = np.quantile(first[ready.seeds], _LIKELY)
    likely[ready.unlabelled] = first[ready.unlabelled] >= bound
    second = _out_of_fold(ready, likely, given.seed)
    positive, unlabelled = second[ready.seeds], second[ready.unlabelled]
    prior = calibration.estimate_prior(positive, unlabelled)
    threshold = calibration.choose_threshold(positive, unlabelled, prior)
    linear = _fit(ready, ready.seeds, ready.unlabelled[~likely[ready.unlabelled]], given.seed)
    slope, intercept = calibration.fit_logistic(positive, unlabelled, prior)
    return _model(given, encoder, ready, linear, (slope, intercept), threshold, prior)


def _model(
    given: TrainingInput,
    encoder: StaticEncoder,
    ready: Prepared,
    linear: Linear,
    fitted: tuple[float, float],
    threshold: float,
    prior: float,
) -> Model:
    scorer = Model(
        idf=ready.idf,
        weights=linear.sparse.astype(np.float32),
        piece_keys=encoder.keys,
        piece_weights=linear.collapse(encoder.vectors),
        bias=linear.bias,
        calibration=fitted,
        threshold=0.0,
        close_threshold=0.0,
        prior=prior,
        engine={"name": "static", "sha256": encoder.fingerprint},
        training={"seeds": len(ready.seeds), "unlabelled": len(ready.unlabelled)},
        inputs=given.inputs,
    )
    at = float(scorer.probabilities(np.array([threshold]))[0])
    return replace(scorer, threshold=at, close_threshold=at / 2)


def _out_of_fold(ready: Prepared, left_out: npt.NDArray[np.bool_], seed: int) -> Vector:
    """Return each row's decision value by a model that has not learned from it."""
    decisions = np.zeros(len(ready.rows))
    folds = np.empty(len(ready.rows), dtype=np.int64)
    generator = np.random.Generator(np.random.PCG64(seed))
    for places in (ready.seeds, ready.unlabelled):
        folds[generator.permutation(places)] = np.arange(len(places)) % FOLDS
    for fold in range(FOLDS):
        inside = folds != fold
        negatives = ready.unlabelled[(inside & ~left_out)[ready.unlabelled]]
        linear = _fit(ready, ready.seeds[inside[ready.seeds]], negatives, seed)
        found = linear.decide(ready.rows)
        decisions[~inside] = found[~inside]
    return decisions


def _fit(ready: Prepared, positives: Places, negatives: Places, seed: int) -> Linear:
    chosen = np.concatenate([positives, negatives])
    labels = np.repeat([1.0, -1.0], [len(positives), len(negatives)])
    balance = len(negatives) / max(1, len(positives))
    costs = np.where(labels > 0, _COST * np.sqrt(balance), _COST / np.sqrt(balance))
    return solver.fit(ready.rows, chosen, labels, costs, seed)
