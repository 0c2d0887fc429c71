"""How many of a policy's labels are expected to be wrong, as far as the release report says.

It reads what was published with a version, or what its release sample measures since; it estimates
nothing of its own.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from cultivar.core.intervals import Figure
from cultivar.core.release_report.grades import (
    GradedFigure,
    Missing,
    graded_from,
    missing_from,
    poorly_known,
)
from cultivar.operations.content_thresholds import point_in_content, points_of
from cultivar.operations.publishing.release_reports import report_of
from cultivar.store.tables import PublicationRow, ReleaseSampleRow, VersionRow
from cultivar.store.workspace import Workspace

NOT_EVALUATED = "not evaluated"
_KEPT = "release_report"
_LABEL = ("item_id", "kind", "slot")


@dataclass(frozen=True, slots=True)
class ExpectedWrong:
    """How many of a version's labels are expected to be wrong.

    ``version`` is None for labels that no classifier's match decided. ``poorly_known`` is a
    sentence where the precision is known too poorly to decide on, else None. ``wrong`` counts
    labels, with an interval (95 %, of the precision alone); it is None where the grade is ``not
    evaluated``, or the precision known too poorly.
    """

    version: str | None
    labels: int
    grade: str
    poorly_known: str | None
    wrong: Figure | None


def expected_wrong(
    workspace: Workspace, version_id: str, labels: int, asked: str | float | None = None
) -> ExpectedWrong:
    """Return the expected number of wrong ones among labels that a version decided.

    They are its matches, or those at the operating point or probability that was ``asked`` for. An
    empty ``version_id`` stands for labels that no classifier's match decided.
    """
    classifier, found, missing = _precision(workspace, version_id, asked)
    poor = poorly_known(classifier, found, missing)
    if found.estimate is None or found.lower is None or found.upper is None:
        return ExpectedWrong(version_id or None, labels, NOT_EVALUATED, poor, None)
    if poor is not None:
        return ExpectedWrong(version_id or None, labels, found.grade, poor, None)
    shares = (1.0 - found.estimate, 1.0 - found.upper, 1.0 - found.lower)
    wrong = Figure(*(round(labels * share, 1) for share in shares))
    return ExpectedWrong(version_id or None, labels, found.grade, poor, wrong)


def expected_wrong_of(
    workspace: Workspace, differences: Iterable[tuple[str, str]]
) -> list[ExpectedWrong]:
    """Return the same for labels that would be added, version by version.

    A difference is the artifact of the changes and that of the labels that they lead to.
    """
    counts: Counter[str] = Counter()
    for changes, labels in differences:
        store = workspace.artifacts
        added = {
            tuple(row[name] for name in _LABEL)
            for batch in store.batches(store.reference(changes))
            for row in batch.to_pylist()
            if row["change"] == "added"
        }
        for batch in store.batches(store.reference(labels)):
            for row in batch.to_pylist():
                if tuple(row[name] for name in _LABEL) in added:
                    counts[row["version_id"] or ""] += 1
    return [expected_wrong(workspace, version, count) for version, count in sorted(counts.items())]


def _precision(
    workspace: Workspace, version_id: str, asked: str | float | None
) -> tuple[str, GradedFigure, Sequence[Missing]]:
    """Return a version's classifier, its precision from its newest report, and what is missing.

    Pointing back to a version publishes it again without a report: that of before still stands,
    where the version labelled at the same operating point.
    """
    with workspace.registry.reading() as session:
        version = session.get(VersionRow, version_id)
        point = point_in_content(session, version_id) if version else None
        published = (
            select(PublicationRow.evidence)
            .where(
                PublicationRow.version_id == version_id,
                PublicationRow.operating_point.is_not_distinct_from(point),
            )
            .order_by(PublicationRow.id.desc())
        )
        sampled = session.get(ReleaseSampleRow, version_id) is not None
        # a publication that points back keeps none of its own
        kept = [each[_KEPT] for each in session.scalars(published) if each.get(_KEPT)]
    if version is None:
        return "", GradedFigure(NOT_EVALUATED), ()
    other = asked if asked != point and points_of(version) else None
    if sampled or not kept or other:
        report = report_of(workspace, version.classifier_id, version_id, other)
        return version.classifier_id, report.figures["precision"], report.missing
    found = kept[0].get("figures", {}).get("precision")
    missing = [missing_from(each) for each in kept[0].get("missing", ())]
    figure = graded_from(found) if found else GradedFigure(NOT_EVALUATED)
    return version.classifier_id, figure, missing
