"""Collect feedback, and compare a retrained version with the published one.

What is compared and how is the operations'; nothing here can publish.
"""

from cultivar.core.reference import ArtifactReference
from cultivar.operations.crossfitting import Compared, compare_versions, contender
from cultivar.operations.retraining import Begun, write_feedback
from cultivar.store.workspace import Workspace
from tasks import Progress, step


@step
def collect_feedback(workspace: Workspace, begun: Begun) -> ArtifactReference:
    """Return what the verdicts say that stood when the retraining began."""
    return write_feedback(workspace, begun)


@step
def compare(
    workspace: Workspace, published: str, retrained: ArtifactReference, advance: Progress
) -> Compared:
    """Return both versions' figures on both sets of items, none judged on what it has learned from.

    ``published`` is the sha256 of the live version's model.
    """
    live = contender(workspace, workspace.artifacts.reference(published))
    return compare_versions(workspace, live, contender(workspace, retrained), advance)
