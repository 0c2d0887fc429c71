"""Lists of parts as artifacts: which rows of which artifacts stand for one, in which order.

A single part of which all rows hold needs no list, and any other artifact is its own only part.
Parts are a list's inputs, so that lineage finds them.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from cultivar.core.parts.runs import Part, whole
from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas import ITEM_PARTS
from cultivar.core.schemas.arrays import arrow_numbers, arrow_texts
from cultivar.store.integrity import damaged, readable
from cultivar.store.origin import LISTS

if TYPE_CHECKING:
    from cultivar.store.artifacts import ArtifactStore


def parts_of(store: "ArtifactStore", reference: ArtifactReference) -> tuple[Part, ...]:
    """Return the parts of an artifact, in the order in which the first row of each stands.

    Raises:
        Damaged: the list is missing, unreadable, or contradicts itself.
    """
    if reference.schema not in LISTS:
        return (whole(reference.sha256, reference.rows),) if reference.rows else ()
    with store.open(reference) as file, readable(reference):
        table = file.read()
    codes = table.column("part").combine_chunks().dictionary_encode()
    of, names = codes.indices.to_numpy(), codes.dictionary.to_pylist()
    numbers = {name: table.column(name).to_numpy() for name in table.column_names if name != "part"}
    places = np.cumsum(numbers["rows"]) - numbers["rows"]
    found = []
    for number, name in enumerate(names):
        runs = np.flatnonzero(of == number)
        first, rows, place = (each[runs] for each in (numbers["first"], numbers["rows"], places))
        at = int(runs[0])
        size, held = int(numbers["part_bytes"][at]), int(numbers["part_rows"][at])
        found.append(Part(name, held, size, first, rows, place))
    if not all(_is_possible(each) for each in found):
        raise damaged(reference, "names rows of its parts that cannot be")
    return tuple(found)


def _is_possible(part: Part) -> bool:
    ends = part.firsts + part.lengths
    ascends = bool((part.firsts[1:] >= ends[:-1]).all())
    return (
        ascends and bool((part.lengths > 0).all()) and 0 <= part.firsts[0] <= ends[-1] <= part.rows
    )


def list_of(parts: Sequence[Part]) -> pa.Table:
    """Return the rows of the list of some parts, in the order of places."""
    runs = [
        np.stack([np.full(len(each.firsts), at), each.firsts, each.lengths, each.places], axis=1)
        for at, each in enumerate(parts)
    ]
    every = np.concatenate(runs) if runs else np.zeros((0, 4), np.int64)
    every = every[np.argsort(every[:, 3], kind="stable")]
    of = every[:, 0]
    totals = {
        "part_rows": np.array([each.rows for each in parts], np.int64),
        "part_bytes": np.array([each.size for each in parts], np.int64),
    }
    return pa.table(
        {
            "part": arrow_texts([each.sha256 for each in parts])
            .cast(pa.string())
            .take(arrow_numbers(of)),
            **{name: arrow_numbers(each[of]) for name, each in totals.items()},
            "first": arrow_numbers(np.ascontiguousarray(every[:, 1])),
            "rows": arrow_numbers(np.ascontiguousarray(every[:, 2])),
        },
        ITEM_PARTS.arrow,
    )
