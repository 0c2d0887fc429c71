"""What versions said of the same content when they last labelled a location, so that it stands.

Reads the items of then, and what each version listed of them, side by side as they stream, and
holds one file's items at a time; it computes no score, and which labelling came before is not its
to know.
"""

from collections.abc import Iterator, Sequence
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
    """The scores of the last labelling by versions that judged the same items then.

    They are looked up file by file in the order of the paths. That of an item which a version does
    not list is 0. A file that comes out of order, or under another path than before, finds nothing
    and is scored.
    """

    def __init__(
        self, workspace: Workspace, items_sha256: str, assignments: Sequence[str]
    ) -> None:
        """Take the items of then, and what each version listed of them, by sha256."""
        self._files = groupby(_readable(workspace, items_sha256), key=itemgetter(0))
        self._path: str | None = ""
        self._known: dict[Content, str] = {}
        self._listed = [_Listed(workspace, sha256) for sha256 in assignments]

    def known(self, path: str, content: Content) -> str | None:
        """Return the id of an item with that content which the file at ``path`` held before.

        Raises:
            Damaged: an artifact of the last labelling cannot be read.
        """
        while self._path is not None and self._path < path:
            self._path, rows = next(self._files, (None, iter(())))
            found = [(item_id, content) for _, item_id, content in rows]
            self._known = {content: item_id for item_id, content in found}
            for each in self._listed:
                each.come_to([item_id for item_id, _ in found])
        return self._known.get(content) if self._path == path else None

    def score(self, version: int, item_id: str) -> float:
        """Return what a version, by its place, said of a known item of the newest file.

        Raises:
            Damaged: as ``known``.
        """
        return self._listed[version].scores.get(item_id, 0.0)
