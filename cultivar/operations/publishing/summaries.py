"""Release reports as people are shown them, and as a publication keeps them.

It holds what ``release_reports`` returns.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from cultivar.core.intervals import Figure
from cultivar.core.release_report.grades import Calibration, GradedFigure, Missing


@dataclass(frozen=True, slots=True)
class VersionReport:
    """The release report of a version: what it labels and mislabels among ``documents``.

    ``figures`` holds the best grade there is of each figure, ``inferred`` the inferred ones for
    comparison; ``elusion_bound`` is the one-sided 95 % bound of the measured grade. All are rounded
    to six decimals. ``sample`` maps a stratum to the reviews planned; it is false without one.
    ``calibration`` is None until the sample is reviewed.
    """

    documents: int
    grade: str
    figures: Mapping[str, GradedFigure]
    inferred: Mapping[str, Figure]
    elusion_bound: float | None
    missing: tuple[Missing, ...]
    version: str
    sample: Mapping[str, int] | Literal[False]
    calibration: Calibration | None


@dataclass(frozen=True, slots=True)
class CountedItems:
    """How many items a version has labelled, of how many documents."""

    labelled: int
    documents: int


@dataclass(frozen=True, slots=True)
class ReleaseReport(VersionReport):
    """The same, with what is known apart from it.

    ``counted`` is None unless the version has classified all content; ``poorly_known`` is a
    sentence where the precision is no ground to decide on, else None.
    """

    counted: CountedItems | None
    poorly_known: str | None


@dataclass(frozen=True, slots=True)
class ReleaseEvidence:
    """What a publication keeps of its version: its report, and the sha256 of the scores behind.

    Its JSON is what the registry stores.
    """

    release_report: VersionReport
    scores_sha256: str | None
