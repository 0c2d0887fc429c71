"""Where a project's documents come from on the command line, and the import of them.

It recognises a source by its name; reading is done in ``content``.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.base.session import Session
from cultivar import operations
from cultivar.content.limits import limits_of
from cultivar.core.errors import InvalidInput, NotFound
from cultivar.core.projects.labels import read_labels
from cultivar.core.projects.limits import DOCUMENT_CHARACTERS
from cultivar.core.projects.names import Kind

if TYPE_CHECKING:
    from cultivar.core.projects.labels import Labels
    from cultivar.operations.projects.jobs import Job
    from cultivar.operations.projects.projects import Project


_TABLES = (".csv", ".parquet", ".pq")


def imported(
    session: Session, name: str, source: str, how: dict[str, Any], confirm: Callable[[str], None]
) -> "Job":
    """Import a source into a project and return the job; asks before documents are replaced.

    Raises:
        CultivarError: see ``read_labels`` and ``read_tagged``.
    """
    existing = _existing(session, name)
    labels = _labels(session, source, how, existing)
    if existing is not None and existing.documents:
        confirm(f"Replace the documents of {name} ({existing.documents:,})?")
    with session.working(f"Importing {len(labels.documents):,} documents"):
        job = operations.projects.submit_labels(
            session.workspace, session.actor, name, labels, in_this_process=True
        )
        return operations.projects.run_import(session.workspace, job.id)


def _existing(session: Session, name: str) -> "Project | None":
    try:
        return operations.projects.project_named(session.workspace, session.actor, name)
    except NotFound:
        return None


def _labels(
    session: Session, source: str, how: dict[str, Any], existing: "Project | None"
) -> "Labels":
    from cultivar.content.tagged import Reading, read_tagged

    kind = _kind(how["kind"], existing)
    is_file, is_table = source.lower().endswith(".json"), source.lower().endswith(_TABLES)
    if is_file and how["language"] is not None:
        raise _without_effect("--language", "a labels file says the language of each document")
    if how["separator"] is not None and not (is_table and kind is Kind.MULTI):
        why = "only tables of a multi-label project hold several classes in one cell"
        raise _without_effect("--separator", why)
    if is_file:
        return read_labels(_read(source), kind if how["kind"] or existing else None)
    # one character more than a document may hold tells that it holds too many
    limits = replace(limits_of(session.settings), max_characters=DOCUMENT_CHARACTERS + 1)
    reading = Reading(kind, how["language"] or "", how["separator"] or "|")
    return read_tagged(source, reading, limits)


def _without_effect(option: str, why: str) -> InvalidInput:
    return InvalidInput(
        "option-without-effect", f"{option} has no effect here: {why}. Leave it out."
    )


def _kind(stated: str | None, existing: "Project | None") -> "Kind":
    if stated is not None:
        return Kind(stated)
    return existing.kind if existing is not None else Kind.SINGLE


def _read(source: str) -> bytes:
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise InvalidInput(
            "no-source", f"{source} cannot be read ({type(error).__name__}). Check its path."
        ) from error
