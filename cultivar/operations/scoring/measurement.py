"""Measure a published classifier against labels that somebody held back from it.

Held labels are for demonstrations and benchmarks; no version ever learns from them.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from cultivar.core.learning.evaluation import Counts, counts
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import AnyActor
from cultivar.core.texts.reading_status import has_text
from cultivar.core.vocabulary import MATCH
from cultivar.operations.content.locations import location_named
from cultivar.operations.content_thresholds import point_in_content
from cultivar.operations.scoring.item_labels import label_items
from cultivar.operations.scoring.labelling import LabellingDue, labellings
from cultivar.store.workspace import Workspace

HeldLabels = Mapping[tuple[str, str, int], bool]
"""(location, path of the file, number of the item in its file from 0) → is it of the category.

The number ``EVERY`` stands for all items of a file.
"""
EVERY = -1


def measure(workspace: Workspace, actor: AnyActor, classifier_id: str, held: HeldLabels) -> Counts:
    """Compare the newest assignments with the held labels, over all readable items that have one.

    Raises:
        NotPermitted: the actor may not read the area.
    """
    places = _labelled_places(workspace, actor, classifier_id)
    return _counted(workspace, places.items(), held, ())


def measure_version(
    workspace: Workspace,
    actor: AnyActor,
    version: tuple[str, str],
    held: HeldLabels,
    without: Collection[str] = (),
) -> Counts:
    """Compare what a version (classifier id, version id), live or not, assigns with held labels.

    It is asked where its classifier labelled. Items ``without``, by id, do not count: those that
    people judged, when versions that did and did not learn from them are set side by side.

    Raises: as ``measure``.
    """
    with workspace.registry.reading() as session:
        point = point_in_content(session, version[1])
    made = {}
    for place in _labelled_places(workspace, actor, version[0]):
        items = _items(workspace, place).sha256
        due = LabellingDue(place, *version, items, operating_point=point)
        [(assignments, _)] = label_items(workspace, [due])
        made[place] = assignments.sha256
    return _counted(workspace, made.items(), held, without)


def labels_by_item(
    workspace: Workspace, location: str, held: HeldLabels
) -> Iterator[tuple[str, bool]]:
    """Yield the id and the label of each readable item of a location that has one."""
    numbers: Counter[str] = Counter()
    columns = ["item_id", "source_path", "status"]
    for batch in workspace.artifacts.batches(_items(workspace, location), columns):
        for row in batch.to_pylist():
            number = numbers[row["source_path"]]
            numbers[row["source_path"]] += 1
            every = held.get((location, row["source_path"], EVERY))
            label = held.get((location, row["source_path"], number), every)
            if label is not None and has_text(row["status"]):
                yield row["item_id"], label


def _labelled_places(workspace: Workspace, actor: AnyActor, classifier_id: str) -> dict[str, str]:
    """Return the locations that a classifier labelled, with the newest assignments of each."""
    return {
        row.location: row.assignments
        for row in labellings(workspace, actor)
        if row.classifier == classifier_id
    }


def _counted(
    workspace: Workspace,
    places: Iterable[tuple[str, str]],
    held: HeldLabels,
    without: Collection[str],
) -> Counts:
    relevant: list[bool] = []
    matched: list[bool] = []
    for location, assignments in places:
        found = _matches(workspace, assignments)
        for item_id, label in labels_by_item(workspace, location, held):
            if item_id not in without:
                relevant.append(label)
                matched.append(item_id in found)
    return counts(relevant, matched)


def _items(workspace: Workspace, location: str) -> ArtifactReference:
    return workspace.artifacts.reference(location_named(workspace, location).items_sha256)


def _matches(workspace: Workspace, assignments: str) -> set[str]:
    table = workspace.artifacts.read(
        workspace.artifacts.reference(assignments), columns=["item_id", "prediction"]
    )
    columns = (table.column(name).to_pylist() for name in ("item_id", "prediction"))
    return {item_id for item_id, kind in zip(*columns, strict=True) if kind == MATCH}
