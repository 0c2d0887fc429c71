"""Bring the content explorer up to date after labels changed.

What is aggregated is the operation's; a run that labelled nothing new costs one look.
"""

from cultivar.operations.aggregating import bring_up_to_date
from cultivar.store.workspace import Workspace
from tasks import step


@step
def aggregate_explorer(workspace: Workspace) -> None:
    """Aggregate what the explorer shows, where anything changed."""
    bring_up_to_date(workspace)
