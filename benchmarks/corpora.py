"""Real labelled corpora as categories to learn, with near-duplicates grouped.

It trains nothing. The folder is ``CULTIVAR_CORPORA``; README.md beside this file gives its layout.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from rensa import RMinHash, RMinHashLSH

DOCUMENTS = (
    "agnews_test",
    "newsgroups20",
    "cfpb_complaints",
    "cuad_clauses",
    "screening_reviews",
    "bbc_news",
    "spamassassin",
)
SINGLE_CATEGORY = {"spamassassin": "spam"}  # the other label is what it is told from
_PERMUTATIONS = 64
_BANDS = 16
_ALIKE = 0.7
_LONGEST = 20_000  # characters; what lies beyond does not count for near-duplicates


@dataclass(frozen=True)
class Category:
    """One category of one corpus: ``relevant`` marks its texts, ``groups`` near-duplicates."""

    corpus: str
    name: str
    texts: npt.NDArray[np.object_]
    relevant: npt.NDArray[np.bool_]
    groups: npt.NDArray[np.int64]


def folder() -> Path:
    """Return the corpora's folder; ends the program with a sentence where it is not set."""
    found = os.environ.get("CULTIVAR_CORPORA")
    if not found or not (Path(found) / "corpora").is_dir():
        raise SystemExit("Set CULTIVAR_CORPORA to the corpora's folder; see benchmarks/README.md.")
    return Path(found) / "corpora"


def categories(corpora: tuple[str, ...] = DOCUMENTS, at_least: int = 250) -> Iterator[Category]:
    """Yield each category with ``at_least`` items, and as many outside it."""
    for corpus in corpora:
        table = pq.read_table(folder() / f"{corpus}.parquet")
        if "review" not in table.column_names:
            yield from _of_table(corpus, table, at_least)
            continue
        reviews = np.asarray(table.column("review").to_pylist(), dtype=object)
        for review in sorted(set(reviews)):
            yield from _of_review(corpus, table.filter(pa.array(reviews == review)), at_least)


def _of_table(corpus: str, table: pa.Table, at_least: int) -> Iterator[Category]:
    texts = np.asarray(table.column("text").to_pylist(), dtype=object)
    labels = [[each] if isinstance(each, str) else each for each in table["label"].to_pylist()]
    groups = near_duplicates(texts.tolist())
    for name in sorted({each for row in labels for each in row}):
        relevant = np.array([name in row for row in labels])
        enough = min(int(relevant.sum()), int((~relevant).sum())) >= at_least
        if enough and SINGLE_CATEGORY.get(corpus, name) == name:
            yield Category(corpus, name, texts, relevant, groups)


def _of_review(corpus: str, table: pa.Table, at_least: int) -> Iterator[Category]:
    texts = np.asarray(table.column("text").to_pylist(), dtype=object)
    relevant = np.array([label != "excluded" for label in table.column("label").to_pylist()])
    if min(int(relevant.sum()), int((~relevant).sum())) >= at_least:
        name = table.column("review")[0].as_py()
        yield Category(corpus, name, texts, relevant, near_duplicates(texts.tolist()))


def near_duplicates(texts: list[str]) -> npt.NDArray[np.int64]:
    """Return each text's group: that of the first text it nearly equals, else its own row."""
    index = RMinHashLSH(_ALIKE, _PERMUTATIONS, _BANDS)
    hashes: list[RMinHash] = []
    groups = np.arange(len(texts))
    for row, text in enumerate(texts):
        words = re.findall(r"\w+", text[:_LONGEST].lower())
        found = RMinHash(_PERMUTATIONS, 7)
        found.update([" ".join(words[i : i + 3]) for i in range(max(1, len(words) - 2))])
        near = [other for other in index.query(found) if hashes[other].jaccard(found) >= _ALIKE]
        if near:
            groups[row] = groups[min(near)]
        index.insert(row, found)
        hashes.append(found)
    return groups
