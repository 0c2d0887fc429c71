"""Prepare, learn and judge a project's model.

What is learned, and from which documents, is the operations'; nothing here keeps a model.
"""

from functools import partial

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
