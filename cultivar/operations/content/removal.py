"""Locations removed: what refers to one is told first, and what was read of it is read no more.

Files stay as they are, and so do the labels that were written into them. What happened at the
location stays on record; its name may be given again.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import Conflict
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.policies.conditions import LocationIn, nodes
from cultivar.core.roles import Action, AnyActor
from cultivar.core.vocabulary import REMOVED, how_many
from cultivar.operations.content.aggregation import follow_places
from cultivar.operations.content.kept_items import kept_by
from cultivar.operations.content.locations import KnownLocation, known, location_row
from cultivar.operations.policies.evaluation import current_application
from cultivar.operations.policies.policies import enabled_policies
from cultivar.operations.transactions import snapshot, transaction
from cultivar.store.tables import (
    ClassifierRow,
    LabellingRow,
    LocationRow,
    PersonLabelRow,
    ProjectRow,
    TestSourceRow,
)
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class LocationUses:
    """What refers to a location.

    ``policies`` are ids of enabled policies that name it, ``seeds_of`` and ``tests_of`` ids of
    classifiers, ``projects`` those that it holds documents of; ``items`` counts those of the last
    crawl, ``labels`` active labels, ``by_hand`` those that people set.
    """

    policies: tuple[str, ...]
    seeds_of: tuple[str, ...]
    tests_of: tuple[str, ...]
    projects: tuple[str, ...]
    items: int
    labels: int
    by_hand: int

    @property
    def sentence(self) -> str:
        """What is lost or left behind, in words; empty where nothing refers to it."""
        told = [
            how_many(self.items, "item") if self.items else "",
            how_many(self.labels, "active label") if self.labels else "",
            how_many(self.by_hand, "label set by hand", "labels set by hand")
            if self.by_hand
            else "",
            f"the seeds of {', '.join(self.seeds_of)}" if self.seeds_of else "",
            f"test items of {', '.join(self.tests_of)}" if self.tests_of else "",
            f"the documents of {', '.join(self.projects)}" if self.projects else "",
        ]
        return ", ".join(each for each in told if each)

    @property
    def referring(self) -> str:
        """What refers to it, policies among it, in words; empty where nothing does."""
        policies = f"the policies {', '.join(self.policies)}" if self.policies else ""
        return ", ".join(filter(None, (policies, self.sentence)))


def location_uses(workspace: Workspace, actor: AnyActor, name: str) -> LocationUses:
    """Return what refers to a location.

    Raises:
        NotFound: code ``unknown-location``.
    """
    with snapshot(workspace, actor, Action.ADD_LOCATION) as tx:
        return _uses(tx.session, location_row(tx.session, name))


def remove_location(workspace: Workspace, actor: AnyActor, name: str) -> KnownLocation:
    """Remove a location: it is crawled, labelled, explored and counted no more.

    What was learned from seeds and test items of it stays as it is, as they are kept with the
    classifier.

    Raises:
        NotFound: code ``unknown-location``.
        Conflict: code ``location-in-use``; an enabled policy names it.
    """
    with snapshot(workspace, actor, Action.ADD_LOCATION) as tx:
        items = location_row(tx.session, name).items_sha256
    # so that what people gave finds its item, and no other one, should the name be given again
    kept = kept_by(workspace, name, None, items) if items is not None else None
    with transaction(workspace, actor, Action.ADD_LOCATION) as tx:
        row = location_row(tx.session, name)
        found = known(row)
        uses = _uses(tx.session, row)
        if uses.policies:
            raise Conflict(
                "location-in-use",
                f"The location {name} is named by the policy {uses.policies[0]}, so nothing was "
                "removed.",
                {"location": name, "policies": list(uses.policies)},
                Remedy(NextStep.UPDATE_POLICY, uses.policies[0]),
            )
        if kept is not None:
            kept.record(tx, name)
        tx.session.execute(delete(LabellingRow).where(LabellingRow.location == name))
        row.purpose, row.items_sha256, row.crawl, row.crawled_at = REMOVED, None, {}, None
        tx.audit(
            AuditAction.LOCATION_REMOVED, f"location:{name}", workload=row.workload,
            purpose=found.purpose, labels=uses.labels, by_hand=uses.by_hand,
        )  # fmt: skip
    follow_places(workspace)
    return found


def _uses(session: Session, row: LocationRow) -> LocationUses:
    name = row.name
    active = current_application(session, name)
    return LocationUses(
        policies=tuple(_naming(session, name)),
        seeds_of=_ids(session, ClassifierRow.id, ClassifierRow.seed_site == name),
        tests_of=_ids(session, TestSourceRow.classifier_id, TestSourceRow.site == name),
        projects=_ids(session, ProjectRow.name, ProjectRow.container == name),
        items=(row.crawl or {}).get("items", 0) if row.items_sha256 else 0,
        labels=active.counts.get("labels", 0) if active is not None else 0,
        by_hand=session.scalar(
            select(func.count()).select_from(PersonLabelRow).where(PersonLabelRow.location == name)
        )
        or 0,
    )


def _ids(session: Session, column: object, condition: object) -> tuple[str, ...]:
    query = select(column).where(condition).distinct()  # type: ignore[call-overload]
    return tuple(sorted(session.scalars(query)))


def _naming(session: Session, name: str) -> Iterator[str]:
    for policy in enabled_policies(session):
        for node in nodes(policy.condition, "$.condition"):
            if isinstance(node.condition, LocationIn) and name in node.condition.names:
                yield policy.policy_id
                break
