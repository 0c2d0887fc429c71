"""Suite of a retraining's overview: figures of both versions on both sets of items.

It knows figures only.
"""

from expectations.rules import Evidence, Rule, between, one_of, present, row_count, unique_together

COLUMNS = ("items", "version", "measure", "size", "estimate", "lower", "upper")
FACTS: tuple[str, ...] = ()
SETS = ("items with feedback", "original items")
VERSIONS = ("published", "retrained")
MEASURES = ("precision", "recall", "accuracy", "true positives", "false positives")


def rules(_evidence: Evidence) -> list[Rule]:
    """Return the checks: a measure of a version on a set stands once, or has no whole."""
    at_least, at_most = 1, len(SETS) * len(VERSIONS) * len(MEASURES)
    return [
        row_count(
            "missing-figures",
            "the versions are measured",
            f"The overview holds {{found}} figures, of {at_most} that there can be. Retrain again: "
            "`cultivar retrain start NAME`.",
            (at_least, at_most),
        ),
        *(present(column) for column in COLUMNS),
        unique_together(("items", "version", "measure"), "repeated-figure", "a figure"),
        one_of("items", SETS),
        one_of("version", VERSIONS),
        one_of("measure", MEASURES),
        *(between(column, 0, None) for column in ("size", "estimate", "lower", "upper")),
    ]
