"""Labelling one part of a location's items with all versions that are due for it, in one pass.

Each text is read and taken apart once, whatever the number of versions. Items stream through in
batches, memory stays flat. It writes assignments; what a score means is the models'.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cultivar.core.learning.model import CLOSE, Model
from cultivar.core.learning.scorer import Scorer
from cultivar.core.operating_points import Cut
from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas import ASSIGNMENTS
from cultivar.core.schemas.arrays import arrow_numbers, arrow_texts
from cultivar.core.texts.own_words import TEXT_COLUMNS, with_own_words
from cultivar.core.texts.reading_status import WITH_TEXT
from cultivar.core.vocabulary import CLOSE_MATCH, MATCH, NO_MATCH
from cultivar.operations.content_thresholds import cut_of
from cultivar.operations.identifiers import version_row
from cultivar.operations.scoring.ahead import in_order
from cultivar.operations.scoring.labelling import LabelledBefore
from cultivar.operations.scoring.score_reuse import (
    Content,
    KeptScores,
    content_of,
)
from cultivar.operations.scoring.version_models import model_of, version_model
from cultivar.operations.training.seeds import as_schema
from cultivar.store.origin import Inputs, Producer
from cultivar.store.parquet import Writer
from cultivar.store.workspace import Workspace

_BATCH = 2_048
_ROWS_A_WRITE = 8_192
_IDENTITY = ["item_id", "location", "workload", "path", "folder", "name", "sha256"]
_CONTENT = ["sha256", "text_sha256", "own_text"]
_ROW = "row"

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Judge:
    """A version, and the scores from which on it calls an item a match or lists it.

    Without a ``cut`` the review's threshold decides.
    """

    model: Model
    classifier_id: str
    version_id: str
    cut: Cut | None

    @property
    def listed_from(self) -> float:
        """The score from which on an item is listed."""
        return self.cut.close if self.cut else self.model.close_threshold


def judge_of(workspace: Workspace, version_id: str, operating_point: str | None) -> Judge:
    """Return a version that labels at an operating point; None: at the review's threshold.

    Raises:
        NotFound: code ``unknown-version``.
        Damaged: the model file is not what its hash says.
    """
    version = version_row(workspace, version_id)
    model = model_of(workspace, version_id)
    return Judge(model, version.classifier_id, version_id, cut_of(version, operating_point))


@dataclass(frozen=True, slots=True)
class PartLabelled:
    """What a version lists of a part, how many of its items have text, and how many it scored."""

    assignments: ArtifactReference
    readable: int
    scored: int


def label_part(
    workspace: Workspace,
    part: ArtifactReference,
    judges: Sequence[Judge],
    before: Sequence[LabelledBefore | None],
    advance: Advance | None = None,
) -> list[PartLabelled]:
    """Write what each version says of all items of a part, superseded ones too.

    ``before`` is, of each version, what it said of other parts. Content that it judged there, in
    the same file, is not scored again; the artifacts are the same as if it were. ``advance`` is
    told how many items were read, after each batch.

    Raises:
        Damaged: the part, a model, or what came before is not what its hash says.
    """
    groups = _groups(workspace, judges, before)
    inputs: list[Inputs] = [
        {"items": part, "model": version_model(workspace, each.version_id)} for each in judges
    ]
    store, readable, scored = workspace.artifacts, 0, np.zeros(len(judges), np.int64)
    with store.writing(ASSIGNMENTS.name, inputs, producer=Producer.LABELLING) as made:
        lists = [_Listing(writer) for writer in made.writers]
        batches = _batches(workspace, part, groups)
        found = in_order(_Scoring(judges, groups), batches, workspace.settings.workers)
        for batch, listed in found:
            for place, each in enumerate(lists):
                each.add(listed.of(place))
            for group, known in zip(groups, batch.known, strict=True):
                scored[group.places] += known.fresh.sum()
            readable += len(batch.items)
            if advance is not None:
                advance(batch.read)
        for each in lists:
            each.end()
    return [
        PartLabelled(reference, readable, fresh)
        for reference, fresh in zip(made.references, scored.tolist(), strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Group:
    """Versions, by their places among all, that last labelled the same items, or none yet.

    ``kept`` has what they said then.
    """

    places: list[int]
    scorer: Scorer
    kept: KeptScores | None

    def looked_up(self, rows: int, contents: Sequence[tuple[str, Content]]) -> "_Known":
        """Return what is known of rows; ``contents`` are theirs, where anything is kept."""
        scores = np.zeros((rows, len(self.places)), np.float32)
        fresh = np.ones(rows, bool)
        if self.kept is not None:
            for row, (path, content) in enumerate(contents):
                found = self.kept.of(path, content)
                if found is not None:
                    fresh[row] = False
                    for column, score in found.items():
                        scores[row, column] = score
        return _Known(scores, fresh)


@dataclass(frozen=True, slots=True)
class _Known:
    """Scores so far (float32 [n, versions]; 0 of what was not listed), and which are ``fresh``."""

    scores: NDArray[np.float32]
    fresh: NDArray[np.bool_]


def _groups(
    workspace: Workspace, judges: Sequence[Judge], before: Sequence[LabelledBefore | None]
) -> list[_Group]:
    alike: dict[object, list[int]] = {}
    for place, each in enumerate(before):
        of = (each.items_sha256, each.parts) if each else None
        alike.setdefault(of, []).append(place)
    groups = []
    for places in alike.values():
        models = [judges[place].model for place in places]
        last = [each for place in places if (each := before[place]) is not None]
        kept = KeptScores(workspace, last) if last else None
        groups.append(_Group(places, Scorer(models), kept))
    return groups


@dataclass(frozen=True, slots=True)
class _Batch:
    """Readable items of ``read`` rows, and what is known of them, a group of versions each."""

    read: int
    items: pa.Table
    known: list[_Known]


@dataclass(slots=True)
class _Listing:
    """Gathers the rows of an artifact, since a writer's work goes by batches."""

    writer: Writer
    waiting: list[pa.Table] = field(default_factory=list)
    rows: int = 0

    def add(self, table: pa.Table) -> None:
        """Take further rows."""
        if len(table):
            self.waiting.append(table)
            self.rows += len(table)
        if self.rows >= _ROWS_A_WRITE:
            self.end()

    def end(self) -> None:
        """Write the rows that wait."""
        if self.waiting:
            self.writer.write(pa.concat_tables(self.waiting).combine_chunks())
        self.waiting, self.rows = [], 0


