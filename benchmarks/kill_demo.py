"""The demonstration killed with SIGKILL at random moments, and run again each time.

``python -m benchmarks.kill_demo --times 20``: each trial has a home of its own; the rerun must
complete, every artifact must be what its hash says, and the artifacts must be those of a
demonstration that nobody disturbed. ``--retrain`` plays the second half as well, and kills in it.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.operations.runs import process_ended
from cultivar.settings import read_settings
from cultivar.store.tables import (
    ApplicationRow,
    ArtifactRow,
    ClassifierRow,
    FeedbackRow,
    LabellingRow,
    RetrainingRow,
    RunRow,
    Tenant,
)
from cultivar.store.workspace import open_workspace

LONGEST_RUN = 900.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a finished demonstration left behind: every artifact's hash, and what is pointed at.

    ``counted`` are verdicts, retrainings and applications: none twice, none lost.
    """

    artifacts: frozenset[tuple[str, str]]
    pointers: tuple[str | None, ...]
    counted: tuple[int, int, int]


def start(home: Path, arguments: Sequence[str] = ()) -> "subprocess.Popen[bytes]":
    """Start a demonstration in a home."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "demo.out").open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "cli", "demo", *arguments],
            env=os.environ | {"CULTIVAR_HOME": str(home), "CULTIVAR_USER": "alex"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def run(home: Path, arguments: Sequence[str] = ()) -> float:
    """Run a demonstration to its end and return the seconds it took.

    Raises:
        RuntimeError: it failed; the text is what it printed last.
    """
    began = time.monotonic()
    if start(home, arguments).wait(LONGEST_RUN) != 0:
        raise RuntimeError((home / "demo.out").read_text(encoding="utf-8")[-3_000:])
    return time.monotonic() - began


def kill_after(seconds: float, home: Path, arguments: Sequence[str] = ()) -> bool:
    """Start a demonstration and kill it; tell whether it was still at work."""
    process = start(home, arguments)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    return False


def kill_at(step: str, home: Path, arguments: Sequence[str] = (), later: float = 1.0) -> None:
    """Start a demonstration and kill it ``later`` seconds after a step began.

    Raises:
        RuntimeError: it ended, or the step did not begin in time.
    """
    log = home / "demo.out"
    before = log.stat().st_size if log.exists() else 0
    process = start(home, arguments)
    deadline = time.monotonic() + LONGEST_RUN
    while f"\n{step}" not in log.read_text(encoding="utf-8")[before:]:
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise RuntimeError(f"{step!r} did not begin")
        time.sleep(0.05)
    time.sleep(later)
    process.send_signal(signal.SIGKILL)
    process.wait()


def outcome(home: Path) -> Outcome:
    """Return what a finished demonstration left behind, each file checked against its hash.

    Raises:
        Damaged: an artifact is not what its name says.
        RuntimeError: a run is still held by a process that lives; what a killed one left is taken
            over by the next run over the same subject.
    """
    settings = read_settings({"CULTIVAR_HOME": str(home), "CULTIVAR_USER": "alex"})
    with open_workspace(settings, create=False) as workspace:
        with workspace.registry.reading() as session:
            runs = session.scalars(select(RunRow).where(RunRow.ended_at.is_(None)))
            if not all(process_ended(each.holder) for each in runs):
                raise RuntimeError("a run is still open")
            rows = session.scalars(select(ArtifactRow)).all()
            found = frozenset((row.schema_name, row.sha256) for row in rows)
            pointers = tuple(_pointers(session))
            kinds = (FeedbackRow, RetrainingRow, ApplicationRow)
            counted = tuple(session.query(kind).count() for kind in kinds)
        for _, sha256 in found:
            workspace.artifacts.verify(workspace.artifacts.reference(sha256))
    return Outcome(found, pointers, (counted[0], counted[1], counted[2]))


def _pointers(session: Session) -> Iterator[str | None]:
    tenant = session.scalars(select(Tenant)).one()
    yield from (tenant.baseline_sha256, tenant.unlabelled_sha256)
    for row in session.scalars(select(ClassifierRow).order_by(ClassifierRow.id)):
        yield from (row.seed_set_sha256, row.test_set_sha256, row.predictions_sha256)
        yield row.published_version_id
    labelled = select(LabellingRow).order_by(LabellingRow.location, LabellingRow.classifier_id)
    for each in session.scalars(labelled):
        yield each.assignments_sha256
    applied = select(ApplicationRow).order_by(ApplicationRow.location, ApplicationRow.number)
    for application in session.scalars(applied):
        yield from (application.labels_sha256, application.changes_sha256)


def main() -> int:
    """Run the trials and print a line for each."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--times", type=int, default=20)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--retrain", action="store_true", help="play the second half as well")
    given = options.parse_args()
    arguments = ("--retrain",) if given.retrain else ()
    draw = random.Random(given.seed)
    failures = 0
    with tempfile.TemporaryDirectory(prefix="cultivar-kill-") as folder:
        root = Path(folder)
        took = run(root / "undisturbed", arguments)
        wanted = outcome(root / "undisturbed")
        print(f"undisturbed: {took:.0f} s, {len(wanted.artifacts)} artifacts", flush=True)
        for trial in range(1, given.times + 1):
            # with the second half, moments in the first are the plain demonstration's to show
            moment = draw.uniform(took / 3 if given.retrain else 0.5, took)
            failures += not _trial(root / f"trial-{trial}", moment, wanted, arguments)
    print(f"{given.times - failures} of {given.times} came out the same")
    return int(failures > 0)


def _trial(home: Path, moment: float, wanted: Outcome, arguments: Sequence[str]) -> bool:
    killed = kill_after(moment, home, arguments)
    took = run(home, arguments)
    found = outcome(home)
    same = found == wanted
    print(
        f"killed after {moment:5.1f} s ({'at work' if killed else 'it had ended'}), "
        f"run again in {took:.0f} s: {'same artifacts' if same else 'DIFFERENT'}",
        flush=True,
    )
    if not same:
        print(f"  more: {sorted(found.artifacts - wanted.artifacts)}")
        print(f"  less: {sorted(wanted.artifacts - found.artifacts)}")
    return same


if __name__ == "__main__":
    sys.exit(main())
