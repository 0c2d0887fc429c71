"""Schedules fire: runs are planned by Prefect and complete by themselves; `up` says when not."""

import json
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cultivar.settings import Settings
from processes.deployments import DEPLOYED, FORMER_NAME, TAG, deployed
from processes.prefect_server.examination import prefect
from processes.reports import REMIND_SECONDS, SILENT_SECONDS, Reports
from processes.schedules import LATE_AFTER, MISSED_AFTER, Seen, Watch
from tests.places import can_be_closed, closed, with_rooms_of_others
from tests.processes.asking import Api
from tests.processes.upping import up

NOW = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)
SOON = NOW + timedelta(minutes=5)
CRAWL, SWEEP, TRAINING = (deployed(each).full_name for each in ("crawl", "sweep", "training"))


def _codes(watch: Watch, *seen: Seen, busy: bool = False, now: datetime = NOW) -> list[str]:
    return [each.code for each in watch.complaints(seen, busy, now, "/home/logs")]


def test_a_schedule_without_a_run_counts_once_that_has_lasted() -> None:
    watch, lacking = Watch(), Seen(CRAWL, active=True)
    assert _codes(watch, lacking) == []
    assert _codes(watch, lacking, now=NOW + MISSED_AFTER) == ["nothing-scheduled"]
    # planned again, then not: that begins again
    assert _codes(watch, Seen(CRAWL, active=True, next_run=SOON)) == []
    assert _codes(watch, lacking, now=NOW + MISSED_AFTER) == []


def test_a_paused_schedule_and_a_run_that_nobody_takes_are_said() -> None:
    assert _codes(Watch(), Seen(CRAWL, active=False)) == ["schedules-paused"]
    watch, late = Watch(), Seen(TRAINING, active=False, next_run=NOW - timedelta(hours=1))
    # what became due while nothing ran is given as long as everything else
    assert _codes(watch, late) == []
    assert _codes(watch, late, now=NOW + LATE_AFTER) == []
    past = NOW + LATE_AFTER + timedelta(seconds=1)
    assert _codes(watch, late, now=past) == ["runs-late"]
    assert _codes(watch, late, now=past, busy=True) == []
    assert _codes(watch, Seen(TRAINING, active=False, next_run=NOW + LATE_AFTER), now=past) == []


def test_what_runs_within_a_day_is_said_in_order() -> None:
    seen = [
        Seen(CRAWL, active=True, next_run=NOW + timedelta(minutes=30)),
        Seen(SWEEP, active=True, next_run=NOW + timedelta(minutes=15)),
        Seen(TRAINING, active=True, next_run=NOW + timedelta(days=2)),
    ]
    watch = Watch()
    assert watch.coming(seen, NOW) == "sweep 23:45, crawl 00:00"
    assert watch.coming(seen[2:], NOW) is None


def test_what_runs_next_is_said_once_prefect_has_planned_all_of_it() -> None:
    planned, lacking = Seen(CRAWL, active=True, next_run=SOON), Seen(SWEEP, active=True)
    watch = Watch()
    assert _codes(watch, planned, lacking) == []
    assert watch.coming([planned, lacking], NOW) is None
    # what is never planned is a complaint, and keeps nothing else from being said
    later = NOW + MISSED_AFTER
    assert _codes(watch, planned, lacking, now=later) == ["nothing-scheduled"]
    assert watch.coming([planned, lacking], later) == "crawl 23:35"


