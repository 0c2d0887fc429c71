"""Draws of real corpora for custom text classification: documents to learn from, choose on, test.

It trains nothing.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from benchmarks.corpora import folder, near_duplicates
from cultivar.core.projects.calibration import choose_threshold
from cultivar.core.projects.evaluation import marks_of
from cultivar.core.projects.names import Kind

SINGLE = ("agnews_test", "bbc_news", "newsgroups20", "cfpb_complaints", "banking77")
MULTI = ("cuad_clauses",)
TESTED_AT_MOST = 2_000
LONGEST = 20_000  # characters a document, for everybody

Marks = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Corpus:
    """Texts and the classes of each; one of every group of near-duplicates."""

    name: str
    kind: Kind
    texts: npt.NDArray[np.object_]
    tags: list[list[str]]
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Draw:
    """The documents of one draw and the marks of each, by part."""

    kind: Kind
    classes: tuple[str, ...]
    texts: dict[str, list[str]]
    tags: dict[str, list[list[str]]]
    seed: int

    def marks(self, part: str) -> Marks:
        """Return bool [documents, classes]."""
        return marks_of(self.classes, self.tags[part])

    def decided(self, scores: dict[str, Scores]) -> Marks:
        """Return what scores of validation and test documents give the test documents."""
        if self.kind is Kind.SINGLE:
            return np.eye(len(self.classes), dtype=bool)[scores["test"].argmax(axis=1)]
        threshold = choose_threshold(scores["validation"], self.marks("validation"))
        return np.asarray(scores["test"] >= threshold)


def read(name: str) -> Corpus:
    """Return a corpus without near-duplicates and without classes of fewer than 20 documents."""
    table = pq.read_table(folder() / f"{name}.parquet", columns=["text", "label"])
    texts = [text[:LONGEST] for text in table.column("text").to_pylist()]
    labels = [[each] if isinstance(each, str) else each for each in table["label"].to_pylist()]
    _, kept = np.unique(near_duplicates(texts), return_index=True)
    names, counts = np.unique([each for row in kept for each in labels[row]], return_counts=True)
    known = {str(each) for each in names[counts >= 20]}
    tags = [[each for each in labels[row] if each in known] for row in kept]
    used = [place for place, row in enumerate(tags) if row]
    return Corpus(
        name=name,
        kind=Kind.MULTI if name in MULTI else Kind.SINGLE,
        texts=np.array([texts[kept[place]] for place in used], dtype=object),
        tags=[tags[place] for place in used],
        classes=tuple(sorted(known)),
    )


def draw(corpus: Corpus, size: int, run: int) -> Draw:
    """Return a draw with ``size`` training documents a class where there are as many."""
    generator = np.random.default_rng([run, size])
    order = generator.permutation(len(corpus.texts))
    tested = min(TESTED_AT_MOST, len(order) // 5)
    rest = order[tested:]
    held = len(rest) // 9 if not size else max(1, size * len(corpus.classes) // 8)
    chosen = rest if not size else _balanced(corpus, rest, size, held)
    parts = {"test": order[:tested], "validation": chosen[:held], "train": chosen[held:]}
    return Draw(
        corpus.kind,
        corpus.classes,
        {part: corpus.texts[places].tolist() for part, places in parts.items()},
        {part: [corpus.tags[place] for place in places] for part, places in parts.items()},
        run,
    )


def _balanced(corpus: Corpus, rest: Places, size: int, held: int) -> Places:
    """Return ``held`` documents at random, then ``size`` others a class."""
    taken: dict[str, int] = dict.fromkeys(corpus.classes, 0)
    found = list(rest[:held])
    for place in rest[held:]:
        if any(taken[name] < size for name in corpus.tags[place]):
            found.append(place)
            for name in corpus.tags[place]:
                taken[name] += 1
    return np.array(found)
