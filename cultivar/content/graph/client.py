"""Requests to Microsoft Graph: who asks, how often again, and what a refusal means.

It knows nothing of drives, files or locations; no sentence of it holds a name, an id or an answer.
"""

import errno
import importlib
import logging
import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from cultivar.core.errors import CultivarError, StoreUnavailable

if TYPE_CHECKING:
    import httpx

ENDPOINT = "https://graph.microsoft.com/v1.0"
VARIABLES = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")
_AUTHORITY = "https://login.microsoftonline.com"
_SCOPE = "https://graph.microsoft.com/.default"
_PASSING = frozenset({429, 500, 502, 503, 504, 509})
_TRIES = 6
_FIRST_PAUSE = 0.5
# Graph asks for minutes when it throttles; beyond this a later crawl is the better answer.
_LONGEST_PAUSE = 300.0
_SECONDS = 60.0


class GraphClient:
    """Authorised requests to one Graph endpoint.

    ``options``: ``endpoint`` (default: the public cloud) and ``token``, a bearer token that stands
    in for the client credentials of the environment.

    Raises:
        CultivarError: the extra ``graph`` is missing (``graph-not-installed``), or neither a token
            nor all of ``VARIABLES`` are set (``graph-not-configured``).
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        library = _installed("httpx")
        # It logs every address, and that of a download opens the file for whoever reads it.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self.endpoint = str(options.get("endpoint") or ENDPOINT).rstrip("/")
        self._http: httpx.Client = library.Client(timeout=_SECONDS)
        token = options.get("token")
        self._token = partial(str, token) if token else client_credentials(self._http)

    def get(self, address: str, *, follow: bool = False) -> "httpx.Response":
        """Ask for an address of the endpoint, again while the refusal may pass.

        ``follow`` follows redirects; the token does not travel to another host.

        Raises:
            StoreUnavailable: the credentials are refused (``graph-refused``), or Graph does not
                answer, or keeps refusing (``location-unreachable``).
        """
        url = self._own(address)
        for attempt in range(_TRIES):
            answer, pause = self._tried(url, follow), _FIRST_PAUSE * 2**attempt
            if answer is not None and answer.status_code not in _PASSING:
                return _authorised(answer)
            if answer is not None:
                pause = _asked_pause(answer.headers.get("Retry-After"), pause)
            if pause > _LONGEST_PAUSE:
                break
            if attempt < _TRIES - 1:
                time.sleep(pause)
        raise _unanswered(answer.status_code if answer is not None else None)

    def _own(self, address: str) -> str:
        """Return the absolute address, which the token may be sent to."""
        url = urljoin(f"{self.endpoint}/", address)
        if urlsplit(url)[:2] != urlsplit(self.endpoint)[:2]:
            raise StoreUnavailable(
                "location-unreachable",
                "Microsoft Graph points to a page on another host, to which no credentials are "
                "sent. Check the endpoint.",
            )
        return url

    def _tried(self, url: str, follow: bool) -> "httpx.Response | None":
        failure: type[Exception] = _installed("httpx").TransportError
        headers = {"Authorization": f"Bearer {self._token()}"}
        try:
            return self._http.get(url, headers=headers, follow_redirects=follow)
        except failure:
            return None


def client_credentials(http: "httpx.Client") -> Callable[[], str]:
    """Return what gives a valid token for the application that the environment names.

    This is the one place that reads ``VARIABLES``. Tokens are kept until shortly before they
    expire.

    Raises:
        CultivarError: ``graph-not-configured`` or ``graph-not-installed``.
    """
    missing = [name for name in VARIABLES if not os.environ.get(name)]
    if missing:
        raise CultivarError(
            "graph-not-configured",
            f"Microsoft Graph needs {', '.join(missing)} in the environment: an application that "
            "may read files (Files.Read.All or Sites.Selected).",
            {"missing": missing},
        )
    msal = _installed("msal")
    tenant, client, secret = (os.environ[name] for name in VARIABLES)
    applications: list[Any] = []

    def token() -> str:
        try:
            if not applications:
                authority = f"{_AUTHORITY}/{tenant}"
                applications.append(
                    msal.ConfidentialClientApplication(
                        client, authority=authority, client_credential=secret, http_client=http
                    )
                )
            answer = applications[0].acquire_token_for_client(scopes=[_SCOPE])
        except ValueError as error:
            raise _refused("the tenant is unknown") from error
        except (_installed("httpx").HTTPError, msal.exceptions.MsalError) as error:
            raise _unanswered(None) from error
        if "access_token" not in answer:
            raise _refused(f"the sign-in answered {answer.get('error', 'nothing')}")
        return str(answer["access_token"])

    return token


def trouble_of(answer: "httpx.Response") -> OSError | None:
    """Return what a failed answer about one file means, None for a success."""
    if answer.is_success:
        return None
    if answer.status_code in (404, 410):
        return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    if answer.status_code in (403, 423):
        return PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return OSError(errno.EIO, os.strerror(errno.EIO))


def _installed(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise CultivarError(
            "graph-not-installed",
            "Locations on SharePoint and OneDrive need the extra graph: install cultivar[graph].",
        ) from error


def _authorised(answer: "httpx.Response") -> "httpx.Response":
    if answer.status_code == 401:
        raise _refused("the token is not accepted")
    return answer


def _asked_pause(written: str | None, otherwise: float) -> float:
    """Return the seconds that ``Retry-After`` (seconds or a date) asks for."""
    if not written:
        return otherwise
    try:
        return max(0.0, float(written))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(written) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return otherwise


def _refused(because: str) -> StoreUnavailable:
    return StoreUnavailable(
        "graph-refused",
        f"Microsoft Graph refuses the credentials: {because}. Check {', '.join(VARIABLES)} and "
        "the application's permissions.",
    )


def _unanswered(status: int | None) -> StoreUnavailable:
    what = f"keeps answering {status}" if status else "does not answer"
    return StoreUnavailable(
        "location-unreachable",
        f"Microsoft Graph {what}. What was crawled before still holds; crawl again later.",
        {"status": status},
    )
