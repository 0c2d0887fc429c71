"""Folders that test items were added from, taken out again: what nobody has seen goes with them.

Items that were presented to a reviewer stay, as accuracy and training rest on them.
"""

from collections.abc import Collection
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from cultivar.content.locations import Source
from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import Conflict, CultivarError, NotFound
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import Action, AnyActor
from cultivar.core.schemas import TEST_SET
from cultivar.core.vocabulary import how_many
from cultivar.operations.content.former_names import name_now, renamings
from cultivar.operations.content.locations import resolve_source
from cultivar.operations.transactions import Transaction, snapshot
from cultivar.store.origin import Producer
from cultivar.store.tables import ClassifierRow, ReviewItemRow, TestSourceRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class TestSourceUses:
    """What a folder gave to a test set: ``items`` in use, of which ``presented`` stay."""

    __test__ = False
    source: Source
    items: int
    presented: int

    @property
    def sentence(self) -> str:
        """What goes and what stays, in words."""
        gone = self.items - self.presented
        stays = f"; {self.presented:,} that reviewers have seen stay" if self.presented else ""
        return f"{how_many(gone, 'test item')} of it {'goes' if gone == 1 else 'go'}{stays}"


def source_in_use(workspace: Workspace, actor: AnyActor, classifier: str, text: str) -> Source:
    """Return the source of a classifier's test items that a text names.

    A folder whose location is gone is still named as ``classifier_details`` names it.

    Raises:
        NotFound: code ``unknown-test-source``; the sentence lists the sources.
    """
    with snapshot(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        known = _sources(tx.session, row)
    named = {_named(each): each for each in known}
    wanted = named.get(text.strip("/"))
    if wanted is None:
        try:
            found = resolve_source(workspace, text)
        except CultivarError:
            found = None
        wanted = next((each for each in known if found and _place(each) == _place(found)), None)
    if wanted is None:
        there = ", ".join(sorted(named)) or "none"
        raise NotFound(
            "unknown-test-source",
            f"No test items of {row.name} were added from {text[:200]}. Its sources: {there}.",
            {"sources": sorted(named)},
        )
    return wanted


def uses_of_source(
    workspace: Workspace, actor: AnyActor, classifier: str, source: Source
) -> TestSourceUses:
    """Return what a source gave to the test set, so that it can be told before it goes."""
    table, gone, presented = _parted(workspace, actor, classifier, source)
    used = table.filter(pc.and_(table.column("used"), gone))
    ids = set(used.column("item_id").to_pylist())
    return TestSourceUses(source, len(ids) + presented, presented)


def build_without_source(
    workspace: Workspace, actor: AnyActor, classifier: str, source: Source
) -> ArtifactReference:
    """Write the test set without the items of a source that no reviewer has seen.

    Raises:
        NotFound: code ``unknown-test-source``.
        Conflict: code ``only-test-source``.
    """
    table, gone, _ = _parted(workspace, actor, classifier, source)
    with snapshot(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
    inputs = {"seed_set": row.seed_set_sha256 or "", "test_set": row.test_set_sha256 or ""}
    left = table.filter(pc.invert(gone))
    return workspace.artifacts.write(
        TEST_SET.name, left, producer=Producer.TEST_SCORING, inputs=inputs
    )


def require_removable(tx: Transaction, row: ClassifierRow, source: Source) -> None:
    """Do nothing where the source is one of several.

    Raises:
        NotFound: code ``unknown-test-source``.
        Conflict: code ``only-test-source``; a test set holds something.
    """
    known = _sources(tx.session, row)
    if source not in known:
        raise NotFound(
            "unknown-test-source", f"No test items of {row.name} were added from {_named(source)}."
        )
    if len(known) == 1:
        raise Conflict(
            "only-test-source",
            f"All test items of {row.name} are from {_named(source)}, so nothing was removed, as "
            "a test has some. Add the folder that it should have, whatever the gate says of both "
            "together, and then take this one out;",
            {"source": _named(source)},
            Remedy(NextStep.ADD_TEST_ITEMS, row.id),
        )


def forget_source(
    tx: Transaction, row: ClassifierRow, source: Source, used: Collection[str]
) -> None:
    """Take a source, and the places in the order of review of what is not used, off the record."""
    place = (row.id, source.site, source.library, source.folder)
    tx.session.delete(tx.session.get_one(TestSourceRow, place))
    unseen = select(ReviewItemRow.item_id).where(
        ReviewItemRow.classifier_id == row.id, ReviewItemRow.batch.is_(None)
    )
    gone = sorted(set(tx.session.scalars(unseen)) - set(used))
    for first in range(0, len(gone), _AT_ONCE):
        few = gone[first : first + _AT_ONCE]
        tx.session.execute(
            delete(ReviewItemRow).where(
                ReviewItemRow.classifier_id == row.id, ReviewItemRow.item_id.in_(few)
            )
        )
    tx.audit(
        AuditAction.TEST_SOURCE_REMOVED, row.id, source=_named(source), items=len(gone),
        sha256=row.test_set_sha256,
    )  # fmt: skip


_AT_ONCE = 1_000


def _parted(
    workspace: Workspace, actor: AnyActor, classifier: str, source: Source
) -> tuple[pa.Table, pa.Array, int]:
    """Return the test set, which rows of it go with a source, and how many of its items stay."""
    with snapshot(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        require_removable(tx, row, source)
        others = [each for each in _sources(tx.session, row) if each != source]
        seen = ReviewItemRow.batch.is_not(None)
        query = select(ReviewItemRow.item_id).where(ReviewItemRow.classifier_id == row.id, seen)
        presented = set(tx.session.scalars(query))
        made = renamings(tx.session)
    table = workspace.artifacts.read(workspace.artifacts.reference(row.test_set_sha256))
    gone, stay = [], 0
    for item in table.select(["item_id", "location", "folder"]).to_pylist():
        site = name_now(made, item["location"])
        of_it = _holds(source, site, item["folder"])
        of_others = any(_holds(each, site, item["folder"]) for each in others)
        is_seen = item["item_id"] in presented
        gone.append(of_it and not of_others and not is_seen)
        stay += of_it and not of_others and is_seen
    return table, pa.array(gone, pa.bool_()), stay


def _holds(source: Source, site: str, folder: str) -> bool:
    return site == source.site and source.selects(folder)


def _sources(session: Session, row: ClassifierRow) -> list[Source]:
    query = select(TestSourceRow).where(TestSourceRow.classifier_id == row.id)
    return [Source(each.site, each.library, each.folder) for each in session.scalars(query)]


def _named(source: Source) -> str:
    return "/".join(part for part in (source.site, source.prefix) if part)


def _place(source: Source) -> tuple[str, str]:
    return source.site, source.prefix
