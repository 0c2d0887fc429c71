"""How often a rule decides wrongly: publishing and republishing what is no better than it must be.

It simulates reviews and retrainings whose truth is known and asks the core's rules; it judges no
real content. ``python -m benchmarks.coverage`` prints it with the rest.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from cultivar.core.limits import BATCH_SIZE, MOVEMENT_AT_MOST, REVIEWS_AT_LEAST, STABLE_BATCHES
from cultivar.core.retraining.actions import REPUBLISH
from cultivar.core.retraining.comparison import ORIGINAL, WITH_FEEDBACK
from cultivar.core.retraining.paired import Paired, mcnemar
from cultivar.core.retraining.recommendation import recommended
from cultivar.core.review.accuracy import FALSELY_STABLE_AT_MOST, Z_95
from cultivar.core.review.sequential import surely_above

WRONG_AT_MOST = 0.05
TARGET = 0.80
SHORTFALLS = (0.0, 0.001, 0.01, 0.02, 0.05)
ORIGINALS = 200
TEST_SETS = (200, 500, 1_000, 10_000)
ACCURACIES = (0.84, 0.86, 0.88, 0.90, 0.92, 0.95)

_SEED = 20_261_121

Judge = Callable[[npt.NDArray[np.int64], npt.NDArray[np.int64]], npt.NDArray[np.bool_]]


def by_wilson(
    agreed: npt.NDArray[np.int64], decided: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Whether the bound of the interval shown reaches the target: valid for one look only."""
    shares, spread = agreed / decided, Z_95 * Z_95 / decided
    root = np.sqrt(shares * (1 - shares) / decided + spread / (4 * decided))
    return np.asarray((shares + spread / 2 - Z_95 * root) / (1 + spread) >= TARGET)


