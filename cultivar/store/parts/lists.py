"""Lists of parts as artifacts: which rows of which artifacts stand for one, in which order.

A single part of which all rows hold needs no list, and any other artifact is its own only part.
Parts are a list's inputs, so that lineage finds them.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cultivar.core.parts.runs import Part, whole
from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas import ITEM_PARTS
from cultivar.core.schemas.arrays import arrow_numbers, arrow_texts
from cultivar.core.schemas.declaring import RUNS_OF_PARTS
from cultivar.core.texts.reading_status import WITH_TEXT
from cultivar.store.integrity import damaged, readable
from cultivar.store.origin import LISTS, PART, Inputs

if TYPE_CHECKING:
    from cultivar.store.artifacts import ArtifactStore


def parts_of(store: "ArtifactStore", reference: ArtifactReference) -> tuple[Part, ...]:
    """Return the parts of an artifact, in the order in which the first row of each stands.

    Raises:
        Damaged: the list is missing, unreadable, or contradicts itself.
    """
    if reference.schema not in LISTS:
        return (whole(reference.sha256, reference.rows),)
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


def readable_rows(store: "ArtifactStore", items: ArtifactReference) -> int:
    """Return how many of a location's items have text; a list of parts says so by itself.

    Raises:
        Damaged: the file is missing or unreadable.
    """
    if items.schema == ITEM_PARTS.name:
        with store.open(items) as file, readable(items):
            return int(file.read(["readable"]).column(0).to_numpy().sum())
    return sum(
        pc.sum(pc.is_in(batch.column(0), pa.array(WITH_TEXT)), min_count=0).as_py()
        for batch in store.batches(items, ["status"])
    )


def list_written(
    store: "ArtifactStore",
    parts: Sequence[Part],
    *,
    schema: str,
    producer: str,
    inputs: Inputs | None = None,
    has_text: NDArray[np.bool_] | None = None,
) -> ArtifactReference:
    """Write the list of some parts; parts of which no row is taken are only its inputs.

    ``inputs`` are further ones; ``has_text`` tells of each place whether its item has text.
    """
    numbered = {f"{PART}{number}": part.sha256 for number, part in enumerate(parts, start=1)}
    rows = _list_of(parts)
    if has_text is not None:
        lengths = rows.column("rows").to_numpy()
        sums = np.append(0, np.cumsum(has_text))
        ends = np.cumsum(lengths)
        rows = rows.append_column("readable", arrow_numbers(sums[ends] - sums[ends - lengths]))
    every = {**(inputs or {}), **numbered}
    return store.write(schema, rows, producer=producer, inputs=every)


def _list_of(parts: Sequence[Part]) -> pa.Table:
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
        pa.schema(RUNS_OF_PARTS),
    )
