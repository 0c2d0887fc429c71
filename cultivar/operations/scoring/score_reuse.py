"""What a version said of the same content when it last labelled a location, so that it stands.

Reads two artifacts side by side as they stream, and holds one file's items at a time; it computes
no score, and which labelling came before is not its to know.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from cultivar.core.reference import ArtifactReference
from cultivar.core.texts.reading_status import has_text
from cultivar.core.vocabulary import NO_MATCH
from cultivar.store.workspace import Workspace

_BATCH = 8_192

Content = tuple[str, str]
"""The hashes of an item's bytes and of its text: reading may change while bytes do not."""


@dataclass(frozen=True, slots=True)
class LabelledBefore:
    """The last labelling of a location by a version: its items and its assignments, by sha256."""

    items_sha256: str
    assignments_sha256: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A score, 0 where the item did not match, which no assignment lists; and what it meant."""

    score: float
    prediction: str


class KeptScores:
    """The verdicts of the last labelling, looked up file by file in the order of the paths.

    A file that comes out of order, or under another path than before, finds nothing and is scored.
    """

    def __init__(self, workspace: Workspace, before: LabelledBefore | None) -> None:
        rows = _rows(workspace, before) if before else iter(())
        self._files = groupby(rows, key=itemgetter(0))
        self._path: str | None = ""
        self._known: dict[Content, Verdict] = {}

    def of(self, path: str, content: Content) -> Verdict | None:
        """Return the verdict on content that the file at ``path`` held before.

        Raises:
            Damaged: an artifact of the last labelling cannot be read.
        """
        while self._path is not None and self._path < path:
            self._path, rows = next(self._files, (None, iter(())))
            self._known = {content: verdict for _, content, verdict in rows}
        return self._known.get(content) if self._path == path else None


def _rows(workspace: Workspace, before: LabelledBefore) -> Iterator[tuple[str, Content, Verdict]]:
    """Yield path, content and verdict of each readable item; assignments list some, in order."""
    listed = _listed(workspace, before.assignments_sha256)
    following = next(listed, None)
    items = workspace.artifacts.reference(before.items_sha256)
    for row in _values(
        workspace, items, ["item_id", "source_path", "sha256", "text_sha256", "status"]
    ):
        item_id, path, sha256, text_sha256, status = row
        if not has_text(status):
            continue
        verdict = Verdict(0.0, NO_MATCH)
        if following is not None and following[0] == item_id:
            verdict, following = following[1], next(listed, None)
        yield path, (sha256, text_sha256), verdict


def _listed(workspace: Workspace, sha256: str) -> Iterator[tuple[str, Verdict]]:
    assignments = workspace.artifacts.reference(sha256)
    for item_id, score, prediction in _values(
        workspace, assignments, ["item_id", "score", "prediction"]
    ):
        yield item_id, Verdict(score, prediction)


def _values(
    workspace: Workspace, artifact: ArtifactReference, columns: list[str]
) -> Iterator[tuple[Any, ...]]:
    for batch in workspace.artifacts.batches(artifact, columns=columns, batch_size=_BATCH):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
