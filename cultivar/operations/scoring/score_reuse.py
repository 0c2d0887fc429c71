"""What versions said of the same content when they last labelled a location, so that it stands.

Reads the items of then, and what each version listed of them, side by side as they stream, and
holds one file's items at a time; it computes no score, and which labelling came before is not its
to know.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from typing import Any

from cultivar.core.texts.reading_status import has_text
from cultivar.operations.scoring.labelling import LabelledBefore
from cultivar.store.origin import LISTS, PART
from cultivar.store.parts.reading import PartRows
from cultivar.store.workspace import Workspace

_BATCH = 8_192

Content = tuple[str, str, str | None]
"""The hashes of an item's bytes and text, and of its own words where these alone count.

Reading may change while bytes do not.
"""


def content_of(sha256: str, text_sha256: str, own_text: str | None) -> Content:
    """Return what must be the same for a score to stand; of own words their hash."""
    own = None if own_text is None else blake2b(own_text.encode(), digest_size=16).hexdigest()
    return sha256, text_sha256, own


Scores = Mapping[int, float]
"""What versions, by their places, said of an item; one that does not list it is left out."""

_LISTED_BY_NONE: Scores = {}


class KeptScores:
    """The scores of versions that labelled the same items last, looked up file by file.

    Files are looked up in the order of the paths. One that comes out of order, or under another
    path than before, finds nothing and is scored.
    """

    def __init__(self, workspace: Workspace, before: Sequence[LabelledBefore]) -> None:
        """Take the last labelling of each version; all of them are of the same items."""
        self._files = groupby(_rows(workspace, before), key=itemgetter(0))
        self._path: str | None = ""
        self._known: dict[Content, Scores] = {}

    def of(self, path: str, content: Content) -> Scores | None:
        """Return the scores of content that the file at ``path`` held before.

        Raises:
            Damaged: an artifact of a last labelling cannot be read.
        """
        while self._path is not None and self._path < path:
            self._path, rows = next(self._files, (None, iter(())))
            self._known = {content: scores for _, content, scores in rows}
        return self._known.get(content) if self._path == path else None


def _rows(
    workspace: Workspace, before: Sequence[LabelledBefore]
) -> Iterator[tuple[str, Content, Scores]]:
    """Yield path, content and scores of each readable item."""
    listed = _Listed([_assignments(workspace, each) for each in before])
    items = _in_parts(workspace, before[0].items_sha256, before[0].parts)
    columns = ["item_id", "source_path", "sha256", "text_sha256", "own_text", "status"]
    for item_id, path, *content, status in _values(items, columns):
        if has_text(status):
            yield path, content_of(*content), listed.scores(item_id)


class _Listed:
    """The items that several assignments list, in the order of the items."""

    def __init__(self, assignments: Sequence[PartRows]) -> None:
        self._streams = [_values(each, ["item_id", "score"]) for each in assignments]
        self._next: dict[str, dict[int, float]] = {}
        for place in range(len(self._streams)):
            self._advance(place)

    def _advance(self, place: int) -> None:
        item_id, score = next(self._streams[place], (None, 0.0))
        if item_id is not None:
            self._next.setdefault(item_id, {})[place] = score

    def scores(self, item_id: str) -> Scores:
        """Return the scores of an item; items are asked for in their order, each once."""
        found = self._next.pop(item_id, None)
        if found is None:
            return _LISTED_BY_NONE
        for place in found:
            self._advance(place)
        return found


def _assignments(workspace: Workspace, before: LabelledBefore) -> PartRows:
    """Return what was listed of the parts of items that are asked for."""
    if before.parts is None:
        return _in_parts(workspace, before.assignments_sha256, None)
    known = assignments_by_part(workspace, before.assignments_sha256)
    wanted = {sha256 for part, sha256 in known.items() if part in before.parts}
    return _in_parts(workspace, before.assignments_sha256, wanted if known else None)


def assignments_by_part(workspace: Workspace, sha256: str) -> dict[str, str]:
    """Return what was listed of each part of items: part → assignments, by sha256.

    Empty for one artifact of several parts, as it is where a location was renamed.
    """
    store = workspace.artifacts
    inputs, reference = store.inputs_of(sha256), store.reference(sha256)
    if reference.schema in LISTS:
        lists = [one for name, one in inputs.items() if name.startswith(PART)]
        return {store.inputs_of(one)["items"]: one for one in lists}
    items = inputs.get("items")
    is_of_one = items is not None and store.reference(items).schema not in LISTS
    return {items: sha256} if items is not None and is_of_one else {}


def _in_parts(workspace: Workspace, sha256: str, parts: Collection[str] | None) -> PartRows:
    rows = PartRows(workspace.artifacts, workspace.artifacts.reference(sha256))
    return rows if parts is None else rows.only(parts)


def _values(artifact: PartRows, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    for batch in artifact.iter_batches(_BATCH, columns):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
