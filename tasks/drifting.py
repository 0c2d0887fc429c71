"""Compare a live version with its release.

What counts as a change is the core's.
"""

from typing import Any

from cultivar.operations.drift import measure_drift
from cultivar.store.workspace import Workspace
from tasks import step


@step
def look(workspace: Workspace, actor: str, classifier: str) -> dict[str, Any]:
    """Return the kept report of one classifier."""
    return measure_drift(workspace, actor, classifier)
