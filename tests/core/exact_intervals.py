"""Exact intervals, slow, against which the product's are checked."""

from bisect import bisect_right

from scipy import stats


def clopper_pearson(successes: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a proportion; (0, 1) without trials.

    Clopper and Pearson 1934, "The use of confidence or fiducial limits illustrated in the case of
    the binomial". Raises ``ValueError`` unless 0 <= successes <= trials.
    """
    require_possible(successes, trials)
    tail = (1 - level) / 2
    failures = trials - successes
    lower = stats.beta.ppf(tail, successes, failures + 1) if successes else 0.0
    upper = stats.beta.ppf(1 - tail, successes + 1, failures) if failures else 1.0
    return float(lower), float(upper)


def hypergeometric_upper(found: int, drawn: int, population: int, level: float = 0.95) -> int:
    """Return the exact one-sided upper bound of how many of a population are as those found.

    The largest number of which a draw without replacement shows ``found`` or fewer with a
    probability above ``1 - level`` (Buonaccorsi 1987, "A note on confidence intervals for
    proportions in finite populations").
    """
    require_possible(found, drawn)
    require_possible(drawn, population)
    most = range(found, population - (drawn - found) + 1)
    # against rounding where a probability equals the level
    beyond = bisect_right(
        most,
        -(1 - level) - 1e-12,
        key=lambda count: -stats.hypergeom.cdf(found, population, count, drawn),
    )
    return most[beyond - 1]


def require_possible(successes: int, trials: int) -> None:
    """Raise ``ValueError`` unless 0 <= successes <= trials."""
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials}")
