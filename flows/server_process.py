"""The process of a Prefect server; it ends when its owner closes the pipe on its input.

It must not be imported by anything else: importing it reads Prefect's settings.
"""

import os
import signal
import socket
import sys
import threading
import time

from prefect.server.api.server import create_app
from prefect.settings import get_current_settings

GRACE_SECONDS = 8.0


def main() -> None:
    """Serve Prefect's API and UI until the owner is gone."""
    import uvicorn  # noqa: PLC0415

    threading.Thread(target=_end_with_owner, daemon=True).start()
    settings = get_current_settings().server
    config = uvicorn.Config(
        create_app(final=True),
        timeout_keep_alive=settings.api.keepalive_timeout,
        timeout_graceful_shutdown=3,
        log_level="warning",
    )
    # the owner bound the port already, so that nobody else can take it meanwhile
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])


def _end_with_owner() -> None:
    # not through sys.stdin, whose lock a waiting thread would hold when the process ends
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(0)


if __name__ == "__main__":
    main()
