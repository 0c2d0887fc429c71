"""The items that may be given feedback: listed for a classifier and covered by a policy over mail.

It reads assignments and the items' own columns; it judges nothing and keeps nothing.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.errors import NotReady
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.policies.retraining import EXCHANGE, Use, feedback_policy
from cultivar.core.review.item_names import Named
from cultivar.core.texts.own_words import TEXT_COLUMNS, own_words_of
from cultivar.operations.policies.policies import every_policy
from cultivar.store.item_rows import item_rows
from cultivar.store.tables import ClassifierRow, LabellingRow, LocationRow
from cultivar.store.workspace import Workspace

_COLUMNS = [
    "item_id", "location", "workload", "path", "folder", "name", "size", "created_at",
    "modified_at", "title",
]  # fmt: skip
_ASSIGNED = ["item_id", "score", "prediction"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item that the published version lists: what it says of it, and the policy that covers it.

    ``known`` holds the item's own columns; ``items_sha256`` is the crawl that holds its text.
    """

    item_id: str
    version_id: str
    score: float
    prediction: str
    policy: str
    items_sha256: str
    known: Mapping[str, Any]

    @property
    def named(self) -> Named:
        """The names by which a person may call it."""
        return Named.of(self.known)


@dataclass(frozen=True, slots=True)
class LabelledLocation:
    """One labelled mail location: the artifacts of its newest labelling, and the version."""

    location: str
    version_id: str
    items_sha256: str
    assignments_sha256: str


def use_of(session: Session, row: ClassifierRow) -> Use:
    """Return the facts by which the core says whether a classifier can be retrained."""
    places = session.scalars(select(LocationRow).where(LocationRow.purpose == "content"))
    return Use(
        row.id,
        row.kind == "custom",
        row.published_version_id is not None,
        tuple(every_policy(session)),
        {place.name: place.workload for place in places},
    )


def labelled_mail(session: Session, row: ClassifierRow) -> list[LabelledLocation]:
    """Return the mail locations that the published version labelled, by name.

    Raises:
        NotReady: code ``not-labelled``; it labelled none yet.
    """
    query = (
        select(LabellingRow)
        .join(LocationRow, LocationRow.name == LabellingRow.location)
        .where(
            LabellingRow.classifier_id == row.id,
            LabellingRow.version_id == row.published_version_id,
            LocationRow.workload == EXCHANGE,
            LocationRow.purpose == "content",
        )
        .order_by(LabellingRow.location)
    )
    found = [
        LabelledLocation(each.location, each.version_id, each.items_sha256, each.assignments_sha256)
        for each in session.scalars(query)
    ]
    if not found:
        raise _not_classified(session, row)
    return found


def _not_classified(session: Session, row: ClassifierRow) -> NotReady:
    """Return why nothing can be judged: another version classified the mail last, or none did."""
    last = session.scalars(
        select(LabellingRow.version_id)
        .join(LocationRow, LocationRow.name == LabellingRow.location)
        .where(LabellingRow.classifier_id == row.id, LocationRow.workload == EXCHANGE)
    ).first()
    live = row.published_version_id
    said = (
        f"The mail is still classified by {last} of {row.name}; {live} is live since then, and "
        "what it lists can be judged once it has classified the mail. Where `cultivar up` runs, it "
        "does so by itself."
        if last is not None and live is not None
        else f"The published version of {row.name} has not scored any mail yet."
    )
    return NotReady("not-labelled", said, remedy=Remedy(NextStep.LABEL))


def listed_items(
    workspace: Workspace,
    use: Use,
    labelled: Collection[LabelledLocation],
    wanted: Collection[str] | None = None,
) -> Iterator[Candidate]:
    """Yield the listed items that an enabled policy covers; of ``wanted`` ids, if given."""
    for place in labelled:
        assigned = _assigned(workspace, place, wanted)
        for known in _rows(workspace, place.items_sha256, _COLUMNS, list(assigned)):
            policy = feedback_policy(use, known)
            if policy is not None:
                score, prediction = assigned[known["item_id"]]
                yield Candidate(
                    known["item_id"], place.version_id, score, prediction, policy.name,
                    place.items_sha256, known,
                )  # fmt: skip


def _assigned(
    workspace: Workspace, place: LabelledLocation, wanted: Collection[str] | None
) -> dict[str, tuple[float, str]]:
    reference = workspace.artifacts.reference(place.assignments_sha256)
    table = workspace.artifacts.read(reference, columns=_ASSIGNED)
    if wanted is not None:
        table = table.filter(pc.is_in(table.column("item_id"), pa.array(list(wanted), pa.string())))
    columns = [table.column(name).to_pylist() for name in _ASSIGNED]
    return {item: (score, kind) for item, score, kind in zip(*columns, strict=True)}


def _rows(
    workspace: Workspace, items_sha256: str, columns: list[str], wanted: Collection[str]
) -> Iterator[dict[str, Any]]:
    reference = workspace.artifacts.reference(items_sha256)
    for rows in item_rows(workspace.artifacts, reference, wanted, columns):
        yield from rows.to_pylist()


def texts_of(workspace: Workspace, crawls: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Return item id → text; ``crawls`` maps the sha256 of an items artifact to wanted ids."""
    return {
        row["item_id"]: row["text"] or ""
        for sha256, wanted in sorted(crawls.items())
        for row in _rows(workspace, sha256, ["item_id", "text"], wanted)
    }


def contents_in(workspace: Workspace, items: Iterable[Candidate]) -> dict[str, str | None]:
    """Return item id → hash of its text, by which exact copies are known."""
    crawls: dict[str, list[str]] = {}
    for each in items:
        crawls.setdefault(each.items_sha256, []).append(each.item_id)
    return {
        row["item_id"]: row["text_sha256"]
        for sha256, wanted in sorted(crawls.items())
        for row in _rows(workspace, sha256, ["item_id", "text_sha256"], wanted)
    }


def own_words_in(workspace: Workspace, crawls: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Return item id → what counts of its text for learning; ``crawls`` as in ``texts_of``."""
    return {
        row["item_id"]: own_words_of(row) or ""
        for sha256, wanted in sorted(crawls.items())
        for row in _rows(workspace, sha256, ["item_id", *TEXT_COLUMNS], wanted)
    }


def names_of(workspace: Workspace, crawls: Mapping[str, Collection[str]]) -> dict[str, Named]:
    """Return item id → its names; ``crawls`` as in ``texts_of``."""
    columns = ["item_id", "location", "path", "folder", "name"]
    return {
        row["item_id"]: Named.of(row)
        for sha256, wanted in sorted(crawls.items())
        for row in _rows(workspace, sha256, columns, wanted)
    }
