"""Work that outlives the request that asked for it, in threads of this process.

Whoever asks after it looks into the registry; nothing is kept here.
"""

import logging
import threading
from collections.abc import Callable

from cultivar.core.errors import CultivarError

AT_ONCE = 2
_LOG = logging.getLogger("cultivar.web")


class Background:
    """Runs callables in threads, a few at once; those at work end with the process."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._room = threading.Semaphore(at_once)

    def __call__(self, work: Callable[[], object], name: str) -> None:
        """Start ``work`` as soon as a thread is free; its refusals are in the registry."""
        # a daemon, so that stopping the server does not wait; settling finds what was cut off
        threading.Thread(target=self._run, args=(work,), name=name, daemon=True).start()

    def _run(self, work: Callable[[], object]) -> None:
        with self._room:
            try:
                work()
            except CultivarError as refused:
                _LOG.info("refused: %s", refused.code)
            except Exception as error:  # noqa: BLE001 - its text may quote a document
                _LOG.error("defect in the background: %s", type(error).__name__)
