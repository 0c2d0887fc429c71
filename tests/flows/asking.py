"""What tests ask of a Prefect server, as its UI does."""

import json
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Api:
    """The API of the server whose home is ``home``."""

    url: str
    home: Path

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return what the server answers, None for nothing."""
        request = urllib.request.Request(  # noqa: S310 - a server on loopback
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            text = answer.read()
        return json.loads(text) if text else None
