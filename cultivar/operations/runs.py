"""Stages at work: one holder a subject, told from the dead by its heartbeat.

It guards against doing a thing twice at once; what is done inside is the caller's.
"""

import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cultivar.core.errors import Conflict, CultivarError, StoreUnavailable
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.vocabulary import REMOVED
from cultivar.store.tables import LocationRow, RunRow
from cultivar.store.workspace import Workspace

HEARTBEAT = timedelta(seconds=20)
DEAD_AFTER = timedelta(minutes=2)
LOOK_AGAIN_SECONDS = 0.5
LABELLING = "labelling"
INTERRUPTED = "it was interrupted by a person"
ABANDONED, DIED = "abandoned", "its process ended without a word"


@dataclass(slots=True)
class Run:
    """A stage that this process holds."""

    id: str
    stage: str
    subject: str
    workspace: Workspace = field(repr=False)

    def progress(self, done: int, total: int | None = None) -> None:
        """Record how much is done; also a sign of life."""
        _beat(self.workspace, self.id, done, total)


@contextmanager
def claim(
    workspace: Workspace,
    stage: str,
    subject: str,
    flow_run_id: str | None = None,
    patience: timedelta = timedelta(0),
) -> Iterator[Run]:
    """Hold ``subject`` for a stage until the block ends; its outcome is kept.

    Another holder is waited for as long as ``patience`` lasts.

    A holder that died (its process is gone from this machine, or it gave no sign of life for two
    minutes) is marked as abandoned and its place taken.

    Raises:
        Conflict: code ``already-running``; the sentence says which stage holds it since when.
    """
    run = Run(secrets.token_hex(16), stage, subject, workspace)
    _take_patiently(workspace, run, flow_run_id, time.monotonic() + patience.total_seconds())
    stop = threading.Event()
    heartbeat = threading.Thread(
        target=_keep_heartbeat,
        args=(workspace, run.id, stop),
        name=f"run-{run.id[:8]}",
        daemon=True,
    )
    heartbeat.start()
    try:
        yield run
    except BaseException as error:
        _finish(workspace, run, stop, heartbeat, _outcome(error))
        raise
    _finish(workspace, run, stop, heartbeat, ("completed", None))


def _take_patiently(workspace: Workspace, run: Run, flow_run_id: str | None, until: float) -> None:
    while True:
        try:
            return _take(workspace, run, flow_run_id)
        except Conflict:
            if time.monotonic() >= until:
                raise
        time.sleep(LOOK_AGAIN_SECONDS)


def _take(workspace: Workspace, run: Run, flow_run_id: str | None) -> None:
    try:
        with workspace.registry.transaction() as session:
            at = workspace.clock()
            holding = _open_run(session, run.subject)
            if holding is not None:
                _take_over(holding, at)
                session.flush()
            session.add(
                RunRow(
                    id=run.id, stage=run.stage, subject=run.subject, holder=process_mark(),
                    flow_run_id=flow_run_id, started_at=at, alive_at=at,
                )
            )  # fmt: skip
    except IntegrityError as error:
        raise _running(run.subject, run.stage, None) from error


def _take_over(holding: RunRow, at: datetime) -> None:
    if not _is_dead(holding, at):
        raise _running(holding.subject, holding.stage, holding.started_at)
    holding.ended_at, holding.outcome, holding.reason = at, ABANDONED, DIED


def _running(subject: str, stage: str, since: datetime | None) -> Conflict:
    began = f" since {since:%Y-%m-%d %H:%M:%S} UTC" if since else ""
    said = (
        f"Content is being classified already{began}, by every published version. Nothing needs to "
        "be done: what is due after it began, `cultivar up` classifies next;"
        if stage == LABELLING
        else f"{stage.replace('_', ' ').capitalize()} of {subject} is running already{began}. "
        "Wait for it to end;"
    )
    return Conflict(
        "already-running",
        said,
        {"subject": subject, "stage": stage},
        Remedy(NextStep.LOOK_AT_STATUS, effect="shows how far it is"),
    )


def _open_run(session: Session, subject: str) -> RunRow | None:
    query = select(RunRow).where(RunRow.subject == subject, RunRow.ended_at.is_(None))
    return session.scalars(query).first()


def held_subjects(workspace: Workspace) -> frozenset[str]:
    """Return the subjects that a living holder works on."""
    at = workspace.clock()
    with workspace.registry.reading() as session:
        rows = session.scalars(select(RunRow).where(RunRow.ended_at.is_(None)))
        return frozenset(row.subject for row in rows if not _is_dead(row, at))


def require_not_running(session: Session, subject: str, at: datetime) -> None:
    """Do nothing where no living holder works on a subject.

    Raises:
        Conflict: code ``already-running``.
    """
    holding = _open_run(session, subject)
    if holding is not None and not _is_dead(holding, at):
        raise _running(subject, holding.stage, holding.started_at)


def run_ended(session: Session, run_id: str, at: datetime) -> bool:
    """Tell whether a run ended, or whoever holds it is gone; an unknown run is gone too."""
    row = session.get(RunRow, run_id)
    return row is None or row.ended_at is not None or _is_dead(row, at)


