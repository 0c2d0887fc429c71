"""Signing in, and what must not work: guesses, other sites, links elsewhere, ended sessions."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cultivar.core.people.signing_in import IDLE_AT_MOST, LINK_LASTS, SESSION_AT_MOST, SLIPS
from cultivar.operations.tenant.erasure import erase_person
from cultivar.operations.tenant.people import grant_role
from cultivar.operations.tenant.signing_in import (
    invite,
    invited,
    session_of,
    set_password,
    sign_in,
    sign_out_everywhere,
)
from cultivar.store.tables import PasswordRow
from cultivar.store.workspace import Workspace
from cultivar.web.console.guards import HEADERS
from tests.web.console.conftest import PASSWORD, browser_of, signed_in, with_password
from tests.web.talking import Web

PAGES = (
    "/console/", "/console/classifiers", "/console/classifiers/contracts",
    "/console/classifiers/contracts/review", "/console/account",
)  # fmt: skip


def later(workspace: Workspace, by: timedelta) -> Workspace:
    """Return the workspace as it will be after a while."""
    clock = workspace.clock
    return replace(workspace, clock=lambda: clock() + by)


@pytest.mark.parametrize("path", PAGES)
def test_nobody_sees_a_page_without_signing_in(web: Web, path: str) -> None:
    answer = browser_of(web).get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/console/sign-in?next=/console/")


def test_a_set_up_link_works_once_and_signs_in(web: Web) -> None:
    browser, link = browser_of(web), invite(web.workspace, "alex", "alex")
    path = f"/console/set-up/{link.token}"
    assert "alex" in browser.get(path).text
    short = browser.post(path, data={"password": "short"})
    assert (short.status_code, "bad-password" in short.text) == (422, True)
    done = browser.post(path, data={"password": PASSWORD})
    assert (done.status_code, done.headers["location"]) == (303, "/console/")
    assert browser.get("/console/").status_code == 200
    assert browser.get(path).status_code == 404
    assert browser.post(path, data={"password": PASSWORD}).status_code == 404


def test_a_link_expires_and_a_newer_one_takes_its_place(web: Web) -> None:
    workspace = web.workspace
    first, second = invite(workspace, "alex", "alex"), invite(workspace, "alex", "alex")
    assert invited(workspace, first.token) is None
    assert invited(workspace, second.token) == "alex"
    assert invited(later(workspace, LINK_LASTS), second.token) is None


def test_the_password_is_asked_for_and_the_name_stays(web: Web) -> None:
    with_password(web)
    browser = browser_of(web)
    wrong = browser.post("/console/sign-in", data={"name": "alex", "password": "wrong"})
    assert (wrong.status_code, 'value="alex"' in wrong.text) == (403, True)
    unknown = browser.post("/console/sign-in", data={"name": "robin", "password": "wrong"})
    said = "The name or the password is not right."
    assert said in wrong.text
    assert said in unknown.text
    assert "wrong" not in wrong.cookies


def test_guesses_are_stopped_and_that_outlives_the_process(web: Web) -> None:
    with_password(web)
    browser = browser_of(web)
    for _ in range(SLIPS):
        browser.post("/console/sign-in", data={"name": "alex", "password": "wrong"})
    locked = browser.post("/console/sign-in", data={"name": "alex", "password": PASSWORD})
    assert (locked.status_code, "locked" in locked.text) == (403, True)
    after = later(web.workspace, timedelta(minutes=2))
    assert sign_in(after, "alex", PASSWORD).person == "alex"


def test_a_session_ends_by_itself_and_everywhere(web: Web) -> None:
    with_password(web)
    workspace = web.workspace
    one, two = (sign_in(workspace, "alex", PASSWORD) for _ in range(2))
    assert one.token != two.token
    assert session_of(workspace, one.token) == "alex"
    assert session_of(later(workspace, IDLE_AT_MOST), one.token) is None
    assert session_of(workspace, one.token) is None
    for hours in range(0, int(SESSION_AT_MOST.total_seconds()), 1_200):
        session_of(later(workspace, timedelta(seconds=hours)), two.token)
    assert session_of(later(workspace, SESSION_AT_MOST), two.token) is None
    three = sign_in(workspace, "alex", PASSWORD)
    # the one in which the password was chosen, and this one
    assert sign_out_everywhere(workspace, "alex", "alex") == 2
    assert session_of(workspace, three.token) is None


def test_signing_out_ends_the_session_and_not_only_the_cookie(web: Web) -> None:
    browser = signed_in(web)
    kept = browser.cookies["cultivar"]
    assert browser.post("/console/sign-out").status_code == 303
    browser.cookies.set("cultivar", kept)
    assert browser.get("/console/").status_code == 303


def test_an_erased_person_is_out_at_once(web: Web) -> None:
    grant_role(web.workspace, "alex", "Kim", "compliance administrator")
    browser = signed_in(web, "Kim")
    assert browser.get("/console/").status_code == 200
    erase_person(web.workspace, "alex", "Kim")
    assert browser.get("/console/").status_code == 303
    again = browser.post("/console/sign-in", data={"name": "Kim", "password": PASSWORD})
    assert again.status_code == 403


def test_every_answer_has_the_headers_and_pages_are_not_stored(web: Web) -> None:
    browser = signed_in(web)
    for path in (
        "/console/",
        "/console/nothing",
        "/console/sign-in",
        "/console/static/console.css",
    ):
        answer = browser.get(path)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert browser.get("/console/").headers["cache-control"] == "no-store"


def test_the_cookie_keeps_to_this_host_and_out_of_scripts(web: Web) -> None:
    with_password(web)
    data = {"name": "alex", "password": PASSWORD}
    plain = browser_of(web).post("/console/sign-in", data=data).headers["set-cookie"]
    assert plain.startswith("cultivar=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(plain.split("; "))
    browser = browser_of(web)
    browser.base_url = "https://cultivar.example"
    origin = {"origin": "https://cultivar.example"}
    safe = browser.post("/console/sign-in", data=data, headers=origin).headers["set-cookie"]
    assert safe.startswith("__Host-cultivar=")
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} <= set(safe.split("; "))
    assert "domain" not in safe.lower()


@pytest.mark.parametrize("client", ["10.0.0.7", "127.0.0.1"])
def test_passwords_are_not_taken_where_somebody_can_read_along(web: Web, client: str) -> None:
    with_password(web)
    browser = browser_of(web)
    browser.base_url = "http://cultivar.example"
    answer = browser.post("/console/sign-in", data={"name": "alex", "password": PASSWORD})
    assert (answer.status_code, "not-encrypted" in answer.text) == (403, True)


FORGED: tuple[dict[str, str], ...] = (
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "none"},
    {"sec-fetch-site": "", "origin": "null"},
    {"sec-fetch-site": "", "origin": "http://evil.example"},
)


@pytest.mark.parametrize("headers", FORGED)
def test_another_site_cannot_act_through_a_signed_in_browser(
    web: Web, headers: dict[str, str]
) -> None:
    browser = signed_in(web)
    answer = browser.post("/console/sign-out", headers=headers)
    assert (answer.status_code, "cross-site-request" in answer.text) == (403, True)
    assert browser.get("/console/").status_code == 200


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/console/\\evil", "/other", "javascript:alert(1)"],
)
def test_signing_in_leads_to_a_page_of_the_console_alone(web: Web, elsewhere: str) -> None:
    with_password(web)
    data = {"name": "alex", "password": PASSWORD, "next": elsewhere}
    assert browser_of(web).post("/console/sign-in", data=data).headers["location"] == "/console/"


def test_names_are_text_and_never_markup(web: Web) -> None:
    name = '<img src=x onerror="alert(1)">'
    grant_role(web.workspace, "alex", name, "compliance administrator")
    browser = signed_in(web, name)
    text = browser.get("/console/").text
    assert name not in text
    assert "&lt;img src=x" in text


def test_a_page_speaks_the_language_that_is_asked_for(web: Web) -> None:
    browser = browser_of(web)
    german = browser.get("/console/sign-in", headers={"accept-language": "de-AT,en;q=0.5"}).text
    assert '<html lang="de"' in german
    assert "Anmelden" in german
    browser.post("/console/language", data={"code": "de", "next": "/console/sign-in"})
    assert "Anmelden" in browser.get("/console/sign-in").text


def test_a_form_that_is_too_long_or_unreadable_is_refused(web: Web) -> None:
    browser = browser_of(web)
    assert browser.post("/console/sign-in", content=b"a" * 70_000).status_code == 413
    assert browser.post("/console/sign-in", content=b"\xff\xfe=1").status_code == 400
    assert browser.get("/console/static/..%2Fconsole.css").status_code == 404


def test_a_password_is_kept_as_argon2id(web: Web) -> None:
    link = invite(web.workspace, "alex", "alex")
    set_password(web.workspace, link.token, PASSWORD)
    with web.workspace.registry.reading() as session:
        assert session.get_one(PasswordRow, "alex").encoded.startswith("$argon2id$")
