"""What tests ask of a Prefect server, as its UI does."""

import time
import urllib.error
from dataclasses import dataclass
from http import HTTPStatus
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
        """Return what the server answers, None for nothing; a busy one is asked again."""
        for _ in range(30):
            try:
                return prefect_http.ask(method, self.url, path, body, login_of(self.home), 60)
            except urllib.error.HTTPError as error:
                if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
                    raise
                time.sleep(1)
        raise AssertionError(f"{path} was unavailable thirty times")
