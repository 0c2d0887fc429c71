"""Crawl one location into an items artifact.

It decides neither which locations are crawled nor whether what was found suffices.
"""

from cultivar.operations.crawling import Crawled, crawl_known
from cultivar.operations.locations import location_named
from cultivar.store.workspace import Workspace
from tasks import Progress, step


@step
def crawl_location(
    workspace: Workspace, name: str, advance: Progress, allow_mass_deletion: bool = False
) -> Crawled:
    """Read what is new or changed in a location; with nothing changed its artifact stays.

    Raises:
        NotFound: the location, or the place that it names, does not exist.
        InvalidInput: its store cannot be opened.
        CultivarError: code ``mass-deletion``.
    """
    known = location_named(workspace, name)
    return crawl_known(workspace, known, advance, allow_mass_deletion=allow_mass_deletion)
