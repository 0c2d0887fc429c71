"""How many of a policy's labels are expected to be wrong, as far as the release report says.

It reads what was published with a version, or what its release sample measures since; it estimates
nothing of its own.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from cultivar.core.release_report.report import poorly_known
from cultivar.operations.publishing.release_reports import report_of
from cultivar.store.tables import PublicationRow, ReleaseSampleRow, VersionRow
from cultivar.store.workspace import Workspace

NOT_EVALUATED = "not evaluated"
_LABEL = ("item_id", "kind", "slot")


def expected_wrong(workspace: Workspace, version_id: str, labels: int) -> dict[str, Any]:
    """Return the expected number of wrong ones among labels that a version decided.

    ``wrong`` has ``estimate``, ``lower`` and ``upper`` (95 %, of the precision alone), or is None
    where the grade is ``not evaluated``. An empty ``version_id`` stands for labels that no
    classifier's match decided. ``poorly_known`` is a sentence where the precision is known too
    poorly to decide on, else None.
    """
    grade, precision = _precision(workspace, version_id)
    stated: dict[str, Any] = {
        "version": version_id or None, "labels": labels, "grade": grade,
        "poorly_known": _poorly_known(workspace, version_id, precision),
    }  # fmt: skip
    if precision is None:
        return stated | {"wrong": None}
    wrong = {
        "estimate": round(labels * (1.0 - precision["estimate"]), 1),
        "lower": round(labels * (1.0 - precision["upper"]), 1),
        "upper": round(labels * (1.0 - precision["lower"]), 1),
    }
    return stated | {"wrong": wrong}


def expected_wrong_of(
    workspace: Workspace, differences: Iterable[tuple[str, str]]
) -> list[dict[str, Any]]:
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


def _poorly_known(
    workspace: Workspace, version_id: str, precision: dict[str, Any] | None
) -> str | None:
    with workspace.registry.reading() as session:
        version = session.get(VersionRow, version_id)
    return poorly_known(version.classifier_id, precision) if version and precision else None


def _precision(workspace: Workspace, version_id: str) -> tuple[str, dict[str, float] | None]:
    """Return the grade and the figures of a version's precision, from its newest report.

    Pointing back to a version publishes it again without a report: that of before still stands.
    """
    published = (
        select(PublicationRow.evidence)
        .where(PublicationRow.version_id == version_id)
        .order_by(PublicationRow.id.desc())
    )
    with workspace.registry.reading() as session:
        version = session.get(VersionRow, version_id)
        sampled = session.get(ReleaseSampleRow, version_id) is not None
        kept = [each.get("release_report") for each in session.scalars(published)]
    if version is not None and sampled:
        report = report_of(workspace, version.classifier_id, version_id)
    else:
        report = next((each for each in kept if each), {})
    found = report.get("figures", {}).get("precision", {})
    if "estimate" not in found:
        return NOT_EVALUATED, None
    return found["grade"], found
