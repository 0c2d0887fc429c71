"""Training: from tagged texts and a split to a model, the same bits every time.

It is handed training and validation documents alone: the test set stays with whoever evaluates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cultivar.core.errors import InvalidInput
from cultivar.core.learning import arithmetic, features
from cultivar.core.learning.encoder import StaticEncoder
from cultivar.core.learning.estimates import familiarity
from cultivar.core.learning.solver import Rows
from cultivar.core.learning.text import FEATURES, Texts, document_frequencies
from cultivar.core.projects import choosing
from cultivar.core.projects.calibration import choose_threshold, mean, probabilities
from cultivar.core.projects.choosing import Chosen, Going, Material
from cultivar.core.projects.coverage import coverage_of
from cultivar.core.projects.evaluation import marks_of
from cultivar.core.projects.model import ProjectModel, weights_of
from cultivar.core.projects.names import Kind

MANY_DOCUMENTS = 5_000  # from here on an n-gram that one document alone holds is left out
UNTUNED_THRESHOLD = 0.5


@dataclass(frozen=True)
class Documents:
    """Texts (Arrow strings) and each one's classes; a document without classes belongs to none."""

    texts: Texts
    tags: Sequence[Sequence[str]]

    def __len__(self) -> int:
        return len(self.tags)


@dataclass(frozen=True)
class TrainingData:
    """What a model is learned from (``train``) and chosen on (``validation``, may be empty)."""

    kind: Kind
    classes: Sequence[str]
    train: Documents
    validation: Documents
    seed: int
    inputs: Mapping[str, str] = field(default_factory=dict)


