"""Test items: selected from a folder, guarded against leaks, and put in order for review.

It writes the test set and the order of review; scoring has a module of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import func, insert, select

from cultivar.content.locations import Source
from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import InvalidInput
from cultivar.core.lifecycle import Event, Step, StepStatus
from cultivar.core.reference import ArtifactReference
from cultivar.core.review.order import review_order
from cultivar.core.roles import Action, AnyActor
from cultivar.core.schemas import TEST_SET
from cultivar.core.selection import require_room
from cultivar.operations.content.locations import crawled_location, items_of
from cultivar.operations.gates import require_open
from cultivar.operations.lookups import classifier_named
from cultivar.operations.outbox import TESTING_DUE
from cultivar.operations.training.seeds import (
    Selection,
    ids,
    read_source,
    seeds_in_use,
    selection_of,
)
from cultivar.operations.training.test_selection import (
    SEED_COLUMNS,
    Counts,
    advice,
    declared,
    require_others_than_seeds,
    with_added,
)
from cultivar.operations.training.test_sources import forget_source, require_removable
from cultivar.operations.transactions import Transaction, snapshot, transaction
from cultivar.operations.transitions import StatusChange, apply_transition, step_rows
from cultivar.store.origin import Producer
from cultivar.store.tables import ClassifierRow, ReviewItemRow, TestSourceRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class TestSetReport:
    """What a test set holds in all, and what a person should know about it."""

    __test__ = False
    selection: Selection
    declared: int
    positives: int
    overlapping: int
    warnings: tuple[str, ...]


def start_testing(
    workspace: Workspace,
    actor: AnyActor,
    classifier: str,
    source: Source,
    *,
    remove: bool = False,
) -> tuple[StatusChange, list[str]]:
    """Begin to add a folder's items to the test; return the transition and warnings.

    ``remove`` takes the folder out again.

    Raises:
        NotReady: code ``wrong-status`` (no model yet), ``not-crawled``.
        NotPermitted: the actor may not train the classifier.
        NotFound: code ``unknown-test-source``, and
        Conflict: code ``only-test-source``, where it is to be removed.
    """
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        place: dict[str, Any] = dict(zip(_PLACE, _place_of(source), strict=True))
        if remove:
            require_removable(tx, row, source)
            tx.mark_due(TESTING_DUE, row.id, **place, remove=True)
            return apply_transition(tx, row, Event.TESTING_STARTED), []
        crawled_location(tx.session, source.site)
        tx.mark_due(TESTING_DUE, row.id, **place)
        shared = source.overlaps(Source(row.seed_site or "", row.seed_library, row.seed_folder))
        return apply_transition(tx, row, Event.TESTING_STARTED), [_SHARED] if shared else []


_PLACE = ("site", "library", "folder")


def _place_of(source: Source) -> tuple[str, str, str]:
    return source.site, source.library, source.folder


_SHARED = (
    "The test folder is shared with the seeds. Keep test items in a folder used for test items "
    "only; the ones that equal a seed are left out."
)


def fail_testing(
    workspace: Workspace, actor: AnyActor, classifier: str, reason: str
) -> StatusChange:
    """Record why the test items were refused; others can be added, and a set in use stays done."""
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        tx.clear_due(TESTING_DUE, row.id)
        moved = apply_transition(tx, row, Event.TESTING_FAILED, reason=reason)
        if row.predictions_sha256 is not None and (
            workspace.artifacts.inputs_of(row.predictions_sha256).get("test_set")
            == row.test_set_sha256
        ):
            step_rows(tx, row)[Step.ADD_TEST_ITEMS].status = StepStatus.DONE
        return moved


def build_test_set(
    workspace: Workspace, actor: AnyActor, classifier: str, source: Source
) -> ArtifactReference:
    """Write the test set with a folder's items added, and return it.

    Items in use stay as they are. Every item of the folder has its row; the ones that are not used
    say why. Adding the same items again gives the test set that is there.

    Raises:
        NotReady: code ``not-crawled``.
        InvalidInput: code ``too-many-test-items``, ``bad-labels`` or, where there is a test set
            already, ``seed-test-overlap``; nothing is written.
    """
    with snapshot(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
    location = items_of(workspace, source)
    present = _present(workspace, row)
    items = read_source(workspace, location, source)
    labels = declared(location, source, items)
    table = with_added(present, items, seeds_in_use(workspace, row, SEED_COLUMNS), labels)
    if row.test_set_sha256 is not None:
        at_most = workspace.settings.thresholds.seed_overlap_at_most
        require_others_than_seeds(row.id, source, (table, items), at_most)
    in_use = int(pc.sum(table.column("used")).as_py() or 0)
    require_room(in_use, workspace.settings.test_items_at_most)
    if row.test_set_sha256 is not None and table.equals(present):
        return workspace.artifacts.reference(row.test_set_sha256)
    inputs = {
        "items": location.items_sha256,
        "seed_set": row.seed_set_sha256,
        "test_set": row.test_set_sha256,
    }
    known = {part: sha256 for part, sha256 in inputs.items() if sha256}
    return workspace.artifacts.write(
        TEST_SET.name, table, producer=Producer.TEST_SCORING, inputs=known
    )


def _present(workspace: Workspace, row: ClassifierRow) -> pa.Table:
    if row.test_set_sha256 is None:
        return TEST_SET.arrow.empty_table()
    return workspace.artifacts.read(workspace.artifacts.reference(row.test_set_sha256))


def record_test_set(
    workspace: Workspace,
    actor: AnyActor,
    classifier: str,
    source: Source,
    test_set: ArtifactReference,
    *,
    remove: bool = False,
) -> None:
    """Make an artifact the classifier's test set, once its gate is open.

    ``remove``: the source was taken out of it.

    Raises:
        GateClosed: code ``gate-closed``; the gate ``test_set`` did not pass over this artifact.
    """
    used = _used_in(workspace, test_set) if remove else set()
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        gate = {"test_set": test_set.sha256}
        require_open(tx.session, row.id, gate, "The test set waits for its gate to pass.")
        if remove:
            row.test_set_sha256 = test_set.sha256
            return forget_source(tx, row, source, used)
        place = _place_of(source)
        if tx.session.get(TestSourceRow, (row.id, *place)) is None:
            stated = dict(zip(_PLACE, place, strict=True))
            tx.session.add(
                TestSourceRow(classifier_id=row.id, **stated, added_by=tx.actor, added_at=tx.at)
            )
        if row.test_set_sha256 != test_set.sha256:
            row.test_set_sha256 = test_set.sha256
            tx.audit(AuditAction.TEST_ITEMS_ADDED, row.id, sha256=test_set.sha256)
        return None


def record_predictions(
    workspace: Workspace, actor: AnyActor, classifier: str, predictions: ArtifactReference
) -> StatusChange:
    """Take over the predictions for the test set, and give new items their place in the order.

    The order of what is there stays; new items follow in an order of their own draw.

    Raises:
        GateClosed: test set or predictions did not pass their gate.
        InvalidInput: code ``wrong-predictions``; they are not those of the test set.
    """
    table = workspace.artifacts.read(predictions, columns=["item_id", "prediction"])
    expected = _used_items(workspace, classifier)
    found = dict(zip(ids(table), table.column("prediction").to_pylist(), strict=True))
    if set(found) != expected:
        raise InvalidInput(
            "wrong-predictions",
            f"{len(found)} predictions do not belong to the {len(expected)} items of the test set.",
        )
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        row.predictions_sha256 = predictions.sha256
        testing = step_rows(tx, row)[Step.ADD_TEST_ITEMS]
        added = _append_to_order(tx, row, found)
        if not added and testing.status == StepStatus.DONE:
            return apply_transition(tx, row, Event.SCORED_ANEW)
        tx.clear_due(TESTING_DUE, row.id)
        gates = {"test_set": row.test_set_sha256, "predictions": predictions.sha256}
        testing.item_count = len(found)
        return apply_transition(tx, row, Event.TEST_ITEMS_SCORED, gates)


def _append_to_order(tx: Transaction, row: ClassifierRow, predictions: Mapping[str, str]) -> int:
    """Give items that have no place one after the last; return how many there were."""
    of_classifier = ReviewItemRow.classifier_id == row.id
    placed = set(tx.session.scalars(select(ReviewItemRow.item_id).where(of_classifier)))
    last = tx.session.scalar(select(func.max(ReviewItemRow.position)).where(of_classifier))
    first = 0 if last is None else last + 1
    new = {item: found for item, found in predictions.items() if item not in placed}
    order = review_order(new, f"{tx.tenant.seed}:{row.id}")
    places = [
        {"classifier_id": row.id, "item_id": item, "position": position}
        for position, item in enumerate(order, start=first)
    ]
    if places:
        tx.session.execute(insert(ReviewItemRow), places)
    return len(places)


def _used_items(workspace: Workspace, classifier: str) -> set[str]:
    with workspace.registry.reading() as session:
        row = classifier_named(session, classifier)
    return _used_in(workspace, workspace.artifacts.reference(row.test_set_sha256))


def _used_in(workspace: Workspace, test_set: ArtifactReference) -> set[str]:
    table = workspace.artifacts.read(test_set, columns=["item_id", "used"])
    return set(ids(table.filter(table.column("used"))))


def report_test_set(
    workspace: Workspace, classifier: str, test_set: ArtifactReference
) -> TestSetReport:
    """Return the counts of a test set with advice: too few, too small, or undeclared."""
    columns = ["item_id", "used", "skipped", "seed_overlap", "declared"]
    table = workspace.artifacts.read(test_set, columns=columns)
    used = table.filter(table.column("used"))
    reasons = dict(zip(ids(table), table.column("skipped").to_pylist(), strict=True))
    skipped = {item: reason for item, reason in reasons.items() if reason}
    stated = used.column("declared").drop_null()
    positives = int(pc.sum(stated).as_py() or 0)
    found = Counts(len(used), _seeds_used(workspace, classifier), len(stated), positives)
    return TestSetReport(
        selection_of(len(table), skipped),
        len(stated),
        positives,
        int(pc.sum(table.column("seed_overlap")).as_py() or 0),
        tuple(advice(classifier, found, workspace.settings.thresholds)),
    )


def _seeds_used(workspace: Workspace, classifier: str) -> int:
    with workspace.registry.reading() as session:
        row = classifier_named(session, classifier)
    return len(seeds_in_use(workspace, row, ["used"]))
