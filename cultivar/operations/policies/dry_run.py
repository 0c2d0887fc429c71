"""A policy tried out: how many items it would label, some of them with reasons, and how many wrong.

It labels nothing and keeps nothing but the record of the contents that it opened.
"""

import heapq
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import NotReady
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.policies.assigning import evaluation
from cultivar.core.policies.columnar import reached
from cultivar.core.policies.conditions import classifiers_of, confidence_asked
from cultivar.core.policies.policy import PERMISSION_FOR, Policy
from cultivar.core.policies.policy_checks import require_usable
from cultivar.core.roles import Action, AnyActor, may
from cultivar.operations.policies.evaluation import content_locations
from cultivar.operations.policies.expected_errors import ExpectedWrong, expected_wrong
from cultivar.operations.policies.inputs import EvaluationInput, evaluation_input, rows_of
from cultivar.operations.policies.policies import (
    enabled_policies,
    published_classifiers,
    undone_versions,
)
from cultivar.operations.scoring.version_models import model_of
from cultivar.operations.transactions import snapshot, transaction
from cultivar.store.item_rows import item_rows
from cultivar.store.workspace import Workspace

SAMPLE = 20
NEWEST = 50
WORDS = 8
_SHOWN = ["item_id", "location", "folder", "name", "path", "size", "created_at"]


@dataclass(frozen=True, slots=True)
class ReachedItem:
    """An item that the policy would label; no version where no classifier's match decided.

    ``size`` is in bytes.
    """

    item_id: str
    location: str
    folder: str
    name: str
    path: str
    size: int
    created_at: datetime
    classifier_id: str | None
    version_id: str | None
    score: float | None


@dataclass(frozen=True, slots=True)
class TellingWord:
    """A word that moved a score, and by how much."""

    word: str
    weight: float


@dataclass(frozen=True, slots=True)
class SampledItem(ReachedItem):
    """An item of the random sample, with the words that moved its score most.

    ``words`` is None where nobody opened the item.
    """

    words: tuple[TellingWord, ...] | None


