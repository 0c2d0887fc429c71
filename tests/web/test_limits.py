"""Length, rate and time of requests are bounded; what is refused says so in the route's shape."""

import asyncio
import logging
import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from cultivar.operations.tenant.keys import create_key
from cultivar.operations.tenant.tenant import bootstrap
from cultivar.store.workspace import Workspace, open_workspace
from cultivar.web.application import create_app
from cultivar.web.rate_limits import Rates
from tests.web.talking import Recorded, Web

PROJECTS = "/language/authoring/analyze-text/projects"


@pytest.fixture
def narrow(workspace: Workspace) -> Workspace:
    """A tenant whose requests are few, short and quick."""
    bootstrap(workspace, "alex")
    settings = replace(
        workspace.settings, web_requests_a_minute=5, web_body_bytes=1_000, web_seconds=2
    )
    return open_workspace(settings)


def client_of(workspace: Workspace, **routes: Any) -> TestClient:
    app = create_app(workspace, Recorded(workspace))
    for path, endpoint in routes.items():
        app.add_api_route(f"/{path}", endpoint)
    _, text = create_key(workspace, "alex", "for a test")
    headers = {"Ocp-Apim-Subscription-Key": text}
    return TestClient(app, raise_server_exceptions=False, headers=headers)


def test_a_long_body_is_refused_whether_its_length_is_stated_or_not(narrow: Workspace) -> None:
    client = client_of(narrow)
    stated = client.post("/api/v1/classify", content=b"x" * 1_001)
    streamed = client.post("/api/v1/classify", content=iter([b"x" * 600, b"y" * 600]))
    for answer in (stated, streamed):
        assert answer.status_code == 413
        assert answer.json()["code"] == "request-too-long"


def test_a_key_that_asks_too_often_is_told_when_to_come_back(narrow: Workspace) -> None:
    client = client_of(narrow)
    answers = [client.get("/api/v1/me") for _ in range(6)]
    assert [each.status_code for each in answers] == [200] * 5 + [429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 12
    assert answers[-1].json()["code"] == "too-many-requests"


def test_one_key_does_not_use_up_what_another_may_send(narrow: Workspace) -> None:
    client = client_of(narrow)
    _, other = create_key(narrow, "alex", "other")
    for _ in range(6):
        client.get("/api/v1/me")
    others = {"Ocp-Apim-Subscription-Key": other}
    statuses = [client.get("/api/v1/me", headers=others).status_code for _ in range(3)]
    # a machine that is busy for a moment may miss this server's short limit of time (503)
    assert 200 in statuses
    assert 429 not in statuses


def test_guessing_keys_is_slowed_down(web: Web) -> None:
    wrong = {"Ocp-Apim-Subscription-Key": "wrong"}
    statuses = {web.http.get("/api/v1/me", headers=wrong).status_code for _ in range(125)}
    assert statuses == {401, 429}
    assert web.get("/api/v1/me").status_code == 200


def test_an_answer_that_takes_too_long_is_given_up(narrow: Workspace) -> None:
    async def slow() -> None:
        await asyncio.sleep(4)

    def slow_in_a_thread() -> None:
        time.sleep(4)

    for endpoint in (slow, slow_in_a_thread):
        client = client_of(narrow, slow=endpoint)
        began = time.monotonic()
        answer = client.get("/slow")
        assert time.monotonic() - began < 3.5
        assert answer.status_code == 503
        assert answer.json()["code"] == "timeout"


def test_a_request_that_does_not_arrive_is_given_up(narrow: Workspace) -> None:
    app = create_app(narrow, Recorded(narrow))
    _, text = create_key(narrow, "alex", "for a test")
    sent: list[Any] = []

    async def never() -> Any:
        await asyncio.sleep(30)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/api/v1/classify", "query_string": b"",
        "headers": [(b"ocp-apim-subscription-key", text.encode())], "client": ("127.0.0.1", 1),
    }  # fmt: skip
    asyncio.run(app(scope, never, send))
    assert sent[0]["status"] == 408


def test_a_defect_names_its_type_and_nothing_of_a_document(
    workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    bootstrap(workspace, "alex")

    def broken() -> None:
        raise ValueError("the secret text of a document")

    with caplog.at_level(logging.DEBUG):
        answer = client_of(workspace, broken=broken).get("/broken")
    assert answer.status_code == 500
    assert answer.json()["code"] == "defect"
    assert "ValueError" in answer.text
    assert "secret text" not in answer.text + caplog.text


@pytest.mark.parametrize("path", [f"{PROJECTS}/P", "/api/v1/me"])
def test_errors_have_the_shape_of_their_routes(web: Web, path: str) -> None:
    answer = web.http.get(path)
    body = answer.json()
    if path.startswith("/language"):
        assert set(body["error"]) == {"code", "message", "innererror"}
        assert body["error"]["code"] == "Unauthorized"
    else:
        assert answer.headers["content-type"] == "application/problem+json"
        assert set(body) == {"type", "title", "status", "detail", "code"}


def test_a_bucket_refills_evenly_and_never_beyond_its_brim() -> None:
    at = 0.0
    rates = Rates(60, lambda: at)
    assert [rates.wait("a") for _ in range(60)] == [0.0] * 60
    assert rates.wait("a") == pytest.approx(1.0)
    at = 2.0
    assert [rates.wait("a") > 0 for _ in range(3)] == [False, False, True]
    at = 10_000.0
    assert [rates.wait("a") > 0 for _ in range(61)] == [False] * 60 + [True]


def test_buckets_are_safe_to_share_between_threads() -> None:
    rates = Rates(1_000, lambda: 0.0)
    allowed: list[int] = []

    def take() -> None:
        allowed.append(sum(rates.wait("a") == 0 for _ in range(300)))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sum(allowed) == 1_000


def test_metrics_count_by_route_and_name_nobody(web: Web) -> None:
    web.get("/api/v1/classifiers/very-secret-name")
    web.http.get("/no/such/route")
    text = web.http.get("/metrics").text
    assert 'route="/api/v1/classifiers/{name}",status="404"' in text
    assert 'route="unknown",status="401"' in text
    assert "very-secret-name" not in text


def test_health_needs_no_key_and_tells_when_the_registry_is_gone(web: Web) -> None:
    assert web.http.get("/").json()["document"] == "/openapi.json"
    for path in ("/healthz", "/readyz"):
        assert web.http.get(path).json()["status"] == "ok"
    web.workspace.settings.home.joinpath("registry.db").rename(
        web.workspace.settings.home / "elsewhere.db"
    )
    web.workspace.registry.close()
    assert web.http.get("/readyz").status_code == 503
    # the process itself is well: to start it again would help nobody
    assert web.http.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PATCH", f"{PROJECTS}/P?api-version=2023-04-01", {"description": "a\x00b"}, 400),
        ("PATCH", f"{PROJECTS}/P?api-version=2023-04-01", {"description": "a\\u0000b"}, 201),
        ("GET", f"{PROJECTS}/P%00?api-version=2023-04-01", None, 400),
        ("GET", "/api/v1/classifiers?cursor=%00", None, 400),
        ("POST", "/api/v1/classify", {"text": "a\x00b"}, 200),
    ],
)
def test_a_nul_reaches_no_store(
    web: Web, method: str, path: str, body: dict[str, str] | None, status: int
) -> None:
    if method == "PATCH" and body is not None:
        body = {**body, "projectKind": "CustomSingleLabelClassification"}
    assert web.call(method, path, body).status_code == status
