"""What of an item's text counts for learning and scoring: its own words.

A mail's header lines, quoted mails, signature and disclaimer, and what stands on every page of a
document, are shown and do not count. A text that a person gives counts whole.
"""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

# What a table must be read with, for ``with_own_words``.
TEXT_COLUMNS = ("text", "own_text")


def with_own_words(items: pa.Table) -> pa.Table:
    """Return items whose column ``text`` is what counts; ``own_text`` is gone."""
    own = items.column("own_text")
    if own.null_count < len(items):
        place = items.schema.get_field_index("text")
        counted = pc.coalesce(own, items.column("text"))
        items = items.set_column(place, items.schema.field(place), counted)
    return items.drop_columns(["own_text"])


def own_words_of(row: Mapping[str, Any]) -> str | None:
    """Return what counts of one row with the columns ``text`` and ``own_text``."""
    own: str | None = row["own_text"]
    return own if own is not None else row["text"]
