"""Sweep the artifact store: remove what nothing has needed for the grace period.

It is no `sweep`, which takes up work that is due.
"""

from prefect.runtime import flow_run

from cultivar.operations.tenant.accounts import actor_id
from cultivar.operations.transactions import is_set_up
from cultivar.store.workspace import open_workspace
from flows.base.stage import stage, today
from tasks import Told, reporting, say
from tasks.sweeping import sweep_artifacts


@stage(lambda _: f"store sweep: {today()}")
def store_sweep(
    kinds: list[str] | None = None, older_than: int | None = None, actor: str | None = None
) -> Told[dict[str, int]]:
    """Return how many files of each kind were removed; where the settings say so, only note.

    Args:
        kinds: Kinds of artifacts; every kind when it is left out.
        older_than: Days for which a file must have been unneeded; those of the settings when it is
            left out.
        actor: Who asks; the person of the settings when it is left out.
    """
    with open_workspace() as workspace:
        person = actor_id(workspace, actor)
        say(f"store sweep begins, asked for by {person}")
        if not is_set_up(workspace):
            return Told({}, "Nothing is set up, so there is nothing to sweep.")
        run_id = str(flow_run.id or "") or None
        found = sweep_artifacts(workspace, person, kinds or [], older_than, run_id)
        rows = [
            {"kind": kind, "files": share.files, "bytes": share.size}
            for kind, share in found.removed.items()
        ]
        if rows:
            reporting.show_table("store sweep", "tenant", rows)
        return Told(
            {kind: share.files for kind, share in found.removed.items()},
            found.sentence,
        )
