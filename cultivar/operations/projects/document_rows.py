"""A tagged document as a row of the project's documents, and back."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from cultivar.core.projects.labels import Tagged
from cultivar.core.projects.limits import DOCUMENT_CHARACTERS
from cultivar.core.texts.given_texts import holds_text
from cultivar.core.texts.reading_status import OK, has_text

UNREAD = "unread"


def row_of(
    tagged: Tagged, seen: set[str], trouble: tuple[str, str | None] = (UNREAD, None)
) -> dict[str, Any]:
    """Return a document's row.

    ``trouble`` is status and reason where it has no text or lacks some of it; ``seen`` holds the
    texts' hashes so far.
    """
    text = tagged.text
    if text is not None and len(text) > DOCUMENT_CHARACTERS:
        trouble = ("too large", f"it holds more than {DOCUMENT_CHARACTERS:,} characters")
        text = None
    if text is not None and not holds_text(text):
        text, trouble = None, ("empty", "it holds no text")
    if text is not None and not has_text(trouble[0]):
        trouble = (OK, None)
    digest = sha256(text.encode()).hexdigest() if text is not None else None
    repeated = digest is not None and digest in seen
    if digest is not None:
        seen.add(digest)
    return {
        "document": tagged.document,
        "language": tagged.language,
        "dataset": tagged.dataset,
        "classes": list(tagged.classes),
        "class_count": len(tagged.classes),
        "text": text,
        "text_sha256": digest,
        "characters": len(text or ""),
        "status": trouble[0],
        "reason": trouble[1],
        "repeated": int(repeated),
    }


def tagged_of(row: Mapping[str, Any]) -> Tagged:
    """Return the document that a row of ``row_of`` stands for."""
    return Tagged(
        row["document"], tuple(row["classes"]), row["language"], row["dataset"], row["text"]
    )
