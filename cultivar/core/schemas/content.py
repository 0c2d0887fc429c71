"""Schemas of what was read: items of a location, the baseline, the unlabelled sample."""

from types import MappingProxyType

import pyarrow as pa

from cultivar.core.schemas.declaring import (
    CONTENT,
    CREATED,
    DUPLICATE_OF,
    IDENTITY,
    MESSAGE_ID,
    NEAR_DUPLICATE_OF,
    OWN_TEXT,
    SOURCE_PATH,
    STATUS,
    THREAD_ID,
    UTC,
    DeclaredSchema,
    column,
)

# columns of the second version
_FOUND_AGAIN_BY = [
    OWN_TEXT,
    MESSAGE_ID,
    THREAD_ID,
    column(
        "store_id",
        pa.string(),
        "Id and version that the store itself gives the file, such as those of a drive's item or "
        "of an object; null where it gives none.",
        nullable=True,
    ),
    column(
        "identity",
        pa.string(),
        "What tells the item from others, whatever its place: the Message-ID of a mail, else the "
        "hash of the bytes, else the id of the store, each with its kind before it; null where "
        "none is known.",
        nullable=True,
    ),
]

ITEMS = DeclaredSchema(
    "items",
    2,
    pa.schema(
        [
            *IDENTITY,
            column(
                "url",
                pa.string(),
                "Address of the item, the same on every machine: location, colon, slash, path.",
            ),
            SOURCE_PATH,
            column(
                "change_key",
                pa.string(),
                "State of the file as its store names it (ETag, or time of change, with the size); "
                "while it stays the same the file is not read again.",
            ),
            column("media_type", pa.string(), "Media type of the content, such as text/plain."),
            column("size", pa.int64(), "Size of the raw content in bytes."),
            *CREATED,
            column("modified_at", UTC, "When the document was last changed, in UTC."),
            *CONTENT,
            STATUS,
            column(
                "reason",
                pa.string(),
                "Why there is no text, or what of it is missing, in a few words; null where the "
                "status says it all.",
                nullable=True,
            ),
            DUPLICATE_OF,
            NEAR_DUPLICATE_OF,
            *_FOUND_AGAIN_BY,
        ]
    ),
    "One row is one document of one location, as the last crawl found it; unreadable ones too.",
    added=MappingProxyType({each.name: 2 for each in _FOUND_AGAIN_BY}),
)

CRAWL_DIFFERENCES = DeclaredSchema(
    "crawl_differences",
    1,
    pa.schema(
        [
            *(each for each in IDENTITY if each.name in ("item_id", "path", "name")),
            column(
                "held_by",
                pa.string(),
                "Which of the two crawls holds the item under this path: earlier or later.",
            ),
        ]
    ),
    "One row is one name of an item that one of two crawls of a location holds and the other does "
    "not; a store sweep leaves it in the place of the earlier one. Sorted by item and path.",
)

BASELINE = DeclaredSchema(
    "baseline",
    1,
    pa.schema(
        [
            column("location", pa.string(), "Name of the location."),
            column("workload", pa.string(), "Kind of the location; see items."),
            column("media_type", pa.string(), "Media type of the items of this group."),
            column(
                "language",
                pa.string(),
                "Language of the items of this group (ISO 639-1); und where it is unknown.",
            ),
            column("status", pa.string(), "How reading went for this group; see items."),
            column("items", pa.int64(), "Number of items of the group, at least 1."),
            column("bytes", pa.int64(), "Size of their raw content together, in bytes."),
            column("characters", pa.int64(), "Length of their texts together, in characters."),
            column(
                "duplicates", pa.int64(), "How many of them repeat the content of another item."
            ),
            column(
                "near_duplicates",
                pa.int64(),
                "How many of them have nearly the text of another item.",
            ),
        ]
    ),
    "One row is one group of items that share location, media type, language and status; sorted "
    "by these.",
)

DOCUMENT_FREQUENCIES = DeclaredSchema(
    "document_frequencies",
    2,  # the number of the folding that texts became words by; the columns are those of 1
    pa.schema(
        [
            column(
                "feature",
                pa.uint32(),
                "Hash of a word, of two words in a row or of a few letters; none of them is kept.",
            ),
            column(
                "documents",
                pa.int64(),
                "Number of readable documents of the tenant that hold the feature, at least 1.",
            ),
        ]
    ),
    "One row is one feature of the tenant's texts.",
)

UNLABELLED = DeclaredSchema(
    "unlabelled",
    2,
    pa.schema([*IDENTITY, *CONTENT, OWN_TEXT]),
    "One row is one item of the random sample of everyday content that training compares with.",
    added=MappingProxyType({OWN_TEXT.name: 2}),
)
