"""The strata of a version's release sample: what was scored, planned and reviewed of each.

A sample is drawn by the predictions in content at that time. Where another operating point was
chosen since, the one stratum that its threshold divides counts as two: of each part the reviewed
items are still a random sample.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.operating_points import Cut
from cultivar.core.release_report.measured import Stratum
from cultivar.core.release_report.planning import Plan, release_plan
from cultivar.core.review.order import is_relevant
from cultivar.core.vocabulary import CLOSE_MATCH, MATCH, NO_MATCH
from cultivar.operations.publishing.release_scores import score_sample, strata_of
from cultivar.store.tables import ReleaseItemRow, ReleaseSampleRow
from cultivar.store.workspace import Workspace

STRATA = (MATCH, CLOSE_MATCH, NO_MATCH)
_Cell = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class SampledStrata:
    """The strata with their reviews, the plan for them, and the one that was drawn, if any."""

    strata: tuple[Stratum, ...]
    plan: Plan
    drawn: Plan | None


def sample_plan(
    workspace: Workspace, version_id: str, documents: int, cut: Cut | None
) -> tuple[tuple[Stratum, ...], Plan]:
    """Return the strata of a version's scored sample, and how many reviews each needs.

    ``cut`` is where matches begin in content; None: at the review's threshold.
    """
    scores = score_sample(workspace, version_id)
    kinds = [kind for kind, _ in strata_of(workspace, scores, cut).values()] if scores else []
    strata = tuple(Stratum(name, name == MATCH, kinds.count(name), 0, 0) for name in STRATA)
    return strata, release_plan(documents, strata)


def sampled_strata(
    workspace: Workspace, version_id: str, documents: int, cut: Cut | None
) -> SampledStrata:
    """Return the strata of a version's release sample, of the one to be drawn where none is.

    ``cut`` as in ``sample_plan``.
    """
    with workspace.registry.reading() as session:
        sample = session.get(ReleaseSampleRow, version_id)
        rows = _decided(session, version_id)
    if sample is None:
        strata, plan = sample_plan(workspace, version_id, documents, cut)
        return SampledStrata(strata, plan, None)
    drawn = Plan(sample.plan["sizes"], sample.plan["elusion_bound"])
    scored = Counter({(name, name == MATCH): count for name, count in _scored(sample).items()})
    if cut != cut_drawn_at(sample):
        scores = workspace.artifacts.reference(sample.scores_sha256)
        members = strata_of(workspace, scores, cut_drawn_at(sample)).values()
        scored = Counter((kind, _labelled(kind, score, cut)) for kind, score in members)
    reviewed = Counter((row.prediction, _labelled(row.prediction, row.score, cut)) for row in rows)
    relevant = Counter(
        (row.prediction, _labelled(row.prediction, row.score, cut))
        for row in rows
        if is_relevant(row.prediction, row.verdict or "")
    )
    strata = tuple(
        Stratum(_name(cell, scored), cell[1], scored[cell], reviewed[cell], relevant[cell])
        for cell in _cells(scored)
    )
    return SampledStrata(strata, _plan(scored, reviewed, drawn), drawn)


def _scored(sample: ReleaseSampleRow) -> dict[str, int]:
    return {name: sample.plan["scored"].get(name, 0) for name in STRATA}


def cut_drawn_at(sample: ReleaseSampleRow) -> Cut | None:
    """Return where matches began in content when a sample was drawn; None: as in the review."""
    stored = sample.plan.get("cut")
    return Cut(**stored) if stored else None


def _decided(session: Session, version_id: str) -> list[ReleaseItemRow]:
    rows = session.scalars(
        select(ReleaseItemRow).where(
            ReleaseItemRow.version_id == version_id, ReleaseItemRow.verdict.is_not(None)
        )
    )
    return [row for row in rows if is_relevant(row.prediction, row.verdict or "") is not None]


def _labelled(kind: str, score: float, cut: Cut | None) -> bool:
    return score >= cut.threshold if cut else kind == MATCH


def _cells(scored: "Counter[_Cell]") -> Iterator[_Cell]:
    """Yield the parts from the highest score to the lowest; an empty stratum is one part."""
    for name in STRATA:
        parts = [(name, labelled) for labelled in (True, False) if scored[name, labelled]]
        yield from parts or [(name, name == MATCH)]


def _name(cell: _Cell, scored: "Counter[_Cell]") -> str:
    name, labelled = cell
    if not scored[name, not labelled]:
        return name
    return f"{name}, labelled" if labelled else f"{name}, not labelled"


def _plan(scored: "Counter[_Cell]", reviewed: "Counter[_Cell]", drawn: Plan) -> Plan:
    """Return the reviews that each part needs: what its stratum lacks is shared out by size."""
    sizes = {}
    for cell in _cells(scored):
        name, whole = cell[0], scored[cell[0], True] + scored[cell[0], False]
        left = drawn.sizes[name] - reviewed[name, True] - reviewed[name, False]
        share = -(-max(0, left) * scored[cell] // whole) if whole else 0
        sizes[_name(cell, scored)] = reviewed[cell] + share
    return Plan(sizes, drawn.elusion_bound)
