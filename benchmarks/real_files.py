"""Writes one category of a real corpus as an organisation's files, for the whole lifecycle.

It only writes: ``content/`` (what is to be labelled), ``mail/`` (the same as messages alone),
``seeds/``, ``tests/positive`` and ``tests/negative``, and ``held.csv``, the labels that nothing but
the final count and simulated verdicts read.
"""

import csv
import hashlib
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.corpora import Category
from data.sample.document import Block, Document, Person
from data.sample.writers import WRITERS

_FORMATS = ("docx", "eml", "html", "md", "odt", "pdf", "rtf", "txt")
_LONGEST = 20_000  # characters: beyond it a mail archive's digest dwarfs its neighbours
_WRITER = Person("Kim Archive", "kim@archive.example")
_READER = Person("Lee Records", "lee@archive.example")


@dataclass(frozen=True, slots=True)
class Shares:
    """How many items of each part, and the seed that draws them."""

    seeds: int = 60
    test_items: int = 300
    content: int = 3_000
    mail: int = 0
    seed: int = 0


def write(category: Category, target: Path, shares: Shares) -> dict[str, int]:
    """Write the files and return how many each part holds; near-duplicates stay in one part."""
    parts = _drawn(category, shares)
    held = []
    for part, rows in parts.items():
        for row in rows:
            path = target / part / _file_name(row, "eml" if part == "mail" else None)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(WRITERS[path.suffix[1:]](_document(str(category.texts[row]), row)))
            if part in {"content", "mail"}:
                held.append((path.name, int(category.relevant[row])))
    with (target / "held.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("name", "relevant"), *held])
    return {part: len(rows) for part, rows in parts.items()}


def _drawn(category: Category, shares: Shares) -> dict[str, list[int]]:
    order = random.Random(shares.seed).sample(range(len(category.texts)), len(category.texts))
    first_of_group = _one_a_group(category, order)
    positives = [row for row in first_of_group if category.relevant[row]]
    negatives = [row for row in first_of_group if not category.relevant[row]]
    half = shares.test_items // 2
    taken = {
        "seeds": positives[: shares.seeds],
        "tests/positive": positives[shares.seeds : shares.seeds + half],
        "tests/negative": negatives[:half],
    }
    groups = {int(category.groups[row]) for rows in taken.values() for row in rows}
    # drawn again: what was taken stood first in the order, so its beginning lacks positives
    rest = [row for row in sorted(order) if int(category.groups[row]) not in groups]
    wanted = min(shares.content + shares.mail, len(rest))
    drawn = random.Random(shares.seed + 1).sample(rest, wanted)
    mail = drawn[: min(shares.mail, wanted // 2)]
    return taken | {"content": drawn[len(mail) :], "mail": mail}


def _one_a_group(category: Category, order: list[int]) -> list[int]:
    _, firsts = np.unique(category.groups[order], return_index=True)
    long_enough = [order[place] for place in sorted(firsts)]
    return [row for row in long_enough if len(str(category.texts[row])) >= 40]


def _file_name(row: int, kind: str | None = None) -> str:
    kind = kind or _FORMATS[int(hashlib.sha256(str(row).encode()).hexdigest(), 16) % len(_FORMATS)]
    return f"item-{row:05d}.{kind}"


def _document(text: str, row: int) -> Document:
    clean = "".join(each if each >= " " or each == "\n" else " " for each in text[:_LONGEST])
    written = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=row)
    return Document(
        title=f"Item {row}",
        blocks=tuple(Block("text", line) if line else Block("gap") for line in clean.split("\n")),
        author=_WRITER,
        recipient=_READER,
        created=written,
        modified=written,
        key=str(row),
    )