def _is_dead(row: RunRow, at: datetime) -> bool:
    return without_life(row, at) or process_ended(row.holder)


def without_life(row: RunRow, at: datetime) -> bool:
    """Tell whether a run has given no sign of life for long.

    A sign in the future, of a clock that was ahead, is none: it would hold its subject until then.
    """
    return abs(at - row.alive_at) > DEAD_AFTER


def process_ended(holder: str) -> bool:
    """Tell whether the process that ``process_mark`` named was of this machine and has ended."""
    host, _, rest = holder.rpartition("/")
    pid, began, _ = rest.split(":", 2)
    return host == _host() and _start_time(int(pid)) != began


def process_mark() -> str:
    """Return a mark of this process: its machine, its id and when it began."""
    return f"{_host()}/{os.getpid()}:{_start_time(os.getpid())}:{secrets.token_hex(4)}"


def _host() -> str:
    return socket.gethostname()[:150]


def _start_time(pid: int) -> str:
    """Return a mark of when a process of this machine began, or nothing if it is gone.

    A process id alone may have passed to another process since.
    """
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:  # noqa: PTH123
            fields = stat.read().rpartition(")")[2].split()
    except OSError:
        return _is_alive(pid)
    return "" if fields[0] in {"Z", "X"} else fields[19]


def _is_alive(pid: int) -> str:
    """Tell by signal 0 whether a process lives, where the system keeps no ``/proc``."""
    if os.path.isdir("/proc/self"):  # noqa: PTH112
        return ""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return "alive"
    return "alive"


def _keep_heartbeat(workspace: Workspace, run_id: str, stop: threading.Event) -> None:
    while not stop.wait(HEARTBEAT.total_seconds()):
        # A registry that is busy for once is no reason to die; silence for minutes is.
        with suppress(StoreUnavailable):
            _beat(workspace, run_id)


def _beat(
    workspace: Workspace, run_id: str, done: int | None = None, total: int | None = None
) -> None:
    with workspace.registry.transaction() as session:
        row = session.get(RunRow, run_id)
        if row is None or row.ended_at is not None:
            return
        row.alive_at = workspace.clock()
        row.done = row.done if done is None else done
        row.total = row.total if total is None else total


def _outcome(error: BaseException) -> tuple[str, str | None]:
    if isinstance(error, CultivarError):
        return "failed", error.sentence
    if isinstance(error, KeyboardInterrupt):
        return "failed", INTERRUPTED
    # What an unforeseen exception says may hold anything, so only its type is kept.
    return "failed", type(error).__name__


def _finish(
    workspace: Workspace,
    run: Run,
    stop: threading.Event,
    heartbeat: threading.Thread,
    outcome: tuple[str, str | None],
) -> None:
    stop.set()
    heartbeat.join()
    with workspace.registry.transaction() as session:
        row = session.get(RunRow, run.id)
        if row is not None and row.ended_at is None:
            row.ended_at = row.alive_at = workspace.clock()
            row.outcome, row.reason = outcome


@dataclass(frozen=True, slots=True)
class FailedCrawl:
    """When a crawl ended without success, and why."""

    at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class LastRun:
    """The newest run of a subject; ``done`` of ``total`` where that is known.

    ``ended_at`` and ``outcome`` are None while it runs.
    """

    stage: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    reason: str | None
    done: int
    total: int | None


def failed_crawls(workspace: Workspace) -> dict[str, FailedCrawl]:
    """Return when and why the last crawl failed, by the name of each location where it did."""
    crawls = select(RunRow.subject, func.max(RunRow.started_at).label("at")).where(
        RunRow.stage == "crawl", RunRow.ended_at.is_not(None)
    )
    last = crawls.group_by(RunRow.subject).subquery()
    query = select(RunRow).join(
        last, (RunRow.subject == last.c.subject) & (RunRow.started_at == last.c.at)
    )
    with workspace.registry.reading() as session:
        rows = {row.subject: row for row in session.scalars(query)}
        there = select(LocationRow.name).where(LocationRow.purpose != REMOVED)
        names = session.scalars(there.order_by(LocationRow.name)).all()
    found = {name: rows.get(f"location:{name}") for name in names}
    return {
        name: FailedCrawl(row.ended_at, row.reason)
        for name, row in found.items()
        if row is not None and row.outcome != "completed"
    }


def last_run(session: Session, subject: str, at: datetime) -> LastRun | None:
    """Return the newest run of a subject, with its progress; one whose holder died has ended."""
    row = session.scalars(
        select(RunRow).where(RunRow.subject == subject).order_by(RunRow.started_at.desc()).limit(1)
    ).first()
    return None if row is None else as_last_run(row, at)


def as_last_run(row: RunRow, at: datetime) -> LastRun:
    """Return a run with its progress; one whose holder died has ended."""
    dead = row.ended_at is None and _is_dead(row, at)
    return LastRun(
        stage=row.stage,
        started_at=row.started_at,
        ended_at=row.alive_at if dead else row.ended_at,
        outcome=ABANDONED if dead else row.outcome,
        reason=DIED if dead else row.reason,
        done=row.done,
        total=row.total,
    )
