"""How many requests a key, or an address without one, may send: token buckets in memory.

It counts in this process alone and knows no clock but the one it is handed.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

BUCKETS_KEPT = 10_000
UNAUTHENTICATED_PER_MINUTE = 120


class Rates:
    """A bucket of ``a_minute`` tokens for each name, refilled evenly; full at first."""

    def __init__(self, a_minute: int, clock: Callable[[], float] = monotonic) -> None:
        self._full = float(a_minute)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, name: str) -> float:
        """Take a token; return 0, or the seconds until there is one."""
        at = self._clock()
        with self._lock:
            left, since = self._buckets.pop(name, (self._full, at))
            left = min(self._full, left + (at - since) * self._full / 60)
            allowed = left >= 1
            self._buckets[name] = (left - 1 if allowed else left, at)
            # who was silent longest has a full bucket anyhow
            if len(self._buckets) > BUCKETS_KEPT:
                self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - left) * 60 / self._full


class RequestRates:
    """The requests of each key, and of each address that sends none."""

    def __init__(self, per_minute: int) -> None:
        self._keys = Rates(per_minute)
        self._addresses = Rates(UNAUTHENTICATED_PER_MINUTE)

    def wait(self, key_id: str | None, address: str) -> float:
        """Count a request; return 0, or the seconds until another may be sent."""
        return self._addresses.wait(address) if key_id is None else self._keys.wait(key_id)
