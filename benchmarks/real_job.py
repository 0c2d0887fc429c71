"""The main job on real input: from a folder of files to labels, by commands alone.

``python -m benchmarks.real_job`` writes one category of three real corpora as files of eight
formats, then runs nothing but ``cultivar`` commands for each, prints every command with its
seconds, and counts the labels against those that were held back.
"""

import argparse
import csv
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.corpora import Category, categories
from benchmarks.real_files import Shares, write
from cultivar.core.review.accuracy import wilson_interval

JOBS = {"cfpb_complaints": "mortgage", "newsgroups20": "sci.space", "agnews_test": "Sports"}
READY_SECONDS = 120


@dataclass
class Terminal:
    """Runs commands in one home and keeps what each took."""

    home: Path
    seconds: list[tuple[str, float]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """The commands' environment."""
        return os.environ | {"CULTIVAR_HOME": str(self.home), "CULTIVAR_USER": "alex"}

    def run(self, *arguments: str, quiet: bool = False) -> str:
        """Run one command and return its standard output; a failure ends the benchmark.

        A ``quiet`` one, such as each look of a wait, is not printed.
        """
        start = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        took = time.monotonic() - start
        if not quiet:
            self.seconds.append((arguments[0], took))
            print(f"  {took:6.1f} s  cultivar {shlex.join(arguments)}", flush=True)
        if done.returncode:
            raise SystemExit(f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return done.stdout

    @contextmanager
    def up(self) -> Iterator[None]:
        """Keep ``cultivar up`` running for the block."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "up.out").open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "cli", "up"],
                env=self.environment, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            deadline = time.monotonic() + READY_SECONDS
            while "Ready" not in (self.home / "up.out").read_text(encoding="utf-8"):
                if time.monotonic() > deadline or process.poll() is not None:
                    raise SystemExit("`cultivar up` did not get ready")
                time.sleep(0.5)
            yield
        finally:
            process.terminate()
            process.wait(60)


def job(category: Category, scratch: Path, shares: Shares) -> None:
    """Write the files, play the lifecycle by commands, and print what the labels are worth."""
    counts = write(category, scratch / "files", shares)
    print(f"\n{category.corpus}, {category.name}: {counts}", flush=True)
    terminal = Terminal(scratch / "home")
    files = scratch / "files"
    with terminal.up():
        terminal.run("opt-in", "--content", str(files / "content"))
        terminal.run("create", category.name, "--seeds", str(files / "seeds"), "--yes")
        terminal.run("add-test", category.name, str(files / "tests"), "--yes")
        terminal.run("review", category.name, "--verdicts", str(verdicts(files)))
        terminal.run("publish", category.name, "--yes")
        terminal.run("label")
    terminal.run("verify", category.name)
    terminal.run("status", category.name)
    print(f"  {sum(took for _, took in terminal.seconds):6.1f} s  in all")
    _count(terminal.home, files)


def verdicts(files: Path) -> Path:
    """What a person who knows the held labels answers."""
    path = files / "verdicts.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("path", "relevant"))
        for kind, relevant in (("positive", 1), ("negative", 0)):
            for each in sorted((files / "tests" / kind).iterdir()):
                writer.writerow((f"{kind}/{each.name}", relevant))
    return path


def held_labels(files: Path) -> dict[str, bool]:
    """Return file name → whether the item is of the category."""
    with (files / "held.csv").open(encoding="utf-8", newline="") as stream:
        return {row["name"]: row["relevant"] == "1" for row in csv.DictReader(stream)}


def _count(home: Path, files: Path) -> None:
    held = held_labels(files)
    found = {
        row["name"]
        for path in (home / "artifacts" / "assignments").rglob("*.parquet")
        for row in pq.read_table(path, columns=["name", "prediction"]).to_pylist()
        if row["prediction"] == "match"
    }
    show_quality(held, found)
    print(f"  prevalence in the content {sum(held.values()) / len(held):.3f}", flush=True)


def show_quality(held: Mapping[str, bool], found: Collection[str]) -> None:
    """Print precision and recall of what was found, with 95 % Wilson intervals."""
    right, relevant = sum(held[name] for name in found), sum(held.values())
    for name, of in (("precision", len(found)), ("recall", relevant)):
        low, high = wilson_interval(right, of)
        print(f"  {name} {right / max(1, of):.3f} ({right} of {of}; {low:.3f} to {high:.3f})")


def main() -> int:
    """Run the jobs and print them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.real_job", description=__doc__)
    parser.add_argument("--content", type=int, default=3_000, help="files to label")
    parser.add_argument("--corpora", nargs="+", choices=sorted(JOBS), default=list(JOBS))
    options = parser.parse_args()
    for corpus in options.corpora:
        wanted = next(each for each in categories((corpus,)) if each.name == JOBS[corpus])
        with tempfile.TemporaryDirectory(prefix="cultivar-benchmark-") as scratch:
            job(wanted, Path(scratch), Shares(content=options.content))
    return 0


if __name__ == "__main__":
    sys.exit(main())
