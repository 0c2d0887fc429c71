"""Take the baseline of the tenant's content.

Counting is the operation's; this only makes it a step of a flow.
"""

from functools import partial

from cultivar.core.vocabulary import how_many
from cultivar.operations.tenant import baseline
from cultivar.operations.tenant.tenant import Baseline
from cultivar.store.workspace import Workspace
from tasks import Told, step


@partial(step, named="count the baseline")
def take_baseline(workspace: Workspace) -> Told[Baseline]:
    """Return the artifacts of the baseline of all content that was crawled.

    Raises:
        NotReady: codes ``no-location``, ``not-crawled``.
    """
    found = baseline.take_baseline(workspace, baseline.content_of(workspace))
    return Told(
        found,
        f"baseline of {how_many(found.documents, 'readable document')}; {found.unlabelled.rows:,} "
        "of them are kept as unlabelled sample",
    )
