"""Prepare, learn and judge a project's model.

What is learned, and from which documents, is the operations'; nothing here keeps a model.
"""

from collections.abc import Mapping
from typing import Any

from cultivar.core.reference import ArtifactReference
from cultivar.operations.projects import judging, training
from cultivar.operations.projects.jobs import Job
from cultivar.operations.projects.judging import Outcome
from cultivar.operations.projects.training import Divided
from cultivar.operations.projects.working import Work
from cultivar.store.workspace import Workspace
from tasks import step


@step
def divide_documents(workspace: Workspace, job: Job) -> Divided:
    """Return the recorded part of each document that takes part, and advice on them."""
    return training.divide(workspace, job)


@step
def learn_classes(work: Work, divided: Divided) -> ArtifactReference:
    """Return the model learned from the training documents.

    Raises:
        InvalidInput: code ``nothing-to-learn-from``.
        Cancelled: somebody cancelled the job.
    """
    return training.learn(work, divided)


@step
def judge_model(
    workspace: Workspace, job: Job, divided: Divided, model: ArtifactReference
) -> Outcome:
    """Return the validation documents' predictions as an artifact, and the test set's sums."""
    return judging.judge(workspace, job, divided, model)


def class_table(evaluation: Mapping[str, Any]) -> list[dict[str, object]]:
    """Return a row a class with its measures, then micro and macro averages."""
    rows: list[dict[str, object]] = [
        _row(name, found, found["true_positives"] + found["false_negatives"])
        for name, found in evaluation["classes"].items()
    ]
    return [*rows, *(_row(each, evaluation[each], "") for each in ("micro", "macro"))]


def _row(name: str, found: Mapping[str, Any], tested: object) -> dict[str, object]:
    measures = {each: f"{found[each]:.3f}" for each in ("precision", "recall", "f1")}
    return {"class": name, **measures, "tested": tested}
