"""The Prefect server of `cultivar up` is locked: to other accounts, other pages, other log-ins."""

import http.client
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cultivar.core.errors import NotReady
from cultivar.settings import Settings, read_settings
from processes.deployments import DEPLOYED
from processes.prefect_server import http as prefect_http
from processes.prefect_server import server
from processes.prefect_server.login import login_file, login_of
from tests.processes.attacks import as_nobody, from_a_page
from tests.processes.browsing import opened
from tests.processes.upping import up

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@dataclass(frozen=True, slots=True)
class Served:
    """A home that `cultivar up` serves."""

    settings: Settings
    pid: int
    url: str
    login: str = field(repr=False)

    def ask(self, path: str) -> Any:
        """Return what the server answers to whoever has the log-in."""
        return prefect_http.get(f"{self.url}/api{path}", self.login, 60)

    def post(self, path: str, body: Any) -> Any:
        """Return what the server answers to whoever has the log-in."""
        return prefect_http.post(f"{self.url}/api", path, body, self.login, 60)

    @property
    def deployment(self) -> dict[str, Any]:
        """The deployment that the attacks aim at."""
        return dict(self.ask(f"/deployments/name/{DEPLOYED[0].full_name}"))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One `cultivar up` in an empty home, for all tests of this file."""
    home = tmp_path_factory.mktemp("locked") / "home"
    settings = read_settings({"CULTIVAR_HOME": str(home)})
    with up(settings) as (process, url):
        yield Served(settings, process.pid, url, login_of(home) or "")


def test_another_account_is_refused(served: Served) -> None:
    api, target = f"{served.url}/api", served.deployment
    mine = [str(each) for each in _descendants(served.pid)]
    files = [str(login_file(served.settings.home)), *(f"/proc/{pid}/environ" for pid in mine)]
    changed = {"entrypoint": "evil.py:evil"}
    found = as_nobody(
        [
            ("POST", f"{api}/deployments/filter", {}),
            ("PATCH", f"{api}/deployments/{target['id']}", changed),
            ("POST", f"{api}/deployments/{target['id']}/create_flow_run", {"name": "attack"}),
            ("GET", f"{api}/csrf-token?client=evil", None),
            ("GET", f"{api}/admin/settings", None),
        ],
        files,
    )
    assert len(mine) >= 3
    assert {each for key, each in found.items() if "http" in key} <= {401, 403}
    assert {found[path] for path in files} == {"refused"}
    _require_untouched(served, target)


def test_a_page_of_another_origin_is_refused(served: Served, tmp_path: Path) -> None:
    target = served.deployment
    told = from_a_page(f"{served.url}/api", target["id"], tmp_path / "profile")
    assert {name for name, got in told.items() if got != "refused"} <= {"blind"}
    _require_untouched(served, target)


def test_its_page_asks_no_other_machine(served: Served, tmp_path: Path) -> None:
    page, asked = opened(served.url, tmp_path / "profile")
    assert "Login" in page, "the page works under its policy"
    assert asked == set()


@pytest.mark.parametrize("origin", ["http://localhost:9999", "https://example.org", "null"])
def test_no_other_origin_is_allowed_not_even_with_the_log_in(served: Served, origin: str) -> None:
    login = prefect_http._authorization(served.login) or ""
    asked = {"Origin": origin, "Access-Control-Request-Method": "PATCH"}
    status, headers = _raw(served, "OPTIONS", "/api/deployments/x", asked)
    assert status == 400
    assert "access-control-allow-origin" not in headers
    status, headers = _raw(served, "GET", "/api/admin/version", asked | {"Authorization": login})
    assert status == 200
    assert "access-control-allow-origin" not in headers
    status, _ = _raw(served, "POST", "/api/flows/filter", {"Authorization": login})
    assert status == 403, "a change needs the token that only a page of the server itself can get"


def test_the_log_in_stands_nowhere_but_in_its_file(served: Served) -> None:
    password = served.login.partition(":")[2].encode()
    home = served.settings.home
    assert len(password) > 40
    assert login_file(home).stat().st_mode & 0o777 == 0o600
    assert [
        str(path)
        for path in home.rglob("*")
        if path.is_file() and path != login_file(home) and password in path.read_bytes()
    ] == []
    commands = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in _descendants(served.pid)]
    said = [
        _said(home, *words) for words in (["settings"], ["settings", "--json"], ["up", "--env"])
    ]
    assert not any(password in each for each in [*commands, *said])
    assert str(login_file(home)).encode() in said[-1]


def test_a_named_server_wants_its_own_log_in(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", f"{served.url}/api")
    monkeypatch.delenv("PREFECT_API_AUTH_STRING", raising=False)
    with pytest.raises(NotReady, match="PREFECT_API_AUTH_STRING is not set") as refused:
        server.named_by_environment()
    assert refused.value.code == "prefect-login"
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "cultivar:wrong")
    with pytest.raises(NotReady, match="is not the right one"):
        server.named_by_environment()
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", served.login)
    assert server.named_by_environment() is not None


def _require_untouched(served: Served, target: dict[str, Any]) -> None:
    assert served.deployment["entrypoint"] == target["entrypoint"]
    attack = {"flow_runs": {"name": {"any_": ["attack"]}}}
    assert served.post("/flow_runs/filter", attack) == []


def _raw(
    served: Served, method: str, path: str, headers: dict[str, str]
) -> tuple[int, dict[str, str]]:
    address = served.url.partition("//")[2]
    with closing(http.client.HTTPConnection(address, timeout=60)) as connection:
        connection.request(method, path, headers=headers)
        with connection.getresponse() as answer:
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}


def _said(home: Path, *words: str) -> bytes:
    """Return what a command prints, to whichever stream."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "cli", *words],
        env=os.environ | {"CULTIVAR_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=True,
    ).stdout


def _descendants(pid: int) -> list[int]:
    """Return a process and all that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    # a server that is kept alive is started by a thread
    for task in Path(f"/proc/{pid}/task").iterdir():
        children += (task / "children").read_text().split()
    return [pid, *(each for child in set(children) for each in _descendants(int(child)))]
