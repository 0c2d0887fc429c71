"""A Graph server on loopback: one drive, its delta feed in pages, and refusals on demand.

It serves what a test puts in; it asserts nothing.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

DRIVE = "b!drive-1"
TOKEN = "the-token"


class GraphServer:
    """A drive ``b!drive-1``; ``refusals`` are answered first: status and headers.

    It is also the authority that signs applications in, unless ``signs_in`` is False.
    """

    def __init__(self) -> None:
        self.feed: list[dict[str, Any]] = [{"id": "root", "name": "root", "root": {}, "folder": {}}]
        self.contents: dict[str, bytes] = {}
        self.refusals: list[tuple[int, dict[str, str]]] = []
        self.requests: list[tuple[str, str | None]] = []
        self.page_size, self.ends = 2, True
        self.signs_in, self.is_down, self.sign_ins = True, False, 0
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.port = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def endpoint(self) -> str:
        """The root of the service."""
        return f"http://127.0.0.1:{self.port}/v1.0"

    @property
    def authority(self) -> str:
        """Where applications sign in; requests to it must be led here."""
        return "https://login.microsoftonline.com"

    def __enter__(self) -> "GraphServer":
        """Start to serve."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def folder(self, key: str, name: str, parent: str = "root") -> None:
        """Put a folder in."""
        self.feed.append({"id": key, "name": name, "folder": {}, "parentReference": {"id": parent}})

    def file(self, key: str, name: str, data: bytes, parent: str = "root", **more: Any) -> None:
        """Put a file in, or its next state."""
        self.contents[key] = data
        times = {"createdDateTime": "2020-03-04T05:06:07Z"}
        item = {"id": key, "name": name, "size": len(data), "file": {}, "fileSystemInfo": times}
        item |= {"cTag": f'"c:{{{key}}},{hash(data)}"', "parentReference": {"id": parent}}
        item |= {"createdDateTime": "2024-01-01T00:00:00Z"}
        self.feed.append(item | {"lastModifiedDateTime": "2024-05-06T07:08:09Z"} | more)

    def answer(self, target: str, token: str | None) -> tuple[int, dict[str, str], bytes]:
        """Answer one request."""
        self.requests.append((target, token))
        path = unquote(urlsplit(target).path)
        if path.endswith("/.well-known/openid-configuration"):
            tenant = f"{self.authority}/{path.split('/')[1]}"
            return 200, {}, json.dumps(_endpoints(tenant)).encode()
        if path.endswith("/discovery/instance"):
            return 200, {}, b'{"metadata": []}'
        if path.startswith("/download/"):
            return 200, {}, self.contents[path.removeprefix("/download/")]
        if self.refusals:
            return *self.refusals.pop(0), b"{}"
        if token != f"Bearer {TOKEN}":
            return 401, {}, b"{}"
        return self._drive(path.removeprefix(f"/v1.0/drives/{DRIVE}/"), urlsplit(target).query)

    def token(self, form: dict[str, list[str]]) -> tuple[int, dict[str, str], bytes]:
        """Answer one sign-in of an application."""
        self.sign_ins += 1
        if self.is_down:
            return 503, {}, b"{}"
        if not self.signs_in or form.get("client_secret") != ["the-secret"]:
            return 401, {}, json.dumps({"error": "invalid_client"}).encode()
        granted = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600}
        return 200, {}, json.dumps(granted).encode()

    def _drive(self, path: str, query: str) -> tuple[int, dict[str, str], bytes]:
        if path == "root/delta":
            return 200, {}, json.dumps(self._page(int(query.partition("=")[2] or 0))).encode()
        key = path.removeprefix("items/").removesuffix("/content")
        if key not in self.contents:
            return 404, {}, b"{}"
        # Another host, as the real service redirects to.
        return 302, {"Location": f"http://localhost:{self.port}/download/{key}"}, b""

    def _page(self, at: int) -> dict[str, Any]:
        following = at + self.page_size
        page: dict[str, Any] = {"value": self.feed[at:following]}
        link = f"{self.endpoint}/drives/{DRIVE}/root/delta"
        if following < len(self.feed):
            page["@odata.nextLink"] = f"{link}?token={following}"
        elif self.ends:
            page["@odata.deltaLink"] = f"{link}?token=last"
        return page


def _endpoints(tenant: str) -> dict[str, str]:
    return {
        "issuer": f"{tenant}/v2.0",
        "token_endpoint": f"{tenant}/oauth2/v2.0/token",
        "authorization_endpoint": f"{tenant}/oauth2/v2.0/authorize",
    }


def _handler(server: GraphServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(*server.answer(self.path, self.headers.get("Authorization")))

        def do_POST(self) -> None:
            written = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._send(*server.token(parse_qs(written)))

        def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    return Handler
