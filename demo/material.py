"""What the demonstration plays with: the sample organisation, or a person's own documents.

It makes folders and held labels; the lifecycle sees only the folders.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cultivar.core.errors import InvalidInput
from cultivar.core.limits import REVIEWS_AT_LEAST, SEEDS_AT_LEAST, SEEDS_AT_MOST
from cultivar.core.vocabulary import how_many
from cultivar.operations.scoring.measurement import EVERY, HeldLabels
from data.sample import generate
from data.sample.manifest import read_manifest

if TYPE_CHECKING:
    from data.sample.manifest import Entry

# More than the gates ask for, since some documents repeat others or cannot be read.
SEEDS_WANTED = SEEDS_AT_LEAST + 5
TESTS_WANTED = REVIEWS_AT_LEAST + 30
POSITIVE_TESTS_AT_LEAST = REVIEWS_AT_LEAST // 2 + 5
TESTS_AT_MOST = 1_000
POSITIVES_AT_LEAST = SEEDS_WANTED + POSITIVE_TESTS_AT_LEAST
OTHERS_AT_LEAST = 2 * (TESTS_WANTED - POSITIVE_TESTS_AT_LEAST)
LETTERS, COMPLAINTS = "patient_letters", "complaints"
_DESCRIPTIONS = {
    LETTERS: "Letters to and about patients: referrals, clinic letters, discharge summaries, "
    "results.",
    COMPLAINTS: "Letters and messages in which somebody complains.",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A location of the demonstration: its name, folder, workload and purpose."""

    name: str
    folder: Path
    workload: str = "files"
    purpose: str = "content"


@dataclass(frozen=True, slots=True)
class Material:
    """Locations, the classifier to grow, its seed and test sources, and the labels held back.

    ``held`` says of the content's items whether they are of the category; what the test items are
    is declared by their folders.
    """

    classifier: str
    description: str
    places: tuple[Place, ...]
    seeds: str
    tests: str
    held: HeldLabels


def sample_material(home: Path, kind: str = LETTERS) -> Material:
    """Generate the sample organisation, unless it is there, and return it with a kind to learn."""
    folder = home / "organisation"
    if not folder.is_dir():
        _generate(folder)
    held: dict[tuple[str, str, int], bool] = {}
    for row in _sample_rows(folder):
        if row.role == "body" and not row.broken:
            location, _, path = row.path.partition("/")
            held[location, path, int(row.member or EVERY)] = row.kind == kind
    return Material(
        kind.replace("_", " ").capitalize(),
        _DESCRIPTIONS[kind],
        (
            Place("sites", folder / "sites", "sharepoint"),
            Place("mail", folder / "mail", "exchange"),
            Place("onedrive", folder / "onedrive", "onedrive"),
            Place("seeds", folder / "seeds", "sharepoint", "seed"),
            Place("tests", folder / "tests", "sharepoint", "test"),
        ),
        f"seeds/{kind}",
        f"tests/{kind}",
        held,
    )


def own_material(home: Path, positives: Path, others: Path) -> Material:
    """Share out a person's documents into seeds, test items and content, and return that.

    The files are copied into the home, times kept; the originals are only read. Who goes where is
    drawn by the hash of the path, so that another run shares them out alike. Of files with the
    same bytes one is taken.

    Raises:
        InvalidInput: code ``too-few-documents``; they do not suffice to seed, test and publish.
    """
    shares = _shared_out(
        _files(positives, "positives", POSITIVES_AT_LEAST),
        _files(others, "others", OTHERS_AT_LEAST),
    )
    root = home / "own-documents"
    if not root.is_dir():
        _copy(shares, {"positives": positives, "others": others}, root)
    held = {
        (share, _inside(share, origin, path), EVERY): origin == "positives"
        for share, origin, path in shares
        if share == "content"
    }
    return Material(
        positives.resolve().name or "Positives",
        "Grown from documents of one's own.",
        (
            Place("content", root / "content"),
            Place("seeds", root / "seeds", purpose="seed"),
            Place("tests", root / "tests", purpose="test"),
        ),
        "seeds",
        "tests",
        held,
    )


Share = tuple[str, str, str]
"""Folder that a file goes to, which of the two folders it comes from, its path there."""


def _shared_out(positives: list[str], others: list[str]) -> list[Share]:
    """Give seeds and test items two fifths of the positives each, but the needed number first."""
    drawn = _drawn(positives)
    half = TESTS_WANTED // 2
    seeds = min(max(min(2 * len(drawn) // 5, len(drawn) - half), SEEDS_WANTED), SEEDS_AT_MOST)
    tests = min(max(2 * len(drawn) // 5, half), TESTS_AT_MOST, len(drawn) - seeds)
    negatives = _drawn(others)
    # the rest of the others is the everyday content, of which at least half must remain
    against = min(max(tests, TESTS_WANTED - tests), len(negatives) // 2)
    return [
        *(("seeds", "positives", path) for path in drawn[:seeds]),
        *(("tests/positive", "positives", path) for path in drawn[seeds : seeds + tests]),
        *(("content", "positives", path) for path in drawn[seeds + tests :]),
        *(("tests/negative", "others", path) for path in negatives[:against]),
        *(("content", "others", path) for path in negatives[against:]),
    ]


def _inside(share: str, origin: str, path: str) -> str:
    """Return where a file lies in its location; the content must not tell where it came from."""
    below = share.partition("/")[2]
    marked = f"{hashlib.sha256(origin.encode()).hexdigest()[:6]}/{path}"
    return f"{below}/{path}" if below else marked


def _copy(shares: Iterable[Share], origins: Mapping[str, Path], root: Path) -> None:
    making = _fresh(root)
    for share, origin, path in shares:
        target = making / share.partition("/")[0] / _inside(share, origin, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(origins[origin] / path, target)
    making.rename(root)


def _drawn(paths: list[str]) -> list[str]:
    return sorted(paths, key=lambda path: hashlib.sha256(path.encode()).digest())


def _files(folder: Path, which: str, at_least: int) -> list[str]:
    """Return the paths of the files that differ, the first by path of each content."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    contents: dict[bytes, str] = {}
    for path in files:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
        contents.setdefault(digest, os.fspath(path.relative_to(folder)))
    if len(contents) < at_least:
        repeated = len(files) - len(contents)
        copies = f", {how_many(repeated, 'copy', 'copies')} of others left out" if repeated else ""
        raise InvalidInput(
            "too-few-documents",
            f"The folder of {which} holds {how_many(len(contents), 'file')}{copies}; the "
            f"demonstration needs at least {POSITIVES_AT_LEAST} positives and {OTHERS_AT_LEAST} "
            f"others: it learns from {SEEDS_WANTED} positives and draws {TESTS_WANTED} test items, "
            f"because publish needs {REVIEWS_AT_LEAST} decided reviews and some documents cannot "
            "be used. With fewer documents, go step by step: `cultivar create --help`.",
            {"found": len(contents), "at_least": at_least},
        )
    return list(contents.values())


def _generate(folder: Path) -> None:
    making = _fresh(folder)
    generate(making)
    making.rename(folder)


def _fresh(folder: Path) -> Path:
    """Return an empty folder aside, whose rename makes the work whole; a leftover is removed."""
    making = folder.with_name(f"{folder.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    making.parent.mkdir(parents=True, exist_ok=True)
    return making


def _sample_rows(folder: Path) -> "Iterable[Entry]":
    return read_manifest(folder)
