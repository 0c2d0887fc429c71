"""Whether schedules are kept: what `cultivar up` says when no run is made, or none is started.

It judges what was seen of Prefect; it asks nothing and knows no Prefect.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from processes.deployments import DEPLOYED

# Prefect schedules a deployment some seconds after it was made or changed.
MISSED_AFTER = timedelta(seconds=60)
LATE_AFTER = timedelta(minutes=2)
_SCHEDULED = {each.full_name for each in DEPLOYED if each.cron}


@dataclass(frozen=True, slots=True)
class Seen:
    """What Prefect says of one deployment: whether its schedule is active, and when it runs next.

    ``next_run`` is the earliest run that waits, which may be due for long.
    """

    name: str
    active: bool
    next_run: datetime | None = None


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with the schedules, as a stable code and a sentence that says what to do."""

    code: str
    sentence: str


class Watch:
    """Judges one look after another; a lack counts once it has lasted."""

    def __init__(self) -> None:
        self._lacking_since: dict[str, datetime] = {}
        self._began: datetime | None = None

    def complaints(
        self, seen: Sequence[Seen], is_busy: bool, now: datetime, logs: str
    ) -> list[Complaint]:
        """Return what a person must know. ``is_busy`` says that all places for runs are taken."""
        scheduled = [each for each in seen if each.name in _SCHEDULED]
        lacking = self._lacking(scheduled, now)
        paused = [each.name for each in scheduled if not each.active]
        # what was due before the first look has had no chance yet
        self._began = began = self._began or now
        late = [x for x in seen if x.next_run and max(x.next_run, began) < now - LATE_AFTER]
        found = [_nothing_scheduled(lacking, logs)] if lacking else []
        found += [_paused(paused)] if paused else []
        return found + ([_late(late, logs)] if late and not is_busy else [])

    def coming(self, seen: Sequence[Seen], now: datetime) -> str | None:
        """Return when each flow that runs within a day runs next, such as ``labelling 01:00``.

        None while Prefect may still be planning: a list that lacks a flow would mislead.
        """
        if any(now - since < MISSED_AFTER for since in self._lacking_since.values()):
            return None
        soon = sorted(
            (each.next_run, each.name.partition("/")[0])
            for each in seen
            if each.next_run and now <= each.next_run < now + timedelta(days=1)
        )
        return ", ".join(f"{flow} {at:%H:%M}" for at, flow in soon) or None

    def _lacking(self, scheduled: Sequence[Seen], now: datetime) -> list[str]:
        """Return whose schedule is active and has had no run to come for a while."""
        lacking = [each.name for each in scheduled if each.active and each.next_run is None]
        before = self._lacking_since
        self._lacking_since = {name: before.get(name, now) for name in lacking}
        since = self._lacking_since
        return [name for name in lacking if now - since[name] >= MISSED_AFTER]


def _nothing_scheduled(names: Sequence[str], logs: str) -> Complaint:
    return Complaint(
        "nothing-scheduled",
        f"Prefect has planned no run of {_listed(names)}, so none of it starts automatically. Stop "
        "`cultivar up` and start it again. If this line comes back, the cause stands in "
        f"{logs}/prefect-server.log.",
    )


def _paused(names: Sequence[str]) -> Complaint:
    return Complaint(
        "schedules-paused",
        f"The schedule of {_listed(names)} is paused, so none of it starts automatically. Resume "
        "it in the Prefect UI, or start `cultivar up` again, which resumes every schedule.",
    )


def _late(late: Sequence[Seen], logs: str) -> Complaint:
    first = min(each.next_run for each in late if each.next_run)
    return Complaint(
        "runs-late",
        f"Runs of {_listed([each.name for each in late])} are due since {first:%H:%M} UTC and none "
        "has started. Stop `cultivar up` and start it again. If this line comes back, "
        f"the cause stands in {logs}/runner.log.",
    )


def _listed(names: Sequence[str]) -> str:
    flows = [name.partition("/")[0] for name in names]
    return flows[0] if len(flows) == 1 else f"{', '.join(flows[:-1])} and {flows[-1]}"
