import numpy as np
import pyarrow as pa
import pytest

from cultivar.core.learning.model import Model
from cultivar.core.learning.text import document_frequencies
from cultivar.core.learning.training import TrainingInput, train
from data.encoder import load

GARDEN = [
    "soil",
    "seed",
    "root",
    "leaf",
    "prune",
    "graft",
    "orchard",
    "compost",
    "mulch",
    "blossom",
]
COURT = [
    "judge",
    "appeal",
    "statute",
    "plaintiff",
    "verdict",
    "counsel",
    "motion",
    "hearing",
    "clerk",
    "writ",
]
SHARED = [
    "the",
    "report",
    "says",
    "that",
    "on",
    "monday",
    "many",
    "people",
    "met",
    "to",
    "discuss",
    "plans",
    "again",
]


def written(kind: list[str], count: int, generator: np.random.Generator) -> list[str]:
    return [
        " ".join(generator.permutation([*generator.choice(kind, 4), *generator.choice(SHARED, 8)]))
        for _ in range(count)
    ]


def given(seeds: list[str], unlabelled: list[str], seed: int = 0) -> TrainingInput:
    texts = pa.array(unlabelled, pa.large_string())
    return TrainingInput(
        seeds=pa.table({"text": pa.array(seeds, pa.large_string())}),
        unlabelled=pa.table({"text": texts}),
        document_frequencies=document_frequencies(texts),
        reviewed=None,
        baseline_documents=len(unlabelled),
        seed=seed,
    )


@pytest.mark.requirement("TC-01")
def test_unseen_items_of_the_category_score_above_unseen_others() -> None:
    generator = np.random.default_rng(3)
    hidden = written(GARDEN, 20, generator)
    learned = given(written(GARDEN, 60, generator), hidden + written(COURT, 280, generator))
    model = train(learned, load())
    relevant = model.score(pa.array(written(GARDEN, 100, generator)))
    others = model.score(pa.array(written(COURT, 100, generator)))
    assert np.mean(relevant[:, None] > others[None, :]) > 0.95
    assert isinstance(Model.from_arrays(model.to_arrays(), model.header), Model)
