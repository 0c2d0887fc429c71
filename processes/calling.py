"""What every call of a flow needs: a Prefect server, and words for the case that it is lost.

Commands hold a server for their calls. A flow called from Python finds the server of the home, or
else starts one, which ends with the Python process.
"""

import atexit
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from prefect.context import FlowRunContext

from cultivar.core.errors import CultivarError, StoreUnavailable
from cultivar.settings import read_settings
from cultivar.store.failures import full_disk
from processes.prefect_server import server

# What an error may come from where the server, and not the flow, is what failed.
_PREFECTS = ("prefect", "httpx", "httpcore", "websockets", "anyio")
_starting = threading.Lock()


@contextmanager
def with_server() -> Iterator[None]:
    """Let a flow be called in the block; inside another flow's run nothing is to be done.

    Raises:
        StoreUnavailable: codes ``prefect-lost`` (the server stopped answering), ``store-full`` (it
            did, and the home's disk is full).
    """
    if FlowRunContext.get() is not None:
        yield
        return
    with _starting:
        if not os.environ.get("PREFECT_API_URL"):
            _hold_until_exit()
    url = os.environ["PREFECT_API_URL"]
    try:
        yield
    except CultivarError:
        raise
    except Exception as error:
        if _is_prefects(error):
            raise (full_disk(read_settings().home) or _lost(url)) from error
        raise


def _hold_until_exit() -> None:
    held = ExitStack()
    held.enter_context(server.running(read_settings()))
    atexit.register(held.close)


def _is_prefects(error: Exception) -> bool:
    causes = (error, error.__cause__)
    return any(type(each).__module__.split(".")[0] in _PREFECTS for each in causes)


def _lost(url: str) -> StoreUnavailable:
    return StoreUnavailable(
        "prefect-lost",
        f"The Prefect server at {url} stopped answering in the middle of the run. What was done "
        "is kept, and the same command goes on from there: run it again.",
        {"url": url},
    )
