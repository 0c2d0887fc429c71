"""Artifacts for people who work with them: listed, and found by what they are about.

It reads the registry; it never opens a file.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from cultivar.core.errors import InvalidInput, NotFound
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import Action, AnyActor
from cultivar.core.schemas import SCHEMAS
from cultivar.core.texts.shown_places import shown_place
from cultivar.operations.artifacts.subjects import Subject, named_once, subjects
from cultivar.operations.transactions import Transaction, snapshot
from cultivar.store.integrity import damaged
from cultivar.store.origin import MODEL, path_of
from cultivar.store.tables import ArtifactRow, LocationRow, ProjectRow, VersionRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class About:
    """What an artifact must be about; what is None does not matter.

    ``version`` is an id, or a number of the classifier's; of a project, the name of a model.
    """

    classifier: str | None = None
    location: str | None = None
    project: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One artifact. ``newest`` says that it is the one in use; ``about`` says of what."""

    sha256: str
    kind: str
    path: str
    rows: int
    size: int
    producer: str
    run_id: str | None
    created_at: datetime
    about: tuple[str, ...]
    newest: bool


def list_artifacts(
    workspace: Workspace, actor: AnyActor, kind: str | None = None, about: About = About(), *,
    limit: int = 20,
) -> list[Listed]:  # fmt: skip
    """Return artifacts, the newest first.

    Raises:
        NotPermitted: the actor may not read the area.
        InvalidInput: code ``unknown-kind``.
        NotFound: codes ``unknown-classifier``, ``unknown-location``, ``unknown-project``.
    """
    checked_kind(kind)
    with snapshot(workspace, actor, Action.READ) as tx:
        about = _resolved(tx, about)
        known = named_once(subjects(tx.session))
        there = select(ArtifactRow).where(ArtifactRow.swept_at.is_(None))
        query = there.order_by(ArtifactRow.created_at.desc(), ArtifactRow.sha256)
        if kind is not None:
            query = query.where(ArtifactRow.schema_name == kind)
        found = []
        for row in tx.session.scalars(query):
            named = known.get(row.sha256, [])
            if about == About() or any(_is_about(each, about) for each in named):
                found.append(listed(workspace, row, named))
            if len(found) == limit:
                break
        return found


def newest_artifact(
    workspace: Workspace, actor: AnyActor, kind: str, about: About = About()
) -> ArtifactReference:
    """Return the one artifact of a kind that is in use for what is named.

    Raises:
        NotPermitted: the actor may not read the area.
        InvalidInput: codes ``unknown-kind``, ``ambiguous-artifact``; the sentence lists the choice.
        NotFound: codes ``no-artifact``, ``unknown-classifier``, ``unknown-location``,
            ``unknown-project``.
        Damaged: the file is missing.
    """
    checked_kind(kind)
    with snapshot(workspace, actor, Action.READ) as tx:
        about = _resolved(tx, about)
        of_kind = [each for each in subjects(tx.session) if each.schema == kind]
    wanted = [each for each in of_kind if _is_about(each, about)]
    chosen = [each for each in wanted if each.newest] or (wanted if about.version else [])
    if not chosen:
        raise _absent(kind, of_kind)
    if len({each.sha256 for each in chosen}) > 1:
        raise _several(kind, chosen)
    reference = workspace.artifacts.reference(chosen[0].sha256)
    _require_there(workspace, reference)
    return reference


def kinds() -> list[str]:
    """Return the kinds of artifacts: the declared schemas, and model files."""
    return [*SCHEMAS, MODEL]


def checked_kind(kind: str | None) -> None:
    """Do nothing when there is such a kind.

    Raises:
        InvalidInput: code ``unknown-kind``; the sentence lists the kinds.
    """
    if kind is not None and kind not in kinds():
        raise InvalidInput(
            "unknown-kind",
            f"There is no kind of artifact named {kind!r}. There are: {', '.join(kinds())}.",
            {"kind": kind},
        )


def shown_path(url: str) -> str:
    """Return a plain path where an artifact lies on this machine, else its URL."""
    return shown_place(url).removeprefix("file://")


def _resolved(tx: Transaction, about: About) -> About:
    """Return what is named by ids, each checked to exist."""
    _require_row(tx, LocationRow, "location", about.location)
    _require_row(tx, ProjectRow, "project", about.project)
    if about.classifier is None:
        return about
    classifier = tx.classifier(about.classifier).id
    return replace(about, classifier=classifier, version=_version(tx, classifier, about.version))


def _version(tx: Transaction, classifier: str, version: str | None) -> str | None:
    if version is None or not version.isdigit():
        return version
    numbered = select(VersionRow.id).where(
        VersionRow.classifier_id == classifier, VersionRow.number == int(version)
    )
    return tx.session.scalar(numbered) or version


def _require_row(tx: Transaction, table: Any, what: str, name: str | None) -> None:
    if name is not None and tx.session.get(table, name) is None:
        known = ", ".join(sorted(tx.session.scalars(select(table.name)))) or "none yet"
        raise NotFound(f"unknown-{what}", f"There is no {what} named {name!r}. There are: {known}.")


def _is_about(subject: Subject, about: About) -> bool:
    return (
        about.classifier in (None, subject.classifier)
        and about.location in (None, subject.location)
        and about.project in (None, subject.project)
        and about.version in (None, subject.version)
    )


def listed(workspace: Workspace, row: ArtifactRow, named: Sequence[Subject]) -> Listed:
    """Return an artifact as lists show it, with what it is about."""
    return Listed(
        row.sha256, row.schema_name, shown_path(workspace.artifacts.files.url(row.path)), row.rows,
        row.size, row.producer, row.run_id, row.created_at,
        tuple(str(each) for each in named), any(each.newest for each in named),
    )  # fmt: skip


def _absent(kind: str, of_kind: Sequence[Subject]) -> NotFound:
    there = sorted({str(each) for each in of_kind if each.newest})
    others = f" There are such of: {', '.join(there[:10])}." if there else ""
    return NotFound(
        "no-artifact",
        f"There is no {kind} artifact of that.{others}",
        {"kind": kind},
        Remedy(NextStep.LIST_ARTIFACTS, kind),
    )


def _several(kind: str, chosen: Sequence[Subject]) -> InvalidInput:
    there = sorted({str(each) for each in chosen})
    options = [
        f"--{name}"
        for name in ("location", "classifier", "project", "version")
        if len({getattr(each, name) for each in chosen}) > 1
    ]
    more = f" and {len(there) - 10} more" if len(there) > 10 else ""
    return InvalidInput(
        "ambiguous-artifact",
        f"There are {kind} artifacts of {', '.join(there[:10])}{more}. Say which: "
        f"{', '.join(options) or '--version'}.",
        {"kind": kind, "choices": there},
    )


def _require_there(workspace: Workspace, reference: ArtifactReference) -> None:
    if workspace.artifacts.files.size(path_of(reference.schema, reference.sha256)) is None:
        raise damaged(reference, "is missing from the artifact store")
