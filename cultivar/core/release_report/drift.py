"""Whether the live version still meets what it was released on, or more must be sampled to say.

It compares figures that others collected; it neither samples nor retrains.

A verdict needs an interval, not a difference: *changed* when the whole 95 % interval of the change
lies beyond a stated tolerance, *steady* when it lies within, else *sample more*. So noise gives no
verdict, and a change too small to matter gives no alarm however large the samples are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import ceil, log, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from cultivar.core.intervals import Figure, difference_interval

STEADY = "steady"
CHANGED = "changed"
SAMPLE_MORE = "sample more"
AT_LEAST = 30
JUDGED = "the precision of judged matches"
# How large a change does not matter, as shares: the Kolmogorov-Smirnov distance of the scores, and
# the difference of the shares in either direction.
SCORES_TOLERATED = 0.10
MATCH_RATE_TOLERATED = 0.02
PRECISION_TOLERATED = 0.10
_LEVEL = 0.95
_MOST = 1_000_000  # items beyond which asking for more helps nobody
Sample = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Finding:
    """One comparison of live with release.

    ``change`` is live minus release (for scores: their distance) with its 95 % interval, None while
    either side is empty. ``more`` says how many more live items would give a verdict if they were
    like those seen; None when it is given, or when no number of live items is enough because
    the release's own sample is too small or the change lies on the tolerance.
    """

    measure: str
    verdict: str
    change: Figure | None
    released: int
    live: int
    more: int | None
    sentence: str


def finding_from(stored: Mapping[str, Any]) -> Finding:
    """Return the finding whose JSON the registry keeps."""
    change = stored["change"]
    return Finding(**{**stored, "change": Figure(**change) if change else None})


@dataclass(frozen=True, slots=True)
class Drift:
    """All comparisons; any that changed makes the whole changed."""

    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> str:
        """``changed`` if any finding is, ``steady`` if all are, else ``sample more``."""
        verdicts = {finding.verdict for finding in self.findings}
        if CHANGED in verdicts:
            return CHANGED
        return STEADY if verdicts == {STEADY} else SAMPLE_MORE


def score_drift(
    released: npt.NDArray[np.floating[Any]],
    live: npt.NDArray[np.floating[Any]],
    tolerance: float = SCORES_TOLERATED,
) -> Finding:
    """Compare the scores of two samples of items (any floats, [n] and [m]).

    The distance is Kolmogorov and Smirnov's. Its interval adds the two samples' bands of Dvoretzky,
    Kiefer and Wolfowitz with Massart's constant ("The tight constant in the DKW inequality", 1990),
    each at half the error: it holds whatever the distributions are.
    """
    if not len(released) or not len(live):
        return _empty("the distribution of scores", len(released), len(live))
    distance = _distance(released, live)
    half = _band(len(released)) + _band(len(live))
    change = Figure(distance, max(0.0, distance - half), min(1.0, distance + half))
    margin = abs(distance - tolerance) - _band(len(released))
    wanted = ceil(log(4 / (1 - _LEVEL)) / (2 * margin * margin)) if margin > 0 else _MOST + 1
    return _finding(
        "the distribution of scores", change, tolerance, (len(released), len(live)), wanted
    )


def _band(items: int) -> float:
    return sqrt(log(4 / (1 - _LEVEL)) / (2 * items))


def _distance(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> float:
    """Return the largest difference of the two empirical distribution functions."""
    points = np.concatenate([first, second])
    shares = [
        np.searchsorted(np.sort(sample), points, side="right") / len(sample)
        for sample in (first, second)
    ]
    return float(np.max(np.abs(shares[0] - shares[1])))


def match_rate_drift(
    released: Sample, live: Sample, tolerance: float = MATCH_RATE_TOLERATED
) -> Finding:
    """Compare the shares of matches, each (matches, items)."""
    return _share_drift("the match rate", released, live, tolerance)


def new_place_drift(
    name: str, released: Sample, live: Sample, tolerance: float = MATCH_RATE_TOLERATED
) -> Finding:
    """Compare the share of matches at a place that the release did not look at; see above."""
    found = _share_drift(f"the match rate at {name}", released, live, tolerance)
    said = found.sentence.replace(" moved by ", " differs from that of the release by ", 1)
    said = said.replace(_advice(CHANGED, None), _NEW_PLACE)
    return replace(found, sentence=f"{name} was not in the sample of the release. {said}")


_NEW_PLACE = (
    "That is more than chance: look at what is listed there, take the baseline again with "
    "`cultivar opt-in`, and review a new release sample."
)


def precision_drift(
    released: Sample, live: Sample, tolerance: float = PRECISION_TOLERATED
) -> Finding:
    """Compare the shares of right matches, each (right, judged).

    The live ones are the matches that people judged. Judged matches are those that people noticed,
    not a random sample: a fall is a reason to draw one.
    """
    return _share_drift(JUDGED, released, live, tolerance)


def _share_drift(measure: str, released: Sample, live: Sample, tolerance: float) -> Finding:
    if not released[1] or not live[1]:
        return _empty(measure, released[1], live[1])
    change = difference_interval(live, released)
    wanted = _wanted(
        lambda items: difference_interval(_scaled(live, items), released), live[1], tolerance
    )
    return _finding(measure, change, tolerance, (released[1], live[1]), wanted)


def _scaled(sample: Sample, items: int) -> Sample:
    return round(sample[0] * items / sample[1]), items


def _wanted(interval: Callable[[int], Figure], items: int, tolerance: float) -> int:
    """Return about how many live items give a verdict, more than ``_MOST`` if none do."""
    while items <= _MOST and _verdict(interval(items), tolerance) == SAMPLE_MORE:
        items = ceil(items * 1.1)
    return items


def _verdict(change: Figure, tolerance: float) -> str:
    if change.lower > tolerance or change.upper < -tolerance:
        return CHANGED
    within = -tolerance <= change.lower and change.upper <= tolerance
    return STEADY if within else SAMPLE_MORE


def _empty(measure: str, released: int, live: int) -> Finding:
    lacking = "the live version" if released else "the release"
    more = max(0, AT_LEAST - live) or None
    sentence = f"There are no items of {lacking} to compare {measure} on."
    return Finding(measure, SAMPLE_MORE, None, released, live, more if released else None, sentence)


def _finding(
    measure: str, change: Figure, tolerance: float, sizes: tuple[int, int], wanted: int
) -> Finding:
    verdict = _verdict(change, tolerance)
    more = None
    if verdict == SAMPLE_MORE and wanted <= _MOST:
        more = max(AT_LEAST, wanted - sizes[1])
    sentence = (
        f"{measure[0].upper()}{measure[1:]} moved by {100 * change.estimate:+.1f} points (95 % "
        f"interval {100 * change.lower:+.1f} to {100 * change.upper:+.1f}; {sizes[0]:,} items at "
        f"release, {sizes[1]:,} live); {100 * tolerance:.0f} points are tolerated. "
        + _advice(verdict, more)
    )
    return Finding(measure, verdict, change, *sizes, more, sentence)


def _advice(verdict: str, more: int | None) -> str:
    if verdict == CHANGED:
        return "That is more than chance: review a new release sample."
    if verdict == STEADY:
        return "That change does not matter."
    if more is None:
        return "No verdict is possible from live items alone."
    return f"About {more:,} more live items would tell."
