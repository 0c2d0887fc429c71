"""Fixtures that the tests of every package share: workspaces, servers on loopback, corpora.

Starts a server only when a test asks for it, once a session.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from cultivar.settings import Settings, read_settings
from cultivar.store.registry import Registry
from cultivar.store.workspace import Workspace, open_workspace
from tests.orchestration import Orchestrator, session_server
from tests.servers import ObjectStore, Postgres, postgres_programs

# A busy machine is not a failure: no example has a deadline, nor has the drawing of one.
hypothesis_settings.register_profile(
    "cultivar", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
hypothesis_settings.load_profile("cultivar")

# Read once, before a test's own environment hides it; a person's own home does not count.
CORPORA = read_settings({**os.environ, "CULTIVAR_HOME": os.devnull}).corpora


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the suite be run again with its workspaces on real servers."""
    parser.addoption(
        "--on-servers",
        action="store_true",
        help="keep every test's workspace on PostgreSQL and S3 instead of SQLite and files",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that may take longest, so that none is left to one worker at the end.

    A file is as long as the longest limit among its tests, then as its number of tests.
    """
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    items[:] = [item for file in sorted(files.values(), key=_length) for item in file]


def _length(file: list[pytest.Item]) -> tuple[float, int]:
    limits = (item.get_closest_marker("timeout") for item in file)
    return -max((float(limit.args[0]) for limit in limits if limit), default=0.0), -len(file)


@pytest.fixture(autouse=True)
def _own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a person's own settings out of every test, and every test out of a person's home."""
    for name in [name for name in os.environ if name.startswith("CULTIVAR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CULTIVAR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CULTIVAR_USER", "alex")


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings whose home is the test's own folder; with ``--on-servers`` also its own servers."""
    variables = {"CULTIVAR_HOME": str(tmp_path / "home"), "CULTIVAR_USER": "alex"}
    if request.config.getoption("--on-servers"):
        variables["CULTIVAR_REGISTRY_URL"] = request.getfixturevalue("postgres_registry")
        variables["CULTIVAR_ARTIFACTS_URL"] = f"{request.getfixturevalue('s3_url')}/artifacts"
    return read_settings(variables)


@pytest.fixture(scope="session")
def orchestrator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orchestrator]:
    """The session's Prefect server; Prefect's settings of this process point to it."""
    yield from session_server(tmp_path_factory)


@pytest.fixture(scope="session")
def new_registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite registry with its tables and no rows, to be copied: making one takes a while."""
    path = tmp_path_factory.mktemp("new") / "registry.db"
    Registry.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def workspace(
    request: pytest.FixtureRequest, settings: Settings, new_registry: Path
) -> Iterator[Workspace]:
    """An empty workspace on SQLite and local files; with ``--on-servers`` on PostgreSQL and S3."""
    if not request.config.getoption("--on-servers"):
        settings.home.mkdir(mode=0o700, exist_ok=True)
        shutil.copy(new_registry, settings.home / "registry.db")
    with open_workspace(settings) as opened:
        yield opened


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of real corpora: ``corpora/*.parquet``, ``files/``, ``encoder/``."""
    if CORPORA is None:
        pytest.skip("CULTIVAR_CORPORA is not set: the real corpora are not on this machine")
    if not (CORPORA / "corpora").is_dir():
        pytest.skip(f"CULTIVAR_CORPORA names {CORPORA}, which holds no folder `corpora`")
    return CORPORA


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A real PostgreSQL on loopback, with a data folder of its own."""
    pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server programs (initdb, postgres) are not installed")
    with Postgres(programs) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """The URL of a fresh, empty PostgreSQL database."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture(scope="session")
def _new_postgres_registry(postgres_server: Postgres) -> Iterator[str]:
    with postgres_server.database() as url:
        Registry.open(url).close()
        yield url


@pytest.fixture
def postgres_registry(postgres_server: Postgres, _new_postgres_registry: str) -> Iterator[str]:
    """The URL of a PostgreSQL database that holds a registry's tables and no rows."""
    with postgres_server.database(_new_postgres_registry) as url:
        yield url


@pytest.fixture(scope="session")
def object_store() -> Iterator[ObjectStore]:
    """A real S3 server on loopback."""
    pytest.importorskip("s3fs", reason="the extra `s3` is not installed")
    pytest.importorskip("moto.server", reason="moto's server is not installed")
    with ObjectStore() as server:
        yield server


@pytest.fixture
def s3_url(object_store: ObjectStore, s3_environment: pytest.MonkeyPatch) -> str:
    """The URL of a fresh, empty bucket; the environment says where its server is."""
    for name, value in object_store.environment.items():
        s3_environment.setenv(name, value)
    return object_store.bucket()


@pytest.fixture
def s3_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The environment from which S3 clients are made; none outlives the test."""
    clients = pytest.importorskip("s3fs", reason="the extra `s3` is not installed").S3FileSystem
    clients.clear_instance_cache()
    yield monkeypatch
    clients.clear_instance_cache()
