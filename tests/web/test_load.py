"""No kind of work keeps another from being done, and no more waits or is held than is allowed."""

import asyncio
import base64
import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from cultivar.operations.tenant.keys import create_key
from cultivar.operations.tenant.people import grant_role
from cultivar.operations.tenant.tenant import bootstrap
from cultivar.store.workspace import Workspace, open_workspace
from cultivar.web.api import classifying
from cultivar.web.application import create_app
from cultivar.web.load import SMALL_BYTES
from tests.web.talking import Recorded

FILE = {"file": {"name": "a.txt", "content": base64.b64encode(b"words").decode()}}


@pytest.fixture
def tenant(workspace: Workspace) -> Workspace:
    bootstrap(workspace, "alex")
    return workspace


class Talking:
    """Requests to an application on one loop, as a server has them."""

    def __init__(self, workspace: Workspace) -> None:
        app = create_app(workspace, Recorded(workspace))
        key = create_key(workspace, "alex", "for a test")[1]
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(
            transport=transport, base_url="http://x", headers={"Authorization": f"Bearer {key}"}
        )

    async def post(self, path: str, body: Any) -> httpx.Response:
        return await self.http.post(path, json=body)

    async def made(self, project: str, body: Any) -> httpx.Response:
        headers = {"Content-Type": "application/merge-patch+json"}
        asked = f"{project}?api-version=2023-04-01"
        return await self.http.patch(asked, content=json.dumps(body), headers=headers)

    async def well(self) -> list[int]:
        """Ask what must be answered whatever else is done."""
        async with asyncio.timeout(5):
            asked = ("/healthz", "/readyz", "/api/v1/me", "/api/v1/classifiers")
            return [(await self.http.get(path)).status_code for path in asked]


@pytest.fixture
def parsing(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[threading.Event]]:
    """A parser that reads on until it is told to end; what it is asked for is counted."""
    ends, asked = threading.Event(), [threading.Event()]

    def parse(*_: Any, **__: Any) -> str:
        asked.append(ends)
        ends.wait(30)
        return "words"

    monkeypatch.setattr(classifying, "text_of_file", parse)
    yield asked
    ends.set()


def test_documents_that_are_parsed_keep_nobody_waiting(
    tenant: Workspace, parsing: list[threading.Event]
) -> None:
    async def play() -> None:
        talking = Talking(tenant)
        slow = [asyncio.create_task(talking.post("/api/v1/classify", FILE)) for _ in range(14)]
        while not (done := [each for each in slow if each.done()]) or len(parsing) < 3:
            await asyncio.sleep(0.01)
        assert await talking.well() == [200] * 4
        assert len(parsing) == 3
        refused = done[0].result()
        assert (refused.status_code, refused.json()["code"]) == (503, "busy")
        assert int(refused.headers["retry-after"]) >= 1
        parsing[-1].set()
        answers = [answer.status_code for answer in await asyncio.gather(*slow)]
        assert answers.count(200) >= 10
        assert set(answers) == {200, 503}

    asyncio.run(play())


def test_what_may_not_be_classified_is_not_parsed(
    tenant: Workspace, parsing: list[threading.Event]
) -> None:
    grant_role(tenant, "alex", "sam", "record management")
    key = create_key(tenant, "alex", "for sam", person="sam")[1]

    async def play() -> None:
        talking = Talking(tenant)
        headers = {"Authorization": f"Bearer {key}"}
        refused = await talking.http.post("/api/v1/classify", json=FILE, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "wrong-role")
        missing = await talking.post("/api/v1/classify", FILE | {"classifiers": ["nothing"]})
        assert missing.status_code == 404

    asyncio.run(play())
    assert len(parsing) == 1


def test_writers_that_wait_for_the_registry_keep_no_reader_waiting(tenant: Workspace) -> None:
    if not tenant.settings.registry_url.startswith("sqlite"):
        pytest.skip("one lock for all writers is SQLite's")
    body = {"projectKind": "CustomSingleLabelClassification", "language": "en"}
    projects = "/language/authoring/analyze-text/projects"

    async def play() -> None:
        talking = Talking(tenant)
        other = sqlite3.connect(tenant.settings.home / "registry.db")
        other.execute("BEGIN IMMEDIATE")
        writers = [
            asyncio.create_task(
                talking.made(f"{projects}/P{number}", body | {"projectName": f"P{number}"})
            )
            for number in range(8)
        ]
        await asyncio.sleep(0.2)
        began = time.monotonic()
        assert await talking.well() == [200] * 4
        assert time.monotonic() - began < 3
        assert not any(each.done() for each in writers)
        other.rollback()
        other.close()
        assert {answer.status_code for answer in await asyncio.gather(*writers)} == {201}

    asyncio.run(play())


def test_no_more_bodies_are_held_than_allowed(
    tenant: Workspace, parsing: list[threading.Event]
) -> None:
    length = 2 * SMALL_BYTES
    settings = replace(tenant.settings, web_body_bytes=3 * length, web_held_bytes=3 * length)
    content = base64.b64encode(b"x" * length).decode()[:length]
    long = {"file": {"name": "a.txt", "content": content}}

    async def play() -> None:
        with open_workspace(settings) as workspace:
            talking = Talking(workspace)
            slow = [asyncio.create_task(talking.post("/api/v1/classify", long)) for _ in range(2)]
            while len(parsing) < 3:
                await asyncio.sleep(0.01)
            refused = await talking.post("/api/v1/classify", long)
            assert (refused.status_code, refused.json()["code"]) == (503, "busy")
            assert await talking.well() == [200] * 4
            parsing[-1].set()
            assert [answer.status_code for answer in await asyncio.gather(*slow)] == [200, 200]
            # what is answered is held no longer
            assert (await talking.post("/api/v1/classify", long)).status_code == 200

    asyncio.run(play())