def _batches(
    workspace: Workspace, items: ArtifactReference, groups: Sequence[_Group]
) -> Iterator[_Batch]:
    columns = [*dict.fromkeys([*_IDENTITY, "source_path", "status", *TEXT_COLUMNS, *_CONTENT])]
    has_kept, first = any(group.kept for group in groups), 0
    for batch in workspace.artifacts.batches(items, columns=columns, batch_size=_BATCH):
        rows = arrow_numbers(np.arange(first, first + batch.num_rows, dtype=np.int64))
        first += batch.num_rows
        every = pa.Table.from_batches([batch]).append_column(_ROW, rows)
        readable = every.filter(pc.field("status").isin(WITH_TEXT))
        contents = list(_contents(readable)) if has_kept else []
        yield _Batch(
            len(batch), readable, [group.looked_up(len(readable), contents) for group in groups]
        )


def _contents(items: pa.Table) -> Iterator[tuple[str, Content]]:
    columns = (items.column(name).to_pylist() for name in _CONTENT)
    paths = items.column("source_path").to_pylist()
    return zip(paths, map(content_of, *columns), strict=True)


@dataclass(frozen=True, slots=True)
class _Scoring:
    """Scores what is fresh in a batch with every group, and lists by each version."""

    judges: Sequence[Judge]
    groups: Sequence[_Group]

    def __call__(self, batch: _Batch) -> "_Listed":
        items = with_own_words(batch.items)
        texts = items.column("text")
        scores = np.empty((len(items), len(self.judges)), np.float32)
        for group, known in zip(self.groups, batch.known, strict=True):
            fresh = np.flatnonzero(known.fresh)
            if len(fresh):
                rest = texts if len(fresh) == len(texts) else texts.take(arrow_numbers(fresh))
                known.scores[fresh] = group.scorer.score(rest)
            scores[:, group.places] = known.scores
        return self._listed(items.select([*_IDENTITY, _ROW]), np.ascontiguousarray(scores.T))

    def _listed(self, items: pa.Table, scores: NDArray[np.float32]) -> "_Listed":
        """Return the matches and close matches among items, of one version after another."""
        levels = np.stack(
            [
                judge.model.levels(each, judge.cut)
                for judge, each in zip(self.judges, scores, strict=True)
            ]
        )
        versions, rows = np.nonzero(levels >= CLOSE)
        columns = {
            "classifier_id": _named([each.classifier_id for each in self.judges], versions),
            "version_id": _named([each.version_id for each in self.judges], versions),
            "score": arrow_numbers(scores[versions, rows]),
            "prediction": _named([NO_MATCH, CLOSE_MATCH, MATCH], levels[versions, rows]),
        }
        found = items.take(arrow_numbers(rows))
        for name, column in columns.items():
            found = found.append_column(name, column)
        ends = np.cumsum((levels >= CLOSE).sum(axis=1)).tolist()
        return _Listed(as_schema(found, ASSIGNMENTS.arrow), ends)


def narrowed(
    workspace: Workspace, judge: Judge, assignments: ArtifactReference
) -> ArtifactReference:
    """Write what a version lists at a higher operating point of what it listed at a lower one.

    Raises:
        Damaged: an artifact is not what its hash says.
    """
    store = workspace.artifacts
    rows = store.read(assignments)
    levels = judge.model.levels(rows.column("score").to_numpy(), judge.cut)
    said = _named([NO_MATCH, CLOSE_MATCH, MATCH], levels)
    at = rows.schema.get_field_index("prediction")
    rows = rows.set_column(at, rows.schema.field(at), said)
    listed = rows.filter(arrow_numbers((levels >= CLOSE).astype(np.uint8)).cast(pa.bool_()))
    return store.write(
        ASSIGNMENTS.name, listed, producer=Producer.LABELLING,
        inputs=store.inputs_of(assignments.sha256),
    )  # fmt: skip


def _named(names: Sequence[str], places: NDArray[np.signedinteger[Any]]) -> pa.Array:
    return arrow_texts(names).cast(pa.string()).take(arrow_numbers(places))


@dataclass(frozen=True, slots=True)
class _Listed:
    """Assignments of one version after another, and where those of each end."""

    rows: pa.Table
    ends: list[int]

    def of(self, place: int) -> pa.Table:
        """Return the assignments of a version, by its place.

        A copy: a slice that waits to be written would keep those of all versions in memory.
        """
        begin = self.ends[place - 1] if place else 0
        return self.rows.take(arrow_numbers(np.arange(begin, self.ends[place])))
