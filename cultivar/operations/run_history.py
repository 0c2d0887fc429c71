"""What was done and what is at work: the newest runs of stages, as the registry has them.

It reads; a run is held and ended by ``cultivar.operations.runs``.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from cultivar.core.roles import Action, AnyActor
from cultivar.operations.runs import LastRun, as_last_run
from cultivar.operations.transactions import snapshot
from cultivar.store.tables import RunRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run of a stage; ``subject`` is a classifier's id, ``tenant:STAGE`` or ``location:NAME``.

    ``id`` names it permanently; ``run`` says what became of it.
    """

    id: str
    subject: str
    run: LastRun


def newest_runs(
    workspace: Workspace,
    actor: AnyActor,
    subject: str | None = None,
    *,
    since: datetime | None = None,
    limit: int = 50,
) -> list[PastRun]:
    """Return runs, the newest first; of one subject, and begun since a moment, where that is named.

    Raises:
        NotPermitted: the actor may not read the area.
    """
    query = select(RunRow).order_by(RunRow.started_at.desc(), RunRow.id).limit(limit)
    if subject is not None:
        query = query.where(RunRow.subject == subject)
    if since is not None:
        query = query.where(RunRow.started_at >= since)
    with snapshot(workspace, actor, Action.READ) as tx:
        return [
            PastRun(row.id, row.subject, as_last_run(row, tx.at))
            for row in tx.session.scalars(query)
        ]
