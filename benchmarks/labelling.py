"""Labelling from artifact to artifact: megabytes of text a second, and peak memory by item count.

``python -m benchmarks.labelling`` writes items artifacts of several sizes, labels each in a process
of its own, with one classifier and with many in one run, and prints the ratio of the times and of
the peaks; it measures this machine and asserts nothing.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
from sqlalchemy import select

from cultivar.core.learning.model import Model
from cultivar.core.learning.text import document_frequencies
from cultivar.core.learning.training import TrainingInput, train
from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas import ITEMS
from cultivar.encoder import load
from cultivar.operations.scoring.item_labels import Labelled, label_items
from cultivar.operations.scoring.labelling import LabelledBefore, LabellingDue
from cultivar.settings import read_settings
from cultivar.store.models import write_model
from cultivar.store.tables import ArtifactRow, ClassifierRow, VersionRow
from cultivar.store.workspace import Workspace, open_workspace

CLASSIFIERS = 30
CHARACTERS = 600
_CHUNK = 10_000
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def words(generator: random.Random, topic: str) -> str:
    """Return a text of about ``CHARACTERS`` characters from a topic's and common words."""
    common = [f"{first}{last}" for first in "bdfgklmnprst" for last in ("ane", "ile", "orum", "ed")]
    own = [f"{topic}{last}" for last in ("a", "b", "c", "d", "e", "f", "g", "h")]
    return " ".join(generator.choices(common * 2 + own, k=CHARACTERS // 5))


def _workspace(home: Path) -> Workspace:
    return open_workspace(read_settings({"CULTIVAR_HOME": str(home), "CULTIVAR_USER": "bench"}))


def _items(count: int) -> Iterator[pa.Table]:
    generator = random.Random(0)
    texts = [words(generator, "sale" if row % 10 == 0 else "farm") for row in range(_CHUNK)]
    constant = {
        "location": "files", "workload": "files", "folder": "a", "url": "files:/a", "size": 1,
        "change_key": "1", "media_type": "text/plain", "created_at": _NOW, "language": "en",
        "created_source": "modified", "modified_at": _NOW, "status": "ok",
        "characters": CHARACTERS,
    }  # fmt: skip
    for start in range(0, count, _CHUNK):
        rows = min(_CHUNK, count - start)
        names = pa.array([f"{start + row:09d}" for row in range(rows)])
        columns = {
            field.name: pa.array([constant.get(field.name)] * rows, field.type)
            for field in ITEMS.arrow
        }
        for name in ("item_id", "path", "name", "source_path", "sha256", "text_sha256"):
            columns[name] = names
        # each text is another one, so that compression does not make reading free
        columns["text"] = pa.array(
            [f"{start + row} {text}" for row, text in enumerate(texts[:rows])], pa.large_string()
        )
        yield pa.table(columns, schema=ITEMS.arrow)


def _prepare(home: Path, count: int) -> None:
    generator = random.Random(1)
    others = pa.table({"text": pa.array([words(generator, "farm") for _ in range(500)])})
    frequencies, encoder = document_frequencies(others["text"]), load()
    with _workspace(home) as workspace:
        workspace.artifacts.write(ITEMS.name, _items(count), producer="crawl", inputs={})
        for number in range(CLASSIFIERS):
            seeds = pa.table({"text": pa.array([words(generator, "sale") for _ in range(60)])})
            model = train(TrainingInput(seeds, others, frequencies, None, 500, number), encoder)
            stored = write_model(workspace.artifacts, model, producer="training", inputs={})
            _publish(workspace, f"classifier-{number}", stored.sha256, model)


def _publish(workspace: Workspace, name: str, sha256: str, model: Model) -> None:
    with workspace.registry.transaction() as session:
        session.add(
            ClassifierRow(
                id=name, name=name, owner="bench", status="Ready to use", status_at=_NOW,
                created_at=_NOW,
            )
        )  # fmt: skip
        session.flush()
        session.add(
            VersionRow(
                id=f"{name}-1", classifier_id=name, number=1, model_sha256=sha256,
                reason="training", threshold=model.threshold, prior=model.prior, evidence={},
                created_at=_NOW,
            )
        )  # fmt: skip


def _items_of(workspace: Workspace) -> ArtifactReference:
    with workspace.registry.reading() as session:
        query = select(ArtifactRow.sha256).where(ArtifactRow.schema_name == ITEMS.name)
        return workspace.artifacts.reference(session.scalars(query).one())


def _label(home: Path) -> dict[str, float]:
    with _workspace(home) as workspace:
        items = _items_of(workspace)
        due = [
            LabellingDue("files", f"classifier-{number}", f"classifier-{number}-1", items.sha256)
            for number in range(CLASSIFIERS)
        ]
        label_items(workspace, due[-2:])  # compiles and loads what the others use
        seconds, [(made, counts)] = _timed(workspace, due[:1])
        before = LabelledBefore(items.sha256, made.sha256)
        seconds_again, [(_, again)] = _timed(workspace, [replace(due[0], before=before)])
        peak = _peak()
        seconds_many, _ = _timed(workspace, due)
    return {
        "items": counts.items, "matches": counts.matches, "seconds": seconds, "peak_mb": peak,
        "many_seconds": seconds_many, "many_peak_mb": _peak(), "again_seconds": seconds_again,
        "again_scored": again.scored,
    }  # fmt: skip


def _peak() -> float:
    """Return the most memory that this process took, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _timed(workspace: Workspace, due: list[LabellingDue]) -> tuple[float, list[Labelled]]:
    start = time.perf_counter()
    made = label_items(workspace, due)
    return time.perf_counter() - start, made


def _in_a_process(home: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.labelling", "--home", str(home)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def main() -> int:
    """Run the measurements and print them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.labelling", description=__doc__)
    parser.add_argument("--items", type=int, nargs="+", default=[200_000, 1_000_000])
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.home:
        print(json.dumps(_label(options.home)))
        return 0
    peaks = []
    for count in options.items:
        with tempfile.TemporaryDirectory(prefix="cultivar-benchmark-") as scratch:
            _prepare(Path(scratch), count)
            found = _in_a_process(Path(scratch))
        peaks.append(found["peak_mb"])
        rate = found["items"] * CHARACTERS / found["seconds"] / 1e6
        print(
            f"label {found['items']:>9,} items: {found['seconds']:.1f} s, {rate:.0f} MB of text/s, "
            f"{found['matches']:,} matches; again with nothing changed: "
            f"{found['again_seconds']:.1f} s, {found['again_scored']:,} scored; "
            f"peak {found['peak_mb']:.0f} MB"
        )
        print(
            f"      with {CLASSIFIERS} classifiers in one run: {found['many_seconds']:.1f} s, "
            f"{found['many_seconds'] / found['seconds']:.2f} times; "
            f"peak {found['many_peak_mb']:.0f} MB"
        )
    print(f"peak memory at the largest, against the smallest: {max(peaks) / min(peaks):.2f} x")
    return 0


if __name__ == "__main__":
    sys.exit(main())
