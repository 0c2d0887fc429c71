"""The strata of a release sample of a version without operating points: its three predictions.

Such versions, of earlier releases, label content at the threshold of their review.
"""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.release_report.measured import Stratum
from cultivar.core.release_report.planning import Plan, release_plan
from cultivar.core.review.order import is_relevant
from cultivar.core.vocabulary import MATCH, PREDICTIONS
from cultivar.operations.publishing.release_scores import score_sample, strata_of
from cultivar.store.tables import ReleaseItemRow, ReleaseSampleRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class SampledStrata:
    """The strata with their reviews, the plan for them, and the one that was drawn, if any."""

    strata: tuple[Stratum, ...]
    plan: Plan
    drawn: Plan | None


def sample_plan(
    workspace: Workspace, version_id: str, documents: int
) -> tuple[tuple[Stratum, ...], Plan]:
    """Return the strata of a version's scored sample, and how many reviews each needs."""
    scores = score_sample(workspace, version_id)
    kinds = [kind for kind, _ in strata_of(workspace, scores, None).values()] if scores else []
    strata = tuple(Stratum(name, name == MATCH, kinds.count(name), 0, 0) for name in PREDICTIONS)
    return strata, release_plan(documents, strata)


def sampled_strata(workspace: Workspace, version_id: str, documents: int) -> SampledStrata:
    """Return the strata of a version's release sample, of the one to be drawn where none is."""
    with workspace.registry.reading() as session:
        sample = session.get(ReleaseSampleRow, version_id)
        rows = _decided(session, version_id)
    if sample is None:
        strata, plan = sample_plan(workspace, version_id, documents)
        return SampledStrata(strata, plan, None)
    drawn = Plan(sample.plan["sizes"], sample.plan.get("elusion_bound", 0.0))
    reviewed = Counter(row.prediction for row in rows)
    relevant = Counter(
        row.prediction for row in rows if is_relevant(row.prediction, row.verdict or "")
    )
    strata = tuple(
        Stratum(
            name, name == MATCH, sample.plan["scored"].get(name, 0), reviewed[name], relevant[name]
        )
        for name in PREDICTIONS
    )
    return SampledStrata(strata, drawn, drawn)


def _decided(session: Session, version_id: str) -> list[ReleaseItemRow]:
    rows = session.scalars(
        select(ReleaseItemRow).where(
            ReleaseItemRow.version_id == version_id, ReleaseItemRow.verdict.is_not(None)
        )
    )
    return [row for row in rows if is_relevant(row.prediction, row.verdict or "") is not None]
