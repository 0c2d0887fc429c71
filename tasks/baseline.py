"""Take the baseline of the tenant's content.

Counting is the operation's; this only makes it a step of a flow.
"""

from cultivar.operations import baseline
from cultivar.operations.tenant import Baseline
from cultivar.store.workspace import Workspace
from tasks import step


@step
def take_baseline(workspace: Workspace) -> Baseline:
    """Return the artifacts of the baseline of all content that was crawled.

    Raises:
        NotReady: codes ``no-location``, ``not-crawled``.
    """
    return baseline.take_baseline(workspace, baseline.content_of(workspace))
