"""Scoring a test set with a version: items stream through in batches, memory stays flat.

It writes predictions; what a score means is the model's.
"""

from collections.abc import Iterator

import pyarrow as pa

from cultivar.core.learning.model import Model
from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas import PREDICTIONS
from cultivar.core.schemas.arrays import arrow_numbers
from cultivar.core.texts.own_words import TEXT_COLUMNS, with_own_words
from cultivar.operations.engines import model_at
from cultivar.operations.lookups import classifier_named
from cultivar.operations.reuse import Made, made_once
from cultivar.operations.scoring.version_models import version_model
from cultivar.operations.training.seeds import as_schema
from cultivar.store.origin import Producer
from cultivar.store.workspace import Workspace

_BATCH = 2_048


def score_test_set(
    workspace: Workspace,
    classifier: str,
    version_id: str,
    test_set: ArtifactReference | None = None,
) -> Made:
    """Write the predictions of a version for the used items of a test set, once.

    ``test_set`` is the classifier's own unless another one is named.
    """
    with workspace.registry.reading() as session:
        row = classifier_named(session, classifier)
    model_sha256 = version_model(workspace, version_id)
    test_set = test_set or workspace.artifacts.reference(row.test_set_sha256)
    inputs = {"test_set": test_set.sha256, "model": model_sha256}

    def predicted() -> ArtifactReference:
        model = model_at(workspace, workspace.artifacts.reference(model_sha256))
        rows = _predictions(workspace, test_set, model, version_id)
        return workspace.artifacts.write(
            PREDICTIONS.name, rows, producer=Producer.TEST_SCORING, inputs=inputs
        )

    return made_once(workspace, PREDICTIONS.name, Producer.TEST_SCORING, inputs, predicted)


def _predictions(
    workspace: Workspace, test_set: ArtifactReference, model: Model, version_id: str
) -> Iterator[pa.Table]:
    columns = ["item_id", "sha256", *TEXT_COLUMNS, "used"]
    yield PREDICTIONS.arrow.empty_table()
    for batch in workspace.artifacts.batches(test_set, columns=columns, batch_size=_BATCH):
        used = with_own_words(pa.Table.from_batches([batch.filter(batch.column("used"))]))
        yield as_schema(scored(used, model, version_id), PREDICTIONS.arrow)


def scored(items: pa.Table, model: Model, version_id: str) -> pa.Table:
    """Return the items with the columns ``version_id``, ``score`` and ``prediction``.

    The review's threshold decides; what matches in content is decided by an operating point.
    """
    scores = model.score(items.column("text"))
    return (
        items.append_column("version_id", pa.array([version_id] * len(items), pa.string()))
        .append_column("score", arrow_numbers(scores))
        .append_column("prediction", model.decide(scores))
    )
