"""Hand changed labels to the writers' queue, and work it off.

What is written where is the operations'.
"""

import logging
from functools import partial

from cultivar.operations.policies.delivery import Written, write_due
from cultivar.operations.policies.write_queue import queue_writes, writers_from
from cultivar.store.workspace import Workspace
from tasks import Progress, Told, step


@partial(step, named="write labels into their stores")
def write_labels_due(workspace: Workspace, actor: str, advance: Progress) -> Told[Written]:
    """Return what one pass over the queue did."""
    queued = queue_writes(workspace, actor)
    found = write_due(workspace, writers_from(workspace.settings), advance)
    return Told(
        found,
        f"{queued:,} newly queued; {account(found)}",
        level=logging.WARNING if found.failed else logging.INFO,
    )


def account(found: Written) -> str:
    """Return what became of the writes that were due."""
    return (
        f"{found.done:,} done, {found.skipped:,} skipped, {found.put_off:,} put off, "
        f"{found.failed:,} given up"
    )
