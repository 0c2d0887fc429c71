"""Carry labels into the content's own stores, where policies ask for it.

What does not work is tried again by the next run, later each time.
"""

from dataclasses import asdict

from cultivar.core.roles import Action
from flows.base.claims import on_tenant
from flows.base.stage import stage, today
from tasks import Told
from tasks.writing import account, write_labels_due


@stage(lambda _: f"write labels: {today()}")
def write_labels(actor: str | None = None) -> Told[dict[str, int]]:
    """Return how many writes were done, skipped, given up, and put off.

    Args:
        actor: Who asks; the person of the settings when it is left out.
    """
    with on_tenant("write_labels", Action.LABEL, actor) as work:
        found = write_labels_due(work.workspace, work.actor, work.advance)
        return Told(asdict(found), f"Writes: {account(found)}.")
