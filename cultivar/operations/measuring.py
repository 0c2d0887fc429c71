"""Measure a published classifier against labels that somebody held back from it.

Held labels are for demonstrations and benchmarks; no version ever learns from them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from cultivar.core.learning.evaluation import Counts, counts
from cultivar.core.reviewing import MATCH
from cultivar.operations.labelling import labellings
from cultivar.operations.locations import location_named
from cultivar.store.workspace import Workspace

HeldLabels = Mapping[tuple[str, str, int], bool]
"""(location, path of the file, number of the item in its file from 0) → is it of the category.

The number ``EVERY`` stands for all items of a file.
"""
EVERY = -1


def measure(workspace: Workspace, actor: str, classifier_id: str, held: HeldLabels) -> Counts:
    """Compare the newest assignments with the held labels, over all readable items that have one.

    Raises:
        NotPermitted: the actor may not read the area.
    """
    relevant: list[bool] = []
    matched: list[bool] = []
    for row in labellings(workspace, actor):
        if row["classifier"] == classifier_id:
            found = _matches(workspace, row["assignments"])
            for item_id, label in _labelled(workspace, row["location"], held):
                relevant.append(label)
                matched.append(item_id in found)
    return counts(relevant, matched)


def _matches(workspace: Workspace, assignments: str) -> set[str]:
    table = workspace.artifacts.read(
        workspace.artifacts.reference(assignments), columns=["item_id", "prediction"]
    )
    columns = (table.column(name).to_pylist() for name in ("item_id", "prediction"))
    return {item_id for item_id, kind in zip(*columns, strict=True) if kind == MATCH}


def _labelled(workspace: Workspace, location: str, held: HeldLabels) -> Iterator[tuple[str, bool]]:
    items = workspace.artifacts.reference(location_named(workspace, location).items_sha256 or "")
    numbers: Counter[str] = Counter()
    for batch in workspace.artifacts.batches(items, ["item_id", "source_path", "status"]):
        for row in batch.to_pylist():
            number = numbers[row["source_path"]]
            numbers[row["source_path"]] += 1
            every = held.get((location, row["source_path"], EVERY))
            label = held.get((location, row["source_path"], number), every)
            if label is not None and row["status"] == "ok":
                yield row["item_id"], label
