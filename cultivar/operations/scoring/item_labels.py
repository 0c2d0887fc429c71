"""Labelling the items of a location with all versions that are due there, in one pass.

Each text is read and taken apart once, whatever the number of versions. Items stream through in
batches, memory stays flat. It writes assignments; what a score means is the models'.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

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
from cultivar.core.schemas.arrays import arrow_numbers
from cultivar.core.texts.own_words import TEXT_COLUMNS, with_own_words
from cultivar.core.texts.reading_status import WITH_TEXT
from cultivar.operations.content_thresholds import cut_of
from cultivar.operations.identifiers import version_row
from cultivar.operations.reuse import is_current
from cultivar.operations.scoring.ahead import in_order
from cultivar.operations.scoring.labelling import Counts, LabellingDue
from cultivar.operations.scoring.score_reuse import KeptScores, LabelledBefore
from cultivar.operations.scoring.version_models import model_of, version_model
from cultivar.operations.training.seeds import as_schema
from cultivar.store.origin import Inputs, Producer
from cultivar.store.workspace import Workspace

_BATCH = 2_048
_IDENTITY = ["item_id", "location", "workload", "path", "folder", "name", "sha256"]
_CONTENT = ["source_path", "sha256", "text_sha256"]

Progress = Callable[[int, int | None], None]
Labelled = tuple[ArtifactReference, Counts]


def label_items(
    workspace: Workspace, due: Sequence[LabellingDue], progress: Progress | None = None
) -> list[Labelled]:
    """Write what each version that is due says of the same items, and count them all.

    All of ``due`` (one or more) name the same items. Matches and close matches at the operating
    point (without one: at the review's threshold) are listed, the others only counted. Content
    that a version judged before, in the same file, is not scored again; the artifacts are the same
    as if it were. ``progress`` is told (items read, items in all) after each batch.

    Raises:
        Damaged: the items or a model are not what their hashes say.
    """
    judges = [_judge(workspace, each) for each in due]
    before = [
        each.before if _still_holds(workspace, each.before, judge) else None
        for each, judge in zip(due, judges, strict=True)
    ]
    if any(before):
        # What came before only spares work: where it is damaged, everything is scored.
        with suppress(Damaged):
            return _labelled(workspace, due, _groups(workspace, judges, before), progress)
    nothing = _groups(workspace, judges, [None] * len(due))
    return _labelled(workspace, due, nothing, progress)


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

    def listed(self, items: pa.Table, scores: NDArray[np.float32]) -> "_Listed":
        """Return the matches and close matches among items, and how many match."""
        levels = self.model.levels(scores, self.cut)
        chosen = np.flatnonzero(levels >= CLOSE)
        found = items.take(arrow_numbers(chosen))
        columns = {
            "classifier_id": pa.array([self.classifier_id] * len(found), pa.string()),
            "version_id": pa.array([self.version_id] * len(found), pa.string()),
            "score": arrow_numbers(scores[chosen]),
            "prediction": self.model.decide(scores[chosen], self.cut),
        }
        for name, column in columns.items():
            found = found.append_column(name, column)
        return _Listed(as_schema(found, ASSIGNMENTS.arrow), int((levels == REACHED).sum()))


@dataclass(frozen=True, slots=True)
class _Listed:
    rows: pa.Table
    matches: int


def _judge(workspace: Workspace, due: LabellingDue) -> _Judge:
    version = version_row(workspace, due.version_id)
    model = model_of(workspace, due.version_id)
    cut = cut_of(version, due.operating_point)
    return _Judge(model, due.classifier_id, due.version_id, cut)


def _still_holds(workspace: Workspace, before: LabelledBefore | None, judge: _Judge) -> bool:
    """Tell whether its files are whole, and the code that runs now would give the same scores.

    Scores are kept of what was listed: they do not serve where more is to be listed.
    """
    if before is None:
        return False
    earlier = cut_of(version_row(workspace, judge.version_id), before.operating_point)
    if judge.listed_from < (earlier.close if earlier else judge.model.close_threshold):
        return False
    store = workspace.artifacts
    with suppress(Damaged):
        store.check(store.reference(before.items_sha256))
        return is_current(workspace, store.reference(before.assignments_sha256))
    return False


@dataclass(frozen=True, slots=True)
class _Group:
    """Versions, by their places among all, that last labelled the same items, or none yet.

    ``kept`` has what they said then.
    """

    places: list[int]
    judges: list[_Judge]
    scorer: Scorer
    kept: KeptScores | None

    def looked_up(self, contents: Sequence[tuple[str, str, str]]) -> "_Known":
        """Return the scores that are known of some contents, and which have none."""
        scores = np.zeros((len(contents), len(self.places)), np.float32)
        fresh = np.ones(len(contents), bool)
        if self.kept is not None:
            for row, (path, *hashes) in enumerate(contents):
                found = self.kept.of(path, (hashes[0], hashes[1]))
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
        found = [judges[place] for place in places]
        last = [each for place in places if (each := before[place]) is not None]
        kept = KeptScores(workspace, last) if last else None
        groups.append(_Group(places, found, Scorer([each.model for each in found]), kept))
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
    groups: Sequence[_Group],
    progress: Progress | None,
) -> list[Labelled]:
    items = workspace.artifacts.reference(due[0].items_sha256)
    inputs: list[Inputs] = [
        {"items": items, "model": version_model(workspace, each.version_id)} for each in due
    ]
    store, read, readable = workspace.artifacts, 0, 0
    matches, scored = [0] * len(due), [0] * len(due)
    with store.writing(ASSIGNMENTS.name, inputs, producer=Producer.LABELLING) as made:
        batches = _batches(workspace, items, groups)
        for batch, listed in in_order(_Scoring(groups), batches, workspace.settings.workers):
            for group, known in zip(groups, batch.known, strict=True):
                for place in group.places:
                    made.writers[place].write(listed[place].rows)
                    matches[place] += listed[place].matches
                    scored[place] += int(known.fresh.sum())
            read, readable = read + batch.read, readable + len(batch.items)
            if progress is not None:
                progress(read, items.rows)
    counts = [
        Counts(readable, found, writer.rows - found, fresh)
        for found, writer, fresh in zip(matches, made.writers, scored, strict=True)
    ]
    return list(zip(made.references, counts, strict=True))


def _batches(
    workspace: Workspace, items: ArtifactReference, groups: Sequence[_Group]
) -> Iterator[_Batch]:
    columns = [*dict.fromkeys([*_IDENTITY, "status", *TEXT_COLUMNS, *_CONTENT])]
    for batch in workspace.artifacts.batches(items, columns=columns, batch_size=_BATCH):
        readable = pa.Table.from_batches([batch]).filter(pc.field("status").isin(WITH_TEXT))
        contents = list(zip(*(readable.column(name).to_pylist() for name in _CONTENT), strict=True))
        yield _Batch(len(batch), readable, [group.looked_up(contents) for group in groups])


@dataclass(frozen=True, slots=True)
class _Scoring:
    """Scores what is fresh in a batch with every group, and lists by each version."""

    groups: Sequence[_Group]

    def __call__(self, batch: _Batch) -> dict[int, _Listed]:
        items = with_own_words(batch.items)
        texts, identity = items.column("text"), items.select(_IDENTITY)
        found = {}
        for group, known in zip(self.groups, batch.known, strict=True):
            scores = known.scores
            if known.fresh.any():
                rows = np.flatnonzero(known.fresh)
                fresh = texts if len(rows) == len(texts) else texts.take(arrow_numbers(rows))
                scores[rows] = group.scorer.score(fresh)
            for column, (place, judge) in enumerate(zip(group.places, group.judges, strict=True)):
                found[place] = judge.listed(identity, np.ascontiguousarray(scores[:, column]))
        return found
