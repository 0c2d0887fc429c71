"""Crawl one location into an items artifact.

It decides neither which locations are crawled nor whether what was found suffices.
"""

import logging
import time
from functools import partial

from cultivar.core.texts.reading_status import OK
from cultivar.core.vocabulary import how_many
from cultivar.operations.content.crawling import Crawled, crawl_known
from cultivar.operations.content.locations import location_named
from cultivar.store.workspace import Workspace
from tasks import Progress, Told, step


@partial(step, named="read {name}")
def crawl_location(
    workspace: Workspace,
    name: str,
    advance: Progress,
    allow_mass_deletion: bool = False,
    retry: bool = False,
) -> Told[Crawled]:
    """Read what is new or changed in a location; with nothing changed its artifact stays.

    Raises:
        NotFound: the location, or the place that it names, does not exist.
        InvalidInput: its store cannot be opened.
        CultivarError: code ``mass-deletion``.
    """
    began = time.monotonic()
    known = location_named(workspace, name)
    found = crawl_known(
        workspace, known, advance, allow_mass_deletion=allow_mass_deletion, retry=retry
    )
    return Told(
        found,
        f"{name}: {_account(found)}, in {time.monotonic() - began:.1f} s",
        level=logging.INFO if found.counts["complete"] else logging.WARNING,
    )


def _account(found: Crawled) -> str:
    counts, statuses = found.counts, found.counts["by_status"]
    unread = ", ".join(f"{count:,} {status}" for status, count in statuses.items() if status != OK)
    said = (
        f"read {how_many(counts['items'], 'item')} ({unread or 'all with text'}); files: "
        f"{counts['added']:,} new, {counts['changed']:,} changed"
        f"{_read_again(counts['read_again'])}, {counts['deleted']:,} gone, "
        f"{counts['unchanged']:,} unchanged; {counts['moved']:,} moved"
    )
    if counts["emptied"]:
        said += f"; {counts['emptied']:,} emptied"
    return said if counts["complete"] else f"{said}; some folders could not be listed"


def _read_again(count: int) -> str:
    return f" ({count:,} of them the same, and read again)" if count else ""
