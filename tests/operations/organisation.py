"""A small organisation whose items are written straight into artifacts, for the operations' tests.

No document is parsed here: that is the content room's to prove.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random

import numpy as np
import pyarrow as pa

from cultivar.content.locations import Source
from cultivar.core.gates import Check, GateResult
from cultivar.core.parts.compaction import Bounds
from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas import ITEMS
from cultivar.core.texts.reading_status import has_text
from cultivar.operations.classifiers.classifiers import create_classifier
from cultivar.operations.content.crawl_records import record_crawl
from cultivar.operations.content.crawling import bounds_of
from cultivar.operations.content.locations import add_location
from cultivar.operations.gates import record_gate
from cultivar.operations.publishing.publishing import settle_review
from cultivar.operations.review.items import write_reviews
from cultivar.operations.review.verdicts import close_batch, open_batch, record_verdicts
from cultivar.operations.scoring.scoring import score_test_set
from cultivar.operations.tenant.baseline import content_of, take_baseline
from cultivar.operations.tenant.tenant import bootstrap, finish_opt_in, start_opt_in
from cultivar.operations.training.seeds import attach_seed_set, build_seed_set
from cultivar.operations.training.test_sets import (
    build_test_set,
    record_predictions,
    record_test_set,
    start_testing,
)
from cultivar.operations.training.training import record_version, train_version
from cultivar.store.artifacts import ArtifactStore
from cultivar.store.parts.reading import PartRows
from cultivar.store.parts.writing import Changes, write_changes, write_items
from cultivar.store.tables import ReviewItemRow
from cultivar.store.workspace import Workspace

ADMINISTRATOR = "alex"
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_WORDS = {
    "contract": "supplier agreement clause liability indemnity termination party hereby warranty "
    "jurisdiction payment terms deliverables confidentiality annex signature renewal breach",
    "noise": "lunch parking holiday football garden recipe weather train coffee music birthday "
    "weekend cinema novel bicycle kitten mountain river",
    "common": "the of and to in is for with on that this by from at we it be are as an",
}
CONTRACT, NOISE, COMMON = (words.split() for words in _WORDS.values())


@dataclass(frozen=True, slots=True)
class Document:
    """One document to be: path below its location, text, when created, status."""

    path: str
    text: str
    created_at: datetime = EPOCH
    status: str = "ok"
    created: int = 0
    own_text: str | None = None
    near_duplicate_of: str | None = None
    thread_id: str | None = None


def written(kind: Sequence[str], number: int, words: int = 40) -> str:
    """Return a text of a kind that no other number repeats."""
    random = Random(f"{kind[0]}{number}")
    return " ".join(random.choice(kind if random.random() < 0.5 else COMMON) for _ in range(words))


def documents(kind: Sequence[str], count: int, folder: str, start: int = 0) -> list[Document]:
    """Return documents of a kind in a folder, created a minute apart."""
    return [
        Document(
            f"{folder}/{number:05d}.txt".lstrip("/"),
            written(kind, number),
            EPOCH + timedelta(minutes=number),
        )
        for number in range(start, start + count)
    ]


def items_table(location: str, found: Iterable[Document]) -> pa.Table:
    """Return the items artifact's rows for documents."""
    return pa.Table.from_pylist([_row(location, each) for each in found], schema=ITEMS.arrow)


def written_in_parts(
    store: ArtifactStore,
    table: pa.Table,
    before: PartRows | None,
    origins: Sequence[int],
    bounds: Bounds,
) -> ArtifactReference:
    """Write items as a crawl does that found where each row stood before, or -1."""
    if before is None:
        return write_items(store, table.to_batches(5), producer="crawl", bounds=bounds)
    changes = Changes(
        before, np.array(origins, np.int64),
        np.array([has_text(each) for each in table["status"].to_pylist()]),
        lambda places: iter(table.take(places).to_batches(5)),
    )  # fmt: skip
    return write_changes(store, changes, producer="crawl", bounds=bounds)


