"""The connection of a client to one server: requests sent, answers read, pages followed.

It knows no route.
"""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import httpx

from cultivar.client.answers import refusal
from cultivar.core.closing import Closing
from cultivar.core.errors import InvalidInput, StoreUnavailable

API = "/api/v1"


class Connection(Closing):
    """Speaks with one server under one key; use it as a context manager, or ``close`` it.

    ``seconds`` bounds each request. Raises ``InvalidInput``, code ``bad-key``, where the key cannot
    be sent.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        seconds: float = 60.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        if not key.isascii():
            raise InvalidInput("bad-key", "A key is of plain letters and digits; this one is not.")
        headers = {"Ocp-Apim-Subscription-Key": key}
        self._http = httpx.Client(
            base_url=url, headers=headers, timeout=seconds, transport=transport
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _pages(self, path: str) -> Iterator[dict[str, Any]]:
        cursor: str | None = None
        while True:
            page = self._call("GET", path, params={"cursor": cursor} if cursor else {})
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def _call(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Any:
        answer = self._sent(method, path, body, params)
        return answer.json() if answer.content else None

    def _sent(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        # so that a connection that breaks can be tried again without doing a thing twice
        headers = {} if method == "GET" else {"Idempotency-Key": uuid.uuid4().hex}
        try:
            answer = self._http.request(method, path, json=body, params=params, headers=headers)
        except httpx.HTTPError as error:
            raise StoreUnavailable(
                "server-unreachable", f"The server does not answer: {type(error).__name__}."
            ) from error
        except UnicodeEncodeError as error:
            raise InvalidInput(
                "not-text", "A text holds an unpaired surrogate, which UTF-8 cannot carry."
            ) from error
        if answer.is_error:
            raise refusal(answer)
        return answer


def part_of(name: str) -> str:
    """Return a name as a part of a path."""
    return quote(name, safe="")
