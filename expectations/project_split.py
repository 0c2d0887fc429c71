"""Suite of a project's split: which part of the data each document of a training belongs to.

It knows hashes and parts, never a document's name.
"""

from expectations.rules import Evidence, Rule, between, hashes, one_of, present, row_count

COLUMNS = ("text_sha256", "class_count", "part")
FACTS = ("documents",)
PARTS = ("train", "validation", "test")


def rules(evidence: Evidence) -> list[Rule]:
    """Return the checks; the fact ``documents`` is how many take part."""
    wanted = int(evidence.facts.get("documents", 1))
    return [
        row_count(
            "documents-without-part",
            "every document has its part",
            f"{{found}} documents have a part, of {wanted:,} that take part. Train again.",
            (wanted, wanted if "documents" in evidence.facts else None),
        ),
        row_count(
            "nothing-trains",
            "documents train",
            "Of {rows} documents {found} train; a model needs at least one. Tag more documents, "
            "or leave fewer for the test.",
            (1, None),
            ("part", "==", "train"),
        ),
        *(present(column) for column in COLUMNS),
        hashes("text_sha256"),
        between("class_count", 1, None),
        one_of("part", PARTS),
    ]
