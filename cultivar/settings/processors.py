"""How many cores this process may use."""

import os


def available_cores() -> int:
    """Return the cores that this process may run on; where the system does not say, all."""
    available = getattr(os, "sched_getaffinity", None)
    return len(available(0)) if available else os.cpu_count() or 1
