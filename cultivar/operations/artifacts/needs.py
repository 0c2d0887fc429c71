"""What still needs each artifact: work, the evidence of a decision, or a question about a past day.

Whatever any row of the registry names is needed, unless it is stated here why not; so a table that
is added later is heeded before anybody thinks of it. It reads the registry alone.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import JSON, Text, cast, func, select
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.operations.content.former_names import name_now, renamings
from cultivar.store.origin import Producer
from cultivar.store.tables import (
    ApplicationRow,
    ArtifactInput,
    ArtifactRow,
    AuditRow,
    ClassifierRow,
    ContentItemRow,
    FeedbackRow,
    LabellingRow,
    LocationRow,
    ProjectDeploymentRow,
    ProjectModelRow,
    ProjectRow,
    SweptCrawlRow,
    Tenant,
    VersionRow,
    all_tables,
)

ITEMS = "items"
# Read for what stands in them, never for what they were made from.
_LEAVES = frozenset({"assignments", "labels", "label_changes", "crawl_differences"})
# Through these a live version's proof goes on to the crawls that its content was drawn from; what
# else a version learned from holds the texts itself.
_DRAWN = frozenset({"unlabelled", "baseline", "document_frequencies", "seed_set", "test_set"})
# Columns that name an artifact and need no file of it: edges, earlier applications (their labels
# are named beside), what a gate judged (its figures are in the row), the crawl that something given
# by people was given on (its rows are kept), and what the sweep itself notes.
_NAMED_ALONE = frozenset(
    {
        ("artifact_input", "output_sha256"),
        ("artifact_input", "input_sha256"),
        ("application", "items_sha256"),
        ("gate_result", "artifact_sha256"),
        ("feedback", "items_sha256"),
        ("content_item", "items_sha256"),
        ("swept_crawl", "sha256"),
        ("swept_crawl", "next_sha256"),
    }
)
_STATED_ALONE = frozenset({("application", "basis"), ("audit", "details")})
_HASH = re.compile(r"[0-9a-f]{64}")


class Need(StrEnum):
    """Why an artifact is kept; ``unneeded`` ones are kept for the grace period alone."""

    LIVE = "live"
    EVIDENCE = "evidence"
    AUDIT = "audit"
    UNNEEDED = "unneeded"


@dataclass(frozen=True, slots=True)
class Needs:
    """Why each artifact is kept, by sha256; what is not in ``of`` is unneeded.

    ``followed_by`` maps each crawl that was labelled once to the next one of its location, or to
    None. ``given_on`` maps a crawl to the items of it on which people gave something.
    """

    of: Mapping[str, Need]
    followed_by: Mapping[str, str | None]
    given_on: Mapping[str, frozenset[str]]

    def need(self, sha256: str) -> Need:
        """Return why an artifact is kept."""
        return self.of.get(sha256, Need.UNNEEDED)


def needs(session: Session) -> Needs:
    """Return what the registry needs at this moment."""
    walk = _Walk(session)
    walk.reach(Need.LIVE, _live_models(session), to_crawls=True)
    walk.reach(Need.LIVE, _live(session))
    walk.reach(Need.AUDIT, _asked_after(session))
    walk.reach(Need.EVIDENCE, _evidence(session))
    followed = _followed(session)
    return Needs(MappingProxyType(walk.found), followed, _given_on(session))


class _Walk:
    """Follows lineage from what is needed to what that was made from."""

    def __init__(self, session: Session) -> None:
        self.found: dict[str, Need] = {}
        rows = session.execute(select(ArtifactRow.sha256, ArtifactRow.schema_name))
        self._schemas: dict[str, str] = {row.sha256: row.schema_name for row in rows}
        self._inputs: dict[str, list[str]] = {}
        edges = select(ArtifactInput.output_sha256, ArtifactInput.input_sha256)
        for output, taken in session.execute(edges):
            self._inputs.setdefault(output, []).append(taken)

    def reach(self, need: Need, roots: Iterable[str | None], *, to_crawls: bool = False) -> None:
        waiting = [each for each in roots if each in self._schemas]
        # a walk to the crawls passes what an earlier walk, which stopped before them, has found
        passed: set[str] = set()
        while waiting:
            sha256 = waiting.pop()
            if sha256 is None or sha256 in passed or (sha256 in self.found and not to_crawls):
                continue
            passed.add(sha256)
            self.found.setdefault(sha256, need)
            waiting += self._further(sha256, to_crawls)

    def _further(self, sha256: str, to_crawls: bool) -> Iterator[str]:
        schema = self._schemas[sha256]
        if schema in _LEAVES:
            return
        for each in self._inputs.get(sha256, ()):
            if self._schemas[each] != ITEMS or (to_crawls and schema in _DRAWN):
                yield each


def _live_models(session: Session) -> Iterator[str]:
    """Yield the models that `cultivar verify` may be asked to prove."""
    in_use = select(ClassifierRow.published_version_id, ClassifierRow.candidate_version_id)
    wanted = {each for row in session.execute(in_use) for each in row if each is not None}
    yield from session.scalars(select(VersionRow.model_sha256).where(VersionRow.id.in_(wanted)))


def _live(session: Session) -> Iterator[str | None]:
    tenant = session.get(Tenant, 1)
    if tenant is not None:
        yield from (
            tenant.baseline_sha256, tenant.document_frequencies_sha256, tenant.unlabelled_sha256,
        )  # fmt: skip
    for query in (
        select(LocationRow.items_sha256),
        select(LabellingRow.items_sha256),
        select(LabellingRow.assignments_sha256),
        select(ClassifierRow.seed_set_sha256),
        select(ClassifierRow.test_set_sha256),
        select(ClassifierRow.predictions_sha256),
        select(ProjectRow.documents_sha256),
        select(ProjectModelRow.model_sha256),
        select(ProjectDeploymentRow.model_sha256),
    ):
        yield from session.scalars(query)
    newest = select(ApplicationRow.location, func.max(ApplicationRow.number).label("number"))
    last = newest.group_by(ApplicationRow.location).subquery()
    active = select(ApplicationRow).join(
        last,
        (ApplicationRow.location == last.c.location) & (ApplicationRow.number == last.c.number),
    )
    for row in session.scalars(active):
        yield from (row.items_sha256, row.labels_sha256, row.changes_sha256)


def _asked_after(session: Session) -> Iterator[str]:
    """Yield what says of a past day how an item was classified and labelled."""
    yield from session.scalars(select(ApplicationRow.labels_sha256))
    yield from session.scalars(select(ApplicationRow.changes_sha256))
    yield from session.scalars(select(SweptCrawlRow.difference_sha256))
    for _, details in _labelled(session):
        yield details["assignments_sha256"]


def _labelled(session: Session) -> Iterator[tuple[int, dict[str, Any]]]:
    query = select(AuditRow.id, AuditRow.details).where(
        AuditRow.action == AuditAction.LABELLED.value
    )
    for number, details in session.execute(query.order_by(AuditRow.id)):
        if "assignments_sha256" in details:
            yield number, details


def _evidence(session: Session) -> Iterator[str]:
    """Yield everything else that any row names, by a key or in its JSON."""
    for table in all_tables().sorted_tables:
        for column in table.columns:
            place = (table.name, column.name)
            points = any(key.column.table.name == "artifact" for key in column.foreign_keys)
            if points and place not in _NAMED_ALONE:
                yield from filter(None, session.scalars(select(column).distinct()))
            if isinstance(column.type, JSON) and place not in _STATED_ALONE:
                yield from _stated(session.scalars(select(cast(column, Text))))
    yield from (sha256 for sha256, _ in _given(session, kept=True))
    other = AuditRow.action != AuditAction.LABELLED.value
    yield from _stated(session.scalars(select(cast(AuditRow.details, Text)).where(other)))
    yield from _judged(session)


def _stated(texts: Iterable[str | None]) -> Iterator[str]:
    for text in texts:
        yield from _HASH.findall(text or "")


def _judged(session: Session) -> Iterator[str]:
    """Yield what gates of a classifier judged and nothing else names, such as its reviews."""
    gates = all_tables().tables["gate_result"].c
    query = select(gates.artifact_sha256).join(
        ArtifactRow, ArtifactRow.sha256 == gates.artifact_sha256
    )
    content = [ITEMS, *_LEAVES]
    wanted = query.where(gates.classifier_id.is_not(None), ArtifactRow.schema_name.not_in(content))
    yield from session.scalars(wanted.distinct())


def _followed(session: Session) -> dict[str, str | None]:
    """Return what followed each crawl that was labelled, the last time that it was the newest."""
    made = renamings(session)
    order: dict[str, dict[str, None]] = {}
    for number, details in _labelled(session):
        crawls = order.setdefault(name_now(made, details["location"], number), {})
        crawls.pop(details["items_sha256"], None)
        crawls[details["items_sha256"]] = None
    newest = select(LocationRow.name, LocationRow.items_sha256)
    for name, sha256 in session.execute(newest.where(LocationRow.items_sha256.is_not(None))):
        if name in order and sha256 is not None:
            order[name].pop(sha256, None)
            order[name][sha256] = None
    found: dict[str, str | None] = {}
    for crawls in order.values():
        listed = list(crawls)
        found.update(zip(listed, [*listed[1:], None], strict=True))
    return found


def _given_on(session: Session) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for sha256, item_id in _given(session, kept=False):
        found.setdefault(sha256, set()).add(item_id)
    return {sha256: frozenset(items) for sha256, items in found.items()}


def _given(session: Session, *, kept: bool) -> Iterator[tuple[str, str]]:
    """Yield what people gave something on: of crawls, or of what a sweep kept of crawls."""
    by_sweep = ArtifactRow.producer == Producer.STORE_SWEEP.value
    for table in (FeedbackRow, ContentItemRow):
        query = select(table.items_sha256, table.item_id).join(
            ArtifactRow, ArtifactRow.sha256 == table.items_sha256
        )
        found = session.execute(query.where(by_sweep if kept else ~by_sweep).distinct())
        yield from ((sha256, item_id) for sha256, item_id in found)
