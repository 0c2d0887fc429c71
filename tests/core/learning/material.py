"""Texts written from small vocabularies, and what a training is given of them."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from cultivar.core.learning.encoder import StaticEncoder
from cultivar.core.learning.model import Model
from cultivar.core.learning.text import document_frequencies
from cultivar.core.learning.training import TrainingInput, train


def _words(written: str) -> tuple[str, ...]:
    return tuple(written.split())


GARDEN = _words("""
    soil seed root leaf prune graft orchard compost mulch blossom hedge fern tuber petal
    spade trellis bulb moss pollen sapling
""")
COURT = _words("""
    judge appeal statute plaintiff verdict counsel motion hearing clerk writ bail juror
    affidavit oath tribunal decree remand litigant bench docket
""")
SHARED = _words("""
    the report says that on monday many people met to discuss plans again and some of them
    wrote a note about it for those who could not come to this place in time
""")


def written(kind: Sequence[str], count: int, seed: int, strong: int = 4) -> list[str]:
    """Return texts that hold ``strong`` words of their kind among a dozen words of all kinds."""
    generator = np.random.default_rng(seed)
    every = [*GARDEN, *COURT]
    return [
        " ".join(
            generator.permutation(
                [
                    *generator.choice(kind, strong),
                    *generator.choice(every, 2),
                    *generator.choice(SHARED, 10),
                ]
            )
        )
        for _ in range(count)
    ]


def column(texts: Sequence[str | None]) -> pa.Array:
    """Return texts as Arrow holds them."""
    return pa.array(texts, pa.large_string())


def given(
    seeds: Sequence[str | None],
    unlabelled: Sequence[str | None],
    reviewed: dict[str, int] | None = None,
    seed: int = 0,
) -> TrainingInput:
    """Return what a training is given; ``reviewed`` maps texts to 1 or 0."""
    table = None
    if reviewed is not None:
        verdicts = pa.array(list(reviewed.values()), pa.int8())
        table = pa.table({"text": column(list(reviewed)), "relevant": verdicts})
    return TrainingInput(
        seeds=pa.table({"text": column(seeds)}),
        unlabelled=pa.table({"text": column(unlabelled)}),
        document_frequencies=document_frequencies(column(unlabelled)),
        reviewed=table,
        baseline_documents=len(unlabelled),
        seed=seed,
    )


def mixed(hidden: int, others: int, seed: int, strong: int = 4) -> list[str]:
    """Return unlabelled texts: ``hidden`` of the garden among ``others`` of the court."""
    texts = written(GARDEN, hidden, seed, strong) + written(COURT, others, seed + 1, strong)
    return [texts[place] for place in np.random.default_rng(seed).permutation(len(texts))]


def garden(encoder: StaticEncoder, seeds: int = 60, seed: int = 0) -> Model:
    """Return a model of the garden."""
    return train(given(written(GARDEN, seeds, seed + 7), mixed(30, 270, seed + 11)), encoder)


def auc(model: Model, relevant: Sequence[str], others: Sequence[str]) -> float:
    """Return how often a relevant text scores above another one."""
    above, below = model.score(column(relevant)), model.score(column(others))
    return float(np.mean(above[:, None] > below[None, :]))


def accuracy(model: Model, relevant: Sequence[str], others: Sequence[str]) -> float:
    """Return the share of both kinds that is judged rightly, each kind weighing half."""
    right = model.score(column(relevant)) >= np.float32(model.threshold)
    wrong = model.score(column(others)) >= np.float32(model.threshold)
    return float(right.mean() + 1.0 - wrong.mean()) / 2.0
