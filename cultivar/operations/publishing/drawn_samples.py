"""Drawing a release sample: once a version, and one item more for each *not sure*.

It keeps no verdict.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import NotReady
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.operating_points import Cut
from cultivar.core.reference import ArtifactReference
from cultivar.core.release_report.planning import Plan, release_order, release_sample
from cultivar.core.review.order import NOT_SURE
from cultivar.core.roles import Action, AnyActor
from cultivar.core.serialisation import as_json
from cultivar.operations.content_thresholds import cut_in_content
from cultivar.operations.publishing.release_reports import version_named
from cultivar.operations.publishing.release_scores import score_sample, strata_of
from cultivar.operations.publishing.release_strata import sample_plan
from cultivar.operations.publishing.scored_samples import (
    Strata,
    cut_drawn_at,
    new_strata,
    plan_by_score,
    strata_drawn,
)
from cultivar.operations.transactions import snapshot, tenant_of, transaction
from cultivar.store.tables import ReleaseItemRow, ReleaseSampleRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Member:
    """An item of the scored sample: its stratum, what is claimed of it, and its score."""

    stratum: str
    prediction: str
    score: float


def draw_release_sample(
    workspace: Workspace, actor: AnyActor, classifier: str, version: str | None = None
) -> dict[str, int]:
    """Draw the release sample of a version, once; return how many reviews each stratum needs.

    Raises:
        NotReady: codes ``no-version``, ``not-opted-in``.
        NotPermitted: the actor may not review the classifier.
    """
    with snapshot(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        version_id = version_named(tx, row, version)
        kept = tx.session.get(ReleaseSampleRow, version_id)
        documents, seed = tx.tenant.baseline_documents, str(tx.tenant.seed)
    if kept is not None:
        return dict(kept.plan["sizes"])
    scores = score_sample(workspace, version_id)
    if scores is None:
        raise NotReady(
            "not-opted-in",
            "The organisation has no baseline yet.",
            remedy=Remedy(NextStep.OPT_IN),
        )
    members, sizes, stated = _planned(workspace, version_id, scores, documents)
    drawn = release_sample(_order(members, seed), Plan(sizes, 0.0))
    with transaction(workspace, actor, Action.TRAIN) as tx:
        tx.session.add(
            ReleaseSampleRow(
                version_id=version_id, scores_sha256=scores.sha256, drawn_by=tx.actor,
                drawn_at=tx.at, plan={"sizes": sizes} | stated,
            )
        )  # fmt: skip
        tx.session.flush()
        for place, item_id in enumerate(_mixed(drawn, seed)):
            tx.session.add(_item(version_id, item_id, place, members[item_id]))
        tx.audit(AuditAction.RELEASE_SAMPLE_DRAWN, row.id, version=version_id, items=len(drawn))
    return sizes


def _planned(
    workspace: Workspace, version_id: str, scores: ArtifactReference, documents: int
) -> tuple[dict[str, Member], dict[str, int], dict[str, Any]]:
    """Return the items by id, the reviews of each stratum, and what the registry keeps of it."""
    cut = cut_in_content(workspace, version_id)
    if cut is None:
        members = _members(workspace, scores, None, None)
        found, plan = sample_plan(workspace, version_id, max(documents, len(members)))
        scored = {each.name: each.scored for each in found}
        return members, dict(plan.sizes), {"elusion_bound": plan.elusion_bound, "scored": scored}
    strata = new_strata(workspace, scores, cut)
    members = _members(workspace, scores, cut, strata)
    held = Counter(each.stratum for each in members.values())
    sizes = dict(plan_by_score([held[name] for name in strata.names]).sizes)
    return (
        members,
        sizes,
        {
            "elusion_bound": 0.0,
            "scored": {name: held[name] for name in strata.names},
            "bounds": list(strata.bounds),
            "cut": as_json(cut),
        },
    )


def members_drawn(workspace: Workspace, sample: ReleaseSampleRow) -> dict[str, Member]:
    """Return the items that a sample was drawn from, by id."""
    scores = workspace.artifacts.reference(sample.scores_sha256)
    return _members(workspace, scores, cut_drawn_at(sample), strata_drawn(sample))


def _members(
    workspace: Workspace, scores: ArtifactReference, cut: Cut | None, strata: Strata | None
) -> dict[str, Member]:
    found = strata_of(workspace, scores, cut)
    names = strata.of([score for _, score in found.values()]) if strata else None
    return {
        item: Member(names[place] if names else kind, kind, score)
        for place, (item, (kind, score)) in enumerate(found.items())
    }


def _order(members: dict[str, Member], seed: str) -> dict[str, list[str]]:
    return release_order({item: each.stratum for item, each in members.items()}, seed)


def _mixed(drawn: list[str], seed: str) -> list[str]:
    """Return the items in an order that tells nobody which stratum comes next."""
    [order] = release_order(dict.fromkeys(drawn, "all"), f"{seed} order").values() or [[]]
    return order


def _item(version_id: str, item_id: str, position: int, found: Member) -> ReleaseItemRow:
    return ReleaseItemRow(
        version_id=version_id, item_id=item_id, position=position, prediction=found.prediction,
        score=found.score,
    )  # fmt: skip


def top_up(session: Session, sample: ReleaseSampleRow, members: dict[str, Member]) -> None:
    """Draw further items where *not sure* leaves a stratum short of its plan."""
    order = _order(members, str(tenant_of(session).seed))
    query = select(ReleaseItemRow).where(ReleaseItemRow.version_id == sample.version_id)
    present = session.scalars(query).all()
    place = max((each.position for each in present), default=-1) + 1
    known = {each.item_id for each in present}
    unsure = Counter(members[each.item_id].stratum for each in present if each.verdict == NOT_SURE)
    for name, size in sample.plan["sizes"].items():
        for item_id in order.get(name, [])[: size + unsure[name]]:
            if item_id not in known:
                session.add(_item(sample.version_id, item_id, place, members[item_id]))
                place += 1
    session.flush()
