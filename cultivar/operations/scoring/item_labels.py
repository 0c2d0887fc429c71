"""Labelling a location's items with all versions that are due there, part by part.

What a version listed of a part stands for as long as the part does: a part that a version has
labelled is not opened again. Rows that hold are picked from what was listed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from cultivar.core.errors import Damaged
from cultivar.core.parts.runs import Part, Places, part_of
from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas import ASSIGNMENT_PARTS
from cultivar.core.vocabulary import MATCH
from cultivar.operations.content_thresholds import cut_of
from cultivar.operations.identifiers import version_row
from cultivar.operations.reuse import is_current
from cultivar.operations.scoring.labelling import Counts, LabelledBefore, LabellingDue
from cultivar.operations.scoring.one_pass import Judge, judge_of, label_part, narrowed
from cultivar.operations.scoring.score_reuse import assignments_by_part
from cultivar.operations.scoring.version_models import version_model
from cultivar.store.origin import LISTS, Inputs, Producer
from cultivar.store.parts.lists import list_written, readable_rows
from cultivar.store.parts.reading import PartRows
from cultivar.store.workspace import Workspace

_AT_ONCE = 64  # versions in a pass, a few megabytes of memory each

Progress = Callable[[int, int | None], None]
Labelled = tuple[ArtifactReference, Counts]


def label_items(
    workspace: Workspace, due: Sequence[LabellingDue], progress: Progress | None = None
) -> list[Labelled]:
    """Write what each version that is due says of the same items, and count them all.

    All of ``due`` name the same items; up to 64 share a pass. Matches and close matches at the
    operating point (without one: at the review's threshold) are listed, the others only counted.
    Parts that a version labelled before are not opened, and content that it judged in a part that
    is gone, in the same file, is not scored again; the artifacts are the same as if they were.
    ``progress`` is told (items read, items to read) after each batch.

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
    store = workspace.artifacts
    items = PartRows(store, store.reference(due[0].items_sha256))
    versions = [_version(workspace, each, items.parts) for each in due]
    _label_parts(workspace, items.parts, versions, progress)
    return [
        _assembled(workspace, each, version, items.parts)
        for each, version in zip(due, versions, strict=True)
    ]


@dataclass(slots=True)
class _Version:
    """A version, what it listed of parts by their sha256, and what it said of parts that are gone.

    ``readable`` is how many items of the last part that was labelled have text.
    """

    judge: Judge
    made: dict[str, ArtifactReference]
    before: LabelledBefore | None
    scored: int = 0
    readable: int | None = None

    def lacks(self, part: Part) -> bool:
        """Tell whether a part is still to be labelled."""
        return part.sha256 not in self.made


def _version(workspace: Workspace, due: LabellingDue, parts: Iterable[Part]) -> _Version:
    judge = judge_of(workspace, due.version_id, due.operating_point)
    found = _Version(judge, {}, None)
    # What came before only spares work: where it is damaged, everything is scored.
    if due.before is not None and _reaches(workspace, due.before, judge):
        with suppress(Damaged):
            found.made = _standing(workspace, due, judge, {part.sha256 for part in parts})
            found.before = _gone(workspace, due.before, found.made)
    return found


def _reaches(workspace: Workspace, before: LabelledBefore, judge: Judge) -> bool:
    """Tell whether what was listed holds all that is to be listed.

    Scores are kept of what was listed: they do not serve where more is to be listed.
    """
    earlier = cut_of(version_row(workspace, judge.version_id), before.operating_point)
    return judge.listed_from >= (earlier.close if earlier else judge.model.close_threshold)


def _standing(
    workspace: Workspace, due: LabellingDue, judge: Judge, parts: set[str]
) -> dict[str, ArtifactReference]:
    """Return what the version has listed of parts, where the code of now would list the same."""
    assert due.before is not None  # noqa: S101 - asked only then
    store, found = workspace.artifacts, {}
    for part, sha256 in assignments_by_part(workspace, due.before.assignments_sha256).items():
        listed = store.reference(sha256)
        if (
            part not in parts
            or not is_current(workspace, listed)
            or not _has_rows(workspace, listed)
        ):
            continue
        is_same = due.before.operating_point == due.operating_point
        found[part] = listed if is_same else narrowed(workspace, judge, listed)
    return found


def _has_rows(workspace: Workspace, listed: ArtifactReference) -> bool:
    """Tell whether it is known where in its part each item stands."""
    rows = workspace.artifacts.read(listed, ["row"]).column("row")
    return rows.null_count == 0 and int(workspace.artifacts.header(listed)["schema_version"]) > 1


def _gone(
    workspace: Workspace, before: LabelledBefore, standing: Mapping[str, object]
) -> LabelledBefore | None:
    """Return what was said of parts whose labelling does not stand; None where nothing serves."""
    store = workspace.artifacts
    parts = PartRows(store, store.reference(before.items_sha256)).parts
    gone = frozenset(part.sha256 for part in parts if part.sha256 not in standing)
    listed = store.reference(before.assignments_sha256)
    if not gone or not is_current(workspace, listed):
        return None
    for sha256 in gone:
        store.check(store.reference(sha256))
    return replace(before, parts=gone)


def _label_parts(
    workspace: Workspace,
    parts: Sequence[Part],
    versions: Sequence[_Version],
    progress: Progress | None,
) -> None:
    """Label each part with the versions that lack it, in one pass."""
    due = {part.sha256: [each for each in versions if each.lacks(part)] for part in parts}
    waiting = [part for part in parts if due[part.sha256]]
    told = _Told(progress, sum(part.rows for part in waiting))
    for part in waiting:
        reference, wanted = workspace.artifacts.reference(part.sha256), due[part.sha256]
        judges = [each.judge for each in wanted]
        begun = told.read
        try:
            made = label_part(
                workspace, reference, judges, [each.before for each in wanted], told.advance
            )
        except Damaged:
            if not any(each.before for each in wanted):
                raise
            told.read = begun
            made = label_part(workspace, reference, judges, [None] * len(wanted), told.advance)
        for version, labelled in zip(wanted, made, strict=True):
            version.made[part.sha256] = labelled.assignments
            version.scored += labelled.scored
            version.readable = labelled.readable


@dataclass(slots=True)
class _Told:
    """Adds up what was read."""

    progress: Progress | None
    total: int
    read: int = 0

    def advance(self, more: int) -> None:
        """Tell that further items were read."""
        self.read += more
        if self.progress is not None:
            self.progress(self.read, self.total)


def _assembled(
    workspace: Workspace, due: LabellingDue, version: _Version, parts: Sequence[Part]
) -> Labelled:
    store = workspace.artifacts
    items = store.reference(due.items_sha256)
    listed = [_listed(workspace, version.made[part.sha256], part) for part in parts]
    matches = sum(each.matches for each in listed)
    if items.schema in LISTS:
        inputs: Inputs = {"items": items, "model": version_model(workspace, due.version_id)}
        made = list_written(
            store, _in_order(listed), schema=ASSIGNMENT_PARTS.name,
            producer=Producer.LABELLING, inputs=inputs,
        )  # fmt: skip
    else:
        [made] = [version.made[part.sha256] for part in parts]
    readable = version.readable if items.schema not in LISTS else None
    if readable is None:
        readable = readable_rows(store, items)
    return made, Counts(readable, matches, made.rows - matches, version.scored)


@dataclass(frozen=True, slots=True)
class _PartListed:
    """What is listed of a part's items that hold: the rows in the file, and the items' places."""

    reference: ArtifactReference
    rows: Places
    places: Places
    matches: int


def _listed(workspace: Workspace, made: ArtifactReference, part: Part) -> _PartListed:
    table = workspace.artifacts.read(made, ["row", "prediction"])
    live, stands = part.live_rows, part.live_places
    wanted = table.column("row").to_numpy()
    at = np.searchsorted(live, wanted)
    holds = np.zeros(len(wanted), bool)
    within = at < len(live)
    holds[within] = live[at[within]] == wanted[within]
    is_match = np.array([each == MATCH for each in table.column("prediction").to_pylist()], bool)
    return _PartListed(made, np.flatnonzero(holds), stands[at[holds]], int(is_match[holds].sum()))


def _in_order(listed: Sequence[_PartListed]) -> list[Part]:
    """Return the parts of a list of assignments, in the order of the items."""
    every = np.sort(np.concatenate([each.places for each in listed]))
    return [
        part_of(
            each.reference.sha256, each.reference.rows, 0, each.rows,
            np.searchsorted(every, each.places),
        )
        for each in listed
    ]  # fmt: skip
