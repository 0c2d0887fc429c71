"""The names of a crawl's items, also of a crawl whose items a store sweep removed.

Of such a crawl only the difference from the next one is left, so that a question about a past day
still finds the items that were deleted since. It holds no text.
"""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas import CRAWL_DIFFERENCES
from cultivar.store.explorer.differing import differing_rows
from cultivar.store.origin import Producer
from cultivar.store.tables import ArtifactRow, SweptCrawlRow
from cultivar.store.workspace import Workspace

NAMED = ("item_id", "path", "name")
EARLIER = "earlier"
_BATCH = 65_536


def names_in_crawl(workspace: Workspace, sha256: str) -> Iterator[pa.RecordBatch]:
    """Yield item id, path and name of every item of a crawl, in no order.

    Raises:
        NotFound: code ``artifact-swept``; nothing is left of the crawl.
        Damaged: a file is missing or is not what it should be.
    """
    absent = pa.array([], pa.string())
    differences, last = _chain(workspace, sha256)
    for each in differences:
        table = workspace.artifacts.read(workspace.artifacts.reference(each))
        of_earlier = pc.equal(table["held_by"], EARLIER)
        names = table.select(NAMED)
        for batch in names.filter(of_earlier).to_batches():
            yield _without(batch, absent)
        later = names.filter(pc.invert(of_earlier))
        absent = pa.concat_arrays([absent, _keys(later).combine_chunks()])
    if last is not None:
        for batch in workspace.artifacts.batches(
            workspace.artifacts.reference(last), list(NAMED), _BATCH
        ):
            yield _without(batch, absent)


def _chain(workspace: Workspace, sha256: str) -> tuple[list[str], str | None]:
    """Return the differences on the way to a crawl that is whole, and that crawl, if there is."""
    differences: list[str] = []
    reached: str | None = sha256
    with workspace.registry.reading() as session:
        while reached is not None:
            row = session.get(ArtifactRow, reached)
            left = session.get(SweptCrawlRow, reached)
            if row is None or row.swept_at is None or left is None:
                break
            differences.append(left.difference_sha256)
            reached = left.next_sha256
    return differences, reached


def _keys(rows: pa.Table | pa.RecordBatch) -> pa.ChunkedArray | pa.Array:
    return pc.binary_join_element_wise(rows["item_id"], rows["path"], "\n")


def _without(batch: pa.RecordBatch, absent: pa.Array) -> pa.RecordBatch:
    if not len(absent):
        return batch
    return batch.filter(pc.invert(pc.is_in(_keys(batch), value_set=absent)))


def write_difference(workspace: Workspace, earlier: str, later: str | None) -> ArtifactReference:
    """Write how the names of a crawl differ from those of the next, or from none.

    Raises:
        Damaged: a file is missing or is not what it should be.
        StoreUnavailable: full, read-only or out of reach.
    """
    declared = CRAWL_DIFFERENCES.arrow
    plain = pa.schema([pa.field(name, declared.field(name).type) for name in NAMED])
    before = _typed(names_in_crawl(workspace, earlier), plain)
    after = _typed(names_in_crawl(workspace, later), plain) if later is not None else iter(())
    inputs = {EARLIER: earlier} | ({"later": later} if later is not None else {})
    return workspace.artifacts.write(
        CRAWL_DIFFERENCES.name,
        differing_rows(before, after, plain),
        producer=Producer.STORE_SWEEP,
        inputs=inputs,
    )


def _typed(batches: Iterator[pa.RecordBatch], columns: pa.Schema) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield pa.RecordBatch.from_arrays([batch[name] for name in columns.names], schema=columns)
