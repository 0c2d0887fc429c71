"""At which operating point a version labels content, and which scores that comes to.

It reads the registry alone; what a point is stands in the core, and which one is live is chosen
with a publication.
"""

from sqlalchemy.orm import Session

from cultivar.core.operating_points import DEFAULT, Cut, OperatingPoints, points_from
from cultivar.store.tables import ClassifierRow, VersionRow
from cultivar.store.workspace import Workspace

STORED = "operating"
# In a publication's evidence: the number of the publication whose version it keeps.
KEEPS_VERSION_OF = "keeps_version_of"


def points_of(version: VersionRow) -> OperatingPoints | None:
    """Return the operating points of a version; None where it was trained before there were any."""
    return points_from(version.evidence.get(STORED))


def point_in_content(session: Session, version_id: str) -> str | None:
    """Return the point at which a version labels content, or would once it were published.

    What is published next keeps the point that was chosen before. None stands for the threshold of
    the review: of a version without points, and of one that an earlier release published.
    """
    version = session.get_one(VersionRow, version_id)
    row = session.get_one(ClassifierRow, version.classifier_id)
    if row.published_version_id == version_id:
        return row.operating_point
    return point_to_publish(row, version)


def point_to_publish(
    row: ClassifierRow, version: VersionRow, chosen: str | None = None
) -> str | None:
    """Return the point at which a version is published: the one chosen, now or before."""
    return (chosen or row.operating_point or DEFAULT) if points_of(version) else None


def cut_of(version: VersionRow, point: str | None) -> Cut | None:
    """Return where matches begin at a point; None stands for the review's threshold."""
    points = points_of(version)
    return points.cut(point) if points and point else None


def cut_in_content(
    workspace: Workspace, version_id: str, point: str | float | None = None
) -> Cut | None:
    """Return where matches of a version begin in content; None: at the review's threshold.

    That is at its own operating point, or at another ``point``, as if it were chosen; a probability
    stands for itself.
    """
    with workspace.registry.reading() as session:
        version = session.get_one(VersionRow, version_id)
        if isinstance(point, float):
            return Cut(point, point) if points_of(version) else None
        return cut_of(version, point or point_in_content(session, version_id))
