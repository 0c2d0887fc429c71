"""A look at the registry from time to time, while something works."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from cultivar.core.errors import StoreUnavailable

EVERY_SECONDS = 0.5


@contextmanager
def watching(look: Callable[[], None], every: float = EVERY_SECONDS) -> Iterator[None]:
    """Call ``look`` in a thread until the block ends; a registry that is busy is passed over."""
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(every):
            with suppress(StoreUnavailable):
                look()

    watcher = threading.Thread(target=watch, name="progress", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join()
