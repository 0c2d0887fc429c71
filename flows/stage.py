"""The kind of Prefect flow that a stage of the lifecycle is.

It decides nothing about classifiers.
"""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from prefect import Flow

from flows.calling import with_server
from tasks import refusing

P = ParamSpec("P")
R = TypeVar("R")


class Stage(Flow[P, R]):
    """A flow that finds its Prefect server wherever it is called from."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the flow and return what its function returns.

        Raises:
            Exception: what the function raised.
        """
        with with_server():
            return super().__call__(*args, **kwargs)


def stage(run_name: str) -> Callable[[Callable[P, R]], Flow[P, R]]:
    """Make a function a flow whose runs are named by a template over its parameters.

    Nothing is kept by Prefect: results are artifacts, and the truth is in the registry. A refusal
    fails the run with its sentence and reaches the caller as the error that it is.
    """

    def declare(function: Callable[P, R]) -> Flow[P, R]:
        return Stage(
            refusing(function),
            name=function.__name__.replace("_", "-"),
            flow_run_name=run_name,
            persist_result=False,
            retries=0,
        )

    return declare
