"""The scores of a version on the baseline's random sample: what a release is judged by.

It scores and counts; the figures of quality are the core's.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cultivar.core.operating_points import Cut
from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas import PREDICTIONS
from cultivar.core.texts.own_words import TEXT_COLUMNS, with_own_words
from cultivar.operations.reuse import existing_artifact
from cultivar.operations.scoring.scoring import scored
from cultivar.operations.scoring.version_models import model_of, version_model
from cultivar.operations.training.seeds import as_schema
from cultivar.operations.transactions import tenant_of
from cultivar.store.origin import Producer
from cultivar.store.workspace import Workspace

_BATCH = 2_048


def score_sample(
    workspace: Workspace, version_id: str, unlabelled: str | None = None
) -> ArtifactReference | None:
    """Return a version's predictions of the unlabelled sample; the same ones are scored once.

    ``unlabelled`` is the sample's sha256, the tenant's newest when left out; None without any.
    """
    with workspace.registry.reading() as session:
        sample = unlabelled or tenant_of(session).unlabelled_sha256
    if sample is None:
        return None
    inputs = {"unlabelled": sample, "model": version_model(workspace, version_id)}
    known = existing_artifact(workspace, PREDICTIONS.name, Producer.RELEASE_REPORT, inputs)
    if known is not None:
        return known
    model = model_of(workspace, version_id)

    def tables() -> "list[pa.Table]":
        columns = ["item_id", "sha256", *TEXT_COLUMNS]
        reference = workspace.artifacts.reference(sample)
        return [
            as_schema(
                scored(with_own_words(pa.Table.from_batches([batch])), model, version_id),
                PREDICTIONS.arrow,
            )
            for batch in workspace.artifacts.batches(reference, columns, _BATCH)
        ]

    return workspace.artifacts.write(
        PREDICTIONS.name,
        iter([PREDICTIONS.arrow.empty_table(), *tables()]),
        producer=Producer.RELEASE_REPORT,
        inputs=inputs,
    )


def strata_of(
    workspace: Workspace, scores: ArtifactReference, cut: Cut | None
) -> dict[str, tuple[str, float]]:
    """Return item id → prediction and score of a scored sample.

    ``cut`` is where matches begin in content; the review's threshold decides where there is none.
    """
    table = workspace.artifacts.read(scores, columns=["item_id", "prediction", "score"])
    columns = [table.column(name).to_pylist() for name in ("item_id", "prediction", "score")]
    return {
        item: (cut.prediction(score) if cut else kind, score)
        for item, kind, score in zip(*columns, strict=True)
    }


def score_values(workspace: Workspace, scores: ArtifactReference) -> npt.NDArray[np.float32]:
    """Return the scores of a scored sample (float32 [n])."""
    table = workspace.artifacts.read(scores, columns=["score"])
    return np.asarray(table.column("score").to_numpy(), dtype=np.float32)
