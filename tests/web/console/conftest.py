"""Fixtures of the console's tests: a browser that is signed in, without JavaScript."""

import pytest
from starlette.testclient import TestClient

from cultivar.operations.tenant.signing_in import invite, set_password
from tests.web.talking import Web

PASSWORD = "correct horse battery"
ORIGIN = "http://127.0.0.1:8321"
# what a browser says of a form of the page itself
OWN = {"sec-fetch-site": "same-origin", "origin": ORIGIN}


def browser_of(web: Web) -> TestClient:
    """Return a browser on this machine that follows no redirects by itself."""
    return TestClient(
        web.app, base_url=ORIGIN, client=("127.0.0.1", 5_000), follow_redirects=False, headers=OWN
    )


def with_password(web: Web, person: str = "alex") -> None:
    """Let a person sign in with the password of the tests."""
    link = invite(web.workspace, "alex", person)
    set_password(web.workspace, link.token, PASSWORD)


def signed_in(web: Web, person: str = "alex") -> TestClient:
    """Return a browser in which a person has signed in."""
    with_password(web, person)
    browser = browser_of(web)
    answer = browser.post("/console/sign-in", data={"name": person, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return browser


@pytest.fixture
def browser(reviewable: Web) -> TestClient:
    """A browser of alex, over ``contracts`` in review."""
    return signed_in(reviewable)
