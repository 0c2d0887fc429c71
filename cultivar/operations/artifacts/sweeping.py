"""The store sweep: what nothing needs any more is noted, and removed once a grace period is over.

A file is removed only after its row says so, in a transaction that looks at the row again, so that
a sweep killed anywhere leaves no row without its file, and whoever writes the same content at that
moment gets it back. What is left of a crawl is written before the crawl goes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

import pyarrow as pa
from sqlalchemy import select, update

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import Conflict
from cultivar.core.figures import bytes_in_words
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.roles import Action, AnyActor
from cultivar.core.schemas import ITEMS
from cultivar.core.vocabulary import how_many
from cultivar.operations.artifacts.catalogue import checked_kind
from cultivar.operations.artifacts.crawl_names import write_difference
from cultivar.operations.artifacts.needs import Need, Needs, needs
from cultivar.operations.runs import claim, held_subjects, require_not_running
from cultivar.operations.transactions import TENANT, Transaction, snapshot, transaction
from cultivar.store.item_rows import item_rows
from cultivar.store.origin import Producer
from cultivar.store.tables import ArtifactRow, ContentItemRow, FeedbackRow, SweptCrawlRow
from cultivar.store.workspace import Workspace

T = TypeVar("T")
STAGE = "store_sweep"
SUBJECT = f"{TENANT}:{STAGE}"
# A backup copies for hours what its copy of the registry names.
BACKUP = f"{TENANT}:backup"
_FILES_A_TRANSACTION = 200
# A file that is on no record may be one that is just being published.
_STRAY_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Share:
    """Artifacts of one kind: how many files, and their bytes."""

    files: int = 0
    size: int = 0

    def __add__(self, other: "Share") -> "Share":
        """Return both together."""
        return Share(self.files + other.files, self.size + other.size)


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """What nothing needs, by kind: all of it, and what is ``due`` as its grace period is over.

    ``strays`` are files that no record names, of writers that were killed; they are due too.
    ``next_at`` is when further files become due; None where that is not known or nothing waits.
    """

    days: int
    unneeded: Mapping[str, Share]
    due: Mapping[str, Share]
    strays: Share
    noted: bool
    next_at: datetime | None

    @property
    def total_due(self) -> Share:
        """All that a sweep would remove now."""
        return sum(self.due.values(), self.strays)


@dataclass(frozen=True, slots=True)
class StoreSwept:
    """What a sweep removed, by kind, and how much it only noted as unneeded."""

    days: int
    removed: Mapping[str, Share]
    strays: Share
    waiting: Share

    @property
    def total(self) -> Share:
        """All that was removed."""
        return sum(self.removed.values(), self.strays)

    @property
    def sentence(self) -> str:
        """What was removed, and what nothing needs and is still kept, in words."""
        done = self.total
        removed = f"{how_many(done.files, 'file')} removed ({bytes_in_words(done.size)})"
        kept = f"{how_many(self.waiting.files, 'file')} ({bytes_in_words(self.waiting.size)})"
        return f"{removed}. {kept} that nothing needs are kept for {how_many(self.days, 'day')}."


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a sweep is asked for: kinds (all where there is none), and for how long unneeded."""

    kinds: frozenset[str]
    days: int
    at: datetime

    @property
    def until(self) -> datetime:
        """Whatever has been unneeded since then, or for longer, is due."""
        return self.at - timedelta(days=self.days)

    def takes(self, row: ArtifactRow) -> bool:
        """Tell whether a kind is asked for."""
        return not self.kinds or row.schema_name in self.kinds

    def is_due(self, row: ArtifactRow) -> bool:
        """Tell whether an unneeded artifact may go; one that was noted just now is, at 0 days."""
        return self.takes(row) and (row.unneeded_at or self.at) <= self.until


def plan_sweep(
    workspace: Workspace,
    actor: AnyActor,
    kinds: Sequence[str] = (),
    older_than: int | None = None,
) -> SweepPlan:
    """Return what a sweep would remove; nothing is changed, and nothing noted.

    ``older_than`` is for how many days a file must have been unneeded, the setting
    ``store_grace_days`` if left out.

    Raises:
        NotPermitted: the actor may not read the area.
        InvalidInput: code ``unknown-kind``.
    """
    with snapshot(workspace, actor, Action.READ) as tx:
        wanted = _wanted(workspace, kinds, older_than, tx.at)
        found = needs(tx.session)
        rows = [row for row in _unneeded(tx, found) if wanted.takes(row)]
    strays = _strays(workspace, wanted)
    since = [row.unneeded_at for row in rows if row.unneeded_at and not wanted.is_due(row)]
    return SweepPlan(
        wanted.days,
        _by_kind(rows),
        _by_kind([row for row in rows if wanted.is_due(row)]),
        Share(len(strays), sum(size for _, size in strays)),
        all(row.unneeded_at is not None for row in rows),
        min(since) + timedelta(days=wanted.days) if since else None,
    )


