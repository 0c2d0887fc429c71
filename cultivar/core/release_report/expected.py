"""What labels in this content are expected to be worth, in words: how many right, how many missed.

It takes the figures of a release report and leaves out those whose interval says nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from cultivar.core.release_report.grades import (
    TOO_WIDE,
    GradedFigure,
    Missing,
    graded_from,
    missing_from,
    settled_by,
)
from cultivar.core.vocabulary import how_many

# a figure of items says as much as the share that it comes from
_SAYS_AS_MUCH_AS = {
    "precision": "precision",
    "mislabelled": "precision",
    "recall": "recall",
    "missed": "recall",
    "relevant": "recall",
}


def says_something(figures: Mapping[str, GradedFigure], name: str) -> bool:
    """Tell whether a figure is evaluated, and its interval narrow enough to go by."""
    figure = figures.get(name)
    if figure is None or figure.estimate is None:
        return False
    share = figures.get(_SAYS_AS_MUCH_AS.get(name, name))
    if name not in _SAYS_AS_MUCH_AS or share is None:
        return True
    if share.lower is None or share.upper is None:
        return False
    return share.upper - share.lower < TOO_WIDE


def known_figures(figures: Mapping[str, GradedFigure]) -> dict[str, GradedFigure]:
    """Return the figures that say something."""
    return {name: each for name, each in figures.items() if says_something(figures, name)}


def expected_in_words(
    classifier: str, figures: Mapping[str, GradedFigure], missing: Sequence[Missing]
) -> str:
    """Return what is expected of the labels, or how many verdicts settle what is not known."""
    said = known_in_words(figures)
    open_ones = [
        words
        for name, words in (("precision", "are right"), ("recall", "are missing"))
        if not says_something(figures, name)
    ]
    if not open_ones:
        return said
    unknown = f"How many labels {' and how many '.join(open_ones)} is not known yet"
    return f"{said} {unknown}{settled_by(classifier, missing)}".strip()


def known_in_words(figures: Mapping[str, GradedFigure]) -> str:
    """Return what is known of the labels, with its grade of evidence; empty where nothing is."""
    parts = []
    if says_something(figures, "precision"):
        parts.append(f"{_of_a_hundred(figures['precision'])} of 100 labels are right")
    if says_something(figures, "recall"):
        parts.append(f"{_of_a_hundred(figures['recall'])} of 100 relevant items are found")
    return f"About {', and about '.join(parts)} ({_grade(figures)})." if parts else ""


def expected_of_stored(classifier: str, evidence: Mapping[str, Any]) -> str:
    """Return the same from the evidence that a publication keeps; empty without a report."""
    report = evidence.get("release_report")
    if not report:
        return ""
    missing = [missing_from(each) for each in report.get("missing", ())]
    return expected_in_words(classifier, _figures(report), missing)


def known_of_stored(evidence: Mapping[str, Any]) -> dict[str, GradedFigure]:
    """Return the figures that say something of the evidence that a publication keeps."""
    return known_figures(_figures(evidence.get("release_report") or {}))


def _figures(report: Mapping[str, Any]) -> dict[str, GradedFigure]:
    return {name: graded_from(each) for name, each in report.get("figures", {}).items()}


def wrong_in_words(figures: Mapping[str, GradedFigure], matches: int) -> str:
    """Return how many of some matches are expected to be wrong; empty where that is not known."""
    precision = figures.get("precision")
    if not matches or precision is None or not says_something(figures, "precision"):
        return ""
    shares = (precision.estimate or 0.0, precision.upper or 0.0, precision.lower or 0.0)
    wrong, least, most = (round(matches * (1.0 - share)) for share in shares)
    number = how_many(matches, "match", "matches")
    return f"Of {number}, about {wrong:,} ({least:,} to {most:,}) are wrong."


def _of_a_hundred(figure: GradedFigure) -> str:
    shares = (figure.estimate or 0.0, figure.lower or 0.0, figure.upper or 0.0)
    estimate, lower, upper = (round(100 * each) for each in shares)
    return f"{estimate} ({lower} to {upper})"


def _grade(figures: Mapping[str, GradedFigure]) -> str:
    names = [name for name in ("precision", "recall") if says_something(figures, name)]
    return ", ".join(dict.fromkeys(figures[name].grade for name in names))
