"""What a request's handler works with: the workspace, what starts flows, and who calls.

It holds; it does nothing by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request

from cultivar.core.errors import CultivarError
from cultivar.operations.projects.jobs import Job, cancel_job
from cultivar.operations.projects.predicting import Predictor
from cultivar.operations.projects.predictions import Predictions
from cultivar.operations.scoring.classification import Models
from cultivar.operations.tenant.keys import Caller
from cultivar.store.workspace import Workspace
from cultivar.web.load import Load


class Run(Protocol):
    """Starts a flow by its name and returns at once; the registry tells what becomes of it."""

    @property
    def is_here(self) -> bool:
        """Whether this very process runs the flows, so that they end with it."""

    def __call__(self, flow: str, parameters: Mapping[str, Any]) -> None:
        """Start the flow with these parameters."""


@dataclass(frozen=True, slots=True)
class AppContext:
    """What the application is built from; one for all requests."""

    workspace: Workspace
    run: Run
    predictor: Predictor
    predictions: Predictions
    load: Load
    models: Models = field(default_factory=Models)

    def started(self, job: Job, flow: str, by: Caller) -> Job:
        """Start the flow that works on a job; where that cannot start, the job is cancelled.

        Raises:
            StoreUnavailable: code ``prefect-unreachable``.
        """
        try:
            self.run(flow, {"job_id": job.id})
        except CultivarError:
            cancel_job(self.workspace, by.actor, job.project, job.id)
            raise
        return job

    def nudge(self) -> None:
        """Have what the registry holds as due done soon; what a nudge misses, a sweep finds."""
        self.run("sweep", {})


async def app_context(request: Request) -> AppContext:
    """Return what the application was built from."""
    found: AppContext = request.app.state.app_context
    return found


async def caller(request: Request) -> Caller:
    """Return whom the request's key acts as."""
    found: Caller = request.state.caller
    return found


Context = Annotated[AppContext, Depends(app_context)]
CurrentUser = Annotated[Caller, Depends(caller)]
