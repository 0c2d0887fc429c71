"""What the server does at once: threads for each kind of work, and how much may wait or be held.

Each kind has threads of its own, so that none waits for another: who reads is answered while
writers wait for the registry's lock, and both while documents are parsed. It knows no route.
"""

import inspect
from asyncio import AbstractEventLoop, get_running_loop
from collections.abc import Callable
from contextvars import ContextVar
from enum import Enum
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from anyio import CapacityLimiter, to_thread

from cultivar.settings import Settings
from cultivar.web.errors import Refused

P = ParamSpec("P")
T = TypeVar("T")

# Smaller bodies are no load, and are taken while larger ones fill what may be held.
SMALL_BYTES = 65_536
_PARSING_WAITING = 8


class Work(Enum):
    """A kind of work, with the number of threads that do it.

    More threads at once only take the interpreter away from one another: of 16, 32 clients got a
    tenth less than 8 did; of 4, as much and more (benchmarks/serving.py).
    """

    READING = "reading", 4
    WRITING = "writing", 4
    PARSING = "parsing", 2
    KEYS = "keys", 2
    HEALTH = "health", 1

    @property
    def threads(self) -> int:
        """How many threads do it."""
        return int(self.value[1])


class Load:
    """The work of one application, each kind bounded; more is refused, to be sent again."""

    def __init__(self, settings: Settings) -> None:
        # of each loop, as those who wait in one can be woken there alone; a server has one
        self._threads: WeakKeyDictionary[AbstractEventLoop, dict[Work, CapacityLimiter]]
        self._threads = WeakKeyDictionary()
        self._waiting = dict.fromkeys(Work, settings.web_waiting) | {
            Work.PARSING: min(_PARSING_WAITING, settings.web_waiting)
        }
        # one request of the longest allowed always fits
        self._held_at_most = max(settings.web_held_bytes, settings.web_body_bytes)
        self._held = 0

    async def run(
        self, kind: Work, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what a function returns in a thread of its kind.

        Raises:
            Refused: code ``busy``; so many wait already that one more would wait too long.
        """
        limiter = self._limiter(kind)
        if limiter.statistics().tasks_waiting >= self._waiting[kind]:
            raise busy()
        return await to_thread.run_sync(partial(function, *args, **kwargs), limiter=limiter)

    def _limiter(self, kind: Work) -> CapacityLimiter:
        loop = get_running_loop()
        if loop not in self._threads:
            self._threads[loop] = {each: CapacityLimiter(each.threads) for each in Work}
        return self._threads[loop][kind]

    def hold(self, before: int, now: int) -> None:
        """Count a body that has grown from so many bytes to so many.

        Raises:
            Refused: code ``busy``; what is held already leaves no space for it.
        """
        more = _counted(now) - _counted(before)
        if more > 0 and self._held + more > self._held_at_most:
            raise busy()
        self._held += more

    def let_go(self, length: int) -> None:
        """Count a body no longer."""
        self._held -= _counted(length)


def _counted(length: int) -> int:
    return length if length > SMALL_BYTES else 0


def busy() -> Refused:
    """Return the refusal of what would wait too long."""
    sentence = "The server is busy: too much waits already. Send the request again in a moment."
    return Refused(503, "busy", sentence, {"Retry-After": "2"})


# Which load a request counts to: an endpoint is called without its request.
LOAD: ContextVar[Load] = ContextVar("load")


def in_a_thread(endpoint: Callable[..., Any], kind: Work) -> Callable[..., Any]:
    """Return an endpoint that runs in a thread of its kind; one that awaits stays as it is."""
    if inspect.iscoroutinefunction(endpoint):
        return endpoint

    @wraps(endpoint)
    async def threaded(**given: Any) -> Any:
        # parameters of a route may have any name
        return await LOAD.get().run(kind, partial(endpoint, **given))

    return threaded
