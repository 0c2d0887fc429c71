"""Read the documents of a project: the job that somebody asked for over REST."""

from collections.abc import Mapping
from typing import Any

from prefect.runtime import flow_run

from cultivar.core.vocabulary import how_many
from cultivar.operations.projects.dead_jobs import give_up
from cultivar.store.workspace import open_workspace
from flows.base.stage import project_tag, stage, tag_run
from tasks import Told
from tasks.projects import read_documents


def _give_up(parameters: Mapping[str, Any]) -> None:
    with open_workspace() as workspace:
        give_up(workspace, str(parameters["job_id"]))


@stage("project import: {job_id}", on_crash=_give_up)
def project_import(job_id: str) -> Told[str]:
    """Read the documents of an import, put them into the project, and return the job's id.

    Args:
        job_id: The job that ``submit_import`` opened.
    """
    with open_workspace() as workspace:
        job = read_documents(workspace, job_id, str(flow_run.id or "") or None)
        tag_run(project_tag(job.project), name=f"project import: {job.project}")
        found = job.result or {}
        return Told(job_id, f"{how_many(found.get('documents', 0), 'document')} in {job.project}.")
