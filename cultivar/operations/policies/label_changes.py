"""Two sets of labels compared, a range of items at a time: what changes and what stays.

Tables in, tables out; it reads and writes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from cultivar.core.schemas import LABEL_CHANGES, LABELS

KEY = ["item_id", "kind", "slot"]
Writers = Mapping[tuple[str, int], tuple[str, ...]]
_SORTED = [(name, "ascending") for name in KEY]
# What an assignment rests on: where all of it is the same, the assignment is the same.
_GROUNDS = ["sha256", "label", "policy_id", "policy_version", "version_id"]
_SIDE = ["location", "path", "source_path", "sha256", "label", "policy_id", "policy_version"]
SORTS = ("added", "removed", "changed", "renewed", "carried", "unchanged")


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes (schema ``LABEL_CHANGES``), and how many of each sort, ``unchanged`` included."""

    changes: pa.Table
    counts: Mapping[str, int]


def changes_between(before: pa.Table, after: pa.Table, writers: Writers) -> Changes:
    """Return what ``after`` changes of ``before`` (schema ``LABELS``, a key at most once each).

    A label that stays the same counts as renewed where a policy has it written and the content or
    the place is another, as a store may keep its labels with the content or the path that went;
    and as carried where a policy with other writers gives it.
    """
    joined = before.select([*KEY, *_SIDE]).join(
        after.select([*KEY, *_SIDE]), KEY, join_type="full outer", left_suffix="_before",
        right_suffix="_after", coalesce_keys=True,
    ).sort_by(_SORTED)  # fmt: skip
    joined = joined.append_column("change", _sorts(joined, writers))
    tally = {row["values"]: row["counts"] for row in joined["change"].value_counts().to_pylist()}
    counts = {name: tally.get(name, 0) for name in SORTS}
    listed = joined.filter(pc.not_equal(joined["change"], "unchanged"))
    return Changes(_as_changes(listed), counts)


def _sorts(joined: pa.Table, writers: Writers) -> pa.ChunkedArray:
    same = pc.equal(joined["label_before"], joined["label_after"])
    written = _written(joined, "after", writers)
    carried = pc.not_equal(_written(joined, "before", writers), written)
    replaced = pc.or_(
        pc.not_equal(joined["sha256_before"], joined["sha256_after"]),
        pc.not_equal(joined["path_before"], joined["path_after"]),
    )
    return pc.case_when(
        pc.make_struct(
            pc.is_null(joined["label_before"]),
            pc.is_null(joined["label_after"]),
            pc.invert(pc.fill_null(same, False)),
            pc.fill_null(pc.and_(replaced, pc.not_equal(written, "")), False),
            pc.fill_null(carried, False),
        ),
        *SORTS,
    )


def _written(joined: pa.Table, side: str, writers: Writers) -> pa.Array:
    """Return each row's writers on one side as one text."""
    versions = pc.cast(joined[f"policy_version_{side}"], pa.string())
    keys = pc.binary_join_element_wise(joined[f"policy_id_{side}"], versions, "/")
    known = pa.array([f"{name}/{version}" for name, version in writers], pa.string())
    texts = pa.array([" ".join(names) for names in writers.values()], pa.string())
    return pc.take(texts, pc.index_in(keys, value_set=known))


def _as_changes(joined: pa.Table) -> pa.Table:
    columns = {name: joined[name] for name in [*KEY, "change"]}
    for name in ("location", "path", "source_path"):
        columns[name] = pc.coalesce(joined[f"{name}_after"], joined[f"{name}_before"])
    for side in ("before", "after"):
        columns[side] = joined[f"label_{side}"]
        columns[f"{side}_policy_id"] = joined[f"policy_id_{side}"]
        columns[f"{side}_policy_version"] = joined[f"policy_version_{side}"]
    return pa.table(columns).select(LABEL_CHANGES.arrow.names).cast(LABEL_CHANGES.arrow)


def numbered(before: pa.Table, after: pa.Table, number: int) -> pa.Table:
    """Return ``after`` sorted, each label with the application that assigned it.

    One that rests on the same item hash, classifier version and policy version as before keeps its
    application; any other gets ``number``.
    """
    told = _joinable(before).append_column("since", before["application"])
    joined = _joinable(after).append_column("row", pa.array(range(after.num_rows), pa.int64()))
    found = joined.join(told, [*KEY, *_GROUNDS], join_type="left outer").sort_by("row")
    application = pc.cast(pc.fill_null(found["since"], number), pa.int32())
    place = LABELS.arrow.get_field_index("application")
    return after.set_column(place, LABELS.arrow.field(place), application).sort_by(_SORTED)


def _joinable(labels: pa.Table) -> pa.Table:
    # a join never finds null equal to null
    version = pc.fill_null(labels["version_id"], "")
    narrow = labels.select([*KEY, *_GROUNDS])
    return narrow.set_column(narrow.column_names.index("version_id"), "version_id", version)
