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
from cultivar.store.workspace import Workspace

_BATCH = 8_192

Content = tuple[str, str]
"""The hashes of an item's bytes and of its text: reading may change while bytes do not."""


@dataclass(frozen=True, slots=True)
class LabelledBefore:
    """The last labelling of a location by a version: its items and its assignments, by sha256.

    It was made at the ``operating_point``; None: at the review's threshold.
    """

    items_sha256: str
    assignments_sha256: str
    operating_point: str | None = None


class KeptScores:
    """The scores of the last labelling, looked up file by file in the order of the paths.

    That of an item which it does not list is 0.

    A file that comes out of order, or under another path than before, finds nothing and is scored.
    """

    def __init__(self, workspace: Workspace, before: LabelledBefore | None) -> None:
        rows = _rows(workspace, before) if before else iter(())
        self._files = groupby(rows, key=itemgetter(0))
        self._path: str | None = ""
        self._known: dict[Content, float] = {}

    def of(self, path: str, content: Content) -> float | None:
        """Return the score of content that the file at ``path`` held before.

        Raises:
            Damaged: an artifact of the last labelling cannot be read.
        """
        while self._path is not None and self._path < path:
            self._path, rows = next(self._files, (None, iter(())))
            self._known = {content: score for _, content, score in rows}
        return self._known.get(content) if self._path == path else None


def _rows(workspace: Workspace, before: LabelledBefore) -> Iterator[tuple[str, Content, float]]:
    """Yield path, content and score of each readable item; assignments list some, in order."""
    listed = _listed(workspace, before.assignments_sha256)
    following = next(listed, None)
    items = workspace.artifacts.reference(before.items_sha256)
    for row in _values(
        workspace, items, ["item_id", "source_path", "sha256", "text_sha256", "status"]
    ):
        item_id, path, sha256, text_sha256, status = row
        if not has_text(status):
            continue
        score = 0.0
        if following is not None and following[0] == item_id:
            score, following = following[1], next(listed, None)
        yield path, (sha256, text_sha256), score


def _listed(workspace: Workspace, sha256: str) -> Iterator[tuple[str, float]]:
    assignments = workspace.artifacts.reference(sha256)
    yield from _values(workspace, assignments, ["item_id", "score"])


def _values(
    workspace: Workspace, artifact: ArtifactReference, columns: list[str]
) -> Iterator[tuple[Any, ...]]:
    for batch in workspace.artifacts.batches(artifact, columns=columns, batch_size=_BATCH):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
