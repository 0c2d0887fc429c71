"""Suite of a project's validation documents: each judged once, rightly or wrongly.

It knows whether a prediction is right, never a document's name or class.
"""

from expectations.rules import Evidence, Rule, one_of, present, row_count

COLUMNS = ("language", "right")
FACTS = ("documents",)


def rules(evidence: Evidence) -> list[Rule]:
    """Return the checks; the fact ``documents`` is how many were set aside for validation."""
    wanted = int(evidence.facts.get("documents", 1))
    return [
        row_count(
            "validation-incomplete",
            "every validation document is judged",
            f"{{found}} validation documents are judged, of {wanted:,}. Train again.",
            (wanted, wanted if "documents" in evidence.facts else None),
        ),
        *(present(column) for column in COLUMNS),
        one_of("right", (0, 1)),
    ]
