"""The explorer at 10 million predictions: p95 of a page, counts a folder, and peak memory.

``python -m benchmarks.explorer`` writes items, assignments and labels as crawling, labelling and
policies leave them, aggregates them, and asks through the operations, roles and all. Each step is a
process of its own. It prints the figures of two sizes and ends with 1 where one is missed.
"""

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas import ASSIGNMENTS, ITEMS, LABELS
from cultivar.operations.content.aggregation import aggregate, explorer_folder
from cultivar.operations.content.explorer import Filters, explore, folder_counts
from cultivar.operations.tenant.tenant import bootstrap
from cultivar.settings import read_settings
from cultivar.store.tables import (
    ApplicationRow,
    ClassifierRow,
    LabellingRow,
    LocationRow,
    VersionRow,
)
from cultivar.store.workspace import Workspace, open_workspace

PAGE_P95_MS, COUNTS_P95_MS, PEAK_MB = 300, 1000, 700
PLACES, CLASSIFIERS, SHARE = 10, 8, 0.25
ACTOR = "bench"
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_WORKLOADS = ("exchange", "sharepoint", "onedrive", "teams", "files")
_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf", "eml": "message/rfc822", "xlsx": "application/vnd.ms-excel",
    "txt": "text/plain", "html": "text/html",
}  # fmt: skip
_WORDS = (
    "Supplier contract", "Minutes", "Budget", "Invoice", "Letter", "Offer", "Report", "Notes",
    "Agreement", "Plan", "Complaint", "Newsletter",
)  # fmt: skip
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
_CHUNK = 100_000


def _workspace(home: Path) -> Workspace:
    return open_workspace(read_settings({"CULTIVAR_HOME": str(home), "CULTIVAR_USER": ACTOR}))


def _ids(generator: np.random.Generator, count: int) -> pa.Array:
    digits = _HEX[generator.integers(0, 16, (count, 32))]
    ends = pa.py_buffer(np.arange(0, 32 * (count + 1), 32, dtype=np.int32))
    return pa.StringArray.from_buffers(count, ends, pa.py_buffer(digits.tobytes()))


def _chosen(generator: np.random.Generator, names: Any, count: int) -> pa.Array:
    return pa.array(list(names)).take(pa.array(generator.integers(0, len(names), count)))


def _narrow(generator: np.random.Generator, place: int, count: int) -> pa.Table:
    """Return what identifies a location's items; almost every name is another one."""
    folders = [f"department {a}/project {b:03d}" for a in range(20) for b in range(100)]
    folder = pa.array(folders).take(pa.array(np.sort(generator.integers(0, 2000, count))))
    number = pc.cast(pa.array(generator.integers(0, 10**7, count)), pa.string())
    kind = _chosen(generator, _TYPES, count)
    stem = pc.binary_join_element_wise(_chosen(generator, _WORDS, count), number, " ")
    name = pc.binary_join_element_wise(stem, kind, ".")
    ids = _ids(generator, count)
    return pa.table(
        {
            "item_id": ids,
            "location": pa.repeat(_place(place), count),
            "workload": pa.repeat(_WORKLOADS[place % len(_WORKLOADS)], count),
            "path": pc.binary_join_element_wise(folder, name, "/"),
            "folder": folder,
            "name": name,
            "sha256": ids,
            "extension": kind,
        }
    )


def _place(number: int) -> str:
    return f"site {number:02d}"


def _filled(table: pa.Table, schema: pa.Schema, **columns: pa.Array) -> pa.Table:
    """Return rows of a schema; what nobody asks for is the same in each."""
    constant = {
        pa.string(): "x", pa.large_string(): "x", pa.int64(): 1, pa.int32(): 1, pa.int8(): 0
    }  # fmt: skip
    found = {}
    for field in schema:
        if field.name in columns:
            found[field.name] = columns[field.name]
        elif field.name in table.column_names:
            found[field.name] = table[field.name]
        else:
            found[field.name] = pa.repeat(
                pa.scalar(constant.get(field.type), field.type), len(table)
            )
    return pa.table(found, schema=schema)


