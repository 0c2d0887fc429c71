"""Small requests to a Prefect server without importing Prefect: its log-in, its tokens, no proxy.

It decides nothing; a server that does not answer is the caller's to judge.
"""

import base64
import ipaddress
import json
import os
import urllib.error
import urllib.parse
import urllib.request
from typing import Any
from uuid import uuid4


def get(url: str, login: str | None = None, seconds: float = 5.0) -> Any:
    """Return what a GET answers.

    Raises:
        OSError: nobody answers, or with an error (``urllib.error.HTTPError``).
        ValueError: the answer is not JSON.
    """
    return _answer(urllib.request.Request(url), login, seconds)  # noqa: S310


def post(api_url: str, path: str, body: Any, login: str | None, seconds: float = 5.0) -> Any:
    """Return what a POST answers, None for nothing.

    Raises:
        OSError: nobody answers, or with an error (``urllib.error.HTTPError``).
    """
    return ask("POST", api_url, path, body, login, seconds)


def ask(  # noqa: PLR0917 - a request's parts, in their order
    method: str, api_url: str, path: str, body: Any, login: str | None, seconds: float = 5.0
) -> Any:
    """Return what a request answers, None for nothing; it carries the token that CSRF guards want.

    Raises:
        OSError: nobody answers, or with an error (``urllib.error.HTTPError``).
    """
    headers = {"Content-Type": "application/json"} | _token(api_url, login, seconds)
    request = urllib.request.Request(  # noqa: S310 - the address of a Prefect server
        f"{api_url}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers=headers,
        method=method,
    )
    return _answer(request, login, seconds)


def _token(api_url: str, login: str | None, seconds: float) -> dict[str, str]:
    client = str(uuid4())
    try:
        made = get(f"{api_url}/csrf-token?client={client}", login, seconds)
    except urllib.error.HTTPError:
        # a server without such a guard has no tokens either
        return {}
    return {"Prefect-Csrf-Token": made["token"], "Prefect-Csrf-Client": client}


def _answer(request: urllib.request.Request, login: str | None, seconds: float) -> Any:
    authorization = _authorization(login)
    if authorization:
        request.add_unredirected_header("Authorization", authorization)
    with _opener(request.full_url).open(request, timeout=seconds) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def _authorization(login: str | None) -> str | None:
    if login:
        return f"Basic {base64.b64encode(login.encode()).decode()}"
    key = os.environ.get("PREFECT_API_KEY")
    return f"Bearer {key}" if key else None


def _opener(url: str) -> urllib.request.OpenerDirector:
    direct = [urllib.request.ProxyHandler({})] if _is_loopback(url) else []
    return urllib.request.build_opener(*direct)


def _is_loopback(url: str) -> bool:
    host = urllib.parse.urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
