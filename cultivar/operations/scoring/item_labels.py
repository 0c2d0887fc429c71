"""Labelling the items of a location with all versions that are due there, in one pass.

Each text is read and taken apart once, whatever the number of versions. Items stream through in
batches, memory stays flat. It writes assignments; what a score means is the models'.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cultivar.core.errors import Damaged
from cultivar.core.learning.model import CLOSE, REACHED, Model
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
from cultivar.operations.reuse import is_current
from cultivar.operations.scoring.ahead import in_order
from cultivar.operations.scoring.labelling import Counts, LabellingDue
from cultivar.operations.scoring.score_reuse import (
    Content,
    KeptScores,
    LabelledBefore,
    content_of,
)
from cultivar.operations.scoring.version_models import model_of, version_model
from cultivar.operations.training.seeds import as_schema
from cultivar.store.origin import Inputs, Producer
from cultivar.store.parquet import Writer
from cultivar.store.workspace import Workspace

_BATCH = 2_048
_AT_ONCE = 64  # versions in a pass, a few megabytes of memory each
_ROWS_A_WRITE = 8_192
_IDENTITY = ["item_id", "location", "workload", "path", "folder", "name", "sha256"]
_CONTENT = ["sha256", "text_sha256", "own_text"]

Progress = Callable[[int, int | None], None]
Labelled = tuple[ArtifactReference, Counts]


def label_items(
    workspace: Workspace, due: Sequence[LabellingDue], progress: Progress | None = None
) -> list[Labelled]:
    """Write what each version that is due says of the same items, and count them all.

    All of ``due`` name the same items; up to 64 share a pass. Matches and close matches at the
    operating point (without one: at the review's threshold) are listed, the others only counted.
    Content that a version judged before, in the same file, is not scored again; the artifacts are
    the same as if it were. ``progress`` is told (items read, items in all) after each batch.

    Raises:
        Damaged: the items or a model are not what their hashes say.
    """
    made = []
    for first in range(0, len(due), _AT_ONCE):
        made += _labelled_at_once(workspace, due[first : first + _AT_ONCE], progress)
    return made


def _labelled_at_once(
    workspace: Workspace, due: Sequence[LabellingDue], progress: Progress | None
) -> list[Labelled]:
    judges = [_judge(workspace, each) for each in due]
    is_whole = lru_cache(partial(_is_whole, workspace))
    before: list[LabelledBefore | None] = []
    for judge, last in zip(judges, (each.before for each in due), strict=True):
        holds = last and is_whole(last.items_sha256) and _still_holds(workspace, last, judge)
        before.append(last if holds else None)
    if any(before):
        # What came before only spares work: where it is damaged, everything is scored.
        with suppress(Damaged):
            return _labelled(workspace, due, (judges, before), progress)
    return _labelled(workspace, due, (judges, [None] * len(due)), progress)


@dataclass(frozen=True, slots=True)
class _Judge:
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


def _judge(workspace: Workspace, due: LabellingDue) -> _Judge:
    version = version_row(workspace, due.version_id)
    model = model_of(workspace, due.version_id)
    cut = cut_of(version, due.operating_point)
    return _Judge(model, due.classifier_id, due.version_id, cut)


def _still_holds(workspace: Workspace, before: LabelledBefore, judge: _Judge) -> bool:
    """Tell whether the code that runs now would give the same scores, in a file that is whole.

    Scores are kept of what was listed: they do not serve where more is to be listed.
    """
    earlier = cut_of(version_row(workspace, judge.version_id), before.operating_point)
    if judge.listed_from < (earlier.close if earlier else judge.model.close_threshold):
        return False
    return is_current(workspace, workspace.artifacts.reference(before.assignments_sha256))


def _is_whole(workspace: Workspace, sha256: str) -> bool:
    with suppress(Damaged):
        workspace.artifacts.check(workspace.artifacts.reference(sha256))
        return True
    return False


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
    workspace: Workspace, judges: list[_Judge], before: Sequence[LabelledBefore | None]
) -> list[_Group]:
    alike: dict[str | None, list[int]] = {}
    for place, each in enumerate(before):
        alike.setdefault(each.items_sha256 if each else None, []).append(place)
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


def _labelled(
    workspace: Workspace,
    due: Sequence[LabellingDue],
    judging: tuple[list[_Judge], Sequence[LabelledBefore | None]],
    progress: Progress | None,
) -> list[Labelled]:
    judges, before = judging
    groups = _groups(workspace, judges, before)
    items = workspace.artifacts.reference(due[0].items_sha256)
    inputs: list[Inputs] = [
        {"items": items, "model": version_model(workspace, each.version_id)} for each in due
    ]
    store, read, readable = workspace.artifacts, 0, 0
    matches, scored = np.zeros(len(due), np.int64), np.zeros(len(due), np.int64)
    with store.writing(ASSIGNMENTS.name, inputs, producer=Producer.LABELLING) as made:
        parts = [_Part(writer) for writer in made.writers]
        scoring = _Scoring(judges, groups)
        batches = _batches(workspace, items, groups)
        for batch, listed in in_order(scoring, batches, workspace.settings.workers):
            for place, part in enumerate(parts):
                part.add(listed.of(place))
            matches += listed.matches
            for group, known in zip(groups, batch.known, strict=True):
                scored[group.places] += known.fresh.sum()
            read, readable = read + batch.read, readable + len(batch.items)
            if progress is not None:
                progress(read, items.rows)
        for part in parts:
            part.end()
    counted = zip(matches.tolist(), made.references, scored.tolist(), strict=True)
    return [
        (reference, Counts(readable, found, reference.rows - found, fresh))
        for found, reference, fresh in counted
    ]


@dataclass(slots=True)
class _Part:
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
    has_kept = any(group.kept for group in groups)
    for batch in workspace.artifacts.batches(items, columns=columns, batch_size=_BATCH):
        readable = pa.Table.from_batches([batch]).filter(pc.field("status").isin(WITH_TEXT))
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

    judges: Sequence[_Judge]
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
        return self._listed(items.select(_IDENTITY), np.ascontiguousarray(scores.T))

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
        matches = (levels == REACHED).sum(axis=1).tolist()
        return _Listed(as_schema(found, ASSIGNMENTS.arrow), ends, matches)


def _named(names: Sequence[str], places: NDArray[np.signedinteger[Any]]) -> pa.Array:
    return arrow_texts(names).cast(pa.string()).take(arrow_numbers(places))


@dataclass(frozen=True, slots=True)
class _Listed:
    """Assignments of one version after another, where those of each end, and its matches."""

    rows: pa.Table
    ends: list[int]
    matches: list[int]

    def of(self, place: int) -> pa.Table:
        """Return the assignments of a version, by its place.

        A copy: a slice that waits to be written would keep those of all versions in memory.
        """
        begin = self.ends[place - 1] if place else 0
        return self.rows.take(arrow_numbers(np.arange(begin, self.ends[place])))
