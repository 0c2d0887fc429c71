"""Scoring with a version: items stream through in batches, memory stays flat.

It writes predictions and assignments; what a score means is the model's.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from cultivar.core.errors import NotFound
from cultivar.core.learning.model import Model
from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas import ASSIGNMENTS, PREDICTIONS
from cultivar.core.words import CLOSE_MATCH, MATCH, NO_MATCH
from cultivar.operations.deeds import classifier_named
from cultivar.operations.seeds import as_schema
from cultivar.store.models import read_model
from cultivar.store.tables import VersionRow
from cultivar.store.workspace import Workspace

_BATCH = 2_048
_IDENTITY = ["item_id", "location", "workload", "path", "folder", "name", "sha256"]


@dataclass(frozen=True, slots=True)
class Counts:
    """Items scored, and how many match or nearly match."""

    items: int
    matches: int
    close_matches: int


def model_of(workspace: Workspace, version_id: str) -> Model:
    """Return the model of a version.

    Raises:
        NotFound: code ``unknown-version``.
        Damaged: the model file is not what its hash says.
    """
    model = workspace.artifacts.reference(version_model(workspace, version_id))
    return read_model(workspace.artifacts, model)


def score_test_set(
    workspace: Workspace,
    classifier: str,
    version_id: str,
    test_set: ArtifactReference | None = None,
) -> ArtifactReference:
    """Write the predictions of a version for the used items of a test set.

    ``test_set`` is the classifier's own unless another one is named.
    """
    with workspace.registry.reading() as session:
        row = classifier_named(session, classifier)
    model_sha256 = version_model(workspace, version_id)
    test_set = test_set or workspace.artifacts.reference(row.test_set_sha256 or "")
    model = read_model(workspace.artifacts, workspace.artifacts.reference(model_sha256))
    return workspace.artifacts.write(
        PREDICTIONS.name,
        _predictions(workspace, test_set, model, version_id),
        producer="test_scoring",
        inputs={"test_set": test_set, "model": model_sha256},
    )


def _predictions(
    workspace: Workspace, test_set: ArtifactReference, model: Model, version_id: str
) -> Iterator[pa.Table]:
    columns = ["item_id", "sha256", "text", "used"]
    yield PREDICTIONS.arrow.empty_table()
    for batch in workspace.artifacts.batches(test_set, columns=columns, batch_size=_BATCH):
        used = pa.Table.from_batches([batch.filter(batch.column("used"))])
        yield as_schema(scored(used, model, version_id), PREDICTIONS.arrow)


def scored(items: pa.Table, model: Model, version_id: str) -> pa.Table:
    """Return the items with the columns ``version_id``, ``score`` and ``prediction``."""
    scores = model.score(items.column("text"))
    return (
        items.append_column("version_id", pa.array([version_id] * len(items), pa.string()))
        .append_column("score", pa.array(scores, pa.float32()))
        .append_column("prediction", model.decide(scores))
    )


@dataclass(slots=True)
class _Tally:
    """Predictions counted so far, and who is told how many of the rows are read."""

    rows: int
    progress: Callable[[int, int | None], None] | None
    read: int = 0
    found: Counter[str] = field(default_factory=Counter)

    def add(self, read: int, predictions: pa.ChunkedArray) -> None:
        self.read += read
        for counted in predictions.value_counts().to_pylist():
            self.found[counted["values"]] += counted["counts"]
        if self.progress is not None:
            self.progress(self.read, self.rows)


def label_items(
    workspace: Workspace,
    classifier_id: str,
    version_id: str,
    items: ArtifactReference,
    *,
    progress: Callable[[int, int | None], None] | None = None,
) -> tuple[ArtifactReference, Counts]:
    """Write the assignments of a version to a location's readable items, and count them all.

    Matches and close matches are listed, the others only counted. ``progress`` is told (items
    read, items in all) after each batch.
    """
    model = model_of(workspace, version_id)
    tally = _Tally(items.rows, progress)
    reference = workspace.artifacts.write(
        ASSIGNMENTS.name,
        _assignments(workspace, items, model, (classifier_id, version_id), tally),
        producer="labelling",
        inputs={"items": items, "model": version_model(workspace, version_id)},
    )
    found = tally.found
    return reference, Counts(found.total(), found[MATCH], found[CLOSE_MATCH])


def _assignments(
    workspace: Workspace,
    items: ArtifactReference,
    model: Model,
    names: tuple[str, str],
    tally: _Tally,
) -> Iterator[pa.Table]:
    classifier_id, version_id = names
    columns = [*_IDENTITY, "status", "text"]
    yield ASSIGNMENTS.arrow.empty_table()
    for batch in workspace.artifacts.batches(items, columns=columns, batch_size=_BATCH):
        readable = pa.Table.from_batches([batch.filter(pc.equal(batch.column("status"), "ok"))])
        table = scored(readable, model, version_id)
        tally.add(len(batch), table.column("prediction"))
        listed = table.filter(pc.not_equal(table.column("prediction"), NO_MATCH))
        names_column = pa.array([classifier_id] * len(listed), pa.string())
        yield as_schema(listed.append_column("classifier_id", names_column), ASSIGNMENTS.arrow)


def version_model(workspace: Workspace, version_id: str) -> str:
    """Return the sha256 of a version's model file.

    Raises:
        NotFound: code ``unknown-version``.
    """
    with workspace.registry.reading() as session:
        row = session.get(VersionRow, version_id)
    if row is None:
        raise NotFound("unknown-version", f"There is no version {version_id}.")
    return row.model_sha256