def sweep_store(
    workspace: Workspace,
    actor: AnyActor,
    kinds: Sequence[str] = (),
    older_than: int | None = None,
    flow_run_id: str | None = None,
    *,
    only_note: bool = False,
) -> StoreSwept:
    """Note what nothing needs, and remove for good what has been so for the grace period.

    With ``only_note`` nothing is removed. See ``plan_sweep`` for the rest.

    Raises:
        NotPermitted: the actor may not sweep the store.
        Conflict: code ``already-running``, also while a backup is made; code ``stages-at-work``,
            where less than the grace period is asked for while a stage may still read what is
            unneeded.
        InvalidInput: code ``unknown-kind``.
        StoreUnavailable: the store or the registry is out of reach; what was removed is on record.
    """
    with snapshot(workspace, actor, Action.SWEEP_STORE) as tx:
        wanted = _wanted(workspace, kinds, older_than, tx.at)
    with claim(workspace, STAGE, SUBJECT, flow_run_id):
        if wanted.days < workspace.settings.store_grace_days:
            _require_quiet(workspace)
        found = _note(workspace, actor, wanted.at)
        sweep = _Sweep(workspace, actor, wanted, found)
        return sweep.noted() if only_note else sweep.run()


def _wanted(
    workspace: Workspace, kinds: Sequence[str], older_than: int | None, at: datetime
) -> _Wanted:
    for kind in kinds:
        checked_kind(kind)
    days = workspace.settings.store_grace_days if older_than is None else older_than
    return _Wanted(frozenset(kinds), days, at)


def _require_quiet(workspace: Workspace) -> None:
    others = sorted(held_subjects(workspace) - {SUBJECT})
    if others:
        raise Conflict(
            "stages-at-work",
            f"Stages are at work ({', '.join(others[:5])}) and may still read what nothing else "
            "needs. Wait for them to end, or leave --older-than out: what has been unneeded for "
            f"{workspace.settings.store_grace_days} days they do not read.",
            {"subjects": others},
            Remedy(NextStep.LOOK_AT_STATUS, effect="shows how far they are"),
        )


def _unneeded(tx: Transaction, found: Needs) -> list[ArtifactRow]:
    rows = tx.session.scalars(select(ArtifactRow).where(ArtifactRow.swept_at.is_(None)))
    return [row for row in rows if found.need(row.sha256) is Need.UNNEEDED]


def _note(workspace: Workspace, actor: AnyActor, at: datetime) -> Needs:
    """Note since when nothing needs an artifact, and forget it where something does again."""
    with transaction(workspace, actor, Action.SWEEP_STORE) as tx:
        found = needs(tx.session)
        for row in tx.session.scalars(select(ArtifactRow).where(ArtifactRow.swept_at.is_(None))):
            if found.need(row.sha256) is not Need.UNNEEDED:
                row.unneeded_at = None
            elif row.unneeded_at is None:
                row.unneeded_at = at
        return found


