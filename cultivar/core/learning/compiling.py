"""How kernels are compiled: without the interpreter's lock, kept on disk where that can be.

No kernel stands here. Compiled code is kept beside the package, else in the user's cache folder;
where neither can be written (a read-only installation without a home), it is compiled again in each
process instead of failing.
"""

from collections.abc import Callable
from typing import Any

import numba


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the compiled function; no sum is reassociated, so results depend on no processor."""
    try:
        return numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba found no folder that it may write to
        return numba.njit(nogil=True)(function)
