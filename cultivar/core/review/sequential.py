"""How sure it is that a share lies above a target when it is looked at again and again.

It counts successes and trials; it knows neither batches nor what is counted.

A 95 % interval is meant for one look. Who looks after every batch and stops at the first good one
is misled more often: a share a tenth of a point below the target passes in one of six long reviews.
Evidence that may be looked at any time is a nonnegative supermartingale: below the target it
reaches 1 / error with a probability of at most ``error``, whenever and however often it is looked
at (Ville 1939). Here it is the likelihood of what was counted, averaged over shares above the
target, divided by its likelihood at the target (Robbins 1970, "Statistical methods related to the
law of the iterated logarithm"; Howard, Ramdas, McAuliffe and Sekhon 2021, "Time-uniform,
nonparametric, nonasymptotic confidence sequences"). It needs no independence: the share may change
from trial to trial, as that of a model does that learns, as long as it stays below the target.
"""

from math import exp, inf, log, log1p

_SHARES = 32  # averaged over, evenly spread over the lower half of what lies above the target
_STEPS = 40  # of bisection: 1e-12


def evidence_above(successes: float, trials: float, target: float) -> float:
    """Return the natural logarithm of the evidence that the share lies above ``target``.

    ``target`` is a share above 0; no share lies above 1, so that nothing is evidence of it.
    """
    if target >= 1.0:
        return -inf
    failures = trials - successes
    rises = [(place + 0.5) / (2 * _SHARES) for place in range(_SHARES)]
    terms = [
        successes * log1p(rise * (1.0 - target) / target) + failures * log1p(-rise)
        for rise in rises
    ]
    highest = max(terms)
    return highest + log(sum(exp(term - highest) for term in terms) / _SHARES)


def surely_above(successes: float, trials: float, target: float, error: float) -> bool:
    """Tell whether the share is above ``target``.

    Said of a share that is not, ever, with a probability of at most ``error``.
    """
    return evidence_above(successes, trials, target) >= -log(error)


def lower_bound(successes: float, trials: float, error: float) -> float:
    """Return the highest target that the share is surely above; 0 where there is none."""
    low, high = 0.0, successes / trials if trials else 0.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if middle > 0 and surely_above(successes, trials, middle, error):
            low = middle
        else:
            high = middle
    return low
