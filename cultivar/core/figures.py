"""Figures as a sentence holds them: counts with their noun, shares in per cent.

What is counted is the caller's.
"""


def counted(number: int, noun: str, nouns: str | None = None) -> str:
    """Return a count with its noun, as in "1 item" and "2,100 items"; ``nouns`` is its plural."""
    word = noun if number == 1 else nouns or f"{noun}s"
    return f"{number:,} {word}"


def percent(share: float) -> str:
    """Return a share from 0 to 1 in per cent, with one digit where it is no whole number."""
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def accuracy_stated(accuracy: float, assured: float, decided: int) -> str:
    """Return an accuracy in words: the share, what is assured, and over how many reviews."""
    return (
        f"accuracy {percent(accuracy)}, at least {percent(assured)}, over "
        f"{counted(decided, 'decided review')}"
    )


def score_stated(score: float) -> str:
    """Return a score or threshold from 0 to 1 with two digits, and more where these say 0 or 1."""
    for digits in range(2, 6):
        said = f"{score:.{digits}f}"
        if 0 < float(said) < 1:
            return said
    return f"{score:.2f}"
