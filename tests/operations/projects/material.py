"""A small project: labels files with texts, imports, trainings without a flow."""

import random
from typing import Any

from cultivar.core.projects.names import Kind
from cultivar.operations.projects import judging, training
from cultivar.operations.projects.importing import run_import, submit_import
from cultivar.operations.projects.job_claim import Work, working_on
from cultivar.operations.projects.jobs import Job, job
from cultivar.store.workspace import Workspace
from tests.core.projects.conftest import CLASSES, texts

ACTOR = "alex"
WIRE = {
    Kind.SINGLE: "CustomSingleLabelClassification",
    Kind.MULTI: "CustomMultiLabelClassification",
}


def labels_file(count: int = 40, kind: Kind = Kind.SINGLE, seed: int = 0) -> dict[str, Any]:
    """Return a labels file of the GA form whose documents bring their texts."""
    found, tags = texts(count, kind, seed)
    documents = [
        {
            "location": f"folder/{place:03}.txt",
            "language": "en",
            "text": text,
            "classes": [{"category": name} for name in names],
        }
        for place, (text, names) in enumerate(zip(found, tags, strict=True))
    ]
    return {
        "projectFileVersion": "2022-05-01",
        "metadata": {"projectKind": WIRE[kind], "language": "en", "description": "test"},
        "assets": {
            "projectKind": WIRE[kind],
            "classes": [{"category": name} for name in CLASSES],
            "documents": documents,
        },
    }


def imported(
    workspace: Workspace, name: str = "news", count: int = 40, kind: Kind = Kind.SINGLE
) -> Job:
    """Make a project with documents."""
    opened = submit_import(workspace, ACTOR, name, labels_file(count, kind), in_this_process=True)
    return run_import(workspace, opened.id)


def work_off(workspace: Workspace, job_id: str) -> Job:
    """Do what the flow does, without a flow."""
    with working_on(workspace, job_id) as work:
        train_in(work)
    return job(workspace, ACTOR, None, job_id)


def train_in(work: Work) -> None:
    """Train inside a job that is worked on."""
    divided = training.divide(work.workspace, work.job)
    model = training.learn(work, divided)
    judging.keep(work, judging.judge(work.workspace, work.job, divided, model))


def trained(workspace: Workspace, label: str = "first", name: str = "news") -> Job:
    """Train a model of a project."""
    opened = training.submit_training(workspace, ACTOR, name, label, in_this_process=True)
    return work_off(workspace, opened.id)


def unseen(count: int = 9) -> tuple[list[str], list[list[str]]]:
    """Return texts that no labels file holds, with their classes."""
    return texts(count, seed=random.Random(77).randrange(1000))
