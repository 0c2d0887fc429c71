"""What a person who judges an item is told besides its text, and that they opened it whole.

It reads versions and records openings; verdicts are other modules'.
"""

from cultivar.core.audit_actions import AuditAction
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.content_thresholds import cut_of, point_in_content
from cultivar.operations.identifiers import version_row
from cultivar.operations.transactions import transaction
from cultivar.store.tables import VersionRow
from cultivar.store.workspace import Workspace


def threshold_of(workspace: Workspace, version_id: str) -> float:
    """Return the score from which on a version calls a test item a match.

    Raises:
        NotFound: code ``unknown-version``.
    """
    return version_row(workspace, version_id).threshold


def threshold_in_content(workspace: Workspace, version_id: str) -> float:
    """Return the score from which on a version calls an item of the content a match."""
    with workspace.registry.reading() as session:
        version = session.get_one(VersionRow, version_id)
        cut = cut_of(version, point_in_content(session, version_id))
        return cut.threshold if cut else version.threshold


def record_opening(workspace: Workspace, actor: AnyActor, item_id: str, why: str) -> None:
    """Record that the actor opens the whole text of an item, before it shows.

    Raises:
        NotPermitted: the actor may not open content.
    """
    with transaction(workspace, actor, Action.OPEN_CONTENT) as tx:
        tx.audit(AuditAction.CONTENT_OPENED, f"item:{item_id}", reason=why)