@dataclass(slots=True)
class Trial:
    """What a policy would do now.

    ``reached`` items fulfil its condition; of those ``outranked`` get their label from a policy
    that comes first, ``kept for people`` were decided by a person, and ``would_label`` get its own.
    ``sample`` and ``newest`` are None where the actor may not see items; a sampled item's ``words``
    are None where the actor may not open content. An ``undone`` version labels nothing any more;
    the figures are those of a next version that says the same. Nothing is labelled on account of
    ``undone_classifiers``: their published versions were undone.
    """

    policy: Policy
    undone: bool = False
    undone_classifiers: list[str] = field(default_factory=list)
    items: int = 0
    reached: int = 0
    would_label: int = 0
    kept_for_people: int = 0
    by_location: dict[str, int] = field(default_factory=dict)
    by_version: dict[str, int] = field(default_factory=dict)
    sample: list[SampledItem] | None = None
    newest: list[ReachedItem] | None = None
    expected_wrong: list[ExpectedWrong] = field(default_factory=list)

    @property
    def outranked(self) -> int:
        """Items that another policy's label keeps from this one's."""
        return self.reached - self.would_label - self.kept_for_people

    @property
    def figures(self) -> "TrialFigures":
        """What every face tells of a trial beside its policy."""
        return TrialFigures(
            self.items, self.reached, self.outranked, self.would_label, self.kept_for_people,
            self.by_location, self.by_version, self.sample, self.newest, self.expected_wrong,
            self.undone, self.undone_classifiers,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class TrialFigures:
    """What a trial found, in the order in which it is told; see ``Trial``."""

    items: int
    reached: int
    outranked: int
    would_label: int
    kept_for_people: int
    by_location: dict[str, int]
    by_version: dict[str, int]
    sample: list[SampledItem] | None
    newest: list[ReachedItem] | None
    expected_wrong: list[ExpectedWrong]
    undone: bool
    undone_classifiers: list[str]


def try_policy(
    workspace: Workspace,
    actor: AnyActor,
    policy: Policy,
    locations: Collection[str] | None = None,
    seed: int | None = None,
) -> Trial:
    """Evaluate a policy, kept or not, beside the enabled ones, without any effect.

    ``locations`` are all crawled content locations unless some are named. The sample is drawn at
    random by ``seed`` (the setting's unless given); the same items and seed give the same sample.

    Raises:
        NotPermitted: the actor may not write policies of that kind.
        NotReady: codes ``unpublished-classifier``, ``not-crawled``, ``not-labelled``.
        InvalidInput: the policy is not complete.
    """
    with snapshot(workspace, actor, PERMISSION_FOR[policy.kind]) as tx:
        require_usable(policy, published_classifiers(tx.session))
        held = tx.roles
        targets = _scenes(tx.session, policy, locations)
        undone = policy.version in undone_versions(tx.session, policy.policy_id)
    trial = Trial(policy, undone)
    drawn = _Drawn(workspace.settings.seed if seed is None else seed)
    asked = set(classifiers_of(policy.condition))
    trial.undone_classifiers = sorted(asked.difference(*(target.versions for target in targets)))
    for target in targets:
        _add(workspace, target, trial, drawn)
    trial.expected_wrong = [
        expected_wrong(workspace, version, count, confidence_asked(policy.condition))
        for version, count in sorted(trial.by_version.items())
    ]
    if may(held, Action.SEE_ITEMS):
        trial.newest = drawn.newest()
        trial.sample = _explained(workspace, actor, drawn.sample(), may(held, Action.OPEN_CONTENT))
    return trial


def _scenes(
    session: Session, policy: Policy, locations: Collection[str] | None
) -> list[EvaluationInput]:
    others = [
        each
        for each in enabled_policies(session)
        if each.policy_id != policy.policy_id and each.kind == policy.kind
    ]
    places = list(locations) if locations is not None else content_locations(session)
    if not places:
        raise NotReady(
            "not-crawled",
            "No content location was crawled yet.",
            remedy=Remedy(NextStep.CRAWL, effect="crawls them"),
        )
    # no version that was undone
    tried = replace(policy, enabled=True, version=0)
    return [evaluation_input(session, name, [tried, *others]) for name in places]


def _add(workspace: Workspace, target: EvaluationInput, trial: Trial, drawn: "_Drawn") -> None:
    name = target.location.name
    [policy] = [each for each in target.policies if each.policy_id == trial.policy.policy_id]
    labelled = 0
    for items in rows_of(workspace, target):
        found = evaluation(target.policies, items, target.versions, target.manual).labels
        own = found.filter(pc.equal(found["policy_id"], policy.policy_id))
        reaches = reached(policy.condition, items)
        decided = target.manual.filter(pc.equal(target.manual["kind"], str(policy.kind)))
        held = pc.is_in(items["item_id"], value_set=decided["item_id"].combine_chunks())
        trial.items += items.num_rows
        trial.reached += pc.sum(reaches).as_py() or 0
        trial.kept_for_people += pc.sum(pc.and_(reaches, held)).as_py() or 0
        labelled += own.num_rows
        for row in own["version_id"].value_counts().to_pylist():
            version = row["values"] or ""
            trial.by_version[version] = trial.by_version.get(version, 0) + row["counts"]
        drawn.add(own, items, target)
    trial.would_label += labelled
    trial.by_location[name] = labelled


class _Drawn:
    """A random sample and the newest of what streams by, in memory for as many rows."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._sample: list[tuple[str, str, dict[str, Any]]] = []
        self._newest: list[tuple[Any, str, dict[str, Any]]] = []

    def add(self, labels: pa.Table, items: pa.Table, target: EvaluationInput) -> None:
        """Take note of labels that would be given to some of these items."""
        ids = labels["item_id"].to_pylist()
        keys = [sha256(f"{self._seed} {each}".encode()).hexdigest() for each in ids]
        drawn = heapq.nsmallest(SAMPLE, range(len(ids)), key=lambda place: (keys[place], place))
        for place, row in zip(
            drawn, _shown(labels.take(pa.array(drawn, pa.int64())), items, target), strict=True
        ):
            self._sample.append((keys[place], row["item_id"], row))
        for row in _shown(_latest(labels, items), items, target):
            self._newest.append((row["created_at"], row["item_id"], row))
        # two keys that are equal are of one item, so rows are never compared
        self._sample = heapq.nsmallest(SAMPLE, self._sample, key=lambda each: each[:2])
        self._newest = heapq.nlargest(NEWEST, self._newest, key=lambda each: each[:2])

    def sample(self) -> list[dict[str, Any]]:
        """Return the random sample: the items whose hashes with the seed are the smallest."""
        return [dict(row) for *_, row in self._sample]

    def newest(self) -> list[ReachedItem]:
        """Return the items that were created last, the newest first."""
        return [ReachedItem(**_without_crawl(row)) for *_, row in self._newest]


def _at(labels: pa.Table, items: pa.Table) -> pa.ChunkedArray:
    return pc.index_in(labels["item_id"], value_set=items["item_id"].combine_chunks())


def _latest(labels: pa.Table, items: pa.Table) -> pa.Table:
    dated = labels.append_column("created_at", items["created_at"].take(_at(labels, items)))
    order = [("created_at", "descending"), ("item_id", "descending")]
    return dated.sort_by(order).slice(0, NEWEST).drop_columns(["created_at"])


def _shown(labels: pa.Table, items: pa.Table, target: EvaluationInput) -> list[dict[str, Any]]:
    """Return what a person is shown of labelled items, and which crawl holds their texts."""
    shown = items.select(_SHOWN).take(_at(labels, items))
    for name in ("classifier_id", "version_id", "score"):
        shown = shown.append_column(name, labels[name])
    return [row | {"items_sha256": target.location.items_sha256} for row in shown.to_pylist()]


def _without_crawl(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "items_sha256"}


def _explained(
    workspace: Workspace, actor: AnyActor, sample: list[dict[str, Any]], may_open: bool
) -> list[SampledItem]:
    """Add to each sampled item the words that moved its score most; opening it is recorded."""
    wanted = [row for row in sample if row["version_id"] is not None]
    if not may_open or not wanted:
        return [SampledItem(**_without_crawl(row), words=None) for row in sample]
    from cultivar.core.learning.explanation import telling  # noqa: PLC0415 - brings the kernels

    with transaction(workspace, actor, Action.OPEN_CONTENT) as tx:
        for row in wanted:
            tx.audit(
                AuditAction.CONTENT_OPENED, f"item:{row['item_id']}", reason="policy tried out"
            )
    texts = _texts(workspace, wanted)
    models = {name: model_of(workspace, name) for name in {row["version_id"] for row in wanted}}
    explained: dict[str, tuple[TellingWord, ...]] = {}
    for row in wanted:
        if row["item_id"] in texts:
            found = models[row["version_id"]].explain(texts[row["item_id"]], None)
            words = [TellingWord(each.word, each.weight) for each in telling(found)[:WORDS]]
            explained[row["item_id"]] = tuple(words)
    return [
        SampledItem(**_without_crawl(row), words=explained.get(row["item_id"])) for row in sample
    ]


def _texts(workspace: Workspace, wanted: list[dict[str, Any]]) -> dict[str, str]:
    """Return the texts of a few items, read from no more row groups than hold them."""
    store, found = workspace.artifacts, dict[str, str]()
    for crawl in sorted({row["items_sha256"] for row in wanted}):
        ids = {row["item_id"] for row in wanted if row["items_sha256"] == crawl}
        for rows in item_rows(store, store.reference(crawl), ids, ["item_id", "text"]):
            found |= {row["item_id"]: row["text"] or "" for row in rows.to_pylist()}
    return found
