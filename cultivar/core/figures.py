"""Figures as a sentence holds them: shares in per cent, accuracies, probabilities, bytes.

What they are figures of is the caller's.
"""

from cultivar.core.vocabulary import how_many

# what a list says once of its column
PROBABILITY = "Probability"
# how far a share in whole numbers may lie from the true one, beside the rarer kind
_NEAR_ENOUGH = 0.25
LEGEND = (
    "Probability: how likely such an item of the content is relevant. 82 % means that about 8 in "
    "10 such items are."
)


def percent(share: float) -> str:
    """Return a share from 0 to 1 in per cent, with one digit where it is no whole number."""
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def accuracy_stated(accuracy: float, assured: float, decided: int) -> str:
    """Return an accuracy in words: the share, what is assured, and over how many reviews."""
    return (
        f"accuracy {percent(accuracy)}, at least {percent(assured)}, over "
        f"{how_many(decided, 'decided review')}"
    )


def probability(score: float, beside: float | None = None) -> str:
    """Return a score or threshold from 0 to 1 in per cent: it is a probability of relevance.

    It has more digits where these would say 0 or 100 %, or the same as of the one ``beside`` it.
    """
    for digits in range(6):
        said = f"{100 * score:.{digits}f}"
        if 0 < float(said) < 100 and (beside is None or said != f"{100 * beside:.{digits}f}"):
            return f"{said} %"
    return f"{100 * score:.0f} %"


def probability_in_words(score: float, beside: float | None = None) -> str:
    """Return a score from 0 to 1 as what it means: "82 %: about 8 in 10 such items are relevant".

    Such items are those of the content that score alike; ``beside`` as in ``probability``.
    """
    return f"{probability(score, beside)}: {_such_items(score)}"


def share_said(text: str) -> float | None:
    """Return the number that a person wrote, as 0.8 or as 80 %; None for other text."""
    number = text.strip()
    try:
        return float(number[:-1]) / 100.0 if number.endswith("%") else float(number)
    except ValueError:
        return None


def _such_items(score: float) -> str:
    rarer = min(score, 1.0 - score)
    for whole in (10, 100, 1_000):
        part = round(whole * score)
        if 0 < part < whole and abs(part / whole - score) <= _NEAR_ENOUGH * rarer:
            verb = "is" if part == 1 else "are"
            return f"about {part:,} in {whole:,} such items {verb} relevant"
    return f"{'nearly all' if score > 0.5 else 'hardly any'} such items are relevant"


def bytes_in_words(size: float) -> str:
    """Return a number of bytes with two digits or more: "0 B", "1.5 MB", "312 GB"."""
    number, unit = float(size), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if number < 1_000:
            break
        number, unit = number / 1_000, larger
    return f"{number:.0f} {unit}" if number >= 10 or unit == "B" else f"{number:.1f} {unit}"
