"""What the generator knows about each item it wrote: the held labels.

The manifest lies outside of every crawled folder, so that no classifier sees it.
"""

import csv
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

NAME = "labels.csv"


@dataclass(frozen=True, slots=True)
class Entry:
    """One item. Paths are relative to the target, with forward slashes; empty means none."""

    path: str
    member: str = ""  # number of the message in its mailbox, from 0
    kind: str = ""
    form: str = ""
    format: str = ""
    workload: str = "files"  # sharepoint, onedrive, exchange
    role: str = "body"  # body, seed, test
    classifier: str = ""  # whose seed or test folder it lies in
    label: str = ""  # positive, negative (of that classifier)
    borderline: str = ""  # the classifier it is hard for
    language: str = "en"
    duplicate_of: str = ""
    duplicate: str = ""  # exact, near
    broken: str = ""  # empty, encrypted, corrupt
    created: str = ""  # ISO 8601, UTC
    created_source: str = ""  # metadata, message, modified
    title: str = ""

    @property
    def unique(self) -> bool:
        """Whether the item is neither broken nor a deliberate duplicate."""
        return not (self.broken or self.duplicate_of)


@dataclass(frozen=True, slots=True)
class Manifest:
    """All items of a generated organisation, in the order of their paths."""

    entries: tuple[Entry, ...]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def select(self, **wanted: str) -> tuple[Entry, ...]:
        """Entries whose fields have the wanted values."""
        return tuple(
            entry
            for entry in self.entries
            if all(getattr(entry, name) == value for name, value in wanted.items())
        )

    def write(self, target: Path) -> Path:
        """Write ``labels.csv`` into the target and return its path."""
        path = target / NAME
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
            rows.writeheader()
            rows.writerows(asdict(entry) for entry in self.entries)
        return path


_COLUMNS = [field.name for field in fields(Entry)]


def read_manifest(target: Path) -> Manifest:
    """Read the manifest of a generated organisation.

    Raises:
        FileNotFoundError: when nothing was generated there.
    """
    with (target / NAME).open(encoding="utf-8", newline="") as file:
        return Manifest(tuple(Entry(**row) for row in csv.DictReader(file)))
