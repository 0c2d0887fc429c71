"""What a declared schema is, and the columns that several of them share.

Each column says in plain words what it holds; the words are written into every Parquet file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pyarrow as pa

UTC = pa.timestamp("us", tz="UTC")
DESCRIPTION = b"description"


@dataclass(frozen=True, slots=True)
class DeclaredSchema:
    """A named, versioned Arrow schema.

    ``about`` says what one row is and in which order rows stand. ``group_bytes`` bounds a row group
    where single rows are read from among many, at the price of compression; None leaves it to the
    store. ``added`` tells which version brought a column that was not there from the start; such a
    column is nullable, and null in the rows of an older file. Where a row stands for several,
    ``counts`` names the column that tells for how many.
    """

    name: str
    version: int
    arrow: pa.Schema
    about: str
    group_bytes: int | None = None
    added: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    counts: str | None = None

    def at(self, version: object) -> pa.Schema | None:
        """Return the columns as a version had them; None where there is no such version."""
        if not isinstance(version, int) or not 1 <= version <= self.version:
            return None
        return pa.schema(each for each in self.arrow if self.added.get(each.name, 1) <= version)


def column(name: str, kind: pa.DataType, description: str, *, nullable: bool = False) -> pa.Field:
    """Return a column that describes itself; unless ``nullable``, every row has a value."""
    return pa.field(name, kind, nullable=nullable, metadata={DESCRIPTION: description})


def description_of(field: pa.Field) -> str:
    """Return what a column says of itself; nothing where its file was written without."""
    return (field.metadata or {}).get(DESCRIPTION, b"").decode()


ITEM_ID = column(
    "item_id",
    pa.string(),
    "Id of the item: 32 hexadecimal digits. It stays with the item when that is renamed or moved "
    "within its location.",
)
LOCATION = column("location", pa.string(), "Name of the location that holds the item.")
PATH = column(
    "path",
    pa.string(),
    "Path of the item below its location, with slashes; a message of a mailbox or a member of an "
    "archive follows the path of the file that holds it.",
)
IDENTITY = [
    ITEM_ID,
    LOCATION,
    column(
        "workload",
        pa.string(),
        "Kind of the location: exchange (mail), sharepoint, onedrive, teams or files.",
    ),
    PATH,
    column(
        "folder",
        pa.string(),
        "Path without the name of the item; empty at the root of the location.",
    ),
    column("name", pa.string(), "Last part of the path: the name of the file."),
    column(
        "sha256",
        pa.string(),
        "SHA-256 of the raw bytes, 64 hexadecimal digits; empty where the bytes could not be "
        "taken out of their container.",
    ),
]
CONTENT = [
    column(
        "title",
        pa.string(),
        "Title that the document states, such as the subject of a mail; null where it states none.",
        nullable=True,
    ),
    column(
        "text",
        pa.large_string(),
        "Text of the document, cut at the setting max_characters; null where none could be read.",
        nullable=True,
    ),
    column(
        "text_sha256",
        pa.string(),
        "SHA-256 of the text, 64 hexadecimal digits; null where there is no text.",
        nullable=True,
    ),
    column("characters", pa.int64(), "Length of the text in characters; 0 where there is none."),
    column(
        "language",
        pa.string(),
        "Language of the text as a code of ISO 639-1, und where it has under 20 letters; null "
        "where there is no text.",
        nullable=True,
    ),
]
DUPLICATE_OF = column(
    "duplicate_of",
    pa.string(),
    "Id of an earlier item of the location with the same content; null where there is none.",
    nullable=True,
)
NEAR_DUPLICATE_OF = column(
    "near_duplicate_of",
    pa.string(),
    "Id of an earlier item of the location with nearly the same text; null where there is none.",
    nullable=True,
)
MESSAGE_ID = column(
    "message_id",
    pa.string(),
    "Message-ID of a mail without its angle brackets; null where the mail states none, and for "
    "everything that is no mail.",
    nullable=True,
)
THREAD_ID = column(
    "thread_id",
    pa.string(),
    "What the mails of one conversation share: the first of the References, else the "
    "In-Reply-To, else the mail's own Message-ID; null where there is none of them.",
    nullable=True,
)
OWN_TEXT = column(
    "own_text",
    pa.large_string(),
    "What counts as the document's own words for learning: of a mail its subject and what its "
    "sender wrote, of a document what does not stand on every page; null where the whole text "
    "counts.",
    nullable=True,
)
CREATED = [
    column("created_at", UTC, "When the document was created, in UTC; see created_source."),
    column(
        "created_source",
        pa.string(),
        "Where created_at comes from: metadata (stated in the document), message (the Date of a "
        "mail), source (kept by the store) or modified (nothing better was known).",
    ),
]
STATUS = column(
    "status",
    pa.string(),
    "How reading went: ok, partial, empty, encrypted, corrupt, unsupported, too large, timed out, "
    "out of memory or failed. Items that are ok or partial have text; that of partial ones is "
    "incomplete, and the reason says what is missing.",
)
SOURCE_PATH = column(
    "source_path",
    pa.string(),
    "Path of the file that holds the item: another path than its own for messages of a mailbox "
    "and members of an archive, which share it.",
)
VERSION_ID = column("version_id", pa.string(), "Id of the version that scored the item.")
SCORE = column(
    "score",
    pa.float32(),
    "Probability that the item is relevant in the tenant's content, as that version estimates it, "
    "from 0 to 1; compared with the thresholds of the version.",
)
PREDICTION = column(
    "prediction",
    pa.string(),
    "What the version says of the item: match, close match (just below its threshold) or no match.",
)
LISTED_PREDICTION = column(
    "prediction",
    pa.string(),
    "What the version says of the item: match or close match (just below its threshold).",
)
RUNS_OF_PARTS = [
    column("part", pa.string(), "SHA-256 of the part, 64 hexadecimal digits."),
    column("part_rows", pa.int64(), "Number of all rows of the part."),
    column(
        "part_bytes",
        pa.int64(),
        "Bytes of the texts of all its rows, uncompressed; 0 where it holds none.",
    ),
    column("first", pa.int64(), "Number of the run's first row in the part, from 0."),
    column("rows", pa.int64(), "Number of rows of the run, at least 1."),
]
