"""What a night of changes costs beside the first time: seconds and bytes of each step.

``python -m benchmarks.parts`` crawls a location whose listing and texts are made up (listing and
parsing take no part in it), labels it with ten classifiers, applies two policies and aggregates the
explorer; then one item in a hundred changes, and all is done again. It asserts nothing.
"""

import argparse
import hashlib
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from unittest.mock import patch

import pyarrow as pa

from benchmarks.labelling import words
from cultivar.content.documents.parsing import Parsed
from cultivar.content.entries import Entry, Listing
from cultivar.content.reading import Task
from cultivar.core.gates import Check, GateResult
from cultivar.core.learning.text import document_frequencies
from cultivar.core.learning.training import TrainingInput, train
from cultivar.encoder import load
from cultivar.operations.content.aggregation import bring_up_to_date
from cultivar.operations.content.crawl_records import record_crawl
from cultivar.operations.content.crawling import crawl_known
from cultivar.operations.content.locations import add_location, location_named
from cultivar.operations.gates import record_gate
from cultivar.operations.policies.application import apply_labels
from cultivar.operations.policies.evaluation import evaluate
from cultivar.operations.policies.policies import create_policy
from cultivar.operations.scoring.item_labels import label_items
from cultivar.operations.scoring.labelling import labelling_due, record_labelling
from cultivar.operations.tenant.people import grant_role
from cultivar.operations.tenant.tenant import bootstrap
from cultivar.settings import read_settings
from cultivar.store.models import write_model
from cultivar.store.tables import ClassifierRow, VersionRow
from cultivar.store.workspace import Workspace, open_workspace

CLASSIFIERS = 10
WORDS = 120
ACTOR = "bench"
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Content:
    """A location that is made up: what it lists, and what each of its files holds."""

    def __init__(self, count: int) -> None:
        self.versions = [0] * count

    def change(self, share: float, night: int) -> None:
        """Change a share of all files, chosen at random."""
        chosen = random.Random(night).sample(
            range(len(self.versions)), int(len(self.versions) * share)
        )
        for number in chosen:
            self.versions[number] = night

    def listing(self, _: object) -> Listing:
        """List all files."""
        start = time.perf_counter()
        entries = [
            Entry(_path(number), _path(number), 1_000, f"{version}", _NOW)
            for number, version in enumerate(self.versions)
        ]
        found = Listing(sorted(entries, key=lambda each: each.path))
        ASIDE.append(time.perf_counter() - start)
        return found

    def parsed(self, path: str) -> Parsed:
        """Return what a file holds now."""
        number = int(path[-13:-4])
        generator = random.Random(number * 1_000 + self.versions[number])
        topic = "sale" if number % 10 == 0 else "farm"
        own = [f"{topic}{last}" for last in "abcdefgh"]
        text = " ".join(
            generator.choices(_VOCABULARY, k=WORDS) + generator.choices(own, k=WORDS // 4)
        )
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        return Parsed("", len(text), sha256, "text/plain", "ok", text=text, text_sha256=sha256)


_VOCABULARY = [
    f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in ("ne", "le", "rum", "d")
]


def _path(number: int) -> str:
    return f"department {number % 97:02d}/project {number % 991:03d}/{number:09d}.txt"


def _reading(content: Content) -> type:
    class Reading:
        """Stands in for the worker processes."""

        def __init__(self, *_: object) -> None: ...

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None: ...

        def answers(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, list[Parsed]]]:
            for task in tasks:
                start = time.perf_counter()
                parsed = content.parsed(task.entry.path)
                ASIDE.append(time.perf_counter() - start)
                yield task, [parsed]

    return Reading


ASIDE: list[float] = []


def _publish(workspace: Workspace) -> None:
    generator = random.Random(1)
    others = pa.table({"text": pa.array([words(generator, "farm") for _ in range(500)])})
    frequencies, encoder = document_frequencies(others["text"]), load()
    for number in range(CLASSIFIERS):
        seeds = pa.table({"text": pa.array([words(generator, "sale") for _ in range(60)])})
        model = train(TrainingInput(seeds, others, frequencies, None, 500, number), encoder)
        stored = write_model(workspace.artifacts, model, producer="training", inputs={})
        name = f"classifier-{number}"
        with workspace.registry.transaction() as session:
            row = ClassifierRow(
                id=name, name=name, owner=ACTOR, status="Ready to use", status_at=_NOW,
                created_at=_NOW,
            )  # fmt: skip
            session.add(row)
            session.flush()
            session.add(
                VersionRow(
                    id=f"{name}-1", classifier_id=name, number=1, model_sha256=stored.sha256,
                    reason="training", threshold=model.threshold, prior=model.prior, evidence={},
                    created_at=_NOW,
                )
            )  # fmt: skip
            session.flush()
            row.published_version_id = f"{name}-1"


