"""How kernels are compiled: without the interpreter's lock, kept on disk where that can be.

No kernel stands here. Compiled code is kept beside the package, else in the user's cache folder;
where neither can be written (a read-only installation without a home), it is compiled again in each
process instead of failing.
"""

from collections.abc import Callable
from typing import Any

import numba
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

_READ, _KEEP, _DATA = 0, 3, 1  # what llvm.prefetch is told: to read, keep in every cache, no code


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the compiled function; no sum is reassociated, so results depend on no processor."""
    try:
        return numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba found no folder that it may write to
        return numba.njit(nogil=True)(function)


def _prefetch(_context: Any, array: Any, index: Any) -> tuple[Any, Callable[..., Any]]:
    """Tell the processor that an element of a flat array is read soon; it changes no result.

    Where memory is waited for, and not computed: a table is larger than the caches, and which of
    its rows come next is known some steps ahead.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        address = builder.bitcast(builder.gep(data, [arguments[1]]), cgutils.voidptr_t)
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, number, number, number])
        insert: Any = cgutils.get_or_insert_function
        called = insert(builder.module, kind, "llvm.prefetch.p0i8")
        builder.call(called, [address, number(_READ), number(_KEEP), number(_DATA)])
        return context.get_dummy_value()

    return types.void(array, index), generate


prefetch: Any = intrinsic(_prefetch)
