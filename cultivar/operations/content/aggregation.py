"""Aggregates what the explorer shows: an index of all locations, made again when something changed.

Nothing waits artificially: it is made at the end of labelling and of applying policies, and on
request. It changes nothing of what it reads.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cultivar.core.audit_chain import canonical_json
from cultivar.core.errors import Damaged, StoreUnavailable
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.transactions import snapshot
from cultivar.store.explorer import index as explorer_index
from cultivar.store.explorer.files import current, replace_current
from cultivar.store.explorer.index import FORMAT, Assigned, Place
from cultivar.store.tables import (
    ApplicationRow,
    LabellingRow,
    LocationRow,
    PersonLabelRow,
)
from cultivar.store.workspace import Workspace

Progress = Callable[[int, int | None], None]


def explorer_folder(workspace: Workspace) -> Path:
    """Return where the explorer's index lies; all of it may be deleted."""
    return workspace.settings.home / "explorer"


def aggregate(
    workspace: Workspace, actor: AnyActor, *, rebuild: bool = False, advance: Progress | None = None
) -> datetime:
    """Bring the explorer up to date on a person's request; see ``bring_up_to_date``.

    Raises:
        NotPermitted: the actor may not read the area.
    """
    with snapshot(workspace, actor, Action.READ):
        pass
    return bring_up_to_date(workspace, rebuild=rebuild, advance=advance)


def bring_up_to_date(
    workspace: Workspace, *, rebuild: bool = False, advance: Progress | None = None
) -> datetime:
    """Bring the explorer's index up to what is labelled now; return when it was aggregated.

    Where nothing changed the index is only dated again, unless ``rebuild``. Two at once do no harm.

    Raises:
        Damaged: an artifact cannot be read.
        StoreUnavailable: the home is full or cannot be written to.
    """
    with workspace.registry.reading() as session:
        basis, rows = basis_of(session), _rows(session)
    folder = explorer_folder(workspace)
    found = current(folder)
    if found is not None and found.basis == basis and not rebuild:
        return replace_current(folder, basis, workspace.clock(), None).aggregated_at
    build = partial(_build, workspace, rows, basis, advance)
    return replace_current(folder, basis, workspace.clock(), build).aggregated_at


def follow_places(workspace: Workspace) -> None:
    """Let the explorer follow where a location has another name, or is gone; if it was made.

    Where that fails, its answers say that they are out of date.
    """
    if current(explorer_folder(workspace)) is not None:
        with suppress(Damaged, StoreUnavailable):
            bring_up_to_date(workspace)


def basis_of(session: Session) -> str:
    """Return what an index of this moment follows from, as one short word."""
    labelled = session.execute(
        select(
            LabellingRow.location, LabellingRow.classifier_id, LabellingRow.items_sha256,
            LabellingRow.assignments_sha256,
        ).order_by(LabellingRow.location, LabellingRow.classifier_id)
    ).all()  # fmt: skip
    crawled = session.execute(
        select(LocationRow.name, LocationRow.workload, LocationRow.items_sha256)
        .where(*_EXPLORED)
        .order_by(LocationRow.name)
    ).all()
    applied = session.execute(
        select(ApplicationRow.location, func.max(ApplicationRow.number))
        .group_by(ApplicationRow.location)
        .order_by(ApplicationRow.location)
    ).all()
    people = session.execute(select(func.count(), func.max(PersonLabelRow.at))).one()
    facts = [FORMAT, *([list(row) for row in rows] for rows in (labelled, crawled, applied))]
    told = canonical_json([*facts, people[0], str(people[1])])
    return sha256(told.encode()).hexdigest()[:32]


_EXPLORED = (LocationRow.purpose == "content", LocationRow.items_sha256.is_not(None))
_Rows = list[tuple[LocationRow, list[LabellingRow], ApplicationRow | None, list[PersonLabelRow]]]


def _rows(session: Session) -> _Rows:
    places = session.scalars(select(LocationRow).where(*_EXPLORED).order_by(LocationRow.name))
    return [
        (
            place,
            _all(session, LabellingRow, place.name, LabellingRow.classifier_id),
            next(iter(_all(session, ApplicationRow, place.name, -ApplicationRow.number)), None),
            _all(session, PersonLabelRow, place.name, PersonLabelRow.item_id),
        )
        for place in places
    ]


def _all(session: Session, table: Any, location: str, order: Any) -> list[Any]:
    return list(session.scalars(select(table).where(table.location == location).order_by(order)))


def _build(
    workspace: Workspace, rows: _Rows, basis: str, advance: Progress | None, target: Path
) -> None:
    places = [_place(workspace, *row) for row in rows]
    explorer_index.build(workspace.artifacts, places, target, basis, advance)


def _place(
    workspace: Workspace,
    location: LocationRow,
    labelled: list[LabellingRow],
    applied: ApplicationRow | None,
    people: list[PersonLabelRow],
) -> Any:
    reference = workspace.artifacts.reference
    assigned = tuple(
        Assigned(
            each.classifier_id, each.version_id, reference(each.assignments_sha256),
            reference(each.items_sha256),
        )
        for each in labelled
    )  # fmt: skip
    decided = {
        "item_id": pa.array([each.item_id for each in people], pa.string()),
        "kind": pa.array([each.kind for each in people], pa.string()),
        "label": pa.array([each.label for each in people], pa.string()),
    }
    return Place(
        location.name,
        location.workload,
        assigned,
        reference(applied.labels_sha256) if applied else None,
        reference(applied.items_sha256) if applied else None,
        reference(location.items_sha256),
        pa.table(decided),
    )