def _moments(generator: np.random.Generator, count: int) -> pa.Array:
    spread = generator.integers(0, 5 * 365 * 86_400, count) * 1_000_000
    return pa.array(1_600_000_000_000_000 + spread, pa.timestamp("us", tz="UTC"))


def _items(generator: np.random.Generator, narrow: pa.Table) -> Iterator[pa.Table]:
    media = pa.array(list(_TYPES.values()))
    for start in range(0, len(narrow), _CHUNK):
        part = narrow.slice(start, _CHUNK)
        kinds = pc.index_in(part["extension"], pa.array(list(_TYPES)))
        yield _filled(
            part, ITEMS.arrow, media_type=media.take(kinds.combine_chunks()),
            size=pa.array(generator.integers(100, 10**7, len(part))),
            created_at=_moments(generator, len(part)), modified_at=_moments(generator, len(part)),
            source_path=part["path"],
        )  # fmt: skip


def _assignments(generator: np.random.Generator, narrow: pa.Table, classifier: int) -> pa.Table:
    rows = narrow.filter(pa.array(generator.random(len(narrow)) < SHARE))
    scores = generator.random(len(rows)).astype(np.float32)
    kinds = pc.if_else(pa.array(scores > 0.5), "match", "close match")
    return _filled(
        rows, ASSIGNMENTS.arrow, score=pa.array(scores), prediction=kinds,
        classifier_id=pa.repeat(_classifier(classifier), len(rows)),
        version_id=pa.repeat(_version(classifier), len(rows)),
    )  # fmt: skip


def _classifier(number: int) -> str:
    return f"kind-{number}"


def _version(number: int) -> str:
    return f"kind-{number}-1"


def _labels(generator: np.random.Generator, narrow: pa.Table) -> pa.Table:
    rows = narrow.filter(pa.array(generator.random(len(narrow)) < 0.2))
    names = [f"Keep {years} years" for years in (1, 3, 5, 7, 10)]
    return _filled(
        rows, LABELS.arrow, kind=pa.repeat("retention label", len(rows)),
        label=_chosen(generator, names, len(rows)), source_path=rows["path"],
        score=pa.array(np.ones(len(rows), np.float32)),
    )  # fmt: skip


def prepare(home: Path, predictions: int) -> None:
    """Write artifacts and registry rows of that many predictions."""
    count = round(predictions / (PLACES * CLASSIFIERS * SHARE))
    with _workspace(home) as workspace:
        bootstrap(workspace, ACTOR)
        for place in range(PLACES):
            generator = np.random.default_rng(place)
            narrow = _narrow(generator, place, count)
            write = workspace.artifacts.write
            items = write(ITEMS.name, _items(generator, narrow), producer="crawl")
            if place == 0:
                _register_classifiers(workspace, items.sha256)
            listed = [
                write(ASSIGNMENTS.name, _assignments(generator, narrow, each), producer="labelling")
                for each in range(CLASSIFIERS)
            ]
            labels = write(LABELS.name, _labels(generator, narrow), producer="policies")
            _register(workspace, place, items, listed, labels)


def _register_classifiers(workspace: Workspace, any_sha256: str) -> None:
    for number in range(CLASSIFIERS):
        with workspace.registry.transaction() as session:
            row = ClassifierRow(
                id=_classifier(number), name=f"Kind {number}", owner=ACTOR, status="Ready to use",
                status_at=_NOW, created_at=_NOW,
            )  # fmt: skip
            session.add(row)
            session.flush()
            session.add(
                VersionRow(
                    id=_version(number), classifier_id=row.id, number=1, model_sha256=any_sha256,
                    reason="training", threshold=0.5, prior=0.1, evidence={}, created_at=_NOW,
                )
            )  # fmt: skip
            session.flush()
            row.published_version_id = _version(number)


