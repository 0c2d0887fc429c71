"""Commands about artifacts: list them, print the path of the one in use, describe one.

Which artifact is in use for what is the operations' to say.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cli.base.help import Sorted, command, known_classifiers, known_locations
from cli.base.session import Session
from cli.terminal.tables import show_table
from cli.terminal.texts import strong
from cultivar import operations
from cultivar.core.figures import bytes_in_words
from cultivar.core.texts.shown_places import shown_place

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.operations.artifacts.catalogue import About, Listed
    from cultivar.operations.artifacts.descriptions import Described

F = TypeVar("F", bound=Callable[..., Any])


@click.group(cls=Sorted)
def artifacts() -> None:
    """Find the Parquet files that stages hand each other, for tools of your own.

    To be told where they are needs a role that reads classifiers, as `cultivar status` does. Who
    may open a file is up to the folder or bucket that holds it: artifacts of content hold text.
    """


def _known_kinds(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    return [kind for kind in operations.artifacts.kinds() if kind.startswith(incomplete)]


def _about_options(function: F) -> F:
    """Add the options that say what an artifact is about."""
    for option in (
        click.option("--version", help="Of this version: its id or number; of a project, a model."),
        click.option("--project", help="Of this project."),
        click.option("--classifier", shell_complete=known_classifiers, help="Of this classifier."),
        click.option("--location", shell_complete=known_locations, help="Of this location."),
    ):
        function = option(function)
    return function


def _about(options: dict[str, str | None]) -> "About":
    return operations.artifacts.About(**options)


@click.option("--kind", shell_complete=_known_kinds, help="Only of this kind, such as items.")
@_about_options
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="Rows shown."
)
def list_(session: Session, kind: str | None, limit: int, **options: str | None) -> None:
    """List artifacts, the newest first; a star marks the ones in use."""
    found = operations.artifacts.list_artifacts(
        session.workspace, session.actor, kind, _about(options), limit=limit
    )
    session.answer(
        {"artifacts": found},
        lambda console: _table(console, found),
        f"cultivar artifacts describe {found[0].sha256[:8]}" if found else None,
    )


@click.argument("kind", shell_complete=_known_kinds)
@_about_options
def path(session: Session, kind: str, **options: str | None) -> None:
    """Print the path of the artifact of KIND in use, for another program.

    KIND is a schema (items, assignments, labels, seed_set, test_set, predictions, baseline,
    unlabelled ...) or model. Where several are in use, the options say which is meant.
    """
    found = operations.artifacts.newest_artifact(
        session.workspace, session.actor, kind, _about(options)
    )
    where = operations.artifacts.shown_path(found.url)
    data = {"path": where, "url": shown_place(found.url), "kind": kind, "sha256": found.sha256}
    session.answer(data | {"rows": found.rows}, lambda _console: click.echo(where))


@click.argument("artifact")
def describe(session: Session, artifact: str) -> None:
    """Describe ARTIFACT: its columns, what it was made from, what was made from it.

    ARTIFACT is a path, or how its hash begins.
    """
    found = operations.artifacts.describe_artifact(session.workspace, session.actor, artifact)
    session.answer(found, lambda console: _show(console, found))


def _table(console: "Console", found: "list[Listed]") -> None:
    if not found:
        console.print("There is no such artifact.")
        return
    rows = [
        [each.sha256[:8], each.kind + ("*" if each.newest else ""), f"{each.rows:,}",
         bytes_in_words(each.size), f"{each.created_at:%m-%d %H:%M}", each.producer,
         ", ".join(each.about)]
        for each in found
    ]  # fmt: skip
    columns = ("Hash", "Kind", "Rows", "Size", "Made (UTC)", "By", "Of")
    show_table(console, columns, rows, lead="Kind")
    if any(each.newest for each in found):
        console.print("* in use: what `cultivar artifacts path` prints")


def _show(console: "Console", found: "Described") -> None:
    each = found.artifact
    of = f" of {', '.join(each.about)}" if each.about else ""
    lines = [
        f"{each.kind}{of}{', in use' if each.newest else ''}",
        found.about_rows,
        f"Path: {each.path}",
        f"SHA-256: {each.sha256}",
        f"{each.rows:,} rows, {each.size:,} bytes",
        f"Made {each.created_at:%Y-%m-%d %H:%M} UTC by {each.producer}, code version "
        f"{found.code_version}" + (f", run {each.run_id}" if each.run_id else ""),
        *_listed("Made from", [f"{edge['part']}: {_short(edge)}" for edge in found.inputs]),
        *_listed("Used by", [_short(edge) for edge in found.used_by]),
    ]
    console.print("\n".join(lines), markup=False, soft_wrap=True)
    for column in found.columns:
        missing = ", may be null" if column.nullable else ""
        console.print(f"{strong(column.name)} ({column.type}{missing})")
        console.print(f"  {column.description}", markup=False)


def _listed(what: str, lines: list[str]) -> list[str]:
    more = [f"  and {len(lines) - 20} more"] if len(lines) > 20 else []
    return [f"{what}:", *(f"  {line}" for line in lines[:20]), *more] if lines else []


def _short(edge: dict[str, str]) -> str:
    return f"{edge['kind']} {edge['sha256'][:8]} by {edge['producer']}"


def add_to(program: click.Group) -> None:
    """Register the commands."""
    program.add_command(artifacts)
    command(
        artifacts,
        "list",
        examples=(
            "cultivar artifacts list",
            "cultivar artifacts list --kind assignments --location drive",
        ),
    )(list_)
    command(
        artifacts,
        "path",
        examples=(
            "cultivar artifacts path assignments --location drive",
            "cultivar artifacts path seed_set --classifier contracts",
            "duckdb -c \"from '$(cultivar artifacts path items --location drive)' limit 5\"",
        ),
        then="docs/artifacts.md says what each column holds.",
    )(path)
    command(
        artifacts,
        "describe",
        examples=(
            "cultivar artifacts describe 4f0c2a91",
            "cultivar artifacts describe $(cultivar artifacts path baseline)",
        ),
    )(describe)
