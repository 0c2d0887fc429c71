"""Run flows from the command line: against the Prefect server that runs, or one of its own.

It imports Prefect and a flow only here, and only when asked to run one.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

from cli.base.session import Session, counted
from cultivar import operations
from processes import children
from processes.prefect_server import server

if TYPE_CHECKING:
    from cultivar.operations.runs import LastRun


def run(
    session: Session, what: str, *calls: tuple[str, dict[str, Any]], subjects: Sequence[str] = ()
) -> list[Any]:
    """Run flows one after another, each a name and its parameters; return what they return.

    ``subjects`` are those whose progress shows meanwhile: a classifier's id, ``tenant:<stage>`` or
    ``location:<name>``.

    Raises:
        CultivarError: a flow refused; the ones after it do not run.
    """
    with (
        session.working(what) as show,
        children.working_there(session.settings.home),
        server.running(session.settings, session.tell),
        _watching(session, subjects, show),
    ):
        return [_flow(name)(**_by_id(session, parameters)) for name, parameters in calls]


def _by_id(session: Session, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return a flow's parameters with the id of who acts: Prefect keeps what it is given."""
    if "actor" not in parameters:
        return parameters
    return parameters | {"actor": session.actor_id}


def _flow(name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(import_module(f"flows.{name}"), name)
    return found


def _watching(
    session: Session, subjects: Sequence[str], show: Callable[[str], None]
) -> AbstractContextManager[None]:
    """Show, while the block works, how far the registry says that its subjects are."""
    if not session.shows_progress:
        return nullcontext()
    since = session.workspace.clock()

    def look() -> None:
        for account in accounts(session, subjects, since):
            show(account)

    return operations.progress.watching(look)


def accounts(session: Session, subjects: Sequence[str], since: datetime) -> list[str]:
    """Return an account of each subject's stage that began after ``since`` and still works."""
    found = []
    with session.workspace.registry.reading() as reading:
        for subject in subjects:
            stage = operations.runs.last_run(reading, subject, session.workspace.clock())
            if stage and stage.ended_at is None and stage.started_at >= since:
                found.append(_account(stage, subject))
    return found


def _account(stage: "LastRun", subject: str) -> str:
    what = stage.stage.replace("_", " ").capitalize()
    kind, _, name = subject.rpartition(":")
    named = what if kind == "tenant" else f"{what} of {name}"
    return counted(named, stage.done, stage.total) if stage.done else named
