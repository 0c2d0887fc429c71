"""Real servers on loopback for the tests: PostgreSQL and S3.

Each leaves nothing behind when its context ends.
"""

import logging
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

_READY_WITHIN_SECONDS = 30


def free_port() -> int:
    """Return a TCP port of loopback that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def postgres_programs() -> Path | None:
    """Return the newest folder that holds initdb and postgres, or None."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    if found := shutil.which("initdb"):
        folders.append(Path(found).parent)
    return next((folder for folder in folders if (folder / "postgres").exists()), None)


def _version(programs: Path) -> float:
    name = programs.parent.name
    return float(name) if name.replace(".", "", 1).isdigit() else 0.0


class Postgres:
    """A PostgreSQL server with a data folder of its own; it refuses to run as root."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="cultivar-postgres-"))
        self._account = _account_for_postgres()
        self._port = free_port()
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        if self._account:
            shutil.chown(self._folder, self._account)
        data = str(self._folder / "data")
        options = ["--auth=trust", "--username=cultivar", "--no-sync", "--encoding=UTF8"]
        try:
            self._run("initdb", "-D", data, *options)
            self._server = subprocess.Popen(
                self._command("postgres", "-D", data, *self._server_options()),
                **self._quietly(),
            )
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.terminate()
            try:
                self._server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """Yield the URL of a fresh copy of a database, and drop it afterwards.

        ``template`` is the URL or the name of what is copied; nobody may be connected to it.
        """
        name = f"test_{uuid.uuid4().hex}"
        self._sql(f"CREATE DATABASE {name} TEMPLATE {template.rpartition('/')[-1]}")
        try:
            yield f"postgresql+psycopg://cultivar@127.0.0.1:{self._port}/{name}"
        finally:
            self._sql(f"DROP DATABASE {name} WITH (FORCE)")

    def _sql(self, statement: str) -> None:
        import psycopg

        address = f"postgresql://cultivar@127.0.0.1:{self._port}/postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())

    def _server_options(self) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self._folder),
            "fsync": "off",
            "full_page_writes": "off",
            "max_connections": "50",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        return ["-p", str(self._port), *options]

    def _wait(self) -> None:
        give_up = time.monotonic() + _READY_WITHIN_SECONDS
        ready = self._command("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self._port))
        while subprocess.run(ready, check=False).returncode:
            died = self._server is None or self._server.poll() is not None
            if died or time.monotonic() > give_up:
                raise RuntimeError("PostgreSQL did not become ready")
            time.sleep(0.05)

    def _run(self, *command: str) -> None:
        subprocess.run(self._command(*command), check=True, **self._quietly())

    def _command(self, program: str, *arguments: str) -> list[str]:
        return [str(self._programs / program), *arguments]

    def _quietly(self) -> dict[str, Any]:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
        return {**quiet, "user": self._account} if self._account else quiet


def _account_for_postgres() -> str | None:
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


class ObjectStore:
    """An S3 server in a thread of this process."""

    def __init__(self) -> None:
        from moto.server import ThreadedMotoServer

        # One line a request would bury a failing test's own log.
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)

    def __enter__(self) -> Self:
        self._server.start()
        host, port = self._server.get_host_and_port()
        self.environment = {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def bucket(self) -> str:
        """Return the URL of a fresh bucket."""
        import boto3

        name = f"test-{uuid.uuid4().hex}"
        client = boto3.client(
            "s3",
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            aws_access_key_id="test",
            aws_secret_access_key="test",
            region_name="us-east-1",
        )
        client.create_bucket(Bucket=name)
        client.close()
        return f"s3://{name}"
