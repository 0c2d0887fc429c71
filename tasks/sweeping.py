"""Sweep the artifact store.

What is unneeded, and for how long it is kept, is the operation's.
"""

from functools import partial

from cultivar.operations.artifacts.sweeping import StoreSwept, sweep_store
from cultivar.store.workspace import Workspace
from tasks import Told, step


@partial(step, named="sweep the artifact store")
def sweep_artifacts(
    workspace: Workspace,
    actor: str,
    kinds: list[str],
    older_than: int | None,
    flow_run_id: str | None,
) -> Told[StoreSwept]:
    """Return what was removed and what waits; only the latter where the settings say so."""
    found = sweep_store(
        workspace, actor, kinds, older_than, flow_run_id,
        only_note=not workspace.settings.store_sweep,
    )  # fmt: skip
    return Told(found, found.sentence)
