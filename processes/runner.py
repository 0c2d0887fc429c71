"""Flows started for somebody who does not wait: by workers, or in threads of this process.

What becomes of a run stands in the registry; nothing is returned.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from cultivar.core.errors import CultivarError, StoreUnavailable
from cultivar.settings import Settings
from processes.deployments import deployed
from processes.prefect_server import server
from processes.prefect_server.settings import connect, flush

AT_ONCE = 2
PATIENCE = 30.0
STOP_SECONDS = 20.0
_LOG = logging.getLogger("cultivar.runs")


class PrefectRunner:
    """Hands runs to the deployments of a Prefect server that is looked after elsewhere."""

    is_here = False

    def __init__(self, settings: Settings, found: server.Server) -> None:
        connect(settings.home, found.api_url, found.login)

    def __call__(self, flow: str, parameters: Mapping[str, Any]) -> None:
        """Start a deployed flow.

        Raises:
            StoreUnavailable: code ``prefect-unreachable``; no server or deployment took it.
        """
        from prefect.deployments import run_deployment  # noqa: PLC0415 - slow, and only here

        name = deployed(flow).full_name
        try:
            run_deployment(name, parameters=dict(parameters), timeout=0, as_subflow=False)
        except Exception as error:
            raise StoreUnavailable(
                "prefect-unreachable",
                f"The Prefect server did not take the run of {name} ({type(error).__name__}). "
                "Check that `cultivar up` runs.",
            ) from error

    def stop(self) -> None:
        """Leave the workers to themselves."""


class LocalRunner:
    """Runs flows in threads of this process, with a Prefect server that the first run starts.

    A flow that waits already with the same parameters is not queued again.
    """

    is_here = True

    def __init__(self, settings: Settings, at_once: int = AT_ONCE) -> None:
        self._settings = settings
        self._server: server.Server | None = None
        self._waiting: deque[tuple[str, dict[str, Any]]] = deque()
        self._change = threading.Condition()
        self._starting = threading.Lock()
        self._working = 0
        self._stopped = False
        for number in range(at_once):
            threading.Thread(target=self._work, name=f"runs-{number}", daemon=True).start()

    def __call__(self, flow: str, parameters: Mapping[str, Any]) -> None:
        """Queue a flow."""
        wanted = (flow, dict(parameters))
        with self._change:
            if wanted not in self._waiting:
                self._waiting.append(wanted)
                self._change.notify()

    def stop(self) -> None:
        """Take up nothing more, wait a while for what is at work, and stop the server."""
        until = time.monotonic() + STOP_SECONDS
        with self._change:
            self._stopped = True
            self._change.notify_all()
            while self._working and (left := until - time.monotonic()) > 0:
                self._change.wait(left)
        if self._server is not None:
            server.retire(self._settings.home, self._server)
            flush()
            server.stop(self._server)

    def _work(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: bool(self._waiting) or self._stopped)
                if self._stopped:
                    return
                flow, parameters = self._waiting.popleft()
                self._working += 1
            try:
                self._run(flow, parameters)
            finally:
                with self._change:
                    self._working -= 1
                    self._change.notify_all()

    def _run(self, flow: str, parameters: dict[str, Any]) -> None:
        try:
            self._connect()
            getattr(import_module(f"flows.{flow}"), flow)(**parameters)
        except CultivarError as refused:
            _LOG.info("%s was refused: %s", flow, refused.code)
        except Exception as error:  # noqa: BLE001 - its text may quote a document
            _LOG.error("%s failed: %s", flow, type(error).__name__)

    def _connect(self) -> None:
        with self._starting:
            if self._server is None:
                self._server = server.start(self._settings)
                connect(self._settings.home, self._server.api_url, self._server.login)


def runs_for(settings: Settings) -> "PrefectRunner | LocalRunner":
    """Return what starts flows: the workers of a Prefect server that runs, else this process.

    Raises:
        NotReady: PREFECT_API_URL names a server that does not answer.
    """
    found = server.named_by_environment() or server.find(settings.home, PATIENCE)
    if found is not None and (found.is_named or server.serves(found, deployed("sweep").full_name)):
        return PrefectRunner(settings, found)
    return LocalRunner(settings)
