"""Classifiers: planned, created, granted, listed, and shown with all that a person may ask.

It writes what people decide; learning and reviewing have modules of their own.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import Conflict, InvalidInput
from cultivar.core.lifecycle import Event, Status
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.roles import Action, AnyActor, require_creator
from cultivar.operations.classifiers.summaries import ClassifierSummary, summary_of
from cultivar.operations.identities import ensure_person
from cultivar.operations.lookups import find_named
from cultivar.operations.outbox import TRAINING_DUE
from cultivar.operations.retraining.retrainings import (
    awaiting_decision,
    due_for_retraining,
    under_retraining,
)
from cultivar.operations.tenant.tenant import require_opted_in
from cultivar.operations.transactions import Transaction, ownership_of, snapshot, transaction
from cultivar.operations.transitions import StatusChange, apply_transition
from cultivar.store.tables import ClassifierRow, TestSourceRow, TrainerGrant
from cultivar.store.workspace import Workspace

if TYPE_CHECKING:
    from cultivar.content.locations import Source
    from cultivar.operations.training.seeds import Selection

LONGEST_ID = 80
_UNTRAINED = (Status.IN_PROGRESS, Status.FAILED)


@dataclass(frozen=True, slots=True)
class Plan:
    """What creating would do: shown before anything is written."""

    classifier_id: str
    name: str
    description: str
    site: str
    library: str
    folder: str
    found: int
    used: int
    skipped: dict[str, int]
    warnings: list[str] = field(default_factory=list)


def plan_classifier(
    workspace: Workspace,
    actor: AnyActor,
    name: str,
    description: str,
    source: "Source | None",
    *,
    seeds: "Selection | None" = None,
) -> Plan:
    """Return what creating the classifier would do, after every check that creating makes.

    ``seeds`` are those of a folder that was read and not kept; they come from the last crawl of
    the source when left out.

    Raises:
        NotPermitted: the actor may not create classifiers.
        NotReady: codes ``not-opted-in``, ``opting-in``, ``not-crawled``.
        InvalidInput: codes ``empty-name``, ``no-seed-source``.
        Conflict: code ``name-taken``.
        NotFound: code ``unknown-location``.
    """
    from cultivar.operations.training.seeds import preview_seeds  # noqa: PLC0415 - status needs no Arrow

    with snapshot(workspace, actor, Action.CREATE) as tx:
        classifier_id = _checked(tx, name, source)
        shared = _shared_with_tests(tx.session, source)
    assert source is not None  # noqa: S101 - _checked refused that
    found = seeds or preview_seeds(workspace, source)
    crawled = seeds is None
    warnings = [*shared, *_advice(found.used, workspace.settings.seeds_at_least, crawled=crawled)]
    return Plan(
        classifier_id, name.strip(), description.strip(),
        source.site, source.library, source.folder,
        found.found, found.used, dict(found.skipped), warnings,
    )  # fmt: skip


def require_new(workspace: Workspace, actor: AnyActor, name: str) -> None:
    """Do nothing when a classifier of that name can be created, before any seed is looked at.

    Raises: as ``plan_classifier``, what concerns the seeds aside.
    """
    with snapshot(workspace, actor, Action.CREATE) as tx:
        _free_id(tx, name)


def unfinished(
    workspace: Workspace, actor: AnyActor, name: str, source: "Source | None"
) -> str | None:
    """Return the id of the actor's classifier of that name and seeds that has no model yet.

    Whoever creates it again after something broke off means that one. None where there is none.
    """
    with snapshot(workspace, actor, Action.CREATE) as tx:
        row = find_named(tx.session, ClassifierRow, name, id_from(name))
        if row is None or source is None or row.owner != tx.actor or not _is_untrained(row):
            return None
        same = (row.seed_site, row.seed_library or "", row.seed_folder or "")
        return row.id if same == (source.site, source.library, source.folder) else None


def _is_untrained(row: ClassifierRow) -> bool:
    return row.candidate_version_id is None and row.status in _UNTRAINED


def create_classifier(
    workspace: Workspace, actor: AnyActor, name: str, description: str, source: "Source | None"
) -> StatusChange:
    """Create a classifier whose seeds are the items of ``source``; its creator owns it.

    Raises: as ``plan_classifier``.
    """
    with transaction(workspace, actor, Action.CREATE) as tx:
        classifier_id = _checked(tx, name, source)
        assert source is not None  # noqa: S101
        from cultivar.operations.content.locations import crawled_location  # noqa: PLC0415

        crawled_location(tx.session, source.site)
        row = ClassifierRow(
            id=classifier_id, name=name.strip(), description=description.strip(), owner=tx.actor,
            kind="custom", status=str(Status.IN_PROGRESS), status_at=tx.at, created_at=tx.at,
            seed_site=source.site, seed_library=source.library, seed_folder=source.folder,
        )  # fmt: skip
        tx.session.add(row)
        tx.session.flush()
        tx.mark_due(TRAINING_DUE, row.id)
        return apply_transition(tx, row, Event.CREATED)


def _checked(tx: Transaction, name: str, source: "Source | None") -> str:
    classifier_id = _free_id(tx, name)
    if source is None:
        asked = tx.thresholds
        raise InvalidInput(
            "no-seed-source",
            "A classifier is created from seeds: name the folder that holds "
            f"{asked.seeds_at_least} to {asked.seeds_at_most} strong examples, as "
            "site/library/folder.",
        )
    return classifier_id


def _free_id(tx: Transaction, name: str) -> str:
    require_opted_in(tx.tenant)
    if not name.strip():
        raise InvalidInput("empty-name", "A classifier needs a name.")
    taken = find_named(tx.session, ClassifierRow, name, id_from(name))
    if taken is None:
        return id_from(name)
    going_on = f" Its training is not finished; `cultivar train {taken.id}` goes on with it."
    put_away = Remedy(NextStep.RESTORE_CLASSIFIER, taken.id) if taken.archived_at else None
    raise Conflict(
        "name-taken",
        f"A classifier named {taken.name} exists already ({taken.id}, by {taken.owner}). Choose "
        f"another name.{going_on if _is_untrained(taken) else ''}",
        {"name": taken.name, "classifier": taken.id},
        put_away,
    )


def id_from(name: str) -> str:
    """Return the id of a classifier of that name: its letters and digits, joined by hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    mark = sha256(name.strip().encode()).hexdigest()[:8]
    if not slug:
        return f"classifier-{mark}"
    return slug if len(slug) <= LONGEST_ID else f"{slug[: LONGEST_ID - 9]}-{mark}"


