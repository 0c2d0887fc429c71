"""Prepare, learn and judge a project's model.

What is learned, and from which documents, is the operations'; nothing here keeps a model.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from cultivar.core.figures import percent
from cultivar.core.reference import ArtifactReference
from cultivar.core.vocabulary import how_many
from cultivar.operations.projects import importing, judging, training
from cultivar.operations.projects.job_claim import Work
from cultivar.operations.projects.jobs import Job
from cultivar.operations.projects.judging import Outcome
from cultivar.operations.projects.training import SplitDocuments
from cultivar.store.workspace import Workspace
from tasks import Told, step


@partial(step, named="read the documents")
def read_documents(workspace: Workspace, job_id: str, flow_run_id: str | None) -> Told[Job]:
    """Read the documents of an import job into its project, and end the job.

    Raises:
        CultivarError: see ``run_import``.
    """
    done = importing.run_import(workspace, job_id, flow_run_id)
    found = done.result or {}
    read = how_many(found.get("documents", 0), "document")
    return Told(done, f"{read} in {done.project}, {found.get('tagged', 0):,} of them tagged")


@partial(step, named="divide the documents")
def divide_documents(workspace: Workspace, job: Job) -> Told[SplitDocuments]:
    """Return the recorded part of each document that takes part, and advice on them."""
    divided = training.divide(workspace, job)
    advised = ", ".join(each.code for each in divided.advice)
    return Told(
        divided,
        f"{how_many(divided.split.rows, 'document')} divided; advice: {advised or 'none'}",
    )


@partial(step, named="learn the classes")
def learn_classes(work: Work, divided: SplitDocuments) -> Told[ArtifactReference]:
    """Return the model learned from the training documents.

    Raises:
        InvalidInput: code ``nothing-to-learn-from``.
        Cancelled: somebody cancelled the job.
    """
    model = training.learn(work, divided)
    classes = work.job.parameters["classes"]
    return Told(model, f"{how_many(len(classes), 'class', 'classes')} learned")


@partial(step, named="judge the model")
def judge_model(
    workspace: Workspace, job: Job, divided: SplitDocuments, model: ArtifactReference
) -> Told[Outcome]:
    """Return the validation documents' predictions as an artifact, and the test set's sums."""
    outcome = judging.judge(workspace, job, divided, model)
    return Told(outcome, evaluated(outcome))


@partial(step, named="keep the model")
def keep_model(work: Work, outcome: Outcome) -> Told[Job]:
    """Make the model the one of its label and end the job."""
    done = judging.keep(work, outcome)
    return Told(done, f"model {work.job.parameters['model']} of {work.job.project} is kept")


def evaluated(outcome: Outcome) -> str:
    """Return the evaluation in a sentence."""
    if outcome.evaluation is None:
        return "no document was held back, so nothing is evaluated"
    found = outcome.evaluation.as_dict()
    micro, macro = found["micro"], found["macro"]
    return (
        f"on the test set: F1 {percent(micro['f1'])} over all decisions, {percent(macro['f1'])} on "
        f"average of {how_many(len(found['classes']), 'class', 'classes')}; precision "
        f"{percent(micro['precision'])}, recall {percent(micro['recall'])}"
    )


def class_table(evaluation: Mapping[str, Any]) -> list[dict[str, object]]:
    """Return a row a class with its measures, then micro and macro averages."""
    rows: list[dict[str, object]] = [
        _row(name, found, found["true_positives"] + found["false_negatives"])
        for name, found in evaluation["classes"].items()
    ]
    return [*rows, *(_row(each, evaluation[each], "") for each in ("micro", "macro"))]


def confused(counts: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Return the pairs of classes that the model takes for one another most often, at most ten.

    ``counts`` maps predicted to actual to count, zeros left out.
    """
    sums = {name: sum(row.get(name, 0) for row in counts.values()) for name in counts}
    pairs = [
        (count, actual, predicted)
        for predicted, row in counts.items()
        for actual, count in row.items()
        if actual != predicted and count
    ]
    return [
        f"{count:,} of {how_many(sums[actual], 'document')} of the class {actual}: taken for "
        f"{predicted}"
        for count, actual, predicted in sorted(pairs, key=lambda pair: (-pair[0], pair[1:]))[:10]
    ]


def _row(name: str, found: Mapping[str, Any], tested: object) -> dict[str, object]:
    measures = {each: f"{found[each]:.3f}" for each in ("precision", "recall", "f1")}
    return {"class": name, **measures, "tested": tested}
