"""Suite of the document frequencies: in how many of the tenant's documents each feature stands.

Features are hashes; no word of a document is here.
"""

from expectations.rules import Evidence, Rule, between, present, row_count, unique

COLUMNS = ("feature", "documents")
FACTS = ("documents",)


def rules(evidence: Evidence) -> list[Rule]:
    """Return the checks; the fact ``documents`` is how many documents were counted."""
    return [
        row_count(
            "no-features",
            "features are counted",
            "The baseline holds {found} features, so there is nothing to weigh words by. "
            "Crawl a location with readable text and opt in again.",
            (1, None),
        ),
        present("feature"),
        present("documents"),
        unique("feature", "a feature"),
        between("feature", 0, None),
        between("documents", 1, evidence.facts.get("documents")),
    ]
