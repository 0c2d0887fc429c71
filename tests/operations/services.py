"""What labels are told to: a fake Microsoft Graph, or a webhook's receiver, on loopback."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Service:
    """A fake Microsoft Graph, or a webhook's receiver: it keeps calls and answers as told."""

    def __init__(self) -> None:
        self.labels: dict[str, str] = {}
        self.calls: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Any:
        self.calls.append((method, path, headers, body))
        if self.answers:
            return (*self.answers.pop(0), b"")
        if method == "PATCH":
            self.labels[path] = json.loads(body)["name"]
        if method == "DELETE":
            self.labels.pop(path, None)
        found = {"name": self.labels[path]} if path in self.labels else {}
        return 200, {}, json.dumps(found).encode()


@contextmanager
def serving(service: Service) -> Iterator[str]:
    """Serve on a free port until the block ends; yields the address."""

    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, said = service.answer(
                self.command, self.path, dict(self.headers), body
            )
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(said))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = do_PATCH = do_DELETE = handle_one  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
