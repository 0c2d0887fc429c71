"""Documents of the content that may be good seeds, ranked by likeness; a person picks.

Nothing is written: which documents were opened is on record, what becomes of a pick is the
caller's.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import InvalidInput
from cultivar.core.learning.features import inverse_frequencies
from cultivar.core.learning.solver import Rows
from cultivar.core.learning.writing.forms import folding_of
from cultivar.core.roles import Action, AnyActor
from cultivar.core.seeds.suggestion import Language, Sought, joined, learned, row_of
from cultivar.core.texts.own_words import TEXT_COLUMNS, with_own_words
from cultivar.core.texts.reading_status import WITH_TEXT
from cultivar.operations.engines import configured_engine
from cultivar.operations.tenant.baseline import content_of
from cultivar.operations.training.training import compared_with, documents_of
from cultivar.operations.transactions import snapshot, transaction
from cultivar.store.workspace import Workspace

AT_HAND = 2_000
"""How many of the likest documents are ranked again by what a person says of some."""
_COLUMNS = ["item_id", "location", "path", "title", "status", "duplicate_of", *TEXT_COLUMNS]
_ORIGINAL = pc.field("status").isin(WITH_TEXT) & pc.field("duplicate_of").is_null()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A document of the content; ``likeness`` (at most 1) is that to what is sought."""

    item_id: str
    location: str
    path: str
    title: str | None
    text: str
    likeness: float


@dataclass
class SeedSearch:
    """What is like a description, ranked again with each answer.

    ``answers`` maps item id to whether it is a good example; None was skipped.
    """

    workspace: Workspace
    actor: AnyActor
    like: Rows
    found: dict[str, Suggestion]
    rows: dict[str, Rows]
    answers: dict[str, bool | None] = field(default_factory=dict)

    @property
    def picked(self) -> list[str]:
        """The ids of the good examples, in the order of the answers."""
        return [item for item, good in self.answers.items() if good]

    def next(self, count: int) -> list[Suggestion]:
        """Return the likest documents without an answer; that they are opened is on record before.

        Raises:
            NotPermitted: the actor may not open content.
        """
        left = [item for item in self.found if item not in self.answers]
        if not left:
            return []
        picked, refused = self._rows(good=True), self._rows(good=False)
        rest = joined([self.rows[item] for item in left])
        likeness = Sought.of(self.like, picked, refused).likeness(rest)
        answered = (self.like, picked, refused) if picked and refused else None
        worth = learned(*answered, rest) if answered else likeness
        order = np.argsort(-worth, kind="stable")[:count]
        coming = [self._as_found(left[place], float(likeness[place])) for place in order]
        with transaction(self.workspace, self.actor, Action.OPEN_CONTENT) as tx:
            for each in coming:
                tx.audit(
                    AuditAction.CONTENT_OPENED, f"item:{each.item_id}",
                    location=each.location, reason="seed suggestion",
                )  # fmt: skip
        return coming

    def _as_found(self, item: str, likeness: float) -> Suggestion:
        each = self.found[item]
        return Suggestion(item, each.location, each.path, each.title, each.text, round(likeness, 4))

    def _rows(self, *, good: bool) -> Rows | None:
        chosen = [item for item, said in self.answers.items() if said is good and item in self.rows]
        return joined([self.rows[item] for item in chosen]) if chosen else None


def search_seeds(workspace: Workspace, actor: AnyActor, like: str) -> SeedSearch:
    """Return a search over all crawled content for what a text describes.

    Each content counts once. Memory grows with ``AT_HAND``, not with the content.

    Raises:
        NotPermitted: the actor may not create classifiers, or not open content.
        NotReady: codes ``not-opted-in``, ``not-crawled``.
        InvalidInput: code ``empty-text``; the description holds no words.
    """
    with snapshot(workspace, actor, Action.CREATE) as tx:
        tx.allow(Action.OPEN_CONTENT)
    language = _language(workspace)
    wanted = language.rows(pa.array([like], pa.large_string()))
    if not len(wanted.indices):
        raise InvalidInput(
            "empty-text",
            "The description holds no words. Describe in a sentence or two what is sought, or "
            "name a document that is like it.",
        )
    likest = heapq.nlargest(
        AT_HAND, _ranked(workspace, language, Sought.of(wanted)), key=lambda each: each[:2]
    )
    found = {each.item_id: each for _, _, each, _ in likest}
    rows = {each.item_id: row for _, _, each, row in likest}
    return SeedSearch(workspace, actor, wanted, found, rows)


def _language(workspace: Workspace) -> Language:
    store = workspace.artifacts
    parts, _ = compared_with(workspace)
    frequencies = store.reference(parts["document_frequencies"])
    documents = documents_of(store.read(store.reference(parts["baseline"])))
    return Language(
        configured_engine(workspace),
        inverse_frequencies(store.read(frequencies), documents),
        folding_of(store.header(frequencies)["schema_version"]),
    )


Ranked = tuple[float, str, Suggestion, Rows]


def _ranked(workspace: Workspace, language: Language, sought: Sought) -> Iterator[Ranked]:
    """Yield likeness, id, document and features; the id keeps the order where likeness is equal."""
    for batch in content_of(workspace).batches(workspace, _COLUMNS):
        own = with_own_words(batch.filter(_ORIGINAL))
        if not own.num_rows:
            continue
        rows = language.rows(own["text"])
        likeness = sought.likeness(rows)
        columns = ["item_id", "location", "path", "title", "text"]
        for place, row in enumerate(own.select(columns).to_pylist()):
            found = Suggestion(**row, likeness=float(likeness[place]))
            yield found.likeness, found.item_id, found, row_of(rows, place)
