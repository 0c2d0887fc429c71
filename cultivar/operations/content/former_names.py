"""Names that locations had before they were renamed, as the audit log has them.

Ids of items follow from the name under which they were found, so a former name is given to no
other location.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import Conflict
from cultivar.store.tables import AuditRow


@dataclass(frozen=True, slots=True)
class Renaming:
    """A location got another name; ``entry`` is the number in the audit log."""

    entry: int
    before: str
    after: str


def renamings(session: Session) -> list[Renaming]:
    """Return every renaming of a location, the oldest first."""
    query = select(AuditRow).where(
        AuditRow.subject.startswith("location:", autoescape=True),
        AuditRow.action == AuditAction.LOCATION_RENAMED.value,
    )
    return [
        Renaming(row.id, row.details["before"], row.subject.partition(":")[2])
        for row in session.scalars(query.order_by(AuditRow.id))
    ]


def name_now(made: list[Renaming], name: str, since: int = 0) -> str:
    """Return what a location is named now that had a name at an entry of the audit log."""
    for each in made:
        if each.entry > since and each.before == name:
            name = each.after
    return name


def require_free(session: Session, name: str, wanted_by: str | None = None) -> None:
    """Do nothing where no other location had the name before it was renamed.

    Raises:
        Conflict: code ``location-exists``.
    """
    made = renamings(session)
    if any(each.before == name for each in made) and name_now(made, name) != wanted_by:
        raise Conflict(
            "location-exists",
            f"{name_now(made, name)} was named {name} before, and ids of its items follow from "
            "that name. Choose another name.",
            {"name": name},
        )