def train(given: TrainingData, encoder: StaticEncoder, going: Going = lambda: None) -> ProjectModel:
    """Return the model that the documents teach.

    ``going`` is called before every fit and may raise to stop.

    Raises:
        InvalidInput: code ``nothing-to-learn-from``; fewer than two classes are carried by
            training documents (several labels: no class at all).
    """
    classes = tuple(given.classes)
    _require_contrast(given)
    used, frequencies = _frequencies(given.train.texts)
    idf = weights_of(used, frequencies, len(given.train))
    rows = _rows(given, encoder, idf, used)
    coverage = coverage_of(given.train.texts, encoder)
    emphasis = emphasised(rows, frequencies, len(given.train))
    # Pairs count half beside single words; pairs of characters that are words count as whole.
    emphasis[used >= FEATURES // 2] *= np.float32(1.0 + coverage.characters)
    material = _material(given, classes, emphasis, rows, coverage.known)
    chosen = choosing.choose(material, going)
    linear = choosing.fitted(material, chosen.recipe, chosen.fits, going)
    return ProjectModel(
        kind=given.kind,
        classes=classes,
        documents=len(given.train),
        features=used,
        frequencies=frequencies,
        weights=(linear.sparse * emphasis[:, None]).astype(np.float32),
        piece_keys=encoder.keys,
        piece_weights=linear.collapse(encoder.vectors),
        bias=linear.bias,
        calibration=chosen.calibration,
        threshold=_threshold(chosen, given.kind),
        familiar=_familiar(rows, frequencies, len(given.train)),
        shares=_shares(material),
        engine={"name": "static", "sha256": encoder.fingerprint},
        training=_figures(given, chosen),
        inputs=given.inputs,
    )


def _require_contrast(given: TrainingData) -> None:
    carried = {name for tags in given.train.tags for name in tags}
    least = 2 if given.kind is Kind.SINGLE else 1
    if len(carried) < least:
        raise InvalidInput(
            "nothing-to-learn-from",
            f"The training documents carry {len(carried)} classes; a {given.kind} model needs at "
            f"least {least}. Tag documents of more classes.",
            {"classes": len(carried)},
        )


def _frequencies(
    texts: Texts,
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Return the n-grams that training documents hold, and how many documents hold each."""
    table = document_frequencies(texts)
    used = table.column("feature").to_numpy()
    counts = table.column("documents").to_numpy()
    kept = counts >= (2 if len(texts) >= MANY_DOCUMENTS else 1)
    return used[kept].astype(np.uint32), counts[kept].astype(np.uint32)


def _rows(
    given: TrainingData,
    encoder: StaticEncoder,
    idf: npt.NDArray[np.float32],
    used: npt.NDArray[np.uint32],
) -> Rows:
    texts = [*_chunks(given.train.texts), *_chunks(given.validation.texts)]
    rows = features.extract(pa.chunked_array(texts, pa.large_string()), encoder, idf)
    return _compact(rows, used)


def emphasised(
    rows: Rows, frequencies: npt.NDArray[np.uint32], documents: int
) -> npt.NDArray[np.float32]:
    """Return what each n-gram's values are multiplied by while a model learns (float32 [used]).

    The square root of its inverse document frequency, once more than its values hold, and such
    that the first ``documents`` rows keep their length on average. What most documents say then
    weighs less, which matters the more the fewer there are to learn it from. Measured: synthetic
    documents in twelve languages gain 2 points, real English ones nothing on the mean.
    """
    ratio = (1.0 + documents) / (1.0 + frequencies.astype(np.float64))
    roots = np.sqrt(np.asarray(arithmetic.logarithms(ratio)) + 1.0)
    end = int(rows.indptr[documents])
    values = rows.values[:end] * roots[rows.indices[:end]]
    length = mean(np.square(values)) * end / documents
    return (roots / np.sqrt(length if length > 0.0 else 1.0)).astype(np.float32)


def _material(
    given: TrainingData,
    classes: Sequence[str],
    emphasis: npt.NDArray[np.float32],
    rows: Rows,
    known: float = 1.0,
) -> Material:
    tags = [*given.train.tags, *given.validation.tags]
    return Material(
        rows=replace(rows, values=rows.values * emphasis[rows.indices]),
        marks=marks_of(classes, tags),
        train=np.arange(len(given.train)),
        validation=np.arange(len(given.train), len(tags)),
        single=given.kind is Kind.SINGLE,
        seed=given.seed,
        known=known,
    )


def _chunks(texts: Texts) -> list[pa.Array]:
    found = texts.chunks if isinstance(texts, pa.ChunkedArray) else [texts]
    return [chunk.cast(pa.large_string()) for chunk in found]


def _compact(rows: Rows, used: npt.NDArray[np.uint32]) -> Rows:
    """Number the used n-grams from 0; others, which carry no weight, are left out."""
    places = np.searchsorted(used, rows.indices)
    places[places == len(used)] = 0
    known = used[places] == rows.indices if len(used) else np.zeros(len(places), dtype=bool)
    ends = np.append(0, np.cumsum(known))[rows.indptr]
    indices, values = places[known].astype(np.int32), rows.values[known]
    return replace(rows, indptr=ends, indices=indices, values=values, features=len(used))


def _familiar(rows: Rows, frequencies: npt.NDArray[np.uint32], size: int) -> float:
    """Return what is known of a document by the other training documents."""
    ends = rows.indptr[: size + 1]
    trained = replace(
        rows,
        indptr=ends,
        indices=rows.indices[: ends[-1]],
        values=rows.values[: ends[-1]],
        dense=rows.dense[:size],
    )
    return familiarity.familiar_share(trained, frequencies.astype(np.int64))


def _shares(material: Material) -> npt.NDArray[np.float32]:
    """Return each class's share of the training documents (float32 [classes])."""
    return material.marks[material.train].mean(axis=0).astype(np.float32)


def _threshold(chosen: Chosen, kind: Kind) -> float:
    """Return a float32 value: scores are float32, and a threshold is compared with them."""
    if kind is Kind.SINGLE or not len(chosen.marks):
        return UNTUNED_THRESHOLD
    chances = probabilities(chosen.decisions, chosen.calibration, False)
    return float(np.float32(choose_threshold(chances, chosen.marks)))


def _figures(given: TrainingData, chosen: Chosen) -> dict[str, object]:
    return {
        "documents": len(given.train),
        "validation": len(given.validation),
        "held_out": len(chosen.marks),
        "recipe": asdict(chosen.recipe),
        "loss": chosen.loss,
        "seed": given.seed,
    }
