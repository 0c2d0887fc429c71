"""The kind of Prefect flow that a stage of the lifecycle is.

It decides nothing about classifiers.
"""

import functools
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ParamSpec, TypeVar

from prefect import Flow, tags
from prefect.client.schemas.objects import FlowRun, State
from prefect.context import FlowRunContext, TagsContext
from prefect.runtime import flow_run
from prefect.states import Completed

from cultivar.settings.channels import Channel, acting_through, present_channel
from processes.calling import with_server
from processes.deployments import TAG
from tasks import Told, refusing, say

P = ParamSpec("P")
R = TypeVar("R")

# A run over hundreds of locations is found by its flow, not by its tags.
TAGS_AT_MOST = 20
Named = str | Callable[[Mapping[str, Any]], str]
Crash = Callable[[Mapping[str, Any]], None]


class Stage(Flow[P, R]):
    """A flow that finds its Prefect server wherever it is called from.

    Its runs carry the tag ``cultivar`` from the start, whoever starts them.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the flow here and return what it made.

        Raises:
            Exception: what the function raised.
        """
        with with_server(), tags(TAG):
            return super().__call__(*args, **kwargs)


def stage(
    named: Named, on_crash: Crash | None = None
) -> Callable[[Callable[P, Told[R]]], Flow[P, R]]:
    """Make a function a flow; ``named`` is the run's name, a template or a function of parameters.

    ``on_crash`` is called with the parameters of a run whose process died, by whoever notices.

    Nothing is kept by Prefect: results are artifacts, and the truth is in the registry. A refusal
    fails the run with its sentence and reaches the caller as the error that it is.
    """

    def declare(function: Callable[P, Told[R]]) -> Flow[P, R]:
        return Stage(
            _untagged(refusing(function, _end)),
            name=function.__name__.replace("_", "-"),
            flow_run_name=named if isinstance(named, str) else lambda: named(flow_run.parameters),
            persist_result=False,
            retries=0,
            on_crashed=[_hook(on_crash)] if on_crash else None,
        )

    return declare


def _hook(on_crash: Crash) -> Callable[..., None]:
    # the name is what Prefect logs
    def clear_up(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:  # noqa: ARG001
        on_crash(flow_run.parameters)

    return clear_up


def _end(told: Told[R]) -> Any:
    """Return the final state with the stage's sentence, which Prefect logs too."""
    if told.level > logging.INFO:
        say(told.sentence, told.level)
    return Completed(name=told.state, message=told.sentence, data=told.value)


def tag_run(*further: str, name: str | None = None) -> None:
    """Add tags to the flow run at work, and rename it; known ones cost no request."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        return
    known = list(context.flow_run.tags)
    new = [tag for tag in further if tag not in known][: max(0, TAGS_AT_MOST - len(known))]
    if name is None and not new:
        return
    context.flow_run.tags = [*known, *new]
    context.client.update_flow_run(context.flow_run.id, tags=context.flow_run.tags, name=name)


def classifier_tag(classifier_id: str) -> str:
    """Return the tag of the runs that concern a classifier."""
    return f"classifier:{classifier_id}"


def location_tag(name: str) -> str:
    """Return the tag of the runs that concern a location."""
    return f"location:{name}"


def project_tag(name: str) -> str:
    """Return the tag of the runs that concern a project."""
    return f"project:{name}"


def today() -> str:
    """Return today's date (UTC), by which runs of the same stage are told apart."""
    return f"{datetime.now(UTC):%Y-%m-%d}"


def _channel() -> Channel:
    """Return what the audit log names as the door of a run: a command is one, whatever it runs."""
    if (here := present_channel()) is Channel.CLI:
        return here
    context = FlowRunContext.get()
    run = context.flow_run if context is not None else None
    return Channel.SCHEDULE if run is not None and run.auto_scheduled else Channel.FLOW


def _untagged(function: Callable[P, R]) -> Callable[P, R]:
    """Keep the run's tag from its tasks, since Prefect asks for a limit at each task's tag."""

    @functools.wraps(function)
    def untagged(*args: P.args, **kwargs: P.kwargs) -> R:
        with TagsContext(current_tags=set()), acting_through(_channel()):
            return function(*args, **kwargs)

    return untagged
