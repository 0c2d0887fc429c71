"""Whether seeds fall into groups, and the words that tell each group from the others.

Groups are information and no fault: a kind may have several forms. It shows whether each has
enough examples.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cultivar.core.learning.writing.function_words import is_function_word

Vectors = npt.NDArray[np.float64]

_MOST = 4
_SMALLEST = 4  # seeds; fewer are single documents and no group
_APART = 0.1  # mean silhouette from which groups are told (measured on seeds of one and two kinds)
_WORDS = 4
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Group:
    """Seeds that are alike (``rows`` of the seeds), and ``words`` that few others hold."""

    rows: tuple[int, ...]
    words: tuple[str, ...]


def groups_of(vectors: Vectors, middle: Vectors, texts: Sequence[str]) -> list[Group]:
    """Return the groups, largest first; one group with all where they do not fall apart.

    ``vectors`` (float [n, d]) are the seeds' encoder vectors, ``middle`` (float [d]) the mean of
    everyday content, from which they are seen. Ward's clusters of two to four groups are judged by
    their mean silhouette (Rousseeuw, "Silhouettes", J. Comput. Appl. Math. 20, 1987).
    """
    labels = _labels(_directions(vectors, middle))
    found = [np.flatnonzero(labels == each) for each in np.unique(labels)]
    found.sort(key=lambda rows: (-len(rows), int(rows[0])))
    if len(found) == 1:
        return [Group(tuple(map(int, found[0])), ())]
    words = [set(map(str.casefold, _WORD.findall(text))) for text in texts]
    return [Group(tuple(map(int, rows)), _telling(words, rows)) for rows in found]


def _directions(vectors: Vectors, middle: Vectors) -> Vectors:
    seen = np.asarray(vectors, dtype=np.float64) - middle
    lengths = np.sqrt(np.square(seen).sum(axis=1, keepdims=True))
    return np.asarray(seen / np.where(lengths > 0.0, lengths, 1.0))


def _labels(directions: Vectors) -> npt.NDArray[np.int64]:
    # scikit-learn takes a second to import, and few commands look for groups
    from sklearn.cluster import AgglomerativeClustering  # noqa: PLC0415
    from sklearn.metrics import silhouette_score  # noqa: PLC0415

    best, chosen = _APART, np.zeros(len(directions), dtype=np.int64)
    for count in range(2, _MOST + 1):
        if len(directions) < count * _SMALLEST or not directions.shape[1]:
            break
        labels = AgglomerativeClustering(count, linkage="ward").fit_predict(directions)
        if np.bincount(labels).min() < _SMALLEST:
            continue
        apart = float(silhouette_score(directions, labels))
        if apart > best:
            best, chosen = apart, labels
    return chosen


def _telling(words: Sequence[set[str]], rows: npt.NDArray[np.int64]) -> tuple[str, ...]:
    """Return the words whose share in the group most exceeds that in the other seeds."""
    inside = {int(row) for row in rows}
    own = [each for row, each in enumerate(words) if row in inside]
    others = [each for row, each in enumerate(words) if row not in inside]
    known = {word for each in own for word in each if not is_function_word(word)}

    def lead(word: str) -> float:
        return sum(word in each for each in own) / len(own) - sum(
            word in each for each in others
        ) / len(others)

    return tuple(sorted(known, key=lambda word: (-lead(word), word))[:_WORDS])