@dataclass(slots=True)
class _Sweep:
    """One sweep, after what is unneeded was noted."""

    workspace: Workspace
    actor: AnyActor
    wanted: _Wanted
    found: Needs
    kept_rows: dict[str, str] = field(default_factory=dict)

    def noted(self) -> StoreSwept:
        with snapshot(self.workspace, self.actor, Action.SWEEP_STORE) as tx:
            waiting = sum(_by_kind(_unneeded(tx, self.found)).values(), Share())
        return StoreSwept(self.wanted.days, {}, Share(), waiting)

    def run(self) -> StoreSwept:
        self._leave_what_is_asked_after()
        removed = self._mark()
        self._remove_marked()
        strays = self._remove_strays()
        with snapshot(self.workspace, self.actor, Action.SWEEP_STORE) as tx:
            waiting = sum(_by_kind(_unneeded(tx, needs(tx.session))).values(), Share())
        return StoreSwept(self.wanted.days, removed, strays, waiting)

    def _due(self, tx: Transaction) -> list[ArtifactRow]:
        return [row for row in _unneeded(tx, self.found) if self.wanted.is_due(row)]

    def _leave_what_is_asked_after(self) -> None:
        """Keep of each crawl that is due its names, where a past day asks for them, and the rows
        on which people gave something.
        """
        with snapshot(self.workspace, self.actor, Action.SWEEP_STORE) as tx:
            crawls = [row.sha256 for row in self._due(tx) if row.schema_name == ITEMS.name]
        for sha256 in crawls:
            if sha256 in self.found.followed_by:
                self._leave_names(sha256, self.found.followed_by[sha256])
            if sha256 in self.found.given_on:
                self._keep_rows(sha256, self.found.given_on[sha256])

    def _leave_names(self, sha256: str, following: str | None) -> None:
        difference = write_difference(self.workspace, sha256, following)
        with transaction(self.workspace, self.actor, Action.SWEEP_STORE) as tx:
            row = tx.session.get(SweptCrawlRow, sha256) or SweptCrawlRow(sha256=sha256)
            row.next_sha256, row.difference_sha256 = following, difference.sha256
            tx.session.add(row)

    def _keep_rows(self, sha256: str, item_ids: frozenset[str]) -> None:
        store = self.workspace.artifacts
        crawl = store.reference(sha256)
        rows = item_rows(store, crawl, item_ids, ITEMS.arrow.names)
        kept = store.write(
            ITEMS.name, _batches(rows), producer=Producer.STORE_SWEEP, inputs={"items": crawl}
        )
        self.kept_rows[sha256] = kept.sha256

    def _mark(self) -> dict[str, Share]:
        """Put on record what goes, in one transaction with the audit row; return it by kind."""
        with transaction(self.workspace, self.actor, Action.SWEEP_STORE) as tx:
            require_not_running(tx.session, BACKUP, tx.at)
            going = [row for row in self._due(tx) if self._may_go(tx, row)]
            for row in going:
                row.swept_at = tx.at
                self._point_to_kept_rows(tx, row.sha256)
            removed = _by_kind(going)
            if going:
                tx.audit(
                    AuditAction.STORE_SWEPT, TENANT, days=self.wanted.days,
                    files=len(going), bytes=sum(row.size for row in going),
                    kinds={kind: share.files for kind, share in removed.items()},
                )  # fmt: skip
            return removed

    def _may_go(self, tx: Transaction, row: ArtifactRow) -> bool:
        asked_after = row.sha256 in self.found.followed_by
        given_on = row.sha256 in self.found.given_on
        return not (
            (asked_after and tx.session.get(SweptCrawlRow, row.sha256) is None)
            or (given_on and row.sha256 not in self.kept_rows)
        )

    def _point_to_kept_rows(self, tx: Transaction, sha256: str) -> None:
        if kept := self.kept_rows.get(sha256):
            for table in (FeedbackRow, ContentItemRow):
                tx.session.execute(
                    update(table).where(table.items_sha256 == sha256).values(items_sha256=kept)
                )

    def _remove_marked(self) -> None:
        """Remove the files of swept rows, those of an earlier sweep that was killed among them."""
        lying = {file.name for file in self.workspace.artifacts.files.listed()}
        with self.workspace.registry.reading() as session:
            swept = select(ArtifactRow.sha256, ArtifactRow.path)
            rows = session.execute(swept.where(ArtifactRow.swept_at.is_not(None))).all()
        for some in _some_at_once(row for row in rows if row.path in lying):
            # whoever writes one of these again waits for this transaction, and then finds it gone
            with self.workspace.registry.transaction() as session:
                still = select(ArtifactRow.path).where(
                    ArtifactRow.sha256.in_([row.sha256 for row in some]),
                    ArtifactRow.swept_at.is_not(None),
                )
                self.workspace.artifacts.files.remove(list(session.scalars(still)))

    def _remove_strays(self) -> Share:
        if self.wanted.kinds:
            return Share()
        removed = Share()
        for some in _some_at_once(_strays(self.workspace, self.wanted)):
            with self.workspace.registry.transaction() as session:
                known = set(
                    session.scalars(
                        select(ArtifactRow.path).where(
                            ArtifactRow.path.in_([name for name, _ in some])
                        )
                    )
                )
                gone = [(name, size) for name, size in some if name not in known]
                self.workspace.artifacts.files.remove([name for name, _ in gone])
            removed += Share(len(gone), sum(size for _, size in gone))
        return removed


def _strays(workspace: Workspace, wanted: _Wanted) -> list[tuple[str, int]]:
    """Return name and size of files that no record names, written long enough ago."""
    if wanted.kinds:
        return []
    until = min(wanted.until, wanted.at - _STRAY_AFTER)
    with workspace.registry.reading() as session:
        known = set(session.scalars(select(ArtifactRow.path)))
    return [
        (file.name, file.size)
        for file in workspace.artifacts.files.listed()
        if file.name not in known and file.written_at <= until and _is_an_artifact(file.name)
    ]


def _is_an_artifact(name: str) -> bool:
    """Tell whether a file is named as artifacts are; what else lies there is somebody else's."""
    parts = name.split("/")
    return len(parts) == 3 and len(parts[2].partition(".")[0]) == 64 and parts[2][:2] == parts[1]


def _some_at_once(found: Iterable[T]) -> Iterator[list[T]]:
    ahead = iter(found)
    while some := list(islice(ahead, _FILES_A_TRANSACTION)):
        yield some


def _by_kind(rows: Sequence[ArtifactRow]) -> dict[str, Share]:
    found: dict[str, Share] = {}
    for row in rows:
        found[row.schema_name] = found.get(row.schema_name, Share()) + Share(1, row.size)
    return dict(sorted(found.items()))


def _batches(tables: Iterator[pa.Table]) -> Iterator[pa.RecordBatch]:
    for table in tables:
        yield from table.to_batches()
