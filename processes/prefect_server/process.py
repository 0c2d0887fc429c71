"""The process of a Prefect server; it ends when its owner closes the pipe on its input.

It must not be imported by anything else: importing it reads Prefect's settings.
"""

import os
import signal
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING

from prefect.server.api.server import create_app
from prefect.settings import get_current_settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

GRACE_SECONDS = 8.0
# Prefect's page asks a service of product analytics for its settings, whatever the server's own
# settings say. A browser asks nobody whom this does not name.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self' data: blob: http://{address} ws://{address}; "
    "frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)


def main() -> None:
    """Serve Prefect's API and UI until the owner is gone."""
    import uvicorn  # noqa: PLC0415

    threading.Thread(target=_end_with_owner, daemon=True).start()
    settings = get_current_settings().server
    config = uvicorn.Config(
        _silent(create_app(final=True), f"{settings.api.host}:{settings.api.port}"),
        timeout_keep_alive=settings.api.keepalive_timeout,
        timeout_graceful_shutdown=3,
        log_level="warning",
    )
    # the owner bound the port already, so that nobody else can take it meanwhile
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])


def _silent(app: "ASGIApp", address: str) -> "ASGIApp":
    """Let no page of the server load from, or send to, anywhere but the server."""
    header = (b"content-security-policy", _POLICY.format(address=address).encode())

    async def answering(scope: "Scope", receive: "Receive", send: "Send") -> None:
        async def send_with_policy(message: "Message") -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), header]
            await send(message)

        await app(scope, receive, send_with_policy)

    return answering


def _end_with_owner() -> None:
    # not through sys.stdin, whose lock a waiting thread would hold when the process ends
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(0)


if __name__ == "__main__":
    main()
