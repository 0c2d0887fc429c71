"""Commands on projects: documents with tags, models trained on them, deployments, predictions.

They ask before something is overwritten; training itself is the flow's.
"""

import json
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from cli import project_models
from cli.base.confirmation import confirmed, confirmed_overwriting
from cli.base.files import written_aside
from cli.base.help import Sorted, command, yes_option
from cli.base.session import Session, write_json
from cli.project_jobs import as_json
from cli.project_sources import imported
from cli.terminal.tables import show_table
from cultivar import operations
from cultivar.core.projects.names import Kind
from cultivar.core.texts.reading_status import OK
from cultivar.core.vocabulary import how_many

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.operations.projects.projects import Project


KINDS = ("single-label", "multi-label")


@click.group(cls=Sorted)
def project() -> None:
    """Train custom text classification on documents that you tagged."""


@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), default=None, help="Tags a document.")
@click.option("--language", default=None, metavar="CODE", help="Language of most documents.")
@click.option("--container", default=None, metavar="LOCATION", help="Location of the documents.")
@click.option("--description", default=None, metavar="TEXT", help="What the project is for.")
def create(session: Session, *, name: str, kind: str | None, **stated: str | None) -> None:
    """Create the project NAME, single-label unless said otherwise, or change one that exists."""
    session.set_up()
    known = {
        each.name for each in operations.projects.list_projects(session.workspace, session.actor)
    }
    wanted = Kind(kind) if kind else (None if name in known else Kind.SINGLE)
    given = operations.projects.Definition(kind=wanted, **stated)  # type: ignore[arg-type]
    found, is_new = operations.projects.put_project(session.workspace, session.actor, name, given)
    word = "created" if is_new else "changed"
    session.answer(
        {"project": found.name, "kind": found.kind, "new": is_new},
        lambda console: console.print(f"{found.kind.capitalize()} project {name} {word}."),
        f"cultivar project import {quote(name)} LABELS.json",
    )


def list_all(session: Session) -> None:
    """List all projects."""
    found = operations.projects.list_projects(session.workspace, session.actor)

    def show(console: "Console") -> None:
        if not found:
            console.print("There is no project yet.")
            return
        rows = []
        for each in found:
            trained = f"{each.trained_at:%Y-%m-%d %H:%M}" if each.trained_at else "never"
            counts = (str(each.documents), str(each.tagged), str(len(each.classes)))
            rows.append([each.name, each.kind, *counts, trained])
        columns = ("Project", "Kind", "Documents", "Tagged", "Classes", "Trained")
        show_table(console, columns, rows)

    listed = [
        {"project": each.name, "kind": each.kind, "documents": each.documents}
        | {"tagged": each.tagged, "classes": list(each.classes), "trained_at": each.trained_at}
        for each in found
    ]
    session.answer({"projects": listed}, show)


@click.argument("name")
@click.argument("source")
@click.option("--kind", type=click.Choice(KINDS), default=None, help="Kind of a new project.")
@click.option("--language", default=None, metavar="CODE", help="Language of the documents.")
@click.option(
    "--separator", default=None, help="Between several classes in one cell of a table; | if unsaid."
)
@yes_option
def import_documents(session: Session, *, name: str, source: str, yes: bool, **how: Any) -> None:
    """Import documents with tags: a labels file, a folder, CSV or Parquet.

    SOURCE is a labels file (.json, of either generation), a folder with one folder per class, or a
    table with the columns text and class. Documents that were there are replaced.
    """
    session.set_up()
    job = imported(session, name, source, how, lambda question: confirmed(session, question, yes))
    result = dict(job.result or {})

    def show(console: "Console") -> None:
        counts = f"{how_many(result['documents'], 'document')}, {result['tagged']:,} of them tagged"
        console.print(f"{counts} and readable.")
        for warning in job.warnings:
            console.print(f"{warning['code']}: {warning['sentence']}", markup=False)

    session.answer(
        {"job": as_json(job), **result}, show, f"cultivar project train {quote(name)} MODEL"
    )