def _policies(workspace: Workspace) -> None:
    grant_role(workspace, ACTOR, ACTOR, "record management")
    for number in range(2):
        condition = {"classifier": f"classifier-{number}", "at_least": "match"}
        action = {"label": f"Keep {number}", "retain_days": 365, "afterwards": "delete"}
        definition: dict[str, Any] = {
            "name": f"Keep {number}", "kind": "retention label", "condition": condition,
            "action": action,
        }  # fmt: skip
        create_policy(workspace, ACTOR, definition, ())


def _crawl(workspace: Workspace, content: Content) -> float:
    """Crawl, and return the seconds that listing and making up texts took."""
    ASIDE.clear()
    place = "cultivar.content.crawl"
    with (
        patch(f"{place}.crawling.list_location", content.listing),
        patch(f"{place}.crawling.Workers", _reading(content)),
        patch(f"{place}.rows.language_of", lambda _: "en"),
    ):
        found = crawl_known(workspace, location_named(workspace, "files"), lambda *_: None)
        record_crawl(workspace, "files", found.items, found.counts, read_with=found.read_with)
    return sum(ASIDE)


def _label(workspace: Workspace) -> None:
    due = labelling_due(workspace, ACTOR)
    for each, made in zip(due, label_items(workspace, due), strict=True):
        record_labelling(workspace, ACTOR, each, *made)


def _apply(workspace: Workspace) -> None:
    found = evaluate(workspace, ACTOR, "files")
    check = Check("all", "all", "pass", "1", "1", "All is well.")
    for gate, artifact in (("labels", found.labels), ("label_changes", found.changes)):
        record_gate(workspace, GateResult(gate, (check,)), None, artifact.sha256)
    apply_labels(workspace, ACTOR, found, (found.token,))


def _aggregate(workspace: Workspace) -> None:
    bring_up_to_date(workspace)


def _written(home: Path, since: float) -> int:
    files = (path for path in home.rglob("*") if path.is_file() and "registry" not in path.name)
    return sum(path.stat().st_size for path in files if path.stat().st_mtime >= since)


Step = tuple[str, Callable[[], float | None]]


def _run(home: Path, steps: list[Step]) -> dict[str, tuple[float, int]]:
    found = {}
    for name, step in steps:
        time.sleep(0.02)  # so that no file of the step before has its moment
        since, start = time.time(), time.perf_counter()
        aside = step() or 0.0
        found[name] = (time.perf_counter() - start - aside, _written(home, since))
    return found


def _measure(home: Path, count: int, share: float, nights: int) -> None:
    content = Content(count)
    settings = read_settings({"CULTIVAR_HOME": str(home), "CULTIVAR_USER": ACTOR})
    with open_workspace(settings) as workspace:
        bootstrap(workspace, ACTOR)
        _publish(workspace)
        folder = home.parent / "content"
        folder.mkdir()
        add_location(workspace, ACTOR, "files", str(folder))
        _policies(workspace)
        steps: list[Step] = [
            ("crawl bookkeeping", lambda: _crawl(workspace, content)),
            (f"labelling, {CLASSIFIERS} classifiers", lambda: _label(workspace)),
            ("policies", lambda: _apply(workspace)),
            ("aggregation", lambda: _aggregate(workspace)),
        ]
        first = _run(home, steps)
        for night in range(1, nights + 1):
            content.change(share, night)
            _print(count, share, first, _run(home, steps))


def _print(
    count: int,
    share: float,
    first: dict[str, tuple[float, int]],
    night: dict[str, tuple[float, int]],
) -> None:
    print(f"{count:,} items, {share:.0%} of them changed")
    for name, (seconds, size) in {**first, "together": _sum(first)}.items():
        later, written = {**night, "together": _sum(night)}[name]
        print(
            f"  {name:28} {seconds:8.1f} s {later:8.2f} s {later / seconds:7.1%}   "
            f"{size / 1e6:8.1f} MB {written / 1e6:7.2f} MB {written / max(size, 1):7.1%}",
            flush=True,
        )


def _sum(found: dict[str, tuple[float, int]]) -> tuple[float, int]:
    return sum(each[0] for each in found.values()), sum(each[1] for each in found.values())


def main() -> int:
    """Run the measurements and print them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parts", description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--share", type=float, default=0.01)
    parser.add_argument("--nights", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cultivar-benchmark-") as scratch:
        _measure(Path(scratch) / "home", options.items, options.share, options.nights)
    return 0


if __name__ == "__main__":
    sys.exit(main())
