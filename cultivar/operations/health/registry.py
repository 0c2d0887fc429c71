"""What the registry and the artifact store are like: form, clock, orphans, and what got stuck.

It opens nothing that would be changed by that: a registry of another release is not read.
"""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select

from cultivar.core.errors import CultivarError
from cultivar.core.vocabulary import how_many
from cultivar.operations import outbox
from cultivar.operations.audit.agreement import faults_of_database
from cultivar.operations.health.findings import Finding, fault, fine, warning
from cultivar.operations.runs import process_ended, without_life
from cultivar.settings import Settings
from cultivar.store import migrating
from cultivar.store.tables import ArtifactRow, AuditRow, RunRow
from cultivar.store.workspace import Workspace, open_workspace

_SKEW = timedelta(minutes=2)
_SHOWN = 3
_LATE = timedelta(hours=1)


def kept(settings: Settings) -> Iterator[Finding]:
    """Yield what is found in the registry and the store, as far as they can be opened."""
    try:
        revision = migrating.revision_at(settings.registry_url)
    except CultivarError as error:
        yield fault("registry", error.code, error.sentence)
        return
    if revision is None:
        yield warning("registry", "no-registry", "There is no registry yet.")
    elif revision != migrating.HEAD:
        yield _other_form(revision)
    else:
        yield fine("registry", f"The registry has this release's form ({revision}).")
        yield from _opened(settings)


def _other_form(revision: str) -> Finding:
    if revision in migrating.known_revisions():
        return warning(
            "registry", "registry-older",
            f"The registry has the form of an earlier release ({revision}); the next command "
            f"brings it to {migrating.HEAD}. Back it up first: `cultivar backup create PLACE` of "
            "the release that made it.",
            revision=revision,
        )  # fmt: skip
    return fault(
        "registry", "registry-newer",
        f"The registry has the form of a later release ({revision}; this one knows up to "
        f"{migrating.HEAD}). Install that release.",
        revision=revision,
    )  # fmt: skip


def _opened(settings: Settings) -> Iterator[Finding]:
    try:
        with open_workspace(settings, create=False) as workspace:
            for look in (_database, _clock, _stuck, _due, _files):
                yield from look(workspace)
    except CultivarError as error:
        yield fault("registry", error.code, error.sentence)


def _database(workspace: Workspace) -> Iterator[Finding]:
    with workspace.registry.reading() as session:
        faults = faults_of_database(session)
    if faults:
        yield fault(
            "database", "registry-damaged",
            f"The registry's own file is damaged: {'; '.join(faults[:_SHOWN])}. Restore it: "
            "`cultivar backup restore PLACE`.",
        )  # fmt: skip
    else:
        yield fine("database", "The database finds no fault in itself.")


def _clock(workspace: Workspace) -> Iterator[Finding]:
    now = workspace.clock()
    with workspace.registry.reading() as session:
        last = session.scalar(select(func.max(AuditRow.at)))
        signs = list(session.scalars(select(RunRow.alive_at).where(RunRow.ended_at.is_(None))))
    newest = max([each for each in (last, *signs) if each is not None], default=None)
    if newest is not None and newest - now > _SKEW:
        yield fault(
            "clock", "clock-behind",
            f"The newest record is of {newest:%Y-%m-%d %H:%M:%S} UTC, and this machine's clock "
            f"says {now:%Y-%m-%d %H:%M:%S}: the clock is behind, or was ahead. Set it by NTP.",
        )  # fmt: skip
    else:
        yield fine("clock", f"No record is younger than this machine's clock ({now:%H:%M:%S} UTC).")


def _stuck(workspace: Workspace) -> Iterator[Finding]:
    now = workspace.clock()
    with workspace.registry.reading() as session:
        rows = list(session.scalars(select(RunRow).where(RunRow.ended_at.is_(None))))
    dead = [row for row in rows if without_life(row, now) or process_ended(row.holder)]
    if dead:
        named = ", ".join(f"{row.stage} of {row.subject}" for row in dead[:_SHOWN])
        yield warning(
            "runs", "runs-stuck",
            f"{how_many(len(dead), 'run')} died and nobody took up what was left ({named}). The "
            "same command goes on with it.",
            runs=len(dead),
        )  # fmt: skip
    else:
        yield fine("runs", f"{how_many(len(rows), 'run')} at work, none of them dead.")


def _due(workspace: Workspace) -> Iterator[Finding]:
    late = [
        each for each in outbox.overdue(workspace) if workspace.clock() - each.created_at > _LATE
    ]
    if late:
        named = ", ".join(f"{each.kind} of {each.subject}" for each in late[:_SHOWN])
        yield warning(
            "due", "work-overdue",
            f"{how_many(len(late), 'thing')} to do since {late[0].created_at:%Y-%m-%d %H:%M} UTC "
            f"({named}). `cultivar up` does it.",
            late=len(late),
        )  # fmt: skip
    else:
        yield fine("due", "Nothing has been due for long.")


def _files(workspace: Workspace) -> Iterator[Finding]:
    """Yield which rows have no file, and how many files no row."""
    sizes = workspace.artifacts.files.sizes("")
    with workspace.registry.reading() as session:
        listed = session.execute(select(ArtifactRow.path, ArtifactRow.size)).all()
        rows = {row.path: row.size for row in listed}
    wrong = sorted(path for path, size in rows.items() if sizes.get(path) != size)
    if wrong:
        yield fault(
            "artifacts", "artifact-missing",
            f"{how_many(len(wrong), 'artifact')} of {len(rows):,} are missing or have another size "
            f"({', '.join(wrong[:_SHOWN])}). `cultivar verify` tells more; a backup restores them.",
            wrong=len(wrong),
        )  # fmt: skip
    orphans = {name: size for name, size in sizes.items() if name not in rows and name[:1] != "."}
    if orphans:
        yield warning(
            "artifacts", "artifact-orphans",
            f"{how_many(len(orphans), 'file')} of the artifact store, {sum(orphans.values()):,} "
            "bytes, belong to no row: a killed command left them, or a registry that was restored.",
            orphans=len(orphans), bytes=sum(orphans.values()),
        )  # fmt: skip
    if not wrong and not orphans:
        yield fine("artifacts", f"{how_many(len(rows), 'artifact')}, each with its file.")
