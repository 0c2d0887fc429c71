"""What a store sweep leaves after nights of change: ``python -m benchmarks.store_sweep``.

A location is crawled, labelled and given labels by a policy every night, with one item in a hundred
changed and one in a thousand deleted and new; then it is swept. The table compares the bytes of the
store with those that are live, and asks about items on past days before and after. It ends with 1
where the store is larger than the bound allows, an answer differs, or a file is not whole.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks.labelling import words
from cultivar.core.gates import Check, GateResult
from cultivar.core.learning.text import document_frequencies
from cultivar.core.learning.training import TrainingInput, train
from cultivar.core.roles import Role
from cultivar.core.schemas import ITEMS
from cultivar.encoder import load
from cultivar.operations.artifacts.needs import Need
from cultivar.operations.artifacts.sweeping import sweep_store
from cultivar.operations.artifacts.usage import store_usage
from cultivar.operations.audit.verification import verify_everything
from cultivar.operations.content.crawl_records import record_crawl
from cultivar.operations.content.item_history import item_on
from cultivar.operations.content.locations import add_location
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
from cultivar.store.tables import ClassifierRow, PublicationRow, VersionRow
from cultivar.store.workspace import Workspace, open_workspace

BOUND = 1.5
PERSON, PLACE, CLASSIFIER = "bench", "files", "sales"
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
_CHUNK = 10_000
_TOPICS = 20  # one text in so many is of the classifier's kind
_POLICY = {
    "name": "Keep sales",
    "kind": "retention label",
    "condition": {"classifier": CLASSIFIER, "at_least": "match"},
    "action": {"label": "Sale", "retain_days": 3650, "afterwards": "delete"},
}


class Content:
    """Items by number, each with a state that a change raises."""

    def __init__(self, count: int) -> None:
        self._random = random.Random(0)
        self._texts = [
            words(self._random, "sale" if row % _TOPICS == 0 else "farm") for row in range(_CHUNK)
        ]
        self.states = dict.fromkeys(range(count), 0)
        self.gone: list[int] = []

    def change(self) -> None:
        """Change one item in a hundred; delete one in a thousand, and find as many new ones."""
        numbers = list(self.states)
        for number in self._random.sample(numbers, len(numbers) // 100):
            self.states[number] += 1
        deleted = self._random.sample(numbers, len(numbers) // 1_000)
        for number in deleted:
            del self.states[number]
        self.gone += deleted
        begin = max(numbers) + 1
        self.states |= dict.fromkeys(range(begin, begin + len(deleted)), 0)

    def tables(self) -> Iterator[pa.Table]:
        """Yield the rows of the items artifact."""
        numbers = list(self.states)
        for start in range(0, len(numbers), _CHUNK):
            yield self._table(numbers[start : start + _CHUNK])

    def _table(self, numbers: list[int]) -> pa.Table:
        constant = {
            "location": PLACE, "workload": "files", "folder": "a", "url": "files:/a", "size": 1,
            "media_type": "text/plain", "created_at": _BEGAN, "language": "en",
            "created_source": "modified", "modified_at": _BEGAN, "status": "ok", "characters": 600,
        }  # fmt: skip
        texts = [f"{n} {self.states[n]} {self._texts[n % _CHUNK]}" for n in numbers]
        names = [f"{n:09d}.txt" for n in numbers]
        own = {
            "item_id": [f"{n * 2_654_435_761 % 2**32:08x}{n:024x}" for n in numbers],
            "path": names, "name": names, "source_path": names, "text": texts,
            "sha256": [f"{n:032x}{self.states[n]:032x}" for n in numbers],
            "text_sha256": [f"{n:032x}{self.states[n]:032x}" for n in numbers],
            "change_key": [str(self.states[n]) for n in numbers],
        }  # fmt: skip
        columns = [
            pa.array(own.get(each.name, [constant.get(each.name)] * len(numbers)), each.type)
            for each in ITEMS.arrow
        ]
        return pa.Table.from_arrays(columns, schema=ITEMS.arrow)


def _prepared(workspace: Workspace) -> None:
    bootstrap(workspace, PERSON)
    grant_role(workspace, PERSON, PERSON, str(Role.RECORD_MANAGEMENT))
    add_location(workspace, PERSON, PLACE, "memory://files")
    generator = random.Random(1)
    others = pa.table({"text": pa.array([words(generator, "farm") for _ in range(500)])})
    seeds = pa.table({"text": pa.array([words(generator, "sale") for _ in range(60)])})
    given = TrainingInput(seeds, others, document_frequencies(others["text"]), None, 500, 0)
    model = train(given, load())
    sha256 = write_model(workspace.artifacts, model, producer="training", inputs={}).sha256
    with workspace.registry.transaction() as session:
        row = ClassifierRow(
            id=CLASSIFIER, name=CLASSIFIER, owner=PERSON, status="Ready to use",
            status_at=_BEGAN, created_at=_BEGAN,
        )  # fmt: skip
        session.add(row)
        session.flush()
        version = f"{CLASSIFIER}-1"
        session.add(
            VersionRow(
                id=version, classifier_id=CLASSIFIER, number=1, model_sha256=sha256,
                reason="training", threshold=model.threshold, prior=model.prior, evidence={},
                created_at=_BEGAN,
            )
        )  # fmt: skip
        session.flush()
        session.add(
            PublicationRow(
                classifier_id=CLASSIFIER, version_id=version, number=1, actor=PERSON, at=_BEGAN,
                evidence={},
            )
        )  # fmt: skip
        row.published_version_id = row.candidate_version_id = version
    create_policy(workspace, PERSON, _POLICY)


def _night(workspace: Workspace, content: Content) -> None:
    items = workspace.artifacts.write(ITEMS.name, content.tables(), producer="crawl")
    record_crawl(workspace, PLACE, items, {"found": items.rows})
    for due in labelling_due(workspace, PERSON):
        [made] = label_items(workspace, [due])
        record_labelling(workspace, PERSON, due, *made)
    found = evaluate(workspace, PERSON, PLACE)
    for gate, artifact in (("labels", found.labels), ("label_changes", found.changes)):
        passed = Check("all", "all", "pass", "1", "1", "All is well.")
        record_gate(workspace, GateResult(gate, (passed,)), None, artifact.sha256)
    apply_labels(workspace, PERSON, found, [found.token])


def _at(workspace: Workspace, day: int) -> Workspace:
    moment = _BEGAN + timedelta(days=day)
    return replace(workspace, clock=lambda: moment)


def _answers(workspace: Workspace, content: Content, nights: int) -> list[Any]:
    asked = [*content.gone[:: max(1, len(content.gone) // 8)], *list(content.states)[:2]]
    moments = [_BEGAN + timedelta(days=day, hours=1) for day in (0, nights // 2, nights)]
    return [
        _answer(lambda n=number, on=on: item_on(workspace, PERSON, f"{n:09d}.txt", on))  # type: ignore[misc]
        for number in asked
        for on in moments
    ]


def _answer(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except Exception as refusal:  # noqa: BLE001 - a refusal is an answer too
        return getattr(refusal, "code", repr(refusal))


def main() -> int:
    """Run the nights and the sweep, and print what is left."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store_sweep", description=__doc__)
    parser.add_argument("--items", type=int, default=200_000)
    parser.add_argument("--nights", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cultivar-benchmark-") as scratch:
        settings = read_settings({"CULTIVAR_HOME": str(Path(scratch)), "CULTIVAR_USER": PERSON})
        with open_workspace(settings, clock=lambda: _BEGAN) as workspace:
            return _measured(workspace, options.items, options.nights)


def _measured(workspace: Workspace, count: int, nights: int) -> int:
    _prepared(workspace)
    content = Content(count)
    for night in range(nights + 1):
        if night:
            content.change()
        _night(_at(workspace, night), content)
    sweep_store(_at(workspace, nights + 1), PERSON)
    later = _at(workspace, nights + 20)
    before, size = _answers(later, content, nights), _size(later)
    began = time.perf_counter()
    swept = sweep_store(later, PERSON)
    seconds = time.perf_counter() - began
    same = _answers(later, content, nights) == before
    whole = not verify_everything(later, PERSON).problems
    live = store_usage(later, PERSON).of(Need.LIVE).size
    left = _size(later)
    print(
        f"{count:,} items, {nights} nights at 1 % change: {size / 1e6:,.0f} MB before the sweep, "
        f"{left / 1e6:,.0f} MB after, {live / 1e6:,.0f} MB live: {left / live:.2f} times what is "
        f"live\nswept {swept.total.files} files in {seconds:.1f} s; {len(before)} answers about "
        f"past days {'the same' if same else 'CHANGED'}; every file {'whole' if whole else 'NOT'}"
    )
    return 0 if same and whole and left <= BOUND * live else 1


def _size(workspace: Workspace) -> int:
    return sum(file.size for file in workspace.artifacts.files.listed())


if __name__ == "__main__":
    sys.exit(main())
