"""Scoring with a version: items stream through in batches, memory stays flat.

It writes predictions and assignments; what a score means is the model's.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cultivar.core.errors import Damaged
from cultivar.core.learning.model import Model
from cultivar.core.operating_points import Cut
from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas import ASSIGNMENTS, PREDICTIONS
from cultivar.core.texts.own_words import TEXT_COLUMNS, with_own_words
from cultivar.core.texts.reading_status import WITH_TEXT
from cultivar.core.vocabulary import CLOSE_MATCH, MATCH, NO_MATCH
from cultivar.operations.content_thresholds import cut_of
from cultivar.operations.engines import model_at
from cultivar.operations.identifiers import version_row
from cultivar.operations.lookups import classifier_named
from cultivar.operations.reuse import Made, is_current, made_once
from cultivar.operations.scoring.ahead import in_order
from cultivar.operations.scoring.score_reuse import KeptScores, LabelledBefore
from cultivar.operations.scoring.version_models import model_of, version_model
from cultivar.operations.training.seeds import as_schema
from cultivar.store.origin import Producer
from cultivar.store.workspace import Workspace

_BATCH = 2_048
_IDENTITY = ["item_id", "location", "workload", "path", "folder", "name", "sha256"]
_CONTENT = ["source_path", "sha256", "text_sha256"]


@dataclass(frozen=True, slots=True)
class Counts:
    """Items judged, how many match or nearly match, and how many had to be scored for that."""

    items: int
    matches: int
    close_matches: int
    scored: int


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
    return _with_verdicts(items, version_id, scores, model.decide(scores))


def _with_verdicts(
    items: pa.Table, version_id: str, scores: NDArray[np.float32], predictions: pa.Array
) -> pa.Table:
    return (
        items.append_column("version_id", pa.array([version_id] * len(items), pa.string()))
        .append_column("score", pa.array(scores, pa.float32()))
        .append_column("prediction", predictions)
    )


@dataclass(slots=True)
class _Tally:
    """Predictions counted so far, and who is told how many of the rows are read."""

    rows: int
    progress: Callable[[int, int | None], None] | None
    read: int = 0
    scored: int = 0
    found: Counter[str] = field(default_factory=Counter)

    def add(self, batch: "_Batch", predictions: pa.ChunkedArray) -> None:
        self.read += batch.read
        self.scored += int(batch.fresh.sum())
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
    operating_point: str | None,
    before: LabelledBefore | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> tuple[ArtifactReference, Counts]:
    """Write the assignments of a version to a location's readable items, and count them all.

    Matches and close matches at the ``operating_point`` (None: at the review's threshold) are
    listed, the others only counted. Content that the version judged
    ``before``, in the same file, is not scored again; the artifact is the same as if it were.
    ``progress`` is told (items read, items in all) after each batch.
    """
    version, model = version_row(workspace, version_id), model_of(workspace, version_id)
    judge = _Judge(model, (classifier_id, version_id), cut_of(version, operating_point))
    if before is not None and _still_holds(workspace, before, judge):
        # What came before only spares work: where it is damaged, everything is scored.
        with suppress(Damaged):
            return _labelled(workspace, judge, items, before, progress)
    return _labelled(workspace, judge, items, None, progress)


def _still_holds(workspace: Workspace, before: LabelledBefore, judge: "_Judge") -> bool:
    """Tell whether its files are whole, and the code that runs now would give the same scores.

    Scores are kept of what was listed: they do not serve where more is to be listed.
    """
    earlier = cut_of(version_row(workspace, judge.names[1]), before.operating_point)
    if judge.listed_from < (earlier.close if earlier else judge.model.close_threshold):
        return False
    store = workspace.artifacts
    with suppress(Damaged):
        store.check(store.reference(before.items_sha256))
        return is_current(workspace, store.reference(before.assignments_sha256))
    return False


def _labelled(
    workspace: Workspace,
    judge: "_Judge",
    items: ArtifactReference,
    before: LabelledBefore | None,
    progress: Callable[[int, int | None], None] | None,
) -> tuple[ArtifactReference, Counts]:
    tally = _Tally(items.rows, progress)
    kept = KeptScores(workspace, before)
    reference = workspace.artifacts.write(
        ASSIGNMENTS.name,
        _assignments(workspace, items, (judge, kept), tally),
        producer=Producer.LABELLING,
        inputs={"items": items, "model": version_model(workspace, judge.names[1])},
    )
    found = tally.found
    counts = Counts(found.total(), found[MATCH], found[CLOSE_MATCH], tally.scored)
    return reference, counts


@dataclass(frozen=True, slots=True)
class _Judge:
    """A version that scores what it did not score before, and calls it a match from a cut on.

    ``names`` are those of classifier and version; without a ``cut`` the review's threshold decides.
    """

    model: Model
    names: tuple[str, str]
    cut: Cut | None

    @property
    def listed_from(self) -> float:
        """The score from which on an item is listed."""
        return self.cut.close if self.cut else self.model.close_threshold

    def looked_up(self, read: int, items: pa.Table, kept: KeptScores) -> "_Batch":
        """Return items of which ``read`` rows were read, with the scores that are known of them."""
        columns = (items.column(name).to_pylist() for name in _CONTENT)
        known = [
            kept.of(path, (sha256, text_sha256))
            for path, sha256, text_sha256 in zip(*columns, strict=True)
        ]
        fresh = np.array([score is None for score in known], bool)
        return _Batch(read, items, np.array([score or 0.0 for score in known], np.float32), fresh)

    def scored(self, batch: "_Batch") -> pa.Table:
        """Return the items as ``scored`` does; of what was not listed before the score is 0."""
        items, scores = with_own_words(batch.items), batch.scores.copy()
        scores[batch.fresh] = self.model.score(items.column("text").filter(pa.array(batch.fresh)))
        return _with_verdicts(items, self.names[1], scores, self.model.decide(scores, self.cut))


@dataclass(frozen=True, slots=True)
class _Batch:
    """Readable items of ``read`` rows, their scores so far, and which are ``fresh``: have none."""

    read: int
    items: pa.Table
    scores: NDArray[np.float32]
    fresh: NDArray[np.bool_]


def _batches(
    workspace: Workspace, items: ArtifactReference, judge: _Judge, kept: KeptScores
) -> Iterator[_Batch]:
    columns = [*dict.fromkeys([*_IDENTITY, "status", *TEXT_COLUMNS, *_CONTENT])]
    for batch in workspace.artifacts.batches(items, columns=columns, batch_size=_BATCH):
        readable = pa.Table.from_batches([batch]).filter(pc.field("status").isin(WITH_TEXT))
        yield judge.looked_up(len(batch), readable, kept)


def _assignments(
    workspace: Workspace,
    items: ArtifactReference,
    judging: tuple[_Judge, KeptScores],
    tally: _Tally,
) -> Iterator[pa.Table]:
    judge, kept = judging
    yield ASSIGNMENTS.arrow.empty_table()
    batches = _batches(workspace, items, judge, kept)
    for batch, table in in_order(judge.scored, batches, workspace.settings.workers):
        tally.add(batch, table.column("prediction"))
        listed = table.filter(pc.not_equal(table.column("prediction"), NO_MATCH))
        names_column = pa.array([judge.names[0]] * len(listed), pa.string())
        yield as_schema(listed.append_column("classifier_id", names_column), ASSIGNMENTS.arrow)
