"""Work on what comes next while what came before is written: threads, in order, few at a time.

For functions that let go of the interpreter's lock, as kernels and Arrow do. It knows no item.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from cultivar.settings.processors import available_cores

Given = TypeVar("Given")
Made = TypeVar("Made")


def in_order(
    function: Callable[[Given], Made], given: Iterable[Given], threads: int = 0
) -> Iterator[tuple[Given, Made]]:
    """Yield each given value with what the function makes of it, in the order given.

    ``threads`` 0 takes one per core; one more value than there are threads is held at most. What
    the function raises is raised where its value would come.
    """
    count = threads or available_cores()
    with ThreadPoolExecutor(count, "scoring") as pool:
        waiting: deque[tuple[Given, Future[Made]]] = deque()
        try:
            for value in given:
                waiting.append((value, pool.submit(function, value)))
                if len(waiting) > count:
                    before, made = waiting.popleft()
                    yield before, made.result()
            while waiting:
                before, made = waiting.popleft()
                yield before, made.result()
        finally:
            for _, made in waiting:
                made.cancel()
