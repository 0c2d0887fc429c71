"""Signing in and out, choosing a password by a set-up link, and choosing a language."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from cultivar.core.errors import CultivarError, NotFound
from cultivar.operations.tenant import signing_in
from cultivar.web.console import PREFIX
from cultivar.web.console.languages import KNOWN, Language
from cultivar.web.console.pages import AccountPage, SetUpPage, SignInPage
from cultivar.web.console.rendering import Renderer, address
from cultivar.web.console.visits import (
    Form,
    Person,
    Visitor,
    bounded,
    cookie_name,
    forget_session,
    keep_language,
    keep_session,
    own_path,
    require_private,
)
from cultivar.web.errors import status_of

router = APIRouter(prefix=PREFIX)
_GUARDED = [Depends(bounded)]


def see_other(path: str) -> RedirectResponse:
    """Return an answer that has the browser get another page."""
    return RedirectResponse(path, 303)


async def to_sign_in(request: Request, _error: Exception) -> Response:
    """Send whoever is not signed in to the page where they can, and back afterwards."""
    if "application/json" in request.headers.get("accept", ""):
        renderer: Renderer = request.app.state.renderer
        return renderer.json({"error": {"code": "not-signed-in", "message": ""}}, 401)
    back = f"?next={request.url.path}" if request.method == "GET" else ""
    return see_other(f"{address('sign-in')}{back}")


@router.get("/sign-in")
async def show_sign_in(request: Request, visit: Visitor, next: str = "") -> Response:  # noqa: A002
    """Show where somebody signs in."""
    if visit.person is not None:
        return see_other(own_path(next))
    return request.app.state.renderer.page(SignInPage(visit, own_path(next), "", None))


@router.post("/sign-in", dependencies=_GUARDED)
async def sign_in(request: Request, visit: Visitor, given: Form) -> Response:
    """Begin a session for whoever knows the password; what was typed but that stays."""
    require_private(request)
    name, password = given.get("name", "").strip(), given.get("password", "")
    back = own_path(given.get("next", ""))
    workspace = request.app.state.app_context.workspace
    try:
        begun = await run_in_threadpool(signing_in.sign_in, workspace, name, password)
    except CultivarError as error:
        page = SignInPage(visit, back, name, error)
        return request.app.state.renderer.page(page, status_of(error))
    answer = see_other(back)
    keep_session(request, answer, begun)
    return answer


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End this browser's session."""
    workspace = request.app.state.app_context.workspace
    token = request.cookies.get(cookie_name(request), "")
    await run_in_threadpool(signing_in.sign_out, workspace, token)
    answer = see_other(address("sign-in"))
    forget_session(request, answer)
    return answer


@router.get("/account")
async def account(request: Request, person: Person) -> Response:
    """Show who is signed in, and how to end that everywhere."""
    return request.app.state.renderer.page(AccountPage(request.state.visit, person))


@router.post("/account/sign-out-everywhere")
async def sign_out_everywhere(request: Request, person: Person) -> Response:
    """End all sessions of whoever asks."""
    workspace = request.app.state.app_context.workspace
    await run_in_threadpool(signing_in.sign_out_everywhere, workspace, person, person)
    answer = see_other(address("sign-in"))
    forget_session(request, answer)
    return answer


@router.get("/set-up/{token}", dependencies=_GUARDED)
async def show_set_up(request: Request, visit: Visitor, token: str) -> Response:
    """Show where a person chooses their password."""
    workspace = request.app.state.app_context.workspace
    person = await run_in_threadpool(signing_in.invited, workspace, token)
    page = SetUpPage(visit, token, person, None)
    return request.app.state.renderer.page(page, 200 if person else 404)


@router.post("/set-up/{token}", dependencies=_GUARDED)
async def set_up(request: Request, visit: Visitor, token: str, given: Form) -> Response:
    """Keep the password, and sign in."""
    require_private(request)
    workspace = request.app.state.app_context.workspace
    password = given.get("password", "")
    try:
        begun = await run_in_threadpool(signing_in.set_password, workspace, token, password)
    except CultivarError as error:
        gone = isinstance(error, NotFound)
        person = None if gone else await run_in_threadpool(signing_in.invited, workspace, token)
        page = SetUpPage(visit, token, person, error)
        return request.app.state.renderer.page(page, status_of(error))
    answer = see_other(address(""))
    keep_session(request, answer, begun)
    return answer


@router.post("/language")
async def choose_language(request: Request, given: Form) -> Response:
    """Keep the language that was chosen."""
    answer = see_other(own_path(given.get("next", "")))
    if given.get("code") in KNOWN:
        keep_language(request, answer, Language(given["code"]))
    return answer
