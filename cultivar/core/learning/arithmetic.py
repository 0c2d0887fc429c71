"""Exponential and logarithm from IEEE additions, products and powers of two alone.

System libraries differ in the last bit from machine to machine; what reaches a model may not.
Nothing here knows what it computes for.
"""

# numba infers types from what it is given
# mypy: disable-error-code="no-untyped-def,arg-type"

import math

import numpy as np

from cultivar.core.learning.compiling import compiled

_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_LN2 = 0.6931471805599453


@compiled
def exponential(x):
    """Return e**x to a few units in the last place; 0 below -700, e**700 above 700."""
    if x < -700.0:
        return 0.0
    x = min(x, 700.0)
    power = math.floor(x / _LN2 + 0.5)
    rest = (x - power * _LN2_HIGH) - power * _LN2_LOW
    total = 1.0
    for degree in range(14, 0, -1):  # Horner's scheme of the Taylor series
        total = 1.0 + total * rest / degree
    return math.ldexp(total, np.int32(power))


@compiled
def exponentials(x, bits, result):
    """Write e**x of each element of -700 to 700 to ``result``, to eleven digits.

    ``bits`` (int64) is scratch memory. Without a branch or a division, so that several elements go
    at a time; each is as on any machine.
    """
    powers = bits.view(np.float64)
    for k in range(x.size):
        power = np.floor(x[k] * 1.4426950408889634 + 0.5)
        rest = (x[k] - power * 6.93147180369123816490e-01) - power * 1.90821492927058770002e-10
        total = 1.0 + rest * (1.0 / 9.0)
        total = 1.0 + rest * (1.0 / 8.0) * total
        total = 1.0 + rest * (1.0 / 7.0) * total
        total = 1.0 + rest * (1.0 / 6.0) * total
        total = 1.0 + rest * (1.0 / 5.0) * total
        total = 1.0 + rest * (1.0 / 4.0) * total
        total = 1.0 + rest * (1.0 / 3.0) * total
        total = 1.0 + rest * (1.0 / 2.0) * total
        result[k] = 1.0 + rest * total
        bits[k] = (np.int64(power) + 1023) << 52
    for k in range(x.size):
        result[k] *= powers[k]


@compiled
def logarithm(x):
    """Return ln x for finite x > 0, by the series of the inverse hyperbolic tangent."""
    mantissa, power = math.frexp(x)
    if mantissa < 0.7071067811865476:
        mantissa *= 2.0
        power -= 1
    ratio = (mantissa - 1.0) / (mantissa + 1.0)
    square = ratio * ratio
    total = 0.0
    for degree in range(25, 0, -2):
        total = total * square + 1.0 / degree
    return 2.0 * ratio * total + power * _LN2


@compiled
def logistic(x):
    """Return 1 / (1 + e**-x)."""
    if x >= 0.0:
        return 1.0 / (1.0 + exponential(-x))
    power = exponential(x)
    return power / (1.0 + power)


@compiled
def logarithms(x):
    """Return ln of each element (float64 [n], all > 0)."""
    result = np.empty(x.size, dtype=np.float64)
    for row in range(x.size):
        result[row] = logarithm(x[row])
    return result


@compiled
def logistics(x):
    """Return the logistic function of each element (float64 [n])."""
    result = np.empty(x.size, dtype=np.float64)
    for row in range(x.size):
        result[row] = logistic(x[row])
    return result


@compiled
def dot(x, y):
    """Return the sum of products from first to last (float64 [n] each)."""
    total = 0.0
    for row in range(x.size):
        total += x[row] * y[row]
    return total
