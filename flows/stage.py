"""The kind of Prefect flow that a stage of the lifecycle is.

It decides nothing about classifiers.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from prefect import Flow

from tasks import refusing

P = ParamSpec("P")
R = TypeVar("R")


def stage(run_name: str) -> Callable[[Callable[P, R]], Flow[P, R]]:
    """Make a function a flow whose runs are named by a template over its parameters.

    Nothing is kept by Prefect: results are artifacts, and the truth is in the registry. A refusal
    fails the run with its sentence and reaches the caller as the error that it is.
    """

    def declare(function: Callable[P, R]) -> Flow[P, R]:
        return Flow(
            refusing(function),
            name=function.__name__.replace("_", "-"),
            flow_run_name=run_name,
            persist_result=False,
            retries=0,
        )

    return declare
