"""Figures as a sentence holds them: shares in per cent, accuracies, scores.

What they are figures of is the caller's.
"""

from cultivar.core.vocabulary import how_many


def percent(share: float) -> str:
    """Return a share from 0 to 1 in per cent, with one digit where it is no whole number."""
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def accuracy_stated(accuracy: float, assured: float, decided: int) -> str:
    """Return an accuracy in words: the share, what is assured, and over how many reviews."""
    return (
        f"accuracy {percent(accuracy)}, at least {percent(assured)}, over "
        f"{how_many(decided, 'decided review')}"
    )


def score_stated(score: float) -> str:
    """Return a score or threshold from 0 to 1 with two digits, and more where these say 0 or 1."""
    for digits in range(2, 6):
        said = f"{score:.{digits}f}"
        if 0 < float(said) < 1:
            return said
    return f"{score:.2f}"
