"""Artifacts for people who work with them: listed, found by what they are about, described.

It reads the registry and the files' own headers and schemas, never a row of a file.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from cultivar.core.errors import InvalidInput, NotFound
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import Action
from cultivar.operations.artifact_subjects import Subject, named_once, subjects
from cultivar.operations.deeds import Deed, viewing
from cultivar.store.integrity import damaged
from cultivar.store.origin import MODEL, path_of
from cultivar.store.tables import ArtifactInput, ArtifactRow, LocationRow, ProjectRow, VersionRow
from cultivar.store.workspace import Workspace

LEAST_DIGITS = 6


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

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an artifact, in Arrow's words for its type."""

    name: str
    type: str
    nullable: bool
    description: str


@dataclass(frozen=True, slots=True)
class Described:
    """An artifact with its columns, what it was made from and what was made from it.

    ``inputs`` and ``used_by`` map a part, or a kind, to hashes. A model has no columns.
    """

    artifact: Listed
    about_rows: str
    code_version: str
    schema_version: int | None
    columns: tuple[Column, ...]
    inputs: tuple[dict[str, str], ...]
    used_by: tuple[dict[str, str], ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def list_artifacts(
    workspace: Workspace, actor: str, kind: str | None = None, about: About = About(), *,
    limit: int = 20,
) -> list[Listed]:  # fmt: skip
    """Return artifacts, the newest first.

    Raises:
        NotPermitted: the actor may not read the area.
        InvalidInput: code ``unknown-kind``.
        NotFound: codes ``unknown-classifier``, ``unknown-location``, ``unknown-project``.
    """
    checked_kind(kind)
    with viewing(workspace, actor, Action.READ) as deed:
        about = _resolved(deed, about)
        known = named_once(subjects(deed.session))
        query = select(ArtifactRow).order_by(ArtifactRow.created_at.desc(), ArtifactRow.sha256)
        if kind is not None:
            query = query.where(ArtifactRow.schema_name == kind)
        found = []
        for row in deed.session.scalars(query):
            named = known.get(row.sha256, [])
            if about == About() or any(_is_about(each, about) for each in named):
                found.append(_listed(workspace, row, named))
            if len(found) == limit:
                break
        return found


def newest_artifact(
    workspace: Workspace, actor: str, kind: str, about: About = About()
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
    with viewing(workspace, actor, Action.READ) as deed:
        about = _resolved(deed, about)
        of_kind = [each for each in subjects(deed.session) if each.schema == kind]
    wanted = [each for each in of_kind if _is_about(each, about)]
    chosen = [each for each in wanted if each.newest] or (wanted if about.version else [])
    if not chosen:
        raise _absent(kind, of_kind)
    if len({each.sha256 for each in chosen}) > 1:
        raise _several(kind, chosen)
    reference = workspace.artifacts.reference(chosen[0].sha256)
    _require_there(workspace, reference)
    return reference


def describe_artifact(workspace: Workspace, actor: str, name: str) -> Described:
    """Return what an artifact holds and where it comes from.

    ``name`` is its path, its URL, its sha256, or the first six or more digits of that.

    Raises:
        NotPermitted: the actor may not read the area.
        NotFound: code ``no-artifact``.
        InvalidInput: code ``ambiguous-artifact``.
        Damaged: the file is missing or is not what its header says.
    """
    with viewing(workspace, actor, Action.READ) as deed:
        row = _row_named(deed, name)
        named = named_once(subjects(deed.session)).get(row.sha256, [])
        listed = _listed(workspace, row, named)
        inputs = _edges(deed, row.sha256)
        used_by = _uses(deed, row.sha256)
    reference = workspace.artifacts.reference(listed.sha256)
    header = workspace.artifacts.header(reference)
    version = header.get("schema_version")
    return Described(
        listed, _about_rows(listed.kind), str(header.get("code_version")), version,
        _columns(workspace, reference), inputs, used_by,
    )  # fmt: skip


def kinds() -> list[str]:
    """Return the kinds of artifacts: the declared schemas, and model files."""
    from cultivar.core.schemas import SCHEMAS  # noqa: PLC0415 - a list of commands needs no Arrow

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
    return url.removeprefix("file://")


def _resolved(deed: Deed, about: About) -> About:
    """Return what is named by ids, each checked to exist."""
    _require_row(deed, LocationRow, "location", about.location)
    _require_row(deed, ProjectRow, "project", about.project)
    if about.classifier is None:
        return about
    classifier = deed.classifier(about.classifier).id
    return replace(about, classifier=classifier, version=_version(deed, classifier, about.version))


def _version(deed: Deed, classifier: str, version: str | None) -> str | None:
    if version is None or not version.isdigit():
        return version
    numbered = select(VersionRow.id).where(
        VersionRow.classifier_id == classifier, VersionRow.number == int(version)
    )
    return deed.session.scalar(numbered) or version


def _require_row(deed: Deed, table: Any, what: str, name: str | None) -> None:
    if name is not None and deed.session.get(table, name) is None:
        known = ", ".join(sorted(deed.session.scalars(select(table.name)))) or "none yet"
        raise NotFound(f"unknown-{what}", f"There is no {what} named {name!r}. There are: {known}.")


def _is_about(subject: Subject, about: About) -> bool:
    return (
        about.classifier in (None, subject.classifier)
        and about.location in (None, subject.location)
        and about.project in (None, subject.project)
        and about.version in (None, subject.version)
    )


def _listed(workspace: Workspace, row: ArtifactRow, named: Sequence[Subject]) -> Listed:
    return Listed(
        row.sha256, row.schema_name, shown_path(workspace.artifacts.files.url(row.path)), row.rows,
        row.size, row.producer, row.run_id, row.created_at,
        tuple(str(each) for each in named), any(each.newest for each in named),
    )  # fmt: skip


def _absent(kind: str, of_kind: Sequence[Subject]) -> NotFound:
    there = sorted({str(each) for each in of_kind if each.newest})
    listed = f" There are such of: {', '.join(there[:10])}." if there else ""
    return NotFound(
        "no-artifact",
        f"There is no {kind} artifact of that.{listed} `cultivar artifacts list --kind {kind}` "
        "lists what there is.",
        {"kind": kind},
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


def _row_named(deed: Deed, name: str) -> ArtifactRow:
    digits = re.split(r"[/\\]", name.strip())[-1].split(".")[0].lower()
    if not re.fullmatch(rf"[0-9a-f]{{{LEAST_DIGITS},64}}", digits):
        raise InvalidInput(
            "not-an-artifact",
            f"{name!r} is neither the path of an artifact nor the first {LEAST_DIGITS} or more "
            "digits of its hash. `cultivar artifacts list` shows both.",
        )
    query = select(ArtifactRow).where(ArtifactRow.sha256.startswith(digits)).limit(2)
    found = deed.session.scalars(query).all()
    if not found:
        raise NotFound("no-artifact", f"The registry knows no artifact {digits[:12]}.")
    if len(found) > 1:
        raise InvalidInput(
            "ambiguous-artifact", f"Several artifacts begin with {digits}. Give more digits."
        )
    return found[0]


def _edges(deed: Deed, sha256: str) -> tuple[dict[str, str], ...]:
    query = (
        select(ArtifactInput.part, ArtifactRow)
        .join(ArtifactRow, ArtifactRow.sha256 == ArtifactInput.input_sha256)
        .where(ArtifactInput.output_sha256 == sha256)
        .order_by(ArtifactInput.part)
    )
    return tuple({"part": part, **_short(row)} for part, row in deed.session.execute(query))


def _uses(deed: Deed, sha256: str) -> tuple[dict[str, str], ...]:
    query = (
        select(ArtifactRow)
        .join(ArtifactInput, ArtifactInput.output_sha256 == ArtifactRow.sha256)
        .where(ArtifactInput.input_sha256 == sha256)
        .order_by(ArtifactRow.created_at, ArtifactRow.sha256)
        .distinct()
    )
    return tuple(_short(row) for row in deed.session.scalars(query))


def _short(row: ArtifactRow) -> dict[str, str]:
    return {"kind": row.schema_name, "sha256": row.sha256, "producer": row.producer}


def _about_rows(kind: str) -> str:
    from cultivar.core.schemas import SCHEMAS  # noqa: PLC0415 - see ``kinds``

    return SCHEMAS[kind].about if kind in SCHEMAS else "A model: numbers with a JSON header."


def _columns(workspace: Workspace, reference: ArtifactReference) -> tuple[Column, ...]:
    """Return a file's columns; one written without descriptions gets the declared ones."""
    if reference.schema == MODEL:
        return ()
    from cultivar.core.schemas import SCHEMAS, description_of  # noqa: PLC0415 - see ``kinds``

    declared = SCHEMAS[reference.schema].arrow
    with workspace.artifacts.open(reference) as file:
        return tuple(
            Column(
                each.name, str(each.type), each.nullable,
                description_of(each) or description_of(declared.field(each.name)),
            )
            for each in file.schema_arrow
        )  # fmt: skip
