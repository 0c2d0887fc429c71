"""The demonstration killed with SIGKILL at random moments, and run again each time.

``python -m benchmarks.kill_demo --times 20``: each trial has a home of its own; the rerun must
complete, every artifact must be what its hash says, and the artifacts must be those of a
demonstration that nobody disturbed.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from cultivar.settings import read_settings
from cultivar.store.tables import ArtifactRow, ClassifierRow, LabellingRow, RunRow, Tenant
from cultivar.store.workspace import open_workspace

LONGEST_RUN = 900.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a finished demonstration left behind: every artifact's hash, and what is pointed at."""

    artifacts: frozenset[tuple[str, str]]
    pointers: tuple[str | None, ...]


def start(home: Path, arguments: Sequence[str] = ()) -> "subprocess.Popen[bytes]":
    """Start a demonstration in a home."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "demo.out").open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "flows.cli", "demo", *arguments],
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


def outcome(home: Path) -> Outcome:
    """Return what a finished demonstration left behind, each file checked against its hash.

    Raises:
        Damaged: an artifact is not what its name says.
        RuntimeError: a run is still open.
    """
    settings = read_settings({"CULTIVAR_HOME": str(home), "CULTIVAR_USER": "alex"})
    with open_workspace(settings, create=False) as workspace:
        with workspace.registry.reading() as session:
            rows = session.scalars(select(ArtifactRow)).all()
            found = frozenset((row.schema_name, row.sha256) for row in rows)
            classifier = session.scalars(select(ClassifierRow)).one()
            tenant = session.scalars(select(Tenant)).one()
            labelled = session.scalars(select(LabellingRow).order_by(LabellingRow.location)).all()
            if session.scalars(select(RunRow).where(RunRow.ended_at.is_(None))).first():
                raise RuntimeError("a run is still open")
        for _, sha256 in found:
            workspace.artifacts.verify(workspace.artifacts.reference(sha256))
    return Outcome(
        found,
        (
            tenant.baseline_sha256,
            tenant.unlabelled_sha256,
            classifier.seed_set_sha256,
            classifier.test_set_sha256,
            classifier.predictions_sha256,
            classifier.published_version_id,
            *(row.assignments_sha256 for row in labelled),
        ),
    )


def main() -> int:
    """Run the trials and print a line for each."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--times", type=int, default=20)
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    draw = random.Random(given.seed)
    failures = 0
    with tempfile.TemporaryDirectory(prefix="cultivar-kill-") as folder:
        root = Path(folder)
        took = run(root / "undisturbed")
        wanted = outcome(root / "undisturbed")
        print(f"undisturbed: {took:.0f} s, {len(wanted.artifacts)} artifacts", flush=True)
        for trial in range(1, given.times + 1):
            failures += not _trial(root / f"trial-{trial}", draw.uniform(0.5, took), wanted)
    print(f"{given.times - failures} of {given.times} came out the same")
    return int(failures > 0)


def _trial(home: Path, moment: float, wanted: Outcome) -> bool:
    killed = kill_after(moment, home)
    took = run(home)
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
