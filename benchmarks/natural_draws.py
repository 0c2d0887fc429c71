"""Draws for the ranking in the natural mix, prepared once and kept between alternatives.

It measures nothing. A kept draw holds numbers alone: rows, truth, and what the rivals said.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import islice, product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchmarks import quality, rivals
from benchmarks.corpora import DOCUMENTS, Category, categories
from cultivar.core.learning import features, rounds
from cultivar.core.learning.rounds import NEGATIVE, POSITIVE, UNLABELLED, Material
from cultivar.core.learning.solver import Rows
from cultivar.core.learning.training import prepare
from cultivar.encoder import load

PREVALENCES = (0.001, 0.01, 0.05, 0.25)
SEEDS = 50
CHOOSING, CLAIMING = "choosing", "claiming"

Numbers = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Wanted:
    """Which draws: the part's categories, prevalences and the numbers of the runs."""

    part: str = CLAIMING
    corpora: tuple[str, ...] = DOCUMENTS
    every: int = 1
    prevalences: tuple[float, ...] = PREVALENCES
    runs: int = 2
    strong: bool = False


@dataclass(frozen=True)
class Prepared:
    """A draw as numbers: seeds and unlabelled as ``material``, tested items as ``tested``.

    ``hidden`` tells which unlabelled items are relevant, ``relevant`` which tested ones are;
    ``naive`` and ``supervised`` are the rivals' values of the tested items.
    """

    category: str
    prevalence: float
    run: int
    material: Material
    hidden: Marks
    tested: Rows
    relevant: Marks
    naive: Numbers
    supervised: Numbers


def picked(rows: Rows, chosen: npt.NDArray[np.int64]) -> Rows:
    """Return the ``chosen`` rows alone, in the order given."""
    starts, sizes = rows.indptr[chosen], np.diff(rows.indptr)[chosen]
    indptr = np.append(0, np.cumsum(sizes))
    entries = np.repeat(starts - indptr[:-1], sizes) + np.arange(indptr[-1])
    sparse = rows.indices[entries], rows.values[entries]
    return Rows(indptr, *sparse, rows.dense[chosen], rows.features)


def draws(wanted: Wanted, kept: Path | None) -> Iterator[Prepared]:
    """Yield the draws that are wanted; a draw in the folder ``kept`` is read, a new one put there.

    The categories for choosing are every second of a corpus, those for the claim the others.
    """
    for category in _categories(wanted):
        for prevalence, run in product(wanted.prevalences, range(wanted.runs)):
            found = _kept(category, prevalence, run, wanted.strong, kept)
            if found is not None:
                yield found


def _categories(wanted: Wanted) -> Iterator[Category]:
    found = (
        each
        for corpus in wanted.corpora
        for place, each in enumerate(categories((corpus,)))
        if place % 2 == (wanted.part == CLAIMING)
    )
    yield from islice(found, 0, None, wanted.every)


def _kept(
    category: Category, prevalence: float, run: int, strong: bool, folder: Path | None
) -> Prepared | None:
    name = f"{category.corpus}/{category.name}"
    plain = re.sub(r"\W+", "-", f"{name} {prevalence} {run} {'strong' if strong else ''}")
    path = None if folder is None else folder / f"{plain}.npz"
    if path is not None and path.exists():
        return _read(path, name, prevalence, run)
    drawn = quality.draw(category, SEEDS, prevalence, run)
    if drawn is None:
        return None
    drawn = quality.strongest(category, drawn, run) if strong else drawn
    found = _prepared(category, drawn, prevalence, run)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, found)
    return found


def _prepared(category: Category, drawn: quality.Draw, prevalence: float, run: int) -> Prepared:
    given = quality.training_input(category, drawn, run)
    ready = prepare(given, load())
    tested = pa.array(category.texts[drawn.tested].tolist(), pa.large_string())
    rows = features.extract(tested, load(), ready.idf)
    known = np.append(np.ones(len(drawn.seeds), bool), drawn.hidden)
    if len(known) != len(ready.material.roles):
        raise ValueError("a seed's text occurs among the unlabelled items")
    told = Material(ready.material.rows, np.where(known, POSITIVE, NEGATIVE).astype(np.int8))
    learned = rounds.learn_labelled(told, run)[0]
    seeds, unlabelled = (category.texts[each].tolist() for each in (drawn.seeds, drawn.unlabelled))
    return Prepared(
        category=f"{category.corpus}/{category.name}",
        prevalence=prevalence,
        run=run,
        material=ready.material,
        hidden=drawn.hidden,
        tested=rows,
        relevant=drawn.relevant,
        naive=rivals.naive(seeds, unlabelled, tested.to_pylist()),
        supervised=learned.decide(rows, np.arange(len(rows))),
    )


_ARRAYS = ("hidden", "relevant", "naive", "supervised")


def _write(path: Path, found: Prepared) -> None:
    arrays = {name: getattr(found, name) for name in _ARRAYS}
    for name, rows in (("material", found.material.rows), ("tested", found.tested)):
        arrays |= {f"{name}_{each.name}": getattr(rows, each.name) for each in fields(Rows)}
    partial = path.with_suffix(".partial.npz")
    np.savez(partial, **arrays)
    partial.replace(path)


def _read(path: Path, category: str, prevalence: float, run: int) -> Prepared:
    with np.load(path, allow_pickle=False) as held:
        arrays = {name: held[name] for name in held.files}
    material, tested = (_rows(arrays, name) for name in ("material", "tested"))
    sizes = [len(material) - len(arrays["hidden"]), len(arrays["hidden"])]
    roles = np.repeat(np.array([POSITIVE, UNLABELLED], np.int8), sizes)
    parts = {name: arrays[name] for name in _ARRAYS}
    return Prepared(category, prevalence, run, Material(material, roles), tested=tested, **parts)


def _rows(arrays: dict[str, npt.NDArray[Any]], name: str) -> Rows:
    indptr, indices, values, dense = (
        arrays[f"{name}_{part}"] for part in ("indptr", "indices", "values", "dense")
    )
    return Rows(indptr, indices, values, dense, int(arrays[f"{name}_features"]))
