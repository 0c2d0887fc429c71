"""Every figure that README and docs claim, measured again: ``python -m benchmarks.reproduce``.

For each claim it prints claimed, measured, what may differ, and PASS or FAIL; it ends with 1 where
one failed. Each table is one command on one thread a library; tables of the same command share a
run. Two commands run at a time where there are two cores; what measures speed runs alone, after the
others. ``--only NAME`` takes one table, ``--all`` those too that take long, ``--list`` names them,
``--runs 1`` lets nothing run beside another. What cannot run here is SKIPPED with its reason. The
claims are in ``claims.toml``, from which the pages are written.
"""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from benchmarks.claims import ROOT, Table, tables

PASS, FAIL, SKIPPED = "PASS", "FAIL", "SKIPPED"
ONE_THREAD = {
    f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMBA", "VECLIB")
}


@dataclass(frozen=True)
class Run:
    """What a command ended with, all that it said, and how many seconds it took, and of a core."""

    code: int
    output: str
    seconds: float
    busy: float


def reproduced(table: Table, run: Run) -> Counter[str]:
    """Print a table's claims beside what its command measured, and count the outcomes."""
    took = f"{run.seconds:.0f} s ({run.busy:.0f} s of a core)"
    print(f"\n{table.name}: {table.command}\n  {took}, {table.why}", flush=True)
    if run.code:
        print(f"  the command ended with {run.code}:\n{run.output[-2_000:]}")
    return judged(table, run.output)


def skipped(table: Table, reason: str) -> Counter[str]:
    """Print why a table is not measured, and count its claims."""
    print(f"\n{table.name}: {table.command}\n  {SKIPPED}: {reason}", flush=True)
    return Counter({SKIPPED: len(list(table.claims))})


def judged(table: Table, output: str) -> Counter[str]:
    """Print what an output comes to beside the claims, and count the outcomes."""
    counted: Counter[str] = Counter()
    for row in table.rows:
        measured = row.measured(output)
        for place, claim in enumerate(row.claims):
            found = measured[place] if measured else None
            holds = found is not None and claim.tolerance.holds(claim.claimed, found)
            verdict = PASS if holds else FAIL
            counted[verdict] += 1
            said = "nothing" if found is None else f"{found:g}"
            name = f"{claim.row}, {claim.column}"
            print(
                f"  {verdict:<5} claimed {claim.shown:>8}  measured {said:>8}"
                f"  ({claim.tolerance.text})  {name}",
                flush=True,
            )
    return counted


def _missing(table: Table, everything: bool) -> str:
    """Return why a table cannot or should not run here, or nothing."""
    if table.long and not everything:
        return f"takes about {table.minutes:g} minutes; FULL=1 or ONLY={table.name} runs it"
    if table.corpora and not os.environ.get("CULTIVAR_CORPORA"):
        return "CULTIVAR_CORPORA is not set; benchmarks/README.md says what it names"
    if table.needs and not os.environ.get(table.needs):
        return f"{table.needs} is not set; benchmarks/README.md says what it names"
    return ""


def runs(chosen: Sequence[Table], at_once: int) -> Iterator[tuple[str, Run]]:
    """Yield each command of the tables with what it came to, as it ends; each runs once.

    The longest begins first, and those that measure speed follow alone, one after another.
    """
    minutes = {each.command: each.minutes for each in chosen if not each.alone}
    longest = sorted(minutes, key=lambda command: -minutes[command])
    with ThreadPoolExecutor(at_once) as pool:
        begun = {pool.submit(_run, command): command for command in longest}
        for done in as_completed(begun):
            yield begun[done], done.result()
    for command in dict.fromkeys(each.command for each in chosen if each.alone):
        yield command, _run(command)


def _run(command: str) -> Run:
    """Run a command in a home of its own."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="cultivar-reproduce-") as scratch:
        paths = {
            "CULTIVAR_HOME": str(Path(scratch) / "home"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": "200",
        }
        with tempfile.TemporaryFile() as said:
            begun = subprocess.Popen(
                shlex.split(command), env=os.environ | ONE_THREAD | paths, cwd=ROOT, stdout=said,
                stderr=subprocess.STDOUT,
            )  # fmt: skip
            _, status, used = os.wait4(begun.pid, 0)
            begun.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            output = said.read().decode("utf-8", "replace")
    busy = used.ru_utime + used.ru_stime
    return Run(begun.returncode, output, time.monotonic() - began, busy)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the tables that are asked for; return 1 where a claim failed."""
    given, known = _asked(arguments), {each.name: each for each in tables()}
    chosen = [known[name] for name in given.only] if given.only else list(known.values())
    if given.list:
        for each in chosen:
            print(f"{each.name:<20}{each.minutes:>5g} min{'  long' if each.long else ''}")
        return 0
    counted: Counter[str] = Counter()
    began, measured = time.monotonic(), []
    for each in chosen:
        if reason := _missing(each, given.all or bool(given.only)):
            counted += skipped(each, reason)
        else:
            measured.append(each)
    for command, run in runs(measured, given.runs):
        for each in (table for table in measured if table.command == command):
            counted += reproduced(each, run)
    outcomes = ", ".join(f"{counted[each]} {each}" for each in (PASS, FAIL, SKIPPED))
    print(f"\n{outcomes} in {(time.monotonic() - began) / 60:.0f} minutes")
    return int(counted[FAIL] > 0)


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    names = [each.name for each in tables()]
    parser.add_argument("--only", choices=names, action="append", help="this table alone")
    parser.add_argument("--all", action="store_true", help="also the tables that take long")
    parser.add_argument("--list", action="store_true", help="name the tables and their minutes")
    cores = min(2, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)
    parser.add_argument("--runs", type=int, default=cores, help="commands at a time")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