class _Runner:
    """A process that prints what the test says."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

        self.next = "sweep 23:45"

    def says(self, *codes: str) -> None:
        assert self.process.stdin is not None
        wrong = [{"code": code, "sentence": f"What {code} is."} for code in codes]
        line = {"next": self.next, "complaints": wrong}
        self.process.stdin.write(json.dumps(line).encode() + b"\n")
        self.process.stdin.flush()

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def test_a_complaint_is_said_once_and_again_after_an_hour_while_it_lasts() -> None:
    said: list[str] = []
    at = [0.0]
    runner = _Runner()
    reports = Reports(runner.process, said.append, Path("/home/logs"), lambda: at[0])

    def reported(*codes: str) -> list[str]:
        said.clear()
        runner.says(*codes)
        before = reports.heard
        while reports.heard == before:
            at[0] += 0.001
            time.sleep(0.01)
            reports.pass_on()
        return list(said)

    assert reported() == ["Next, in UTC: sweep 23:45."]
    assert reported("runs-late") == ["runs-late: What runs-late is."]
    assert reported("runs-late") == []
    at[0] += REMIND_SECONDS
    assert reported("runs-late") == ["runs-late: What runs-late is."]
    assert reported() == ["The schedules are kept again."]
    assert reported() == []

    # what runs next is told again when it has changed, at most once an hour
    runner.next = "crawl 00:00"
    assert reported() == ["Next, in UTC: crawl 00:00."]
    runner.next = "sweep 00:15"
    assert reported() == []
    at[0] += REMIND_SECONDS
    assert reported() == ["Next, in UTC: sweep 00:15."]

    said.clear()
    at[0] += SILENT_SECONDS + 1
    reports.pass_on()
    assert [line.partition(":")[0] for line in said] == ["schedules-unseen"]
    runner.end()


class _Server:
    """What the tests ask of Prefect's server, as its UI does."""

    def __init__(self, url: str, settings: Settings) -> None:
        self.ask = Api(f"{url}/api", settings.home).ask

    def deployments(self) -> dict[str, dict[str, Any]]:
        return {each["name"]: each for each in self.ask("POST", "/deployments/filter", {})}

    def runs(self, function: str) -> list[dict[str, Any]]:
        """Return the runs of a deployment that Prefect has made by its schedule."""
        wanted = {"deployments": {"name": {"any_": [deployed(function).name]}}}
        found = self.ask("POST", "/flow_runs/filter", wanted)
        return [each for each in found if each["auto_scheduled"]]

    def schedule_every_minute(self, function: str) -> None:
        """Add a schedule to a deployment, as a person may; the first run is due in 20 seconds."""
        made = self.deployments()[deployed(function).name]["id"]
        first = (datetime.now(UTC) + timedelta(seconds=20)).isoformat()
        schedule = {"active": True, "schedule": {"interval": 60, "anchor_date": first}}
        self.ask("POST", f"/deployments/{made}/schedules", [schedule])

    def make_deployment(self, flow: str, name: str, *tags: str) -> None:
        made = self.ask("POST", "/flows/", {"name": flow})
        wanted = {"flow_id": made["id"], "name": name, "tags": tags, "entrypoint": "flows.crawl.x"}
        self.ask("POST", "/deployments/", wanted)

    def names(self) -> set[tuple[str, str]]:
        flows = {each["id"]: each["name"] for each in self.ask("POST", "/flows/filter", {})}
        found = self.ask("POST", "/deployments/filter", {})
        return {(flows[each["flow_id"]], each["name"]) for each in found}


def _until(holds: Callable[[], bool], seconds: float = 300) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.5)
    return False


class _Lines:
    """The lines that a process prints, waited for."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, args=(process.stdout,), daemon=True).start()

    def _read(self, stream: Any) -> None:
        with suppress(ValueError):  # closed at the test's end
            for line in stream:
                self._lines.put(line)

    def wait_for(self, beginning: str, seconds: float = 300) -> str:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            with suppress(queue.Empty):
                line = self._lines.get(timeout=left)
                if line.startswith(beginning):
                    return line
        raise AssertionError(f"no line began with {beginning}")


def _completes_by_itself(server: _Server) -> bool:
    """Tell whether a run that starts from here on completes by itself."""
    since = datetime.now(UTC).isoformat()

    def is_completed() -> bool:
        return any(
            run["state"]["type"] == "COMPLETED" and run["start_time"] > since
            for run in server.runs("sweep")
        )

    server.schedule_every_minute("sweep")
    return _until(is_completed)


@pytest.fixture
def far_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that may not be entered, where such a one can be made, else the root."""
    if not can_be_closed():
        yield Path("/")
        return
    with closed(tmp_path / "closed") as folder:
        yield folder


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_scheduled_runs_are_made_and_complete_also_after_a_restart(
    settings: Settings, tmp_path: Path, far_folder: Path
) -> None:
    # a project of somebody else is no place in which `up` or its runs stumble
    with up(settings, with_rooms_of_others(tmp_path / "project")) as (process, url):
        lines, server = _Lines(process), _Server(url, settings)
        for each in DEPLOYED:
            if each.cron:
                assert _until(lambda function=each.function: bool(server.runs(function)))  # type: ignore[misc]
        assert _completes_by_itself(server)
        assert "labelling 01:00" in lines.wait_for("Next, in UTC: ")
        assert [each.code for each in prefect(settings)] == ["fine", "fine"]

        crawl = server.deployments()[deployed("crawl").name]["id"]
        server.ask("POST", f"/deployments/{crawl}/pause_deployment")
        assert "crawl" in lines.wait_for("schedules-paused: ")
        assert [each.code for each in prefect(settings)] == ["fine", "schedules-paused"]
        server.ask("POST", f"/deployments/{crawl}/resume_deployment")
        lines.wait_for("The schedules are kept again.")

        server.make_deployment("crawl", FORMER_NAME, TAG)
        server.make_deployment("of-another-team", FORMER_NAME, TAG)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0

    with up(settings, far_folder) as (_, url):
        server = _Server(url, settings)
        # the deployment of an earlier Cultivar is gone, and nobody else's
        ours = {(each.flow, each.name) for each in DEPLOYED}
        assert server.names() == ours | {("of-another-team", FORMER_NAME)}
        assert _completes_by_itself(server)


@pytest.mark.slow
def test_a_file_named_like_the_runners_folder_does_not_stop_up(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "runner_storage").write_text("of another account")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with up(settings) as (process, _):
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    modes = {path: path.stat().st_mode & 0o777 for path in settings.home.rglob("*")}
    private = [path for path in modes if path.name in ("prefect", "logs") or path.suffix == ".log"]
    assert len(private) >= 4
    assert not [path for path in private if modes[path] & 0o077]
    assert modes[settings.home / "prefect" / "prefect.db"] == 0o600
    assert settings.home.stat().st_mode & 0o777 == 0o700
