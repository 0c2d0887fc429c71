"""Classifiers: planned, created, granted, listed, and shown with all that a person may ask.

It writes what people decide; learning and reviewing have modules of their own.
"""

import re
import unicodedata
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from cultivar.core.errors import Conflict, InvalidInput
from cultivar.core.lifecycle import Event, Status
from cultivar.core.limits import TRAINING_TAKES_AT_MOST
from cultivar.core.roles import Action, require_ownership
from cultivar.operations.deeds import Deed, doing, ownership_of, viewing
from cultivar.operations.moves import Moved, move
from cultivar.operations.outbox import TRAINING_DUE
from cultivar.operations.retrainings import RE_TRAINING, under_retraining
from cultivar.operations.tenant import require_opted_in
from cultivar.store.tables import ClassifierRow, TestSourceRow, TrainerGrant
from cultivar.store.workspace import Workspace

if TYPE_CHECKING:
    from cultivar.content.locations import Source

LONGEST_ID = 80


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

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def plan_classifier(
    workspace: Workspace, actor: str, name: str, description: str, source: "Source | None"
) -> Plan:
    """Return what creating the classifier would do, after every check that creating makes.

    Raises:
        NotPermitted: the actor may not create classifiers.
        NotReady: codes ``not-opted-in``, ``opting-in``, ``not-crawled``.
        InvalidInput: codes ``empty-name``, ``no-seed-source``.
        Conflict: code ``name-taken``.
        NotFound: code ``unknown-location``.
    """
    from cultivar.operations.seeds import preview_seeds  # noqa: PLC0415 - status needs no Arrow

    with viewing(workspace, actor, Action.CREATE) as deed:
        classifier_id = _checked(deed, name, source)
        shared = _shared_with_tests(deed.session, source)
    assert source is not None  # noqa: S101 - _checked refused that
    found = preview_seeds(workspace, source)
    warnings = [*shared, *_advice(found.used, workspace.settings.seeds_at_least)]
    return Plan(
        classifier_id, name.strip(), description.strip(),
        source.site, source.library, source.folder,
        found.found, found.used, dict(found.skipped), warnings,
    )  # fmt: skip


def create_classifier(
    workspace: Workspace, actor: str, name: str, description: str, source: "Source | None"
) -> Moved:
    """Create a classifier whose seeds are the items of ``source``; its creator owns it.

    Raises: as ``plan_classifier``.
    """
    with doing(workspace, actor, Action.CREATE) as deed:
        classifier_id = _checked(deed, name, source)
        assert source is not None  # noqa: S101
        from cultivar.operations.locations import crawled_location  # noqa: PLC0415

        crawled_location(deed.session, source.site)
        row = ClassifierRow(
            id=classifier_id, name=name.strip(), description=description.strip(), owner=actor,
            kind="custom", status=str(Status.IN_PROGRESS), status_at=deed.at, created_at=deed.at,
            seed_site=source.site, seed_library=source.library, seed_folder=source.folder,
        )  # fmt: skip
        deed.session.add(row)
        deed.session.flush()
        deed.make_due(TRAINING_DUE, row.id)
        return move(deed, row, Event.CREATED)


def _checked(deed: Deed, name: str, source: "Source | None") -> str:
    require_opted_in(deed.tenant)
    if not name.strip():
        raise InvalidInput("empty-name", "A classifier needs a name.")
    if source is None:
        asked = deed.thresholds
        raise InvalidInput(
            "no-seed-source",
            "A classifier is created from seeds: name the folder that holds "
            f"{asked.seeds_at_least} to {asked.seeds_at_most} strong examples, as "
            "site/library/folder.",
        )
    classifier_id = id_from(name)
    taken = deed.session.scalar(
        select(ClassifierRow.name).where(
            or_(
                ClassifierRow.id == classifier_id,
                func.lower(ClassifierRow.name) == name.strip().lower(),
            )
        )
    )
    if taken is not None:
        raise Conflict(
            "name-taken",
            f"A classifier named {taken} exists already. Choose another name.",
            {"name": taken},
        )
    return classifier_id


def id_from(name: str) -> str:
    """Return the id of a classifier of that name: its letters and digits, joined by hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    mark = sha256(name.strip().encode()).hexdigest()[:8]
    if not slug:
        return f"classifier-{mark}"
    return slug if len(slug) <= LONGEST_ID else f"{slug[: LONGEST_ID - 9]}-{mark}"


def _advice(usable: int, at_least: int) -> list[str]:
    if usable >= at_least:
        return []
    return [
        f"{usable} usable seeds were found; training needs at least {at_least}. "
        "Add strong examples to the folder and crawl it again."
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


def grant_trainer(workspace: Workspace, actor: str, classifier: str, person: str) -> None:
    """Let another person train and review a classifier; only its creator may.

    Raises:
        NotPermitted: code ``not-owner`` or ``wrong-role``.
    """
    with doing(workspace, actor, Action.TRAIN) as deed:
        row = deed.classifier(classifier)
        only_owner = ownership_of(deed.session, row)
        require_ownership(actor, type(only_owner)(row.owner), Action.TRAIN)
        if deed.session.get(TrainerGrant, (row.id, person)) is None:
            deed.session.add(
                TrainerGrant(
                    classifier_id=row.id, person=person, granted_by=actor, granted_at=deed.at
                )
            )
            deed.record("trainer granted", row.id, person=person)


def restart_training(workspace: Workspace, actor: str, classifier: str) -> Moved:
    """Take up a classifier whose seeds were refused or whose training broke off.

    Raises:
        NotReady: code ``wrong-status``; its model is built already.
    """
    with doing(workspace, actor, Action.TRAIN) as deed:
        row = deed.classifier(classifier, Action.TRAIN)
        deed.make_due(TRAINING_DUE, row.id)
        return move(deed, row, Event.TRAINING_RESTARTED)


def fail_training(workspace: Workspace, actor: str, classifier: str, reason: str) -> Moved:
    """Record why there is no model; the classifier waits for ``restart_training``."""
    with doing(workspace, actor, Action.TRAIN) as deed:
        row = deed.classifier(classifier, Action.TRAIN)
        deed.settle_due(TRAINING_DUE, row.id)
        return move(deed, row, Event.TRAINING_FAILED, reason=reason)


def list_classifiers(workspace: Workspace, actor: str) -> list[dict[str, Any]]:
    """Return every classifier's name, kind, owner, status and live version, by name."""
    with viewing(workspace, actor, Action.READ) as deed:
        rows = deed.session.scalars(select(ClassifierRow).order_by(ClassifierRow.name))
        retraining = under_retraining(deed.session)
        return [summary_of(row, deed.at, row.id in retraining) for row in rows]


def summary_of(row: ClassifierRow, at: datetime, retraining: bool) -> dict[str, Any]:
    """Return the few facts that a list shows; ``overdue``: training exceeds its bound.

    ``heading`` is ``Re-training`` while it retrains and until a person has decided, else None.
    """
    running = row.status == Status.IN_PROGRESS
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "kind": row.kind,
        "owner": row.owner,
        "heading": RE_TRAINING if retraining else None,
        "status": row.status,
        "status_reason": row.status_reason,
        "status_at": row.status_at,
        "created_at": row.created_at,
        "candidate_version": row.candidate_version_id,
        "published_version": row.published_version_id,
        "overdue": running and at - row.status_at > TRAINING_TAKES_AT_MOST,
    }
