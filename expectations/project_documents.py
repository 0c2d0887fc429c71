"""Suite of a project's documents before a training: enough that can be read and is tagged.

It knows counts and hashes, never a document's name, class or text; advice that does not forbid is
the core's guidance.
"""

from cultivar.core.projects.limits import DOCUMENT_CHARACTERS, DOCUMENTS_AT_MOST
from expectations.rules import (
    READABLE,
    STATUSES,
    Evidence,
    Rule,
    between,
    hashes,
    one_of,
    present,
    row_count,
)

COLUMNS = (
    "class_count",
    "text_sha256",
    "characters",
    "status",
    "repeated",
)
FACTS: tuple[str, ...] = ("kind",)
NULLABLE = ("text_sha256",)
READ = (*STATUSES, "not found")


def rules(evidence: Evidence) -> list[Rule]:
    """Return the checks of the documents; ``kind`` single-label allows one class a document."""
    most = 1 if evidence.facts.get("kind") == "single-label" else None
    return [
        row_count(
            "no-documents",
            "the project holds documents, and not too many",
            f"The project holds {{found}} documents; 1 to {DOCUMENTS_AT_MOST:,} can be trained on. "
            "Import a labels file.",
            (1, DOCUMENTS_AT_MOST),
        ),
        row_count(
            "nothing-readable",
            "documents can be read",
            "Of {rows} documents {found} can be read, and two are the least. `cultivar project "
            "documents` says why others cannot; correct them or add some, and import again.",
            (2, None),
            READABLE,
        ),
        row_count(
            "not-tagged",
            "documents are tagged",
            "Of {rows} documents {found} are tagged. Tag at least two and import again.",
            (2, None),
            ("class_count", ">=", 1),
        ),
        *(present(column) for column in COLUMNS if column not in NULLABLE),
        present("text_sha256", READABLE),
        hashes("text_sha256", READABLE),
        one_of("status", READ),
        one_of("repeated", (0, 1)),
        between("class_count", 0, most, "several-classes"),
        between("characters", 0, DOCUMENT_CHARACTERS, "document-too-long"),
    ]
