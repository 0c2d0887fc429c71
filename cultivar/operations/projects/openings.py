"""Texts of a project that an import read from a location: who may have them, and on what record.

A person's own texts, which a labels file or a table brought, are no content of the organisation.
"""

from sqlalchemy import select

from cultivar.core.audit_actions import AuditAction
from cultivar.core.identity.matching import id_of
from cultivar.core.roles import Action, AnyActor
from cultivar.core.texts.reading_status import has_text
from cultivar.operations.projects.document_rows import UNREAD
from cultivar.operations.projects.rows import project_row, subject_of
from cultivar.operations.transactions import Transaction, transaction
from cultivar.store.tables import AuditRow
from cultivar.store.workspace import Workspace

_ITEMS_A_ROW = 1_000


def record_opening(
    workspace: Workspace, actor: AnyActor, project: str, documents_sha256: str | None
) -> None:
    """Record which items the actor is handed with a project's documents; nothing where none is.

    Raises:
        NotPermitted: code ``wrong-role``; the actor may not open content.
    """
    names = _read_from_location(workspace, documents_sha256)
    if not names or documents_sha256 is None:
        return
    with transaction(workspace, actor, Action.OPEN_CONTENT) as tx:
        container = _container(tx, project, documents_sha256)
        items = [id_of(container, name) for name in names]
        for first in range(0, len(items), _ITEMS_A_ROW):
            tx.audit(
                AuditAction.CONTENT_OPENED, subject_of(project), location=container,
                items=items[first : first + _ITEMS_A_ROW], reason="project exported with texts",
            )  # fmt: skip


def _read_from_location(workspace: Workspace, sha256: str | None) -> list[str]:
    """Return the documents whose text an import read from a location, in order."""
    if sha256 is None:
        return []
    store = workspace.artifacts
    labels = store.inputs_of(sha256).get("labels")
    if labels is None:
        return []
    stated = store.read(store.reference(labels), columns=["status"]).column(0).to_pylist()
    read = store.read(store.reference(sha256), columns=["document", "status"]).to_pylist()
    return [
        str(row["document"])
        for row, before in zip(read, stated, strict=True)
        if before == UNREAD and has_text(row["status"])
    ]


def _container(tx: Transaction, project: str, sha256: str) -> str:
    """Return the location that the documents were read from, as the import recorded it."""
    imports = select(AuditRow.details).where(
        AuditRow.subject == subject_of(project),
        AuditRow.action == str(AuditAction.DOCUMENTS_IMPORTED),
    )
    for details in tx.session.scalars(imports.order_by(AuditRow.id.desc())):
        if details.get("documents_sha256") == sha256:
            return str(details["container"])
    return project_row(tx.session, project).container
