"""What tests ask of a Prefect server, as its UI does."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processes.prefect_server import http as prefect_http
from processes.prefect_server.login import login_of


@dataclass(frozen=True, slots=True)
class Api:
    """The API of the server whose home is ``home``."""

    url: str
    home: Path

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return what the server answers, None for nothing."""
        return prefect_http.ask(method, self.url, path, body, login_of(self.home), 60)
