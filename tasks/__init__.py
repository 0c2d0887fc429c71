"""Thin steps between artifacts: each reads a reference, calls Cultivar, returns a reference.

What every task has in common is here. A task decides nothing, and none calls another.
"""

import functools
from collections.abc import Callable
from pathlib import PurePath
from typing import Any, ParamSpec, TypeVar

from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.runtime import deployment
from prefect.states import Failed

from cultivar.core.errors import CultivarError, StoreUnavailable

P = ParamSpec("P")
R = TypeVar("R")

Progress = Callable[[int, int | None], None]
"""Told how many items are done, and of how many where that is known."""

RETRY_DELAYS = (1.0, 5.0)


class Step(Task[P, R]):
    """A task whose refusal reaches the caller as the error that it is."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task in the flow that calls it and return what its function returns.

        Raises:
            Exception: what the function raised.
        """
        outcome = super().__call__(*args, **kwargs)
        if isinstance(outcome, State):
            raise _error_of(outcome)
        return outcome


class Defect(Exception):
    """A failure that nobody foresaw, without its text: that may quote a document."""


def step(function: Callable[P, R], run_name: str | None = None) -> Step[P, R]:
    """Make a function the kind of Prefect task that this project uses.

    ``run_name`` is a template over its parameters; its own name when left out.
    Nothing is cached or kept by Prefect: a rerun finds its work by content hash in the artifact
    store. Only a store out of reach is worth another try.
    """
    name = function.__name__.replace("_", " ")
    return Step(
        refusing(function),
        name=name,
        task_run_name=run_name or name,
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=len(RETRY_DELAYS),
        retry_delay_seconds=list(RETRY_DELAYS),
        retry_condition_fn=_is_worth_retrying,
    )


def refusing(function: Callable[P, R]) -> Callable[P, R]:
    """Wrap a task's or a flow's function so that its failures carry no traceback.

    The state's message is the error's own sentence; whoever called gets the error itself.
    """

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except CultivarError as error:
            return _failed(error.sentence, error)
        except Exception as error:  # noqa: BLE001 - Prefect would log its text
            return _failed(_place(error), _silenced(error))

    return guarded


def _failed(message: str, error: Exception) -> Any:
    """Return the state that Prefect takes as the run's; calling the run raises ``error``."""
    return Failed(message=message, data=error)


def _silenced(error: Exception) -> Exception:
    """Keep the error for a caller in this process; a served run's engine would print it."""
    return Defect(_place(error)) if deployment.id else error


def _place(error: Exception) -> str:
    if isinstance(error, Defect):
        return str(error)
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return f"{type(error).__name__} in an unknown place"
    file = PurePath(trace.tb_frame.f_code.co_filename)
    return f"{type(error).__name__} in {file.parent.name}/{file.name} line {trace.tb_lineno}"


def _is_worth_retrying(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    return isinstance(_error_of(state), StoreUnavailable)


def _error_of(state: State[Any]) -> Exception:
    data = getattr(state.data, "result", state.data)
    return data if isinstance(data, Exception) else Defect(state.message)
