"""The main job on real input, by commands alone: what Cultivar said, beside the truth.

``python -m benchmarks.real_job`` writes one category of two real corpora as 3,000 files of eight
formats, then runs nothing but ``cultivar`` commands for each: opt-in, create, add-test, review,
publish, label, and the review of a release sample. It prints every command with its seconds, what
review, publish, label and the sample said of the labels, and the labels that were held back.
"""

import argparse
import csv
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks.corpora import Category, categories
from benchmarks.real_files import Shares, write
from cultivar.core.review.accuracy import wilson_interval
from cultivar.operations.classifiers.classifiers import id_from

JOBS = {"cfpb_complaints": "mortgage", "newsgroups20": "sci.space"}
READY_SECONDS = 120
ALREADY_RUNNING, WAITS_SECONDS = "already-running", 5.0


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
        while ALREADY_RUNNING in (done := self._done(arguments)).stderr + done.stdout:
            time.sleep(WAITS_SECONDS)  # what is due after a publication, `up` labels by itself
        took = time.monotonic() - start
        if not quiet:
            self.seconds.append((arguments[0], took))
            print(f"  {took:6.1f} s  cultivar {shlex.join(arguments)}", flush=True)
        if done.returncode:
            raise SystemExit(f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return done.stdout

    def _done(self, arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def ask(self, *arguments: str) -> Any:
        """Run a command that answers in JSON, without printing it."""
        return json.loads(self.run(*arguments, "--json", quiet=True))

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
    """Write the files, play the lifecycle by commands, and print what was said and what is so."""
    counts = write(category, scratch / "files", shares)
    name = category.name
    print(f"\n{category.corpus}, {name}: {counts}", flush=True)
    terminal = Terminal(scratch / "home")
    files = scratch / "files"
    said: dict[str, Said] = {}
    with terminal.up():
        terminal.run("opt-in", "--content", str(files / "content"))
        terminal.run("create", name, "--seeds", str(files / "seeds"), "--yes")
        terminal.run("add-test", name, str(files / "tests"), "--yes")
        terminal.run("review", name, "--verdicts", str(verdicts(files)))
        terminal.run("publish", name, "--yes")
        said["publish"] = _published(terminal, name)
        terminal.run("label")
        said["label"] = _published(terminal, name)
        terminal.run("release", "sample", id_from(name))
        judged = _judge_sample(terminal, files, name)
        report = terminal.ask("release", "report", id_from(name))["release_report"]
        said[f"{judged} verdicts"] = Said.of(report["figures"])
    terminal.run("verify", name)
    print(f"  {sum(took for _, took in terminal.seconds):6.1f} s  in all")
    _show_said(terminal, name, said)
    held = held_labels(files)
    show_quality(held, _found(terminal.home))
    print(f"  prevalence in the content {sum(held.values()) / len(held):.3f}", flush=True)


@dataclass(frozen=True)
class Said:
    """What Cultivar says of its labels: estimate, lower and upper bound; nothing is ``None``."""

    precision: Mapping[str, float] | None
    recall: Mapping[str, float] | None

    @classmethod
    def of(cls, figures: Mapping[str, Mapping[str, float]]) -> "Said":
        """Return what a report's figures say."""
        precision, recall = (figures.get(name) or {} for name in ("precision", "recall"))
        return cls(*(each if "estimate" in each else None for each in (precision, recall)))

    def __str__(self) -> str:
        """What was said, as a line of the table has it."""
        return f"precision {_interval(self.precision)}  recall {_interval(self.recall)}"


def _interval(found: Mapping[str, float] | None) -> str:
    if found is None:
        return "not known yet"
    return f"{found['estimate']:.2f} ({found['lower']:.2f} to {found['upper']:.2f})"


def _published(terminal: Terminal, name: str) -> Said:
    return Said.of(terminal.ask("status", name)["classifier"]["live"]["figures"])


def _judge_sample(terminal: Terminal, files: Path, name: str) -> int:
    """Judge the whole release sample in a spreadsheet, by the held labels; return its size."""
    path, held = files / "sample.csv", held_labels(files)
    terminal.run("release", "review", id_from(name), "--csv", str(path))
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("item_id", "relevant"))
        for row in rows:
            writer.writerow((row["item_id"], int(held[Path(row["path"]).name])))
    terminal.run("release", "review", id_from(name), "--verdicts", str(path))
    return len(rows)


def _show_said(terminal: Terminal, name: str, said: Mapping[str, Said]) -> None:
    review = terminal.ask("status", name)["classifier"]["review"]
    print(f"  review said accuracy {review['accuracy']:.3f}, at least {review['assured']:.3f}")
    for when, figures in said.items():
        print(f"  {when} said {figures}")


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


def _found(home: Path) -> set[str]:
    """Return the names of the files that are labelled."""
    return {
        row["name"]
        for path in (home / "artifacts" / "assignments").rglob("*.parquet")
        for row in pq.read_table(path, columns=["name", "prediction"]).to_pylist()
        if row["prediction"] == "match"
    }


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