def _advice(usable: int, at_least: int, *, crawled: bool) -> list[str]:
    if usable >= at_least:
        return []
    then = ", crawl it again, and repeat this" if crawled else " and repeat this"
    return [
        f"{usable} usable seeds were found; training needs at least {at_least}. "
        f"Add strong examples to the folder{then}."
    ]


def _shared_with_tests(session: Session, source: "Source | None") -> list[str]:
    """Warn where the seed folder is also a test folder of some classifier."""
    from cultivar.content.locations import Source as Folder  # noqa: PLC0415

    rows = session.scalars(select(TestSourceRow)).all()
    shared = {
        row.classifier_id
        for row in rows
        if source is not None and source.overlaps(Folder(row.site, row.library, row.folder))
    }
    if not shared:
        return []
    return [
        "The seed folder is shared with the test items of "
        f"{', '.join(sorted(shared))}. Keep seeds in a folder used for seeds only."
    ]


def grant_trainer(workspace: Workspace, actor: AnyActor, classifier: str, person: str) -> None:
    """Let another person train and review a classifier; only its creator may.

    Raises:
        NotPermitted: code ``not-owner`` or ``wrong-role``.
    """
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier)
        require_creator(tx.actor, ownership_of(tx.session, row), person)
        known = ensure_person(tx.session, person, tx.at)
        if tx.session.get(TrainerGrant, (row.id, known.name)) is None:
            tx.session.add(
                TrainerGrant(
                    classifier_id=row.id, person=known.name, granted_by=tx.actor, granted_at=tx.at
                )
            )
            tx.audit(AuditAction.TRAINER_GRANTED, row.id, person=known.id)


def restart_training(workspace: Workspace, actor: AnyActor, classifier: str) -> StatusChange:
    """Take up a classifier whose seeds were refused or whose training broke off.

    Raises:
        NotReady: code ``wrong-status``; its model is built already.
    """
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        tx.mark_due(TRAINING_DUE, row.id)
        return apply_transition(tx, row, Event.TRAINING_RESTARTED)


def fail_training(
    workspace: Workspace, actor: AnyActor, classifier: str, reason: str
) -> StatusChange:
    """Record why there is no model; the classifier waits for ``restart_training``."""
    with transaction(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        tx.clear_due(TRAINING_DUE, row.id)
        return apply_transition(tx, row, Event.TRAINING_FAILED, reason=reason)


def list_classifiers(
    workspace: Workspace, actor: AnyActor, *, archived: bool = False
) -> list[ClassifierSummary]:
    """Return every classifier, by name: those in use, or the archived ones."""
    with snapshot(workspace, actor, Action.READ) as tx:
        is_archived = ClassifierRow.archived_at.is_not(None)
        chosen = is_archived if archived else ~is_archived
        rows = tx.session.scalars(select(ClassifierRow).where(chosen).order_by(ClassifierRow.name))
        retraining, due = under_retraining(tx.session), due_for_retraining(tx.session)
        waits = awaiting_decision(tx.session)
        return [
            summary_of(row, tx.at, row.id in retraining, row.id in due, row.id in waits)
            for row in rows
        ]
