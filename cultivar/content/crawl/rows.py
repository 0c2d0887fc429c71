"""Items as rows of the items schema: ids, paths and dates.

No row holds the machine's own folder; two machines with the same files make the same rows.
"""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from cultivar.content.dates import created
from cultivar.content.documents.parsing import Parsed
from cultivar.content.entries import Entry
from cultivar.content.languages import language_of
from cultivar.content.locations import Location
from cultivar.core.identity.matching import id_of
from cultivar.core.schemas import ITEMS


def url_of(location: str, path: str) -> str:
    """Return an item's address, the same on any machine: ``<location>:/<path>``."""
    return f"{location}:/{path}"


def row_of(location: Location, entry: Entry, parsed: Parsed) -> dict[str, Any]:
    """Return one row of the items schema, without its marks as a duplicate."""
    path = entry.path + parsed.member
    folder, _, name = path.rpartition("/")
    moment, source = created(
        parsed.own_date, parsed.own_source, entry.created_at, entry.modified_at
    )
    modified = parsed.modified_at or entry.modified_at
    return {
        "item_id": id_of(location.name, path),
        "location": location.name,
        "workload": location.workload,
        "path": path,
        "folder": folder,
        "name": name,
        "sha256": parsed.sha256,
        "url": url_of(location.name, path),
        "source_path": entry.path,
        "change_key": entry.change_key,
        "media_type": parsed.media_type,
        "size": parsed.size,
        "created_at": min(moment, modified) if source == "modified" else moment,
        "created_source": source,
        "modified_at": modified,
        "title": parsed.title,
        "text": parsed.text,
        "text_sha256": parsed.text_sha256,
        "characters": len(parsed.text or ""),
        # Here and not in the workers, each of which would load the model.
        "language": language_of(parsed.text) if parsed.text else None,
        "status": parsed.status,
        "reason": parsed.reason,
        "duplicate_of": None,
        "near_duplicate_of": None,
        "own_text": parsed.own_text,
        "message_id": parsed.message_id,
        "thread_id": parsed.thread_id,
        "store_id": entry.store_id,
        "identity": identity_of(parsed, entry),
    }


def identity_of(parsed: Parsed, entry: Entry) -> str | None:
    """Return what tells an item from others, whatever its place; None where nothing is known."""
    if parsed.message_id:
        return f"message {parsed.message_id}"
    if parsed.sha256 and parsed.size:
        return f"content {parsed.sha256}"
    return f"store {entry.store_id}{parsed.member}" if entry.store_id else None


def batch_of(rows: Iterable[dict[str, Any]]) -> pa.RecordBatch:
    """Return rows as one record batch of the items schema."""
    return pa.RecordBatch.from_pylist(list(rows), schema=ITEMS.arrow)
