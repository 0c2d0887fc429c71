"""One artifact described: its columns, what it was made from, and what was made from it.

It reads the registry and the file's own header and schema, never a row of the file.
"""

import re
from dataclasses import dataclass

from sqlalchemy import select

from cultivar.core.errors import InvalidInput, NotFound
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import Action, AnyActor
from cultivar.core.schemas import SCHEMAS, description_of
from cultivar.operations.artifacts.catalogue import Listed, listed
from cultivar.operations.artifacts.subjects import named_once, subjects
from cultivar.operations.transactions import Transaction, snapshot
from cultivar.store.origin import MODEL
from cultivar.store.tables import ArtifactInput, ArtifactRow
from cultivar.store.workspace import Workspace

LEAST_DIGITS = 6


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


def describe_artifact(workspace: Workspace, actor: AnyActor, name: str) -> Described:
    """Return what an artifact holds and where it comes from.

    ``name`` is its path, its URL, its sha256, or the first six or more digits of that.

    Raises:
        NotPermitted: the actor may not read the area.
        NotFound: code ``no-artifact``.
        InvalidInput: code ``ambiguous-artifact``.
        Damaged: the file is missing or is not what its header says.
    """
    with snapshot(workspace, actor, Action.READ) as tx:
        row = _row_named(tx, name)
        named = named_once(subjects(tx.session)).get(row.sha256, [])
        found = listed(workspace, row, named)
        inputs = _edges(tx, row.sha256)
        used_by = _uses(tx, row.sha256)
    reference = workspace.artifacts.reference(found.sha256)
    header = workspace.artifacts.header(reference)
    version = header.get("schema_version")
    return Described(
        found, _about_rows(found.kind), str(header.get("code_version")), version,
        _columns(workspace, reference), inputs, used_by,
    )  # fmt: skip


def _row_named(tx: Transaction, name: str) -> ArtifactRow:
    digits = re.split(r"[/\\]", name.strip())[-1].split(".")[0].lower()
    if not re.fullmatch(rf"[0-9a-f]{{{LEAST_DIGITS},64}}", digits):
        raise InvalidInput(
            "not-an-artifact",
            f"{name!r} is neither the path of an artifact nor the first {LEAST_DIGITS} or more "
            "digits of its hash.",
            remedy=Remedy(NextStep.LIST_ARTIFACTS, effect="shows both"),
        )
    query = select(ArtifactRow).where(ArtifactRow.sha256.startswith(digits)).limit(2)
    found = tx.session.scalars(query).all()
    if not found:
        raise NotFound("no-artifact", f"The registry knows no artifact {digits[:12]}.")
    if len(found) > 1:
        raise InvalidInput(
            "ambiguous-artifact", f"Several artifacts begin with {digits}. Give more digits."
        )
    return found[0]


def _edges(tx: Transaction, sha256: str) -> tuple[dict[str, str], ...]:
    query = (
        select(ArtifactInput.part, ArtifactRow)
        .join(ArtifactRow, ArtifactRow.sha256 == ArtifactInput.input_sha256)
        .where(ArtifactInput.output_sha256 == sha256)
        .order_by(ArtifactInput.part)
    )
    return tuple({"part": part, **_short(row)} for part, row in tx.session.execute(query))


def _uses(tx: Transaction, sha256: str) -> tuple[dict[str, str], ...]:
    query = (
        select(ArtifactRow)
        .join(ArtifactInput, ArtifactInput.output_sha256 == ArtifactRow.sha256)
        .where(ArtifactInput.input_sha256 == sha256)
        .order_by(ArtifactRow.created_at, ArtifactRow.sha256)
        .distinct()
    )
    return tuple(_short(row) for row in tx.session.scalars(query))


def _short(row: ArtifactRow) -> dict[str, str]:
    return {"kind": row.schema_name, "sha256": row.sha256, "producer": row.producer}


def _about_rows(kind: str) -> str:
    return SCHEMAS[kind].about if kind in SCHEMAS else "A model: numbers with a JSON header."


def _columns(workspace: Workspace, reference: ArtifactReference) -> tuple[Column, ...]:
    """Return a file's columns; one written without descriptions gets the declared ones."""
    if reference.schema == MODEL:
        return ()

    declared = SCHEMAS[reference.schema].arrow
    with workspace.artifacts.open(reference) as file:
        return tuple(
            Column(
                each.name, str(each.type), each.nullable,
                description_of(each) or description_of(declared.field(each.name)),
            )
            for each in file.schema_arrow
        )  # fmt: skip
