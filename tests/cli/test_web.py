"""`cultivar serve` and `cultivar key` as a person and a script use them."""

import asyncio
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from cultivar import Client
from cultivar.operations.tenant.tenant import bootstrap
from cultivar.settings import read_settings
from cultivar.store.workspace import open_workspace
from processes import serve as web
from tests.cli.conftest import Command
from tests.web.serving import environment, serving


@pytest.fixture
def tenant(tmp_path: Path) -> Path:
    """The home of a new tenant."""
    home = tmp_path / "home"
    with open_workspace(read_settings(environment(home))) as workspace:
        bootstrap(workspace, "alex")
    return home


def test_a_key_is_shown_once_and_listed_without_its_secret(cultivar: Command, tenant: Path) -> None:
    made = cultivar("key", "create", "notebook", "--json").json
    assert made["key"].startswith("cv_")
    assert made["next"] == "cultivar serve"
    listed = cultivar("key", "list", "--json")
    assert [each["name"] for each in listed.json["keys"]] == ["notebook"]
    assert made["key"].rsplit("_", 1)[-1] not in listed.out
    shown = cultivar("key", "list")
    assert "notebook" in shown.out
    assert "live" in shown.out


def test_a_key_is_made_for_a_person_with_some_roles(cultivar: Command, tenant: Path) -> None:
    cultivar("role", "grant", "sam", "security administrator")
    made = cultivar(
        "key", "create", "reader", "--person", "sam", "--role", "security administrator",
        "--days", "30", "--json",
    ).json  # fmt: skip
    assert (made["person"], made["roles"]) == ("sam", ["security administrator"])
    refused = cultivar("key", "create", "more", "--role", "record management", "--json")
    assert (refused.code, refused.error) == (1, "role-not-held")


def test_a_key_is_revoked_by_its_name(cultivar: Command, tenant: Path) -> None:
    cultivar("key", "create", "notebook")
    assert "is revoked" in cultivar("key", "revoke", "notebook").out
    assert cultivar("key", "revoke", "nothing", "--json").error == "unknown-key"


def test_a_port_that_is_taken_is_told(cultivar: Command, tenant: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert cultivar("serve", "--port", str(port), "--json").error == "port-taken"


def test_no_answer_waits_for_an_acknowledgement() -> None:
    """Asyncio turns Nagle's algorithm off, but only on sockets that state their protocol."""

    async def accepted() -> int:
        seen: asyncio.Queue[int] = asyncio.Queue()

        async def look(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection = writer.get_extra_info("socket")
            seen.put_nowait(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with web.listening("127.0.0.1", 0) as listener:
            async with await asyncio.start_server(look, sock=listener):
                _, writer = await asyncio.open_connection(*listener.getsockname())
                found = await seen.get()
                writer.close()
                return found

    assert asyncio.run(accepted()) == 1


def test_an_address_that_is_none_is_told(cultivar: Command, tenant: Path) -> None:
    assert cultivar("serve", "--host", "no.such.host.invalid", "--json").error == "bad-host"


def test_without_a_tenant_there_is_nothing_to_serve(cultivar: Command) -> None:
    assert cultivar("serve", "--json").error == "not-set-up"


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_answers_and_ends_well(
    cultivar: Command, tenant: Path, told: signal.Signals
) -> None:
    key = cultivar("key", "create", "notebook", "--json").json["key"]
    with serving(tenant, key) as server:
        assert server.url.startswith("http://127.0.0.1:")
        with Client(server.url, key) as client:
            assert list(client.classifiers()) == []
        server.process.send_signal(told)
        assert server.process.wait(30) == 0
    log = (tenant.parent / "serve.log").read_text()
    assert "Traceback" not in log


def test_it_warns_where_others_can_reach_it(tenant: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "serve", "--host", "0.0.0.0", "--port", "0"],  # noqa: S104
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(tenant),
    )
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("Ready: http://0.0.0.0:")
        process.terminate()
        assert "unencrypted" in process.stderr.read()
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.communicate()
