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
from cultivar.core.learning import features, rounds
from cultivar.core.learning.encoder import StaticEncoder
from cultivar.core.learning.engine import Engine, record_of, weights_of, width_of
from cultivar.core.learning.estimates import calibration, familiarity, operating
from cultivar.core.learning.estimates.calibration import Evidence
from cultivar.core.learning.model import Model
from cultivar.core.learning.rounds import NEGATIVE, POSITIVE, UNLABELLED, Learned, Material
from cultivar.core.learning.text import Texts
from cultivar.core.learning.writing.forms import NEWEST, folding_of


@dataclass(frozen=True)
class TrainingInput:
    """What a version is learned from.

    ``seeds``, ``unlabelled`` and ``reviewed`` have a column ``text``; ``reviewed`` also
    ``relevant`` (1 or 0; rows with null are left out). Where some of its items were chosen by their
    score instead of drawn, it has ``chosen``, ``sampled`` (of the random sample that the unlabelled
    items are the rest of) and ``ranked`` (from the top of the content), all bool.
    ``document_frequencies`` and ``baseline_documents`` are the baseline's. ``inputs`` are hashes
    that the model's header records. ``folding`` is the one that the document frequencies were
    counted with.
    """

    seeds: pa.Table
    unlabelled: pa.Table
    document_frequencies: pa.Table
    reviewed: pa.Table | None
    baseline_documents: int
    seed: int
    inputs: Mapping[str, str] = field(default_factory=dict)
    folding: int = NEWEST


@dataclass(frozen=True)
class Prepared:
    """The rows of seeds, then of unlabelled items, and their roles; reviews do not change them.

    ``repeated`` are the places of the seeds that stand among the unlabelled items too (int64); they
    are learned from as seeds alone.
    """

    material: Material
    idf: npt.NDArray[np.float32]
    repeated: npt.NDArray[np.int64]


def prepare(given: TrainingInput, encoder: Engine) -> Prepared:
    """Return the features of seeds and unlabelled items, to be kept from refit to refit.

    Raises ``InvalidInput`` where either is empty.
    """
    found = {"seeds": len(given.seeds), "unlabelled": len(given.unlabelled)}
    if not all(found.values()):
        sentence = f"Training needs seeds and unlabelled items; found {_listed(found)}."
        raise InvalidInput("nothing-to-learn-from", sentence, found)
    idf = features.inverse_frequencies(given.document_frequencies, given.baseline_documents)
    fresh, repeated = _fresh(given.unlabelled.column("text"), given.seeds.column("text"))
    texts = [given.seeds.column("text"), fresh]
    folding = folding_of(given.folding)
    rows = [features.extract(each, encoder, idf, folding) for each in texts]
    roles = np.repeat(np.array([POSITIVE, UNLABELLED], np.int8), [len(each) for each in rows])
    material = Material(features.concatenate(rows, width_of(encoder)), roles)
    return Prepared(material, idf, repeated)


def _listed(found: Mapping[str, int]) -> str:
    return " and ".join(f"{count} {name}" for name, count in found.items())


def _fresh(texts: Texts, seeds: Texts) -> tuple[Texts, npt.NDArray[np.int64]]:
    """Leave out the texts that are a seed's, and return the places of those seeds beside the rest.

    A seed among the unlabelled is no negative.
    """
    places = pc.index_in(texts, value_set=seeds)
    return texts.filter(pc.is_null(places)), np.asarray(places.drop_null(), np.int64)


def _with_seeds(found: Evidence, repeated: npt.NDArray[np.int64]) -> Evidence:
    """Return the evidence with the seeds among the unlabelled counted as content again.

    Left out, those that people found there would make relevant items look rarer than they are.
    """
    return replace(found, unlabelled=np.concatenate([found.unlabelled, found.positive[repeated]]))


