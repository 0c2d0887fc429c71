"""The settings of Prefect's server and clients, as environment variables that keep them silent.

They count only where they are set before Prefect is imported, so this module must not import it.
"""

import os
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path

HOST = "127.0.0.1"
LOOPBACK = (HOST, "localhost", "::1")
PROXIES = ("http_proxy", "https_proxy", "all_proxy")
SILENT: Mapping[str, str] = {
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "DO_NOT_TRACK": "1",
}
"""What keeps Prefect from starting servers of its own and from calling home."""
_VACUUM = "PREFECT_SERVER_SERVICES_DB_VACUUM"
HISTORY: Mapping[str, str] = {
    f"{_VACUUM}_ENABLED": "events,flow_runs",
    f"{_VACUUM}_RETENTION_PERIOD": str(30 * 86_400),
    # as many rows at once that thousands of runs a week go within an hour's look
    f"{_VACUUM}_BATCH_SIZE": "1000",
}
"""How long Prefect's own history is kept: flow runs that ended 30 days ago go, with their tasks,
logs and artifacts. The environment may state otherwise."""


def be_silent() -> None:
    """Let nothing that this process imports or starts of Prefect call home."""
    os.environ.update(SILENT)
    _refresh_prefect()


def silent_environment(home: Path) -> dict[str, str]:
    """Return the Prefect settings that server and clients share: nothing calls home."""
    return {"PREFECT_HOME": str(prefect_home(home)), **SILENT}


def server_environment(home: Path, port: int, login: str) -> dict[str, str]:
    """Return the settings of the server process: locked, and open to no other page.

    The address goes through the environment, as with ``--port`` alone the UI asks the wrong port.
    SQLite waits longer than by default, since the server answers 503 when many runs write at once.
    """
    return silent_environment(home) | {
        "PREFECT_SERVER_API_AUTH_STRING": login,
        "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://{HOST}:{port}",
        "PREFECT_SERVER_API_HOST": HOST,
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_DATABASE_TIMEOUT": "60",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": (
            "prefect.server.concurrency.lease_storage.filesystem"
        ),
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        **{name: os.environ.get(name, value) for name, value in HISTORY.items()},
    }


def client_environment(home: Path, api_url: str, login: str | None) -> dict[str, str]:
    """Return the settings of a process that runs or serves flows.

    Prefect prints tracebacks of expected refusals, so its console shows nothing; the same
    lines are kept by the server.
    """
    return (
        silent_environment(home)
        | ({"PREFECT_API_AUTH_STRING": login} if login else {})
        | {
            "PREFECT_API_URL": api_url,
            "PREFECT_RUNNER_POLL_FREQUENCY": "1",
            "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
            "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL",
            # a server that is gone for good is told within a minute; one that is started again
            # keeps its socket, so that a single try waits for it
            "PREFECT_CLIENT_MAX_RETRIES": "3",
        }
    )


def prefect_home(home: Path) -> Path:
    """Return the folder of Prefect's own database; it may be deleted at any time."""
    return home / "prefect"


def connect(home: Path, api_url: str, login: str | None) -> None:
    """Point this process's Prefect, imported or not, to the server."""
    for name, value in client_environment(home, api_url, login).items():
        if name in ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING", "PREFECT_HOME"):
            os.environ[name] = value
        else:
            os.environ.setdefault(name, value)
    keep_loopback_direct(os.environ)
    _refresh_prefect()


def keep_loopback_direct(environment: MutableMapping[str, str]) -> None:
    """State in an environment that loopback is never asked through a proxy."""
    if not any(environment.get(name) or environment.get(name.upper()) for name in PROXIES):
        return
    stated = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    known = stated.split(",")
    missing = [each for each in LOOPBACK if each not in known]
    joined = ",".join([*filter(None, known), *missing])
    environment["no_proxy"] = environment["NO_PROXY"] = joined


def server_log(home: Path) -> Path:
    """Return the file that holds what the server prints."""
    return home / "logs" / "prefect-server.log"


def restore(before: Mapping[str, str]) -> None:
    """Give this process's environment back as it was ``before`` a server was connected to."""
    for name in set(os.environ) - set(before):
        if name.startswith("PREFECT_") or name in ("DO_NOT_TRACK", "no_proxy", "NO_PROXY"):
            del os.environ[name]
    os.environ.update(before)
    _refresh_prefect()


def _refresh_prefect() -> None:
    if "prefect" in sys.modules:
        from prefect.context import refresh_global_settings_context  # noqa: PLC0415

        refresh_global_settings_context()


def flush() -> None:
    """Send the events and log lines that Prefect still holds, while the server can take them."""
    if "prefect" not in sys.modules:
        return
    from prefect.events.worker import EventsWorker  # noqa: PLC0415
    from prefect.logging.handlers import APILogWorker  # noqa: PLC0415

    EventsWorker.drain_all(timeout=5, at_exit=False)
    APILogWorker.drain_all(timeout=5, at_exit=False)
