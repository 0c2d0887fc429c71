"""How a classifier does in each language, where enough was reviewed to say it.

It counts decided reviews; it looks at no text and decides nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cultivar.core.review.accuracy import wilson_interval
from cultivar.core.vocabulary import how_many

UNDETERMINED = "und"
# With fewer, even a reviewer who always agrees leaves more than a tenth open (Wilson, 95 %).
DECIDED_AT_LEAST = 30


@dataclass(frozen=True, slots=True)
class LanguageAccuracy:
    """The accuracy of the decided reviews of one language (ISO 639-1; ``und`` is unknown).

    ``accuracy`` is the share of them in which the reviewer agreed, ``lower`` and ``upper`` bound it
    (95 % Wilson interval); all three are None where too few are decided.
    """

    language: str
    decided: int
    agreed: int
    accuracy: float | None
    lower: float | None
    upper: float | None

    @property
    def sentence(self) -> str:
        """The language with its accuracy in words."""
        decided = how_many(self.decided, "decided review")
        if self.accuracy is None or self.lower is None or self.upper is None:
            return f"{self.language}: too few, {decided} of at least {DECIDED_AT_LEAST}"
        return (
            f"{self.language}: {100 * self.accuracy:.0f} %, 95 % interval "
            f"{100 * self.lower:.0f} % to {100 * self.upper:.0f} %, {decided}"
        )


def accuracy_by_language(reviews: Iterable[tuple[str | None, bool]]) -> list[LanguageAccuracy]:
    """Return each language's accuracy; a review is a language and whether the reviewer agreed.

    The language with the most decided reviews comes first.
    """
    agreed: dict[str, list[bool]] = {}
    for language, right in reviews:
        agreed.setdefault(language or UNDETERMINED, []).append(right)
    ordered = sorted(agreed.items(), key=lambda each: (-len(each[1]), each[0]))
    return [_counted(language, len(found), sum(found)) for language, found in ordered]


def _counted(language: str, decided: int, agreed: int) -> LanguageAccuracy:
    if decided < DECIDED_AT_LEAST:
        return LanguageAccuracy(language, decided, agreed, None, None, None)
    lower, upper = wilson_interval(agreed, decided)
    return LanguageAccuracy(language, decided, agreed, agreed / decided, lower, upper)
