"""The console in Chromium under its own policy: keys alone, a server that is away, axe, widths."""

import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from cultivar.operations.audit.audit import Wanted, audit_entries
from cultivar.operations.review.verdicts import open_batch, review_state
from tests.web.console.conftest import PASSWORD, with_password
from tests.web.talking import Web

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
REVIEW = "/console/classifiers/contracts/review"
PAGES = ("/console/", "/console/classifiers", "/console/classifiers/contracts", REVIEW,
         "/console/account", "/console/sign-in")  # fmt: skip
AXE = "axe-core@4.14.1"


@pytest.fixture
def address(reviewable: Web) -> Iterator[str]:
    """Where the application answers, in a thread of this process."""
    with_password(reviewable)
    config = uvicorn.Config(reviewable.app, port=0, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("Chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=browser, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What pages complained of: errors of scripts, and whatever the policy forbade."""
    found: list[str] = []
    yield found
    assert found == []


def page_of(chromium: Any, address: str, complaints: list[str], **options: Any) -> Any:
    context = chromium.new_context(base_url=address, **options)
    page = context.new_page()
    page.on("console", lambda said: complaints.extend([said.text] * (said.type == "error")))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/console/")
    page.keyboard.type("alex")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("nav")
    return page


def verdicts(web: Web) -> list[str]:
    wanted = Wanted(subject="contracts", action="verdict")
    entries = audit_entries(web.workspace, "alex", wanted, limit=200)
    return [entry.details["verdict"] for entry in entries]


def arrived(web: Web, count: int) -> bool:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if review_state(web.workspace, "alex", "contracts").reviewed == count:
            return True
        time.sleep(0.1)
    return False


def test_a_batch_is_reviewed_with_keys_alone(
    reviewable: Web, chromium: Any, address: str, complaints: list[str]
) -> None:
    page = page_of(chromium, address, complaints)
    open_batch(reviewable.workspace, "alex", "contracts")
    page.goto(REVIEW)
    shown = page.locator(".item:visible")
    assert shown.count() == 1
    for key in ("n", "?", "y", "u", "y"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.closest('.item') !== null")
    for _ in range(27):
        page.keyboard.press("y")
    assert page.locator("#complete").is_visible()
    assert arrived(reviewable, 30)
    page.keyboard.press("u")
    assert shown.count() == 1
    page.keyboard.press("y")
    assert arrived(reviewable, 30)
    page.wait_for_timeout(300)
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    state = review_state(reviewable.workspace, "alex", "contracts")
    assert (state.points[-1].decided, state.points[-1].agreed) == (29, 28)


def test_no_verdict_is_lost_or_doubled_while_the_server_is_away(
    reviewable: Web, chromium: Any, address: str, complaints: list[str]
) -> None:
    page = page_of(chromium, address, complaints)
    open_batch(reviewable.workspace, "alex", "contracts")
    page.goto(REVIEW)
    page.keyboard.press("y")
    assert arrived(reviewable, 1)
    tries = []

    def away(route: Any) -> None:
        tries.append(route.request.post_data)
        # every other request arrives, and its answer is lost
        if len(tries) % 2:
            route.abort()
        else:
            route.fetch()
            route.abort()

    page.route("**/verdicts", away)
    for _ in range(9):
        page.keyboard.press("y")
    page.wait_for_timeout(4_000)
    assert "not sent" in page.locator("#unsent").inner_text()
    page.unroute("**/verdicts")
    assert arrived(reviewable, 10)
    page.wait_for_selector("#unsent", state="hidden", timeout=30_000)
    assert verdicts(reviewable) == ["yes"] * 10
    complaints[:] = [each for each in complaints if "net::ERR_FAILED" not in each]


def test_the_next_item_is_painted_at_once(
    reviewable: Web, chromium: Any, address: str, complaints: list[str]
) -> None:
    page = page_of(chromium, address, complaints)
    open_batch(reviewable.workspace, "alex", "contracts")
    page.goto(REVIEW)
    took = page.evaluate(
        """async () => {
          const took = [];
          for (let n = 0; n < 25; n++) {
            const began = performance.now();
            const key = new KeyboardEvent("keydown", { key: "y", bubbles: true });
            document.activeElement.dispatchEvent(key);
            await new Promise((r) => requestAnimationFrame(() => setTimeout(r)));
            took.push(performance.now() - began);
          }
          return took.sort((a, b) => a - b);
        }"""
    )
    # 100 ms at the 95th percentile is what is promised; a busy machine gets some room here
    assert took[int(0.95 * len(took))] < 400
    assert arrived(reviewable, 25)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(
    reviewable: Web, narrow: Any, axe: str, scheme: str
) -> None:
    page = narrow
    open_batch(reviewable.workspace, "alex", "contracts")
    for path in PAGES:
        if path.endswith("sign-in"):
            page.context.clear_cookies()
        page.goto(path)
        assert page.url.endswith(path)
        page.evaluate(axe)
        found = page.evaluate("axe.run().then((found) => found.violations.map((v) => v.id))")
        assert found == [], (path, scheme)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


@pytest.fixture
def narrow(scheme: str, chromium: Any, address: str, complaints: list[str]) -> Any:
    """A telephone's page, signed in."""
    viewport = {"width": 360, "height": 800}
    return page_of(chromium, address, complaints, color_scheme=scheme, viewport=viewport)


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    npm = shutil.which("npm")
    folder = tmp_path_factory.mktemp("axe")
    command = [str(npm), "install", "--silent", "--no-audit", "--prefix", str(folder), AXE]
    if npm is None or subprocess.run(command, check=False, timeout=120).returncode:
        pytest.skip("axe-core cannot be had here")
    return (Path(folder) / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
