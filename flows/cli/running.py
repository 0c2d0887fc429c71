"""Run flows from the command line: against the Prefect server that runs, or one of its own.

It imports Prefect and a flow only here, and only when asked to run one.
"""

from importlib import import_module
from typing import Any

from flows.cli.session import Session


class Flows:
    """Calls flows by name within one server; use ``running``."""

    def __call__(self, name: str, **parameters: Any) -> Any:
        """Run the flow of that name in this process and return what it returns."""
        return getattr(import_module(f"flows.{name}"), name)(**parameters)


def run(session: Session, what: str, *calls: tuple[str, dict[str, Any]]) -> list[Any]:
    """Run flows one after another, each a name and its parameters; return what they return.

    Raises:
        CultivarError: a flow refused; the ones after it do not run.
    """
    from flows import server

    flows = Flows()
    with session.working(what), server.running(session.settings, session.tell):
        return [flows(name, **parameters) for name, parameters in calls]