@click.argument("name")
@click.option(
    "--unreadable", is_flag=True, help="Only those whose text is missing, or a part of it, and why."
)
def documents(session: Session, *, name: str, unreadable: bool) -> None:
    """List the documents of the project NAME with their tags; never their texts."""
    found = operations.projects.list_documents(session.workspace, session.actor, name)
    if unreadable:
        found = [each for each in found if each.status != OK]

    def show(console: "Console") -> None:
        if not found:
            console.print("There is no such document.")
            return
        rows = []
        for each in found:
            tags, length = ", ".join(each.classes), f"{each.characters:,}"
            rows.append([each.document, tags, length, each.status, each.reason or ""])
        show_table(console, ("Document", "Classes", "Characters", "Status", "Reason"), rows)

    session.answer({"documents": found}, show)


@click.argument("name")
@click.option(
    "--documents", "only_documents", is_flag=True,
    help="Only its documents; models and deployments stay.",
)  # fmt: skip
def delete(session: Session, *, name: str, only_documents: bool, yes: bool) -> None:
    """Delete the project NAME with its models and deployments, or its documents alone."""
    found = operations.projects.project_named(session.workspace, session.actor, name)
    if only_documents:
        return _delete_documents(session, found, yes=yes)
    confirmed(
        session,
        f"Delete the project {name} with its documents ({found.documents:,}), models and "
        "deployments?",
        yes,
    )
    job = operations.projects.delete_project(session.workspace, session.actor, name)
    session.answer({"job": as_json(job)}, lambda console: console.print(f"{name} is deleted."))
    return None


def _delete_documents(session: Session, found: "Project", *, yes: bool) -> None:
    who = session.workspace, session.actor
    models = len(operations.projects.list_models(*who, found.name))
    deployments = len(operations.projects.list_deployments(*who, found.name))
    stay = f"{how_many(models, 'model')} and {how_many(deployments, 'deployment')} stay"
    question = f"Delete the documents of {found.name} ({found.documents:,})? Its {stay}."
    confirmed(session, question, yes)
    operations.projects.delete_documents(*who, found.name)
    session.answer(
        {"project": found.name, "deleted": found.documents, "models": models}
        | {"deployments": deployments},
        lambda console: console.print(
            f"{how_many(found.documents, 'document')} of {found.name} deleted; its {stay}."
        ),
        f"cultivar project import {found.name} LABELS.json",
    )


@click.argument("name")
@click.option(
    "--to", "path", default=None, metavar="FILE", help="Write to FILE, not to the screen."
)
@click.option("--with-texts", is_flag=True, help="Add each document's text.")
def export(session: Session, *, name: str, path: str | None, with_texts: bool, yes: bool) -> None:
    """Export the project's labels file, which an import reads again."""

    operations.projects.project_named(
        session.workspace, session.actor, name
    )  # before anybody is asked
    confirmed_overwriting(session, Path(path) if path is not None else None, yes)
    job = operations.projects.submit_export(session.workspace, session.actor, name)
    found = operations.projects.exported(
        session.workspace, session.actor, name, job.id, with_texts=with_texts
    )
    if path is None:
        write_json(found)
        return
    count = len(found["assets"]["documents"])
    with written_aside(Path(path)) as file:
        json.dump(found, file, ensure_ascii=False, indent=2)
        file.write("\n")
    session.answer(
        {"file": path, "documents": count},
        lambda console: console.print(
            f"{how_many(count, 'document')} written to {path}.", markup=False
        ),
    )


def add_to(program: click.Group) -> None:
    """Add the group."""
    program.add_command(project)
    command(
        project, "create", examples=["cultivar project create news --kind single-label"],
        then="cultivar project import brings documents with tags.",
    )(create)  # fmt: skip
    command(project, "list", examples=["cultivar project list"])(list_all)
    command(
        project, "import",
        examples=[f"cultivar project import news {each}" for each in ("labels.json", "folder")],
        then="cultivar project train learns from them.",
    )(import_documents)  # fmt: skip
    command(
        project, "documents", examples=["cultivar project documents news --unreadable"]
    )(documents)  # fmt: skip
    project_models.add_to(project)
    command(
        project, "export", examples=["cultivar project export news --to labels.json"]
    )(yes_option(export))  # fmt: skip
    command(project, "delete", examples=["cultivar project delete news --yes"])(yes_option(delete))