def _register(
    workspace: Workspace,
    place: int,
    items: ArtifactReference,
    listed: list[ArtifactReference],
    labels: ArtifactReference,
) -> None:
    name = _place(place)
    with workspace.registry.transaction() as session:
        session.add(
            LocationRow(
                name=name, url=f"memory://{place}", workload=_WORKLOADS[place % len(_WORKLOADS)],
                purpose="content", added_by=ACTOR, added_at=_NOW, crawled_at=_NOW,
                items_sha256=items.sha256,
            )
        )  # fmt: skip
        session.flush()
        for number, each in enumerate(listed):
            session.add(
                LabellingRow(
                    location=name, classifier_id=_classifier(number), version_id=_version(number),
                    items_sha256=items.sha256, assignments_sha256=each.sha256, items=items.rows,
                    matches=0, close_matches=each.rows, at=_NOW,
                )
            )  # fmt: skip
        session.add(
            ApplicationRow(
                location=name, number=1, cause="apply", items_sha256=items.sha256,
                labels_sha256=labels.sha256, changes_sha256=labels.sha256, basis={}, counts={},
                actor=ACTOR, at=_NOW,
            )
        )  # fmt: skip


def build(home: Path) -> dict[str, float]:
    """Aggregate, and return the seconds that it took and the index's size."""
    with _workspace(home) as workspace:
        start = time.perf_counter()
        aggregate(workspace, ACTOR)
        seconds = time.perf_counter() - start
        path = max(
            explorer_folder(workspace).glob("*.duckdb"), key=lambda each: each.stat().st_mtime
        )
        return {"seconds": seconds, "index_mb": path.stat().st_size / 1e6}


Asked = tuple[str, Filters, str]


def questions(draw: random.Random) -> list[Asked]:
    """Return one question of each sort, drawn: its name, the filters, and the order."""
    kind = f"Kind {draw.randrange(CLASSIFIERS)}"
    site = _place(draw.randrange(PLACES))
    folder = f"department {draw.randrange(20)}/project {draw.randrange(100):03d}"
    since = _NOW - timedelta(days=draw.randrange(300, 1900))
    word, low = draw.choice(_WORDS), draw.random() * 0.9
    dates = Filters(since=since, until=since + timedelta(days=30))
    return [
        ("everything", Filters(), "place"),
        ("everything, newest", Filters(), "newest"),
        ("classifier", Filters(classifier=kind), "place"),
        ("classifier, close first", Filters(classifier=kind), "close matches first"),
        ("classifier, best score", Filters(classifier=kind), "highest score"),
        ("close matches, lowest score", Filters(prediction="close match"), "lowest score"),
        ("location", Filters(location=site, classifier=kind), "newest"),
        ("folder", Filters(location=site, folder=folder), "place"),
        ("folder in any location", Filters(folder=f"department {draw.randrange(20)}"), "newest"),
        ("workload and type", Filters(workload=draw.choice(_WORKLOADS), type="pdf"), "place"),
        ("score", Filters(classifier=kind, score_from=low, score_to=low + 0.01), "newest"),
        ("label", Filters(label="Keep 7 years", classifier=kind), "highest score"),
        ("not labelled", Filters(labelled=False, prediction="match"), "place"),
        ("dates", dates, "oldest"),
        ("common word in the name", Filters(name=word.lower()), "place"),
        ("common word, best score", Filters(name=word.upper()), "highest score"),
        ("rare name", Filters(name=str(draw.randrange(10**6, 10**7))), "place"),
        ("rare name of a classifier", Filters(name=f" {draw.randrange(10**5)}.", classifier=kind),
         "newest"),
    ]  # fmt: skip


class Times:
    """Milliseconds by the clock for each sort of question, and of processors for all."""

    def __init__(self) -> None:
        self.clock: dict[str, list[float]] = defaultdict(list)
        self.processor: list[float] = []

    def of(self, name: str, call: Callable[[], Any]) -> Any:
        """Return what a call returns; keep how long it took."""
        clock, processor = time.perf_counter(), time.process_time()
        found = call()
        self.clock[name].append((time.perf_counter() - clock) * 1000)
        self.processor.append((time.process_time() - processor) * 1000)
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {"clock": self.clock, "processor": self.processor}


