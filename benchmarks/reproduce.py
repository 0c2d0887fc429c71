"""Every figure that README and docs claim, measured again: ``python -m benchmarks.reproduce``.

For each claim it prints claimed, measured, what may differ, and PASS or FAIL; it ends with 1 where
one failed. Each table is one command, run by itself on one thread a library; tables of the same
command share a run. ``--only NAME`` takes one table, ``--all`` those too that take long; ``--list``
names them. What cannot run here is SKIPPED with its reason. The claims are in ``claims.toml``, from
which the pages are written.
"""

import argparse
import os
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from benchmarks.claims import ROOT, Table, tables

PASS, FAIL, SKIPPED = "PASS", "FAIL", "SKIPPED"
ONE_THREAD = {
    f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMBA", "VECLIB")
}


def reproduced(table: Table, *, everything: bool) -> Counter[str]:
    """Run a table's command, print its claims, and count the outcomes."""
    print(f"\n{table.name}: {table.command}", flush=True)
    if reason := _missing(table, everything):
        print(f"  {SKIPPED}: {reason}")
        return Counter({SKIPPED: len(list(table.claims))})
    began, busy = time.monotonic(), _busy()
    code, output = _output(table.command)
    took = f"{time.monotonic() - began:.0f} s ({_busy() - busy:.0f} s of a core)"
    print(f"  {took}, {table.why}", flush=True)
    if code:
        print(f"  the command ended with {code}:\n{output[-2_000:]}")
    return judged(table, output)


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


def _busy() -> float:
    """Return the seconds of a core that the commands so far took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _missing(table: Table, everything: bool) -> str:
    """Return why a table cannot or should not run here, or nothing."""
    if table.long and not everything:
        return f"takes about {table.minutes:g} minutes; FULL=1 or ONLY={table.name} runs it"
    if table.corpora and not os.environ.get("CULTIVAR_CORPORA"):
        return "CULTIVAR_CORPORA is not set; benchmarks/README.md says what it names"
    if table.needs and not os.environ.get(table.needs):
        return f"{table.needs} is not set; benchmarks/README.md says what it names"
    return ""


@cache
def _output(command: str) -> tuple[int, str]:
    """Run a command in a home of its own, once; return its code and all that it says."""
    with tempfile.TemporaryDirectory(prefix="cultivar-reproduce-") as scratch:
        paths = {
            "CULTIVAR_HOME": str(Path(scratch) / "home"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": "200",
        }
        done = subprocess.run(
            shlex.split(command),
            env=os.environ | ONE_THREAD | paths,
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
    return done.returncode, done.stdout


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the tables that are asked for; return 1 where a claim failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    known = {each.name: each for each in tables()}
    parser.add_argument("--only", choices=known, action="append", help="this table alone")
    parser.add_argument("--all", action="store_true", help="also the tables that take long")
    parser.add_argument("--list", action="store_true", help="name the tables and their minutes")
    given = parser.parse_args(arguments)
    chosen = [known[name] for name in given.only] if given.only else list(known.values())
    if given.list:
        for each in chosen:
            print(f"{each.name:<20}{each.minutes:>5g} min{'  long' if each.long else ''}")
        return 0
    counted: Counter[str] = Counter()
    began = time.monotonic()
    for each in chosen:
        counted += reproduced(each, everything=given.all or bool(given.only))
    outcomes = ", ".join(f"{counted[each]} {each}" for each in (PASS, FAIL, SKIPPED))
    print(f"\n{outcomes} in {(time.monotonic() - began) / 60:.0f} minutes")
    return int(counted[FAIL] > 0)


if __name__ == "__main__":
    sys.exit(main())
