"""The gate over verdicts from the content, which every training passes that learns from some."""

from cultivar.operations.review.content_items import write_content_verdicts
from flows.base.claims import Work


def check_content_verdicts(work: Work) -> None:
    """Check what people said of items of the content, before anything is learned from it.

    Raises:
        GateClosed: code ``gate-closed``.
    """
    found = write_content_verdicts(work.workspace, work.subject)
    if found is not None:
        work.check("content_verdicts", found)
