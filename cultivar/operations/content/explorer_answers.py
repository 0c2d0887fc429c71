"""What the explorer answers: listed items, counts a folder, and what there is to filter by.

It holds what the explorer returns; asking is another module's.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ItemLabel:
    """A label of an item; ``by_hand`` tells that a person set it."""

    kind: str
    label: str
    by_hand: bool


@dataclass(frozen=True, slots=True)
class ItemVerdict:
    """The verdict of a person that stands."""

    person: str
    verdict: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ListedItem:
    """An item as one classifier lists it, with its labels; or a labelled item that none lists.

    ``size`` is in bytes, ``type`` a media type. What a classifier says is None where none lists it.
    """

    item_id: str
    location: str
    workload: str
    folder: str
    name: str
    path: str
    type: str | None
    size: int
    modified_at: datetime
    created_at: datetime
    classifier: str | None
    version: str | None
    prediction: str | None
    score: float | None
    labels: tuple[ItemLabel, ...]
    feedback: tuple[ItemVerdict, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """One page: rows, the cursor of the next page, and how old it is.

    ``stale`` tells that something was crawled, labelled or decided since ``aggregated_at``.
    """

    rows: tuple[ListedItem, ...]
    next: str | None
    aggregated_at: datetime
    stale: bool


@dataclass(frozen=True, slots=True)
class FolderCount:
    """How many predictions the filters show in a folder, and how many of them match."""

    location: str
    workload: str
    folder: str
    predictions: int
    matches: int
    close_matches: int


@dataclass(frozen=True, slots=True)
class FolderCounts:
    """The same in all, and for each folder that has some; ``next`` is the cursor of more."""

    predictions: int
    matches: int
    close_matches: int
    folders: tuple[FolderCount, ...]
    next: str | None
    aggregated_at: datetime
    stale: bool


@dataclass(frozen=True, slots=True)
class ClassifierEntry:
    """A published classifier, with how many items it lists."""

    id: str
    name: str
    version: str | None
    matches: int
    close_matches: int


@dataclass(frozen=True, slots=True)
class LabelEntry:
    """A label, with how many items have it."""

    label: str
    items: int


@dataclass(frozen=True, slots=True)
class ExplorerGroup:
    """What there is to filter by of one sort: trainable classifiers, or labels of a kind."""

    group: str
    entries: tuple[ClassifierEntry | LabelEntry, ...]


@dataclass(frozen=True, slots=True)
class ExplorerGroups:
    """What there is to filter by; ``types`` are media types."""

    groups: tuple[ExplorerGroup, ...]
    types: tuple[str, ...]
    aggregated_at: datetime
    stale: bool
