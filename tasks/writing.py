"""Hand changed labels to the writers' queue, and work it off.

What is written where is the operations'.
"""

from cultivar.operations.write_queue import queue_writes, writers_from
from cultivar.operations.writing import Written, write_due
from cultivar.store.workspace import Workspace
from tasks import Progress, step


@step
def write_labels_due(workspace: Workspace, actor: str, advance: Progress) -> Written:
    """Return what one pass over the queue did."""
    queue_writes(workspace, actor)
    return write_due(workspace, writers_from(workspace.settings), advance)
