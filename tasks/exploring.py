"""Bring the content explorer up to date after labels changed.

What is aggregated is the operation's; a run that labelled nothing new costs one look.
"""

from functools import partial

from cultivar.operations.content.aggregation import bring_up_to_date
from cultivar.store.workspace import Workspace
from tasks import Told, step


@partial(step, named="bring the explorer up to date")
def aggregate_explorer(workspace: Workspace) -> Told[None]:
    """Aggregate what the explorer shows, where anything changed."""
    at = bring_up_to_date(workspace)
    return Told(None, f"the explorer shows what stands at {at:%Y-%m-%d %H:%M:%S} UTC")
