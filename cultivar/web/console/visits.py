"""Who looks at a page: the session in the browser's cookie, the language, and what a form sent.

The cookie's name keeps it to this host and to TLS. Plain http is taken from this machine alone,
where nobody can listen; there the cookie has a name without that promise.
"""

import asyncio
import ipaddress
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from cultivar.operations.tenant.signing_in import SignedIn, session_of
from cultivar.web.console import PREFIX
from cultivar.web.console.languages import Language, language_of
from cultivar.web.errors import Refused
from cultivar.web.rate_limits import RequestRates

SECURE_COOKIE, LOOPBACK_COOKIE = "__Host-cultivar", "cultivar"
LANGUAGE_COOKIE = "cultivar-language"
_FORM_BYTES, _FORM_SECONDS = 64 << 10, 20.0
_MONTHS = 180 * 24 * 3_600


@dataclass(frozen=True, slots=True)
class Visit:
    """One request's person (None: nobody is signed in), language, and the path that it asked."""

    person: str | None
    language: Language
    path: str


class NotSignedIn(Exception):
    """A page that needs somebody; who follows the link signs in first."""


def cookie_name(request: Request) -> str:
    """Return the name under which this way of connecting keeps a session."""
    return SECURE_COOKIE if request.url.scheme == "https" else LOOPBACK_COOKIE


def visit_of(request: Request) -> Visit:
    """Return what is known of a request so far, also where it was refused early."""
    found: Visit | None = getattr(request.state, "visit", None)
    return found or Visit(None, language_of(request), request.url.path)


async def current_visit(request: Request) -> Visit:
    """Return who looks at a page, signed in or not."""
    token = request.cookies.get(cookie_name(request), "")
    workspace = request.app.state.app_context.workspace
    person = await run_in_threadpool(session_of, workspace, token) if token else None
    visit = Visit(person, language_of(request), request.url.path)
    request.state.visit = visit
    return visit


async def signed_in(request: Request) -> str:
    """Return who is signed in.

    Raises:
        NotSignedIn: nobody is.
    """
    visit = await current_visit(request)
    if visit.person is None:
        raise NotSignedIn
    return visit.person


async def form(request: Request) -> dict[str, str]:
    """Return the fields of a form, the last of each name.

    Raises:
        Refused: codes ``request-too-long``, ``slow-request``, ``bad-request``.
    """
    body = b""
    try:
        async with asyncio.timeout(_FORM_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > _FORM_BYTES:
                    raise Refused(413, "request-too-long", "A form has at most 64 KiB.")
    except TimeoutError:
        raise Refused(408, "slow-request", "The form did not arrive in time.") from None
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise Refused(400, "bad-request", "The form cannot be read.") from None
    if any("\x00" in value for pair in pairs for value in pair):
        raise Refused(400, "nul-character", "The form holds the character U+0000.")
    return dict(pairs)


async def bounded(request: Request) -> None:
    """Let one address try no more passwords and links a minute than the settings allow.

    Raises:
        Refused: code ``too-many-requests``.
    """
    rates: RequestRates = request.app.state.rates
    address = request.client.host if request.client else "unknown"
    wait = rates.wait(None, address)
    if wait:
        raise Refused(429, "too-many-requests", f"Try again in {int(wait) + 1} seconds.")


def require_private(request: Request) -> None:
    """Do nothing where nobody can read along: over TLS, or on this machine alone.

    Raises:
        Refused: code ``not-encrypted``.
    """
    if request.url.scheme == "https":
        return
    host, client = request.url.hostname or "", request.client.host if request.client else ""
    if _is_loopback(host) and _is_loopback(client):
        return
    raise Refused(
        403,
        "not-encrypted",
        "Passwords are not taken over plain http from another machine. Put a server that speaks "
        "TLS in front, or open the console on the machine itself.",
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def keep_session(request: Request, answer: Response, begun: SignedIn) -> None:
    """Have the browser keep a session: until it closes, for this host alone, out of scripts."""
    answer.set_cookie(
        cookie_name(request), begun.token, path="/", httponly=True, samesite="lax",
        secure=request.url.scheme == "https",
    )  # fmt: skip


def forget_session(request: Request, answer: Response) -> None:
    """Have the browser forget its session."""
    answer.delete_cookie(
        cookie_name(request), path="/", httponly=True, samesite="lax",
        secure=request.url.scheme == "https",
    )  # fmt: skip


def keep_language(request: Request, answer: Response, language: Language) -> None:
    """Have the browser keep a choice of language."""
    answer.set_cookie(
        LANGUAGE_COOKIE, language.code, path=PREFIX, httponly=True, samesite="lax",
        secure=request.url.scheme == "https", max_age=_MONTHS,
    )  # fmt: skip


def own_path(path: str) -> str:
    """Return a path of the console to go on to; the first page for whatever leads elsewhere."""
    known = path.startswith(f"{PREFIX}/") and not path.startswith(f"{PREFIX}/sign-")
    return path if known and not set(path) & set("\\\r\n\t") else f"{PREFIX}/"


Person = Annotated[str, Depends(signed_in)]
Visitor = Annotated[Visit, Depends(current_visit)]
Form = Annotated[dict[str, str], Depends(form)]
