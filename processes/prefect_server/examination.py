"""Whether the Prefect server of a home answers and plans what it should: a look without Prefect.

It asks the server and changes nothing there; what is asked of a schedule is the deployments' table.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cultivar.core.errors import CultivarError
from cultivar.operations.health.findings import Finding, fault, fine, warning
from cultivar.settings import Settings
from processes.deployments import DEPLOYED, TAG
from processes.prefect_server import http
from processes.prefect_server.server import Server, find, named_by_environment

CHECK = "prefect"
_LATE = timedelta(minutes=5)
_SHOWN = 4
_WANTED = {each.name: each for each in DEPLOYED if each.cron}


def prefect(settings: Settings) -> Iterator[Finding]:
    """Yield whether a server answers, and whether what runs every night is planned by it."""
    try:
        server = named_by_environment() or find(settings.home)
    except CultivarError as error:
        yield fault(CHECK, error.code, error.sentence)
        return
    if server is None:
        yield warning(
            CHECK, "prefect-off",
            "No Prefect server runs for this home, so nothing starts by itself at night. "
            "`cultivar up` starts one; commands that need one start their own.",
        )  # fmt: skip
        return
    yield fine(CHECK, f"A Prefect server answers at {server.url}.")
    try:
        yield _scheduling(server, datetime.now(UTC))
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield fault(
            "schedules", "prefect-unreachable",
            f"The Prefect server does not say what it plans ({type(error).__name__}).",
        )  # fmt: skip


def _scheduling(server: Server, now: datetime) -> Finding:
    asked = {"deployments": {"tags": {"all_": [TAG]}}, "limit": 200}
    there = {
        each["name"]: each
        for each in _post(server, "/deployments/filter", asked)
        if each["name"] in _WANTED
    }
    if not there:
        return warning(
            "schedules", "not-served",
            "The Prefect server knows none of the flows that run at night: it serves a command "
            "alone. `cultivar up` has them run.",
        )  # fmt: skip
    paused = sorted(name for name, each in there.items() if not _is_active(each))
    missing = sorted(_WANTED.keys() - there.keys())
    if paused or missing:
        return fault(
            "schedules", "schedules-paused",
            f"Paused or unknown to Prefect: {_listed(paused + missing)}. "
            "Stop `cultivar up` and start it again.",
            paused=paused, missing=missing,
        )  # fmt: skip
    return _planned(there, _runs(server, there), now)


def _runs(server: Server, there: Mapping[str, Any]) -> list[Any]:
    wanted = {
        "deployment_id": {"any_": [each["id"] for each in there.values()]},
        "state": {"type": {"any_": ["SCHEDULED"]}},
    }
    asked = {"flow_runs": wanted, "sort": "EXPECTED_START_TIME_ASC", "limit": 200}
    return list(_post(server, "/flow_runs/filter", asked))


def _planned(there: Mapping[str, Any], runs: list[Any], now: datetime) -> Finding:
    due = {run["deployment_id"]: _moment(run["expected_start_time"]) for run in reversed(runs)}
    lacking = sorted(name for name, each in there.items() if each["id"] not in due)
    late = sorted(name for name, each in there.items() if due.get(each["id"], now) < now - _LATE)
    if lacking or late:
        what = f"plans no run of {_listed(lacking)}" if lacking else f"is late with {_listed(late)}"
        return fault(
            "schedules", "nothing-scheduled" if lacking else "runs-late",
            f"Prefect {what}. Stop `cultivar up` and start it again; the cause stands in "
            "logs/prefect-server.log and logs/runner.log of the home.",
            lacking=lacking, late=late,
        )  # fmt: skip
    soonest = min(due.values())
    return fine(
        "schedules", f"{len(there)} flows are planned, the next for {soonest:%Y-%m-%d %H:%M} UTC.",
        next=soonest,
    )  # fmt: skip


def _is_active(deployment: Mapping[str, Any]) -> bool:
    schedules = deployment.get("schedules") or []
    return not deployment.get("paused") and any(each.get("active") for each in schedules)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _listed(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _post(server: Server, path: str, body: Any) -> Any:
    return http.post(server.api_url, path, body, server.login)
