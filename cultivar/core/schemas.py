"""Declared Arrow schemas of every artifact, by name, with a version each.

A column is added by raising the version here; readers refuse a version that they do not know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pyarrow as pa

UTC = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, slots=True)
class DeclaredSchema:
    """A named, versioned Arrow schema.

    ``group_bytes`` bounds a row group where single rows are read from among many, at the price of
    compression; None leaves it to the store.
    """

    name: str
    version: int
    arrow: pa.Schema
    group_bytes: int | None = None


def _required(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


_IDENTITY = [
    _required("item_id", pa.string()),
    _required("location", pa.string()),
    _required("workload", pa.string()),
    _required("path", pa.string()),
    _required("folder", pa.string()),
    _required("name", pa.string()),
    _required("sha256", pa.string()),
]

_CONTENT = [
    pa.field("title", pa.string()),
    pa.field("text", pa.large_string()),
    pa.field("text_sha256", pa.string()),
    _required("characters", pa.int64()),
    pa.field("language", pa.string()),
]

ITEMS = DeclaredSchema(
    "items",
    1,
    pa.schema(
        [
            *_IDENTITY,
            _required("url", pa.string()),
            # The file that was listed; a message of a mailbox or a member of an archive shares it.
            _required("source_path", pa.string()),
            _required("change_key", pa.string()),
            _required("media_type", pa.string()),
            _required("size", pa.int64()),
            _required("created_at", UTC),
            # metadata (in the document), message (Date header), source (the store's own), modified
            _required("created_source", pa.string()),
            _required("modified_at", UTC),
            *_CONTENT,
            # ok, empty, encrypted, corrupt, unsupported, too large, timed out, out of memory,
            # failed
            _required("status", pa.string()),
            pa.field("reason", pa.string()),
            pa.field("duplicate_of", pa.string()),
            pa.field("near_duplicate_of", pa.string()),
        ]
    ),
)

BASELINE = DeclaredSchema(
    "baseline",
    1,
    pa.schema(
        [
            _required("location", pa.string()),
            _required("workload", pa.string()),
            _required("media_type", pa.string()),
            _required("language", pa.string()),
            _required("status", pa.string()),
            _required("items", pa.int64()),
            _required("bytes", pa.int64()),
            _required("characters", pa.int64()),
            _required("duplicates", pa.int64()),
            _required("near_duplicates", pa.int64()),
        ]
    ),
)

DOCUMENT_FREQUENCIES = DeclaredSchema(
    "document_frequencies",
    1,
    pa.schema([_required("feature", pa.uint32()), _required("documents", pa.int64())]),
)

UNLABELLED = DeclaredSchema("unlabelled", 1, pa.schema([*_IDENTITY, *_CONTENT]))

SEED_SET = DeclaredSchema(
    "seed_set",
    1,
    pa.schema(
        [
            *_IDENTITY,
            _required("created_at", UTC),
            _required("created_source", pa.string()),
            _required("status", pa.string()),
            *_CONTENT,
            _required("used", pa.bool_()),
            # why not: "not among the 500 most recently created", "encrypted", "duplicate"
            pa.field("skipped", pa.string()),
        ]
    ),
)

TEST_SET = DeclaredSchema(
    "test_set",
    1,
    pa.schema(
        [
            *_IDENTITY,
            _required("created_at", UTC),
            _required("status", pa.string()),
            *_CONTENT,
            _required("used", pa.bool_()),
            pa.field("skipped", pa.string()),
            # 1 where the item equals or nearly equals a seed, else 0
            _required("seed_overlap", pa.int8()),
            # 1 positive, 0 negative, null where the location declares nothing
            pa.field("declared", pa.int8()),
        ]
    ),
    # A reviewer reads one item at a time.
    group_bytes=1 << 20,
)

PREDICTIONS = DeclaredSchema(
    "predictions",
    1,
    pa.schema(
        [
            _required("item_id", pa.string()),
            _required("sha256", pa.string()),
            _required("version_id", pa.string()),
            _required("score", pa.float32()),
            # match, close match, no match
            _required("prediction", pa.string()),
        ]
    ),
)

REVIEWS = DeclaredSchema(
    "reviews",
    1,
    pa.schema(
        [
            _required("item_id", pa.string()),
            _required("batch", pa.int32()),
            _required("position", pa.int32()),
            _required("version_id", pa.string()),
            _required("score", pa.float32()),
            _required("prediction", pa.string()),
            # yes, no, not sure
            _required("verdict", pa.string()),
            # 1 relevant, 0 not relevant, null for "not sure"
            pa.field("relevant", pa.int8()),
        ]
    ),
)

ACCURACY = DeclaredSchema(
    "accuracy",
    1,
    pa.schema(
        [
            _required("batch", pa.int32()),
            _required("presented", pa.int32()),
            _required("decided", pa.int32()),
            _required("agreed", pa.int32()),
            _required("accuracy", pa.float64()),
            _required("lower", pa.float64()),
            _required("upper", pa.float64()),
        ]
    ),
)

ASSIGNMENTS = DeclaredSchema(
    "assignments",
    1,
    pa.schema(
        [
            *_IDENTITY,
            _required("classifier_id", pa.string()),
            _required("version_id", pa.string()),
            _required("score", pa.float32()),
            # match, close match (items that do not match are counted, not listed)
            _required("prediction", pa.string()),
        ]
    ),
)

SCHEMAS: Mapping[str, DeclaredSchema] = MappingProxyType(
    {
        schema.name: schema
        for schema in (
            ITEMS,
            BASELINE,
            DOCUMENT_FREQUENCIES,
            UNLABELLED,
            SEED_SET,
            TEST_SET,
            PREDICTIONS,
            REVIEWS,
            ACCURACY,
            ASSIGNMENTS,
        )
    }
)
