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

# The labels of a location's items that policies gave, sorted by item, kind and slot.
LABELS = DeclaredSchema(
    "labels",
    1,
    pa.schema(
        [
            *_IDENTITY,
            # the file that holds the item: another path than its own inside mailboxes and archives
            _required("source_path", pa.string()),
            # sensitivity label, retention label, communication compliance
            _required("kind", pa.string()),
            # what excludes other labels of the item: empty, or the policy's id for communication
            _required("slot", pa.string()),
            _required("label", pa.string()),
            _required("policy_id", pa.string()),
            _required("policy_version", pa.int32()),
            # null where the condition held without any classifier's match
            pa.field("classifier_id", pa.string()),
            pa.field("version_id", pa.string()),
            pa.field("score", pa.float32()),
            # the location's application that assigned it, which the registry dates; 0 before that
            _required("application", pa.int32()),
        ]
    ),
)

# What an application changes of the labels before it, sorted likewise.
LABEL_CHANGES = DeclaredSchema(
    "label_changes",
    1,
    pa.schema(
        [
            _required("item_id", pa.string()),
            _required("location", pa.string()),
            _required("path", pa.string()),
            _required("source_path", pa.string()),
            _required("kind", pa.string()),
            _required("slot", pa.string()),
            # added, removed, changed, and of the same label renewed (to be written on content that
            # was replaced) and carried (by a policy with other writers)
            _required("change", pa.string()),
            pa.field("before", pa.string()),
            pa.field("before_policy_id", pa.string()),
            pa.field("before_policy_version", pa.int32()),
            pa.field("after", pa.string()),
            pa.field("after_policy_id", pa.string()),
            pa.field("after_policy_version", pa.int32()),
        ]
    ),
)

# What people's standing verdicts say of the items of a published version, sorted by item.
FEEDBACK = DeclaredSchema(
    "feedback",
    1,
    pa.schema(
        [
            _required("item_id", pa.string()),
            _required("location", pa.string()),
            # the version that was judged, and what it said of the item
            _required("version_id", pa.string()),
            _required("score", pa.float32()),
            _required("prediction", pa.string()),
            # how many people said match, and not a match
            _required("matches", pa.int32()),
            _required("others", pa.int32()),
            # 1 relevant, 0 not relevant, null where people are split
            pa.field("relevant", pa.int8()),
            _required("text", pa.large_string()),
        ]
    ),
)

# Both versions of a retraining on each judged item, flips first.
COMPARISON = DeclaredSchema(
    "comparison",
    1,
    pa.schema(
        [
            _required("item_id", pa.string()),
            # 1 where the item is of the set, else 0
            _required("with_feedback", pa.int8()),
            _required("original", pa.int8()),
            _required("relevant", pa.int8()),
            # the fold whose model judged the item without having learned from it
            _required("fold", pa.int32()),
            # 1 where the published version has learned from the item, so that a fold judged it too
            _required("published_learned", pa.int8()),
            _required("published_score", pa.float32()),
            _required("published_prediction", pa.string()),
            _required("retrained_score", pa.float32()),
            _required("retrained_prediction", pa.string()),
            _required("flips", pa.int8()),
            # which version alone is right: published, retrained, or null
            pa.field("right", pa.string()),
        ]
    ),
)

# The figures of a retraining's overview, one a row; a measure without a whole has none.
OVERVIEW = DeclaredSchema(
    "overview",
    1,
    pa.schema(
        [
            _required("items", pa.string()),
            _required("version", pa.string()),
            _required("measure", pa.string()),
            # items of the set
            _required("size", pa.int32()),
            _required("estimate", pa.float64()),
            _required("lower", pa.float64()),
            _required("upper", pa.float64()),
        ]
    ),
)

# A project's documents with their tags, in the order of import.
PROJECT_DOCUMENTS = DeclaredSchema(
    "project_documents",
    1,
    pa.schema(
        [
            # its path in the project's container, or what the import called it; unique
            _required("document", pa.string()),
            _required("language", pa.string()),
            # train, test, null where the file leaves it open
            pa.field("dataset", pa.string()),
            # empty: not tagged
            _required("classes", pa.list_(pa.string())),
            _required("class_count", pa.int32()),
            pa.field("text", pa.large_string()),
            pa.field("text_sha256", pa.string()),
            _required("characters", pa.int64()),
            # ok, or why there is no text; see ``items``
            _required("status", pa.string()),
            pa.field("reason", pa.string()),
            # 1 where an earlier document has the same text, else 0
            _required("repeated", pa.int8()),
        ]
    ),
)

# Which part of the data each document of a training belonged to, by document.
PROJECT_SPLIT = DeclaredSchema(
    "project_split",
    1,
    pa.schema(
        [
            _required("document", pa.string()),
            _required("text_sha256", pa.string()),
            _required("class_count", pa.int32()),
            # train, validation, test
            _required("part", pa.string()),
        ]
    ),
)

# What a project's model says of its validation documents; of the test set nothing is kept by row.
PROJECT_VALIDATION = DeclaredSchema(
    "project_validation",
    1,
    pa.schema(
        [
            _required("document", pa.string()),
            _required("language", pa.string()),
            _required("tagged", pa.list_(pa.string())),
            _required("predicted", pa.list_(pa.string())),
            # of the predicted classes, in their order
            _required("scores", pa.list_(pa.float32())),
            # 1 where both are the same classes, else 0
            _required("right", pa.int8()),
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
            LABELS,
            LABEL_CHANGES,
            FEEDBACK,
            COMPARISON,
            OVERVIEW,
            PROJECT_DOCUMENTS,
            PROJECT_SPLIT,
            PROJECT_VALIDATION,
        )
    }
)