def _row(location: str, document: Document) -> dict[str, object]:
    folder, _, name = document.path.rpartition("/")
    readable = has_text(document.status)
    data = document.text.encode()
    return {
        "item_id": sha256(f"{location}\n{document.path}".encode()).hexdigest()[:32],
        "location": location,
        "workload": "files",
        "path": document.path,
        "folder": folder,
        "name": name,
        "sha256": sha256(data).hexdigest(),
        "url": f"memory://{location}/{document.path}",
        "source_path": document.path,
        "change_key": "1",
        "media_type": "text/plain",
        "size": len(data),
        "created_at": document.created_at,
        "created_source": "source",
        "modified_at": document.created_at,
        "title": None,
        "text": document.text if readable else None,
        "text_sha256": sha256(document.text.strip().encode()).hexdigest() if readable else None,
        "characters": len(document.text) if readable else 0,
        "language": "en",
        "status": document.status,
        "reason": None if document.status == "ok" else "it is damaged",
        "duplicate_of": None,
        "near_duplicate_of": document.near_duplicate_of,
        "thread_id": document.thread_id,
        "own_text": document.own_text,
    }


@dataclass(frozen=True, slots=True)
class Organisation:
    """A workspace with the steps of the lifecycle, each as the flows take it."""

    workspace: Workspace

    def add(
        self, name: str, found: Iterable[Document], purpose: str = "content"
    ) -> ArtifactReference:
        """Add a location and give it the items of a crawl."""
        add_location(self.workspace, ADMINISTRATOR, name, f"memory://{name}", purpose=purpose)
        items = write_items(
            self.workspace.artifacts,
            items_table(name, found).to_batches(),
            producer="crawl",
            bounds=bounds_of(self.workspace.settings),
        )
        record_crawl(self.workspace, name, items, {"found": items.rows})
        return items

    def passes(self, gate: str, artifact: ArtifactReference, classifier: str | None = None) -> None:
        """Record that a gate passed over an artifact."""
        self.finds(gate, artifact, classifier, ())

    def finds(
        self,
        gate: str,
        artifact: ArtifactReference,
        classifier: str | None,
        codes: Sequence[str],
    ) -> None:
        """Record that a gate failed with these codes, or passed without any."""
        checks = tuple(
            Check(code, code, "fail", "0", "1", f"The check {code} failed.") for code in codes
        ) or (Check("all", "all", "pass", "1", "1", "All is well."),)
        record_gate(self.workspace, GateResult(gate, checks), classifier, artifact.sha256)

    def opt_in(self) -> None:
        """Set the tenant up and opt it in, with content of both kinds."""
        bootstrap(self.workspace, ADMINISTRATOR)
        self.add(
            "intranet",
            [*documents(NOISE, 220, "everyday", 9000), *documents(CONTRACT, 30, "legal", 9000)],
        )
        self.take_baseline()

    def take_baseline(self) -> None:
        """Evaluate the content, for the first time or again."""
        start_opt_in(self.workspace, ADMINISTRATOR)
        found = take_baseline(self.workspace, content_of(self.workspace))
        for gate in ("baseline", "document_frequencies", "unlabelled"):
            self.passes(gate, getattr(found, gate))
        finish_opt_in(
            self.workspace,
            ADMINISTRATOR,
            baseline=found.baseline,
            document_frequencies=found.document_frequencies,
            unlabelled=found.unlabelled,
            documents=found.documents,
        )

    def create(self, name: str = "Contracts", actor: str = ADMINISTRATOR, seeds: int = 60) -> str:
        """Create a classifier from a seed location of its own and return its id."""
        site = f"{name.lower()}-seeds"
        self.add(site, documents(CONTRACT, seeds, "Documents/seeds"), "seed")
        moved = create_classifier(
            self.workspace, actor, name, "Made for a test", Source(site, "Documents", "seeds")
        )
        return moved.classifier_id

    def train(self, classifier: str, actor: str = ADMINISTRATOR) -> str:
        """Attach the seeds, train, and return the version's id."""
        seeds = build_seed_set(self.workspace, actor, classifier)
        attach_seed_set(self.workspace, actor, classifier, seeds)
        self.passes("seed_set", seeds, classifier)
        model = train_version(self.workspace, classifier).artifact
        version_id, _ = record_version(self.workspace, actor, classifier, model)
        return version_id

    def test(
        self,
        classifier: str,
        *,
        positives: int = 120,
        negatives: int = 120,
        site: str = "tests",
        start: int = 5000,
        actor: str = ADMINISTRATOR,
    ) -> Source:
        """Add test items with declared labels, score them, and put them in order."""
        self.add(
            site,
            [
                *documents(CONTRACT, positives, "Documents/positive", start),
                *documents(NOISE, negatives, "Documents/negative", start),
            ],
            "test",
        )
        source = Source(site, "Documents")
        self.add_test(classifier, source, actor)
        return source

    def add_test(self, classifier: str, source: Source, actor: str = ADMINISTRATOR) -> None:
        """Add the items of a crawled source, score them, and put them in order."""
        start_testing(self.workspace, actor, classifier, source)
        test_set = build_test_set(self.workspace, actor, classifier, source)
        self.passes("test_set", test_set, classifier)
        record_test_set(self.workspace, actor, classifier, source, test_set)
        self.score(classifier, actor)

    def score(self, classifier: str, actor: str = ADMINISTRATOR) -> None:
        """Score the test set with the candidate and take the predictions over."""
        from cultivar.operations.classifier_state import classifier_state

        version = classifier_state(self.workspace, classifier).candidate_version or ""
        predictions = score_test_set(self.workspace, classifier, version).artifact
        self.passes("predictions", predictions, classifier)
        record_predictions(self.workspace, actor, classifier, predictions)

    def review_batch(
        self, classifier: str, wrong: int = 0, unsure: int = 0, actor: str = ADMINISTRATOR
    ) -> None:
        """Open a batch, answer every item, and close it."""
        opened = open_batch(self.workspace, actor, classifier)
        items = self.presented(classifier, opened.batch or 0)
        answers = [*["no"] * wrong, *["not sure"] * unsure, *["yes"] * len(items)]
        verdicts = dict(zip(items, answers, strict=False))
        record_verdicts(self.workspace, actor, classifier, verdicts)
        close_batch(self.workspace, actor, classifier)

    def come_to_review(self) -> None:
        """Go from nothing to the classifier ``contracts`` with its test items scored."""
        self.opt_in()
        self.create()
        self.train("contracts")
        self.test("contracts")

    def agree(self, classifier: str = "contracts") -> None:
        """Review seven batches, all of them agreed: as many as make the accuracy stable."""
        for _ in range(7):
            self.review_batch(classifier)
            self.settle(classifier)

    def presented(self, classifier: str, batch: int) -> list[str]:
        """Return the ids of a batch's items, in order."""
        with self.workspace.registry.reading() as session:
            rows = session.query(ReviewItemRow).filter_by(classifier_id=classifier, batch=batch)
            return [row.item_id for row in rows.order_by(ReviewItemRow.position)]

    def settle(self, classifier: str, codes: Sequence[str] = (), actor: str = ADMINISTRATOR) -> str:
        """Judge the closed batches without learning from them; return the status."""
        reviews, accuracy = write_reviews(self.workspace, classifier)
        self.passes("reviews", reviews, classifier)
        self.finds("accuracy", accuracy, classifier, codes)
        return settle_review(self.workspace, actor, classifier, reviews, accuracy).after

    def learn(self, classifier: str, codes: Sequence[str] = ()) -> str:
        """Learn from the closed batches, score again, judge; return the status."""
        reviews, _ = write_reviews(self.workspace, classifier)
        model = train_version(self.workspace, classifier, reviews).artifact
        record_version(self.workspace, ADMINISTRATOR, classifier, model, "review")
        self.score(classifier)
        return self.settle(classifier, codes)


def dated(found: Sequence[Document], when: Mapping[int, datetime]) -> list[Document]:
    """Return documents with other created times, by place."""
    return [
        replace(each, created_at=when.get(place, each.created_at))
        for place, each in enumerate(found)
    ]