def ask(home: Path, rounds: int) -> dict[str, Any]:
    """Ask every sort of question, a page and the page after it, and counts."""
    pages, counts = Times(), Times()
    with _workspace(home) as workspace:
        for number in range(rounds):
            for name, filters, order in questions(random.Random(number)):
                page = partial(explore, workspace, ACTOR, filters, order=order)
                found = pages.of(name, page)
                if found.next is not None:
                    pages.of(f"{name}: next", partial(page, after=found.next))
                if number % 2 == 0:
                    counts.of(name, partial(folder_counts, workspace, ACTOR, filters))
        total = folder_counts(workspace, ACTOR).predictions
    return {"pages": pages.as_dict(), "counts": counts.as_dict(), "predictions": total}


def _step(name: str, home: Path, *values: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.explorer", "--step", name, "--home", str(home),
         *(str(value) for value in values)],
        check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def _run_step(options: argparse.Namespace) -> int:
    steps: dict[str, Callable[[], Any]] = {
        "prepare": lambda: prepare(options.home, options.numbers[0]),
        "build": lambda: build(options.home),
        "ask": lambda: ask(options.home, options.numbers[0]),
    }
    found = steps[options.step]() or {}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found | {"peak_mb": peak}))
    return 0


def p95(times: list[float]) -> float:
    """Return the 95th percentile."""
    return sorted(times)[max(0, round(0.95 * len(times)) - 1)]


def _report(asked: dict[str, Any], what: str) -> float:
    clock = asked["clock"]
    whole = [each for times in clock.values() for each in times]
    slowest = max(clock, key=lambda name: p95(clock[name]))
    print(
        f"  {what}: {len(whole)} asked, median {statistics.median(whole):.0f} ms, "
        f"p95 {p95(whole):.0f} ms (of processors {p95(asked['processor']):.0f} ms), "
        f"slowest sort: {slowest}, p95 {p95(clock[slowest]):.0f} ms"
    )
    return p95(whole)


def _print_sorts(asked: dict[str, Any], what: str) -> None:
    for name, times in asked["clock"].items():
        middle = statistics.median(times)
        print(f"    {what}, {name:38} median {middle:6.0f}  p95 {p95(times):6.0f} ms")


def measure(predictions: int, rounds: int, verbose: bool) -> dict[str, float]:
    """Measure one size in a folder that is removed afterwards, and print it."""
    with tempfile.TemporaryDirectory(prefix="cultivar-explorer-") as folder:
        home = Path(folder)
        _step("prepare", home, predictions)
        built = _step("build", home)
        found = _step("ask", home, rounds)
    print(
        f"{found['predictions']:,} predictions, {os.cpu_count()} cores, load "
        f"{os.getloadavg()[0]:.1f}\n  aggregated in {built['seconds']:.0f} s, peak "
        f"{built['peak_mb']:.0f} MB; index {built['index_mb']:.0f} MB"
    )
    page, counts = _report(found["pages"], "pages"), _report(found["counts"], "counts")
    print(f"  peak memory while asking: {found['peak_mb']:.0f} MB", flush=True)
    if verbose:
        _print_sorts(found["pages"], "page")
        _print_sorts(found["counts"], "counts")
    return {"page": page, "counts": counts, "peak": found["peak_mb"]}


def main() -> int:
    """Measure; return 1 where a page, counts or memory miss their bound at the larger size."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explorer", description=__doc__)
    parser.add_argument("--predictions", type=int, nargs="+", default=[2_000_000, 10_000_000])
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--verbose", action="store_true", help="also each sort of question")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("numbers", type=int, nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        return _run_step(options)
    sizes = [measure(each, options.rounds, options.verbose) for each in options.predictions]
    last = sizes[-1]
    bounds = {"page": PAGE_P95_MS, "counts": COUNTS_P95_MS, "peak": PEAK_MB}
    missed = [name for name, bound in bounds.items() if last[name] >= bound]
    print(
        f"Bounds: p95 of a page {PAGE_P95_MS} ms, p95 of counts {COUNTS_P95_MS} ms, peak "
        f"{PEAK_MB} MB whatever the size: {'missed: ' + ', '.join(missed) if missed else 'kept'}."
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
