"""What people call the items that they judged: path and title, for those who may see items.

It reads the test set and the crawls in which items were judged; it shows no text.
"""

from collections.abc import Collection

from sqlalchemy import select

from cultivar.core.roles import Action, AnyActor, may
from cultivar.operations.transactions import snapshot
from cultivar.store.item_rows import item_rows
from cultivar.store.tables import FeedbackRow
from cultivar.store.workspace import Workspace

_NAMED = ["item_id", "path", "title"]


def names_of(
    workspace: Workspace, actor: AnyActor, classifier: str, items: Collection[str]
) -> dict[str, str]:
    """Return item id → path, and its title where it has one, of judged items of a classifier.

    Nothing for who may not see items.

    Raises:
        NotPermitted: the actor may not read the area.
    """
    with snapshot(workspace, actor, Action.READ) as tx:
        row = tx.classifier(classifier)
        if not may(tx.roles, Action.SEE_ITEMS):
            return {}
        crawls = select(FeedbackRow.items_sha256).where(
            FeedbackRow.classifier_id == row.id, FeedbackRow.item_id.in_(list(items))
        )
        places = [*tx.session.scalars(crawls.distinct()), row.test_set_sha256]
    found: dict[str, str] = {}
    for sha256 in places:
        if sha256 is not None:
            found |= _names(workspace, sha256, items)
    return found


def _names(workspace: Workspace, sha256: str, wanted: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    reference = workspace.artifacts.reference(sha256)
    for rows in item_rows(workspace.artifacts, reference, wanted, _NAMED):
        for row in rows.to_pylist():
            title = f" ({row['title']})" if row["title"] else ""
            found[row["item_id"]] = f"{row['path']}{title}"
    return found