def by_assurance(
    agreed: npt.NDArray[np.int64], decided: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Whether the assured accuracy reaches the target, looked up a number of decisions at a time.

    The smallest number agreed with that suffices is found once for each number decided.
    """
    least = {each: _least_agreed(each) for each in np.unique(decided).tolist()}
    return np.asarray(agreed >= np.vectorize(least.__getitem__)(decided))


def _least_agreed(decided: int) -> int:
    return bisect_left(
        range(round(TARGET * decided), decided + 1),
        True,
        key=lambda agreed: surely_above(agreed, decided, TARGET, FALSELY_STABLE_AT_MOST),
    ) + round(TARGET * decided)


def stable_after(
    agreed: npt.NDArray[np.int64], items: int, judge: Judge
) -> npt.NDArray[np.float64]:
    """Return after how many reviews the rule first calls a version stable, infinity if never.

    ``agreed`` holds the predictions agreed with: int64 [run, batch], all batches full but the last.
    With ``by_assurance`` it is the rule of ``core.accuracy``, which a test holds it to, over all
    runs at once.
    """
    decided = np.minimum(BATCH_SIZE * np.arange(1, agreed.shape[1] + 1), items)
    counts = agreed.cumsum(axis=1)
    last = sliding_window_view(counts / decided, STABLE_BATCHES, axis=1)
    calm = last.max(axis=2) - last.min(axis=2) <= MOVEMENT_AT_MOST + 1e-12
    sure = (decided >= REVIEWS_AT_LEAST) & judge(counts, decided)
    holds = sure[:, STABLE_BATCHES - 1 :] & calm
    return np.where(holds.any(axis=1), decided[STABLE_BATCHES - 1 + holds.argmax(axis=1)], np.inf)


def agreed_by_batch(
    accuracy: float, items: int, runs: int, generator: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Draw the predictions agreed with in each batch of a test set: int64 [run, batch]."""
    batches = -(-items // BATCH_SIZE)
    sizes = np.full(batches, BATCH_SIZE)
    sizes[-1] = items - BATCH_SIZE * (batches - 1)
    return generator.binomial(sizes, accuracy, (runs, batches))


def reviews_needed(
    accuracy: float, items: int, runs: int, judge: Judge = by_assurance
) -> npt.NDArray[np.float64]:
    """Draw after how many reviews a version of that accuracy is declared stable."""
    generator = np.random.default_rng([_SEED, round(1000 * accuracy), items])
    return stable_after(agreed_by_batch(accuracy, items, runs, generator), items, judge)


def paired(items: int, gain: float, differing: float, generator: np.random.Generator) -> Paired:
    """Draw items, half of them relevant, of which ``differing`` are labelled by one version only.

    The retrained version is right on ``gain`` more of the items (a share, below 0 for fewer), with
    the same chance on relevant items as on others. Both are right on 85 % of what they agree on.
    """
    relevant = items // 2
    won, lost = (differing + gain) / 2, (differing - gain) / 2
    shares = [won, lost, 0.85 * (1 - differing), 0.15 * (1 - differing)]
    found, missed, both_right, _ = generator.multinomial(relevant, shares).tolist()
    cleared, spoiled, _, both_wrong = generator.multinomial(items - relevant, shares).tolist()
    return Paired(items, relevant, both_right, both_wrong, found, missed, spoiled, cleared)


def republish_rate(
    gains: tuple[float, float], differing: float, with_feedback: int, runs: int
) -> float:
    """Return how often a version with these gains on feedback and originals is recommended."""
    key = [round(1000 * (1 + gain)) for gain in gains]
    generator = np.random.default_rng([_SEED, *key, round(100 * differing), with_feedback])
    republished = 0
    for _ in range(runs):
        sets = {
            WITH_FEEDBACK: paired(with_feedback, gains[0], differing, generator),
            ORIGINAL: paired(ORIGINALS, gains[1], differing, generator),
        }
        rights = (
            sum(each.retrained_right for each in sets.values()),
            sum(each.published_right for each in sets.values()),
        )
        republished += recommended(sets, mcnemar(*rights)).decision == REPUBLISH
    return republished / runs


def print_publishing(runs: int) -> float:
    """Print how often versions below the target pass; return the highest rate of the rule."""
    print(f"\nDeclared stable although below the target of {TARGET:.0%} ({runs} runs a cell)")
    highest = 0.0
    for items in TEST_SETS:
        for shortfall in SHORTFALLS:
            rate, naive = (
                float(np.isfinite(reviews_needed(TARGET - shortfall, items, runs, judge)).mean())
                for judge in (by_assurance, by_wilson)
            )
            highest = max(highest, rate)
            mark = "" if rate <= WRONG_AT_MOST else "  ABOVE 5 %"
            below = f"{100 * shortfall:.1f} points below"
            print(
                f"  {items:6,} test items, {below}: {rate:5.1%}{mark}"
                f"  (judged by the interval shown: {naive:.1%})"
            )
    return highest


def print_reviews_needed(runs: int) -> None:
    """Print how many reviews it takes to publish versions above the target."""
    print(f"\nReviews until stable, of 1,000 test items, target {TARGET:.0%} ({runs} runs a cell)")
    for accuracy in ACCURACIES:
        needed = reviews_needed(accuracy, 1_000, runs)
        middle, most = np.quantile(needed, [0.5, 0.9], method="higher")
        within = float((needed <= 300).mean())
        print(
            f"  accuracy {accuracy:.0%}: median {middle:.0f}, nine of ten by {most:.0f}, "
            f"{within:.1%} within 300"
        )


def print_republishing(runs: int) -> float:
    """Print how often versions are recommended; return the highest rate of one no better."""
    print(f"\nRecommended to republish ({runs} runs a cell, {ORIGINALS} original items)")
    highest = 0.0
    for with_feedback, differing in product((30, 90), (0.05, 0.1, 0.2, 0.4)):
        print(
            f"  {with_feedback} items with feedback, {differing:.0%} labelled by one version only"
        )
        for name, gains in _gains(differing):
            rate = republish_rate(gains, differing, with_feedback, runs)
            worse = max(gains) <= 0
            highest = max(highest, rate) if worse else highest
            mark = "  ABOVE 5 %" if worse and rate > WRONG_AT_MOST else ""
            print(f"    {name}: {rate:5.1%}{mark}")
    return highest


def _gains(differing: float) -> Iterator[tuple[str, tuple[float, float]]]:
    """Yield what is tried: on items with feedback and on originals alike, or on the first alone."""
    for points in (0, -1, -3, -5, 2, 5, 10):
        if abs(points) <= 100 * differing:
            yield f"{points:+d} points on both", (points / 100, points / 100)
    for points in (10, 20):
        if points <= 100 * differing:
            yield f"{points:+d} points with feedback, as before on originals", (points / 100, 0.0)
