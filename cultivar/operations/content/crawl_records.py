"""What a crawl found put on record: the newest items of a location, and items that left.

It reads the registry and narrow columns; crawling itself is done elsewhere.
"""

from collections.abc import Mapping
from typing import Any

from cultivar.core.audit_actions import AuditAction
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import AnyActor
from cultivar.operations.content.kept_items import kept_by
from cultivar.operations.content.locations import NOTICED, location_named, location_row
from cultivar.operations.content.noticed import Noticed, ids_at, record_noticed
from cultivar.operations.transactions import transaction
from cultivar.store.workspace import Workspace


def record_crawl(
    workspace: Workspace,
    name: str,
    items: ArtifactReference,
    counts: Mapping[str, Any],
    actor: AnyActor = "cultivar",
    *,
    read_with: Mapping[str, str] | None = None,
    noticed: Noticed = Noticed(),  # noqa: B008 - it never changes
) -> int:
    """Make a crawl's items the newest ones of a location.

    Return how many items the crawl did not find again although something that people gave rests
    on them; it is kept, and put on record.

    Raises:
        NotFound: code ``unknown-location``.
    """
    before = location_named(workspace, name).items_sha256
    changed = before != items.sha256
    kept = kept_by(workspace, name, before, items.sha256) if changed else None
    ids = ids_at(workspace, items.sha256, noticed.emptied)
    with transaction(workspace, actor, None) as tx:
        row = location_row(tx.session, name)
        lost = kept.record(tx, name) if kept is not None else 0
        row.items_sha256, row.crawled_at = items.sha256, tx.at
        told = record_noticed(tx, name, noticed, ids)
        row.crawl = {**counts, "not_found_again": lost, NOTICED: told}
        if read_with is not None:
            row.read_with = dict(read_with)
        if changed:
            tx.audit(AuditAction.CRAWLED, f"location:{name}", items=items.rows)
            if before is not None and not items.rows:
                tx.audit(AuditAction.LOCATION_EMPTIED, f"location:{name}")
        return lost
