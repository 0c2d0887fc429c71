"""The accuracy of a review in words.

Figures are the operation's.
"""

from typing import TYPE_CHECKING

from cultivar.core.review.accuracy import accuracy_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from cultivar.core.review.languages import LanguageAccuracy
    from cultivar.operations.review.state import ReviewState


def accuracy_text(review: "ReviewState") -> str:
    """Return accuracy, the bound that decides, and what is needed, in words."""
    assert review.accuracy is not None and review.assured is not None  # noqa: S101, PT018
    stated = accuracy_in_words(review.accuracy, review.assured)
    return f"{stated} ({100 * review.target:.0f} % is needed)"


def accuracy_with_bounds(review: "ReviewState") -> str:
    """Return accuracy with its interval and the bound that decides."""
    return (
        f"{review.accuracy:.1%}; 95 % interval {review.lower:.1%} to {review.upper:.1%}, "
        f"for one look; the bound that decides holds at every look: {review.assured:.1%}."
    )


def show_languages(console: "Console", languages: "Sequence[LanguageAccuracy]") -> None:
    """Print the accuracy of the review in each language."""
    if languages:
        console.print("Accuracy in review by language:")
    for each in languages:
        console.print(f"  {each.sentence}", markup=False)
