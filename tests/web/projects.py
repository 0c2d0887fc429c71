"""Projects behind the application under test, trained in this process step by step."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from cultivar.core.projects.jobs import EVALUATION, TRAINING, Status
from cultivar.operations.content.locations import add_location
from cultivar.operations.projects import importing, judging, training
from cultivar.operations.projects.job_claim import working_on
from tests.web.serving import CONTAINER, labels, write_documents
from tests.web.talking import ADMINISTRATOR, Web

SINGLE, MULTI = "CustomSingleLabelClassification", "CustomMultiLabelClassification"


def nothing() -> None:
    """Do nothing between two steps."""


def with_documents(web: Web, folder: Path) -> None:
    """Give the tenant a container of documents of three classes."""
    write_documents(folder)
    add_location(web.workspace, ADMINISTRATOR, CONTAINER, str(folder))


def imported(web: Web, project: str, kind: str, **counts: int) -> None:
    """Import tagged documents into a project and wait until they are read."""
    body = labels(kind, counts or None)
    job = importing.submit_import(web.workspace, ADMINISTRATOR, project, body, in_this_process=True)
    importing.run_import(web.workspace, job.id)


def train_what_was_asked(web: Web, between: Callable[[], None] = nothing) -> None:
    """Do what the flow does for the run that was started last; ``between`` is called meanwhile."""
    flow, parameters = web.runs.started.pop()
    assert flow == "project_training"
    workspace = web.workspace
    between()
    with working_on(workspace, parameters["job_id"]) as work:
        work.advance(1, **{TRAINING: Status.RUNNING})
        between()
        divided = training.divide(workspace, work.job)
        model = training.learn(work, divided)
        work.advance(80, **{TRAINING: Status.SUCCEEDED, EVALUATION: Status.RUNNING})
        between()
        judging.keep(work, judging.judge(workspace, work.job, divided, model))
    between()


def addressed(answer: Any, header: str = "location") -> str:
    """Return the path and query of the address in a header."""
    address: str = answer.headers[header]
    assert address.startswith("http://testserver/")
    return address.removeprefix("http://testserver")
