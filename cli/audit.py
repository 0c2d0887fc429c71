"""Commands about the audit log: verify it, export it, look through it, and ask about one item.

What is recorded, and how the chain is checked, is the operations' to say.
"""

import json
import re
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.base.confirmation import confirmed_overwriting
from cli.base.files import written_aside
from cli.base.help import Sorted, command, same_command, yes_option
from cli.base.session import Session, takes_all
from cli.terminal.item_lines import lines_of
from cli.terminal.tables import show_table
from cultivar import operations
from cultivar.core.audit_actions import AuditAction
from cultivar.core.audit_chain import anchor_name, anchor_named

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.operations.audit.audit import AuditEntry
    from cultivar.operations.content.item_history import ItemOn

# What `audit list` shows of a row; --json and `audit export` have all of it.
LONGEST_DETAILS = 120
SHORT_HASH = 12
_NOTHING: tuple[Any, ...] = (None, "", [], {})
_HASH = re.compile(r"[0-9a-f]{64}")
DAY = "%Y-%m-%d"
MOMENTS = (DAY, "%Y-%m-%dT%H:%M:%S")


@click.group(cls=Sorted)
def audit() -> None:
    """Verify, export and search the audit log."""


@click.option("--anchor", help="An anchor that was noted earlier; the log must still reach it.")
def verify(session: Session, anchor: str | None) -> None:
    """Check the audit log row by row; a changed, moved or missing row is named.

    Note the anchor that it prints somewhere else: with it a log that was rewritten as a whole
    shows too.
    """
    kept = anchor_named(anchor) if anchor else None
    found = operations.audit.verify_audit(session.workspace, session.actor, kept).require()
    name = anchor_name(found.anchor)
    session.answer(
        {"rows": found.anchor.count, "anchor": name, "sound": True},
        lambda console: console.print(f"{found.sentence}\nAnchor: {name}", markup=False),
    )


@click.option(
    "--to", "target", type=click.Path(dir_okay=False, path_type=Path), help="Write this file."
)
@yes_option
def export(session: Session, target: Path | None, yes: bool) -> None:
    """Write the audit log as JSON lines, one row per line, to standard output or a file."""
    lines = operations.audit.export_audit(session.workspace, session.actor)
    first = list(islice(lines, 1))  # who may not read it is refused before being asked
    confirmed_overwriting(session, target, yes)
    rows = 0
    with written_aside(target) if target else nullcontext() as file:
        for line in chain(first, lines):
            # the file is UTF-8; standard output may be anything
            click.echo(line if file or takes_all() else _in_ascii(line), file=file)
            rows += 1
    if target:
        session.answer(
            {"rows": rows, "file": str(target)},
            lambda console: console.print(f"{rows:,} rows written to {target}.", markup=False),
        )


def _in_ascii(line: str) -> str:
    return json.dumps(json.loads(line), separators=(",", ":"))


@click.option("--subject", help="Only of this classifier, item:ID, location:NAME, policy:ID ...")
@click.option("--actor", help="Only what this person did.")
@click.option("--action", help="Only this action, such as published.")
@click.option("--before", type=click.IntRange(min=1), help="Only rows before this number.")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Rows shown."
)
def list_(session: Session, *, before: int | None, limit: int, **wanted: str | None) -> None:
    """List who did what, the newest first."""
    found = operations.audit.audit_entries(
        session.workspace,
        session.actor,
        operations.audit.Wanted(**wanted),
        before=before,
        limit=limit,
    )
    asked = ", ".join(f"{name} {value}" for name, value in wanted.items() if value)
    then = same_command(before=found[-1].number) if len(found) == limit else None
    session.answer(
        {"entries": found},
        lambda console: _table(console, found, asked),
        then,
    )


@click.argument("item")
@click.option(
    "--on",
    type=click.DateTime(MOMENTS),
    help="At this moment (UTC); of a day, its last. Now if left out.",
)
def item(session: Session, item: str, on: datetime | None) -> None:
    """Say what labelled ITEM, who approved that, on what evidence, and what befell its labels.

    ITEM is an id or the start of one (six characters or more), a path with or without its
    location, or a name that only one item has. --json has every figure.
    """
    found = operations.content.item_on(session.workspace, session.actor, item, _moment(on))
    session.answer({"item": found}, lambda console: _show(console, found))


def _moment(on: datetime | None) -> datetime | None:
    if on is None:
        return None
    whole_day = on == datetime(on.year, on.month, on.day)  # noqa: DTZ001 - as click gives it
    end = timedelta(days=1) - timedelta(microseconds=1) if whole_day else timedelta(0)
    return on.replace(tzinfo=UTC) + end


def _table(console: "Console", found: list["AuditEntry"], asked: str) -> None:
    if not found:
        of = f" with {asked}" if asked else ""
        console.print(f"No such action is on record{of}.", markup=False)
        console.print(f"What is recorded beside a classifier's stages: {', '.join(AuditAction)}.")
        return
    rows = [
        [str(each.number), f"{each.at:%Y-%m-%d %H:%M:%S}", each.actor, _how(each.origin),
         each.action, each.subject, _told(each.details)]
        for each in found
    ]  # fmt: skip
    columns = ("Row", "When (UTC)", "Who", "How", "What", "Of what", "Details")
    show_table(console, columns, rows)


def _how(origin: Mapping[str, Any] | None) -> str:
    """Return door, account and key in short; nothing where none was kept yet."""
    return (
        " ".join(origin[name] for name in ("channel", "account", "key") if name in origin)
        if (origin)
        else ""
    )


def _told(details: Mapping[str, Any]) -> str:
    """Return an action's details in a line; long ones are cut, and stand whole in JSON.

    What is empty is left out, and a hash begins as ids do in other lists.
    """
    stated = {name: value for name, value in details.items() if value not in _NOTHING}
    told = ", ".join(f"{name.replace('_', ' ')} {_value(each)}" for name, each in stated.items())
    if len(told) <= LONGEST_DETAILS:
        return told
    return f"{told[:LONGEST_DETAILS].rpartition(', ')[0] or told[:LONGEST_DETAILS]} …"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return " and ".join(f"{each} {name}" for name, each in value.items() if each) or "none"
    if isinstance(value, list):
        return " and ".join(map(str, value))
    text = str(value)
    return text[:SHORT_HASH] if _HASH.fullmatch(text) else text


def _show(console: "Console", found: "ItemOn") -> None:
    for line in lines_of(found):
        console.print(line)


def add_to(program: click.Group) -> None:
    """Register the commands."""
    program.add_command(audit)
    command(
        audit,
        "verify",
        examples=("cultivar audit verify", "cultivar audit verify --anchor 42:9f86d0..."),
        then="Note the anchor outside this machine.",
    )(verify)
    command(audit, "export", examples=("cultivar audit export --to audit.jsonl",))(export)
    command(
        audit,
        "list",
        examples=("cultivar audit list --subject complaints", "cultivar audit list --actor sam"),
    )(list_)
    command(
        audit,
        "item",
        examples=(
            "cultivar audit item 4f0c2a91 --on 2026-03-01",
            "cultivar audit item letters/2026/answer.docx --json",
        ),
    )(item)
