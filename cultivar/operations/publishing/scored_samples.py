"""A version's scored sample with its verdicts, stratum by stratum, as its report reads it.

It reads the registry and artifacts; the figures are the core's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.operating_points import Cut
from cultivar.core.reference import ArtifactReference
from cultivar.core.release_report.by_score import NAMES, bounds_of, places_of, sizes_of
from cultivar.core.release_report.planning import Plan
from cultivar.core.release_report.recalibrated import ScoredSample
from cultivar.core.review.order import is_relevant
from cultivar.core.vocabulary import PREDICTIONS
from cultivar.operations.publishing.release_scores import score_sample, score_values
from cultivar.store.tables import ReleaseItemRow, ReleaseSampleRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Strata:
    """The scores from which on each stratum but the last begins, and the names of all."""

    bounds: tuple[float, ...]
    names: tuple[str, ...]

    def of(self, scores: Sequence[float]) -> list[str]:
        """Return the name of the stratum that each score falls into."""
        places = places_of(np.array(scores, np.float32), self.bounds)
        return [self.names[place] for place in places.tolist()]


@dataclass(frozen=True, slots=True)
class PlannedSample:
    """A scored sample with its verdicts, the names of its strata, and the plan of reviews.

    ``drawn`` tells whether it was drawn, or would be by that plan.
    """

    sample: ScoredSample
    names: tuple[str, ...]
    plan: Plan
    drawn: bool


def strata_drawn(sample: ReleaseSampleRow) -> Strata | None:
    """Return the strata that a sample was drawn by; None: by the predictions of the review.

    Earlier releases drew by predictions.
    """
    if "bounds" in sample.plan:
        return Strata(tuple(sample.plan["bounds"]), NAMES)
    cut = cut_drawn_at(sample)
    return Strata((cut.threshold, cut.close), PREDICTIONS) if cut else None


def cut_drawn_at(sample: ReleaseSampleRow) -> Cut | None:
    """Return where matches began in content when a sample was drawn; None: as in the review."""
    stored = sample.plan.get("cut")
    return Cut(**stored) if stored else None


def new_strata(workspace: Workspace, scores: ArtifactReference, cut: Cut) -> Strata:
    """Return the strata by which a sample of a version that labels at ``cut`` is drawn."""
    return Strata(bounds_of(score_values(workspace, scores), cut.threshold), NAMES)


def plan_by_score(held: Sequence[int]) -> Plan:
    """Return the reviews of each stratum; ``held`` is how many items each has."""
    return Plan(sizes_of(held), 0.0)


def planned_sample(
    workspace: Workspace, version_id: str, documents: int, cut: Cut
) -> PlannedSample | None:
    """Return what is known of a version's sample, drawn or to be drawn; None without a baseline."""
    with workspace.registry.reading() as session:
        row = session.get(ReleaseSampleRow, version_id)
        judged = _judged(session, version_id)
    scores = (
        workspace.artifacts.reference(row.scores_sha256)
        if row
        else score_sample(workspace, version_id)
    )
    if scores is None:
        return None
    values = score_values(workspace, scores)
    strata = strata_drawn(row) if row else new_strata(workspace, scores, cut)
    names = strata.names if strata else PREDICTIONS
    places = places_of(values, strata.bounds) if strata else _predicted(workspace, scores)
    held = np.bincount(places, minlength=len(names)).tolist()
    sample = ScoredSample(
        max(documents, len(values)), values, places, _among(workspace, scores, list(judged)),
        _among(workspace, scores, [item for item, relevant in judged.items() if relevant]),
    )  # fmt: skip
    plan = Plan(row.plan["sizes"], 0.0) if row else plan_by_score(held)
    return PlannedSample(sample, names, plan, row is not None)


def _judged(session: Session, version_id: str) -> dict[str, bool]:
    """Return whether each decided item of a version's sample is relevant."""
    rows = session.scalars(
        select(ReleaseItemRow).where(
            ReleaseItemRow.version_id == version_id, ReleaseItemRow.verdict.is_not(None)
        )
    )
    said = {row.item_id: is_relevant(row.prediction, row.verdict or "") for row in rows}
    return {item: relevant for item, relevant in said.items() if relevant is not None}


def _predicted(workspace: Workspace, scores: ArtifactReference) -> npt.NDArray[np.int64]:
    kinds = workspace.artifacts.read(scores, columns=["prediction"]).column("prediction")
    found = pc.index_in(kinds, value_set=pa.array(PREDICTIONS, kinds.type))
    return np.asarray(found.to_numpy(), dtype=np.int64)


def _among(
    workspace: Workspace, scores: ArtifactReference, wanted: list[str]
) -> npt.NDArray[np.bool_]:
    """Mark the wanted of the scored items."""
    items = workspace.artifacts.read(scores, columns=["item_id"]).column("item_id")
    found = pc.is_in(items, value_set=pa.array(wanted, items.type))
    return np.asarray(found.to_numpy(), dtype=bool)