def taught(given: TrainingInput, encoder: Engine) -> tuple[Material, npt.NDArray[np.float32]]:
    """Return all that ``given`` teaches as rows with their roles, and the weights of n-grams."""
    ready = prepare(given, encoder)
    return _with_reviews(ready, given, encoder), ready.idf


def train(given: TrainingInput, encoder: Engine, prepared: Prepared | None = None) -> Model:
    """Return the model that ``given`` teaches; ``prepared`` is what ``prepare`` made of it."""
    ready = prepared or prepare(given, encoder)
    material = _with_reviews(ready, given, encoder)
    learned = rounds.learn(material, given.seed)
    found, line = learned.evidence, learned.calibration
    if len(ready.repeated):
        found = _with_seeds(found, ready.repeated)
        line = calibration.fit_mixture(found)

    def score(value: float) -> float:
        return _rounded(line.chances(np.array([value]))[0])

    threshold, close = map(score, calibration.choose_thresholds(found, line.prior))
    return Model(
        idf=ready.idf,
        weights=learned.linear.sparse.astype(np.float32),
        bias=learned.linear.bias,
        calibration=(line.slope, line.intercept),
        lookalikes=line.lookalikes,
        threshold=threshold,
        close_threshold=close,
        prior=line.prior,
        engine=record_of(encoder),
        training=_figures(given, ready, material, learned),
        inputs=given.inputs,
        folding=folding_of(given.folding),
        familiar=familiarity.familiar_share(material.rows, familiarity.met_by(material.rows)),
        operating=operating.operating_points(
            found, line.prior, score, _reviewed_positives(ready, material)
        ),
        encoder=None if isinstance(encoder, StaticEncoder) else encoder,
        **weights_of(encoder, learned.linear, features.POOLED),
    )


def _rounded(value: float) -> float:
    """Return a float32 value: scores are float32, and a threshold is compared with them."""
    return float(np.float32(value))


def _with_reviews(ready: Prepared, given: TrainingInput, encoder: Engine) -> Material:
    reviewed = given.reviewed
    if reviewed is None or not len(reviewed):
        return ready.material
    decided = reviewed.filter(pc.is_valid(reviewed.column("relevant")))
    folding = folding_of(given.folding)
    rows = features.extract(decided.column("text"), encoder, ready.idf, folding)
    roles = np.where(decided.column("relevant").to_numpy() == 1, POSITIVE, NEGATIVE)
    both = features.concatenate([ready.material.rows, rows], width_of(encoder))
    roles = np.concatenate([ready.material.roles, roles.astype(np.int8)])
    before = len(ready.material.roles)
    return Material(
        both, roles,
        *(_marked(decided, name, before) for name in ("chosen", "sampled", "ranked")),
    )  # fmt: skip


def _marked(decided: pa.Table, name: str, before: int) -> npt.NDArray[np.bool_]:
    """Mark those of the judged rows that a column marks; they stand behind ``before`` others."""
    marks = np.zeros(before + len(decided), dtype=bool)
    if name in decided.column_names:
        marks[before:] = decided.column(name).to_numpy()
    return marks


def _reviewed_positives(ready: Prepared, material: Material) -> int:
    """Return how many positives were reviewed and not chosen; they stand behind all others."""
    positive = material.roles == POSITIVE
    positive[: len(ready.material.roles)] = False
    chosen = material.chosen
    return int((positive if chosen is None else positive & ~chosen).sum())


def _figures(
    given: TrainingInput, ready: Prepared, material: Material, learned: Learned
) -> dict[str, object]:
    """Return what the model's header tells of its training.

    ``seeds_apart`` is a warning: the seeds are stronger than, or otherwise unlike, the category's
    other members, and typical and borderline examples would help.
    """
    return {
        "seeds": len(given.seeds),
        "unlabelled": len(given.unlabelled) - len(ready.repeated),
        "seeds_among_unlabelled": len(ready.repeated),
        "reviewed": len(material.roles) - len(ready.material.roles),
        "seed": given.seed,
        "seeds_apart": learned.apart,
        "excess": learned.excess,
    }
