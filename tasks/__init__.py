"""Thin steps between artifacts: each reads a reference, calls Cultivar, returns a reference.

What every task has in common is here. A task decides nothing, and none calls another.
"""

import functools
import logging
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar

from prefect import Task, get_run_logger
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.runtime import deployment, flow_run
from prefect.states import Completed, Failed

from cultivar.core.errors import CultivarError, StoreUnavailable
from cultivar.settings import read_settings
from cultivar.store.defects import keep_in_full, place_of, way_to

P = ParamSpec("P")
R = TypeVar("R")

Progress = Callable[[int, int | None], None]
"""Told how many items are done, and of how many where that is known."""

RETRY_DELAYS = (1.0, 5.0)


@dataclass(frozen=True, slots=True)
class Told(Generic[R]):
    """What a step or a stage made, and a sentence that tells of it: figures and names, no content.

    A step's sentence is a line of its run's log, a stage's is the message of the final state.
    ``state`` names that state where "Completed" would say too much.
    """

    value: R
    sentence: str
    state: str = "Completed"
    level: int = logging.INFO


class Step(Task[P, R]):
    """A task whose refusal reaches the caller as the error that it is."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task in the flow that calls it and return what its function made.

        Raises:
            Exception: what the function raised.
        """
        outcome = super().__call__(*args, **kwargs)
        if not isinstance(outcome, State):
            return outcome
        if outcome.is_completed():
            return getattr(outcome.data, "result", outcome.data)
        raise _error_of(outcome)


class Defect(Exception):
    """A failure that nobody foresaw, without its text: that may quote a document."""


def step(
    function: Callable[P, Told[R]], named: str | Callable[..., str] | None = None
) -> Step[P, R]:
    """Make a function the kind of Prefect task that this project uses.

    ``named`` is the run's name in words, a template over its parameters or a function of
    ``parameters``; the function's own name when left out.
    Nothing is cached or kept by Prefect: a rerun finds its work by content hash in the artifact
    store. Only a store out of reach is worth another try.
    """
    name = function.__name__.replace("_", " ")
    return Step(
        refusing(function, _end_step),
        name=name,
        task_run_name=named or name,
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=len(RETRY_DELAYS),
        retry_delay_seconds=list(RETRY_DELAYS),
        retry_condition_fn=_is_worth_retrying,
    )


def refusing(function: Callable[P, Told[R]], end: Callable[[Told[R]], Any]) -> Callable[P, R]:
    """Wrap a task's or a flow's function so that its failures are told, without a traceback.

    The state's message is the error's own sentence, and whoever called gets the error itself.
    ``end`` makes of what was told what Prefect takes as the run's end.
    """

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            told = function(*args, **kwargs)
        except CultivarError as error:
            return _failed(_refusal(error), error, f"{_refusal(error)} (code {error.code})")
        except Exception as error:  # noqa: BLE001 - Prefect would log its text
            return _defect(error)
        ended: R = end(told)
        return ended

    return guarded


def _end_step(told: Told[R]) -> Any:
    """Log what the step says; its state is named where "Completed" says too much."""
    say(told.sentence, told.level)
    if told.state == "Completed":
        return told.value
    return Completed(name=told.state, message=told.sentence, data=told.value)


def say(sentence: str, level: int = logging.INFO) -> None:
    """Add a line to the run's log: what was decided, with figures and never content."""
    get_run_logger().log(level, "%s", sentence)


def artifact_key(*parts: str) -> str:
    """Return a key that Prefect accepts: lower-case letters, digits and single dashes."""
    return re.sub(r"[^a-z0-9]+", "-", "-".join(parts).lower()).strip("-")


def _refusal(error: CultivarError) -> str:
    gate = str(error.facts.get("gate", "")).replace("_", " ")
    about = str(error.facts.get("about", ""))
    asked = f"gate {gate} of {about}" if about else f"gate {gate}"
    return f"{asked} failed: {error.sentence}" if gate else error.sentence


def _defect(error: Exception) -> Any:
    """Say where it happened and how it got there, for nothing else may be told of it."""
    place = str(error) if isinstance(error, Defect) else place_of(error)
    frames = "\n".join(f"  {frame}" for frame in way_to(error))
    more = _KEPT if _is_kept(error) else _MORE
    account = f"A defect of Cultivar: {place}. The way there, outermost first:\n{frames}\n{more}"
    if not deployment.id:
        return _failed(place, error, account)
    silenced = Defect(place)
    silenced.__notes__ = list(getattr(error, "__notes__", ()))
    return _failed(place, silenced, account)


def _is_kept(error: Exception) -> bool:
    """Keep the error in full where the settings ask for it, and tell whether they do."""
    with suppress(CultivarError, OSError):
        return keep_in_full(read_settings(), error)
    return False


_KEPT = "Its text is not shown, as it may quote a document; logs/debug.log of the home holds it."
_MORE = (
    "Its text is not shown, as it may quote a document. With CULTIVAR_DEBUG_LOG=true the next one "
    "is kept in full in logs/debug.log of the home."
)


def _failed(message: str, error: Exception, account: str) -> Any:
    """Return the state that Prefect takes as the run's; calling the run raises ``error``.

    What a step told, its flow does not repeat; a flow that called it has a log of its own.
    """
    told = f"It is told in the log of the flow run {flow_run.id}."
    if told not in getattr(error, "__notes__", ()):
        say(account, logging.ERROR)
        error.add_note(told)
    if deployment.id:
        logging.getLogger("prefect.flow_runs").addFilter(_TOLD_ALREADY)
    return Failed(message=message, data=error)


class _ToldAlready(logging.Filter):
    """Keeps from the run's log the traceback that Prefect's engine adds to any failed run."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and record.getMessage().startswith("Engine execution exited"))


_TOLD_ALREADY = _ToldAlready()


def _is_worth_retrying(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    return isinstance(_error_of(state), StoreUnavailable)


def _error_of(state: State[Any]) -> Exception:
    data = getattr(state.data, "result", state.data)
    return data if isinstance(data, Exception) else Defect(state.message or "unknown")
