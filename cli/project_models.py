"""Commands on a project's models: train, follow, cancel, evaluate, deploy, predict.

After a training they show the evaluation first, then what improves the model.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cli.base.confirmation import confirmed
from cli.base.flow_runs import run
from cli.base.help import command, yes_option
from cli.base.session import Session, json_text
from cli.project_jobs import as_json
from cli.terminal.tables import show_table
from cli.terminal.texts import strong
from cultivar import operations
from cultivar.core.errors import InvalidInput
from cultivar.core.projects.evaluation_tables import class_measures, confusions
from cultivar.core.projects.names import is_whole
from cultivar.core.projects.splitting import EvaluationOptions

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.core.projects.evaluation_tables import ClassMeasures
    from cultivar.core.projects.model import Judged
    from cultivar.operations.projects.jobs import Job

_BATCH = 1_000
T = TypeVar("T", bound=Sequence[str])


@click.argument("name")
@click.argument("model")
@click.option(
    "--evaluation",
    type=click.Choice(["percentage", "manual"]),
    default=None,
    help="Test on a tenth drawn at random, or on the documents marked for testing (column "
    "dataset); the latter by default where some are.",
)
@yes_option
def train(session: Session, *, name: str, model: str, evaluation: str | None, yes: bool) -> None:
    """Train the model MODEL of the project NAME: an existing name again, or a new one."""
    workspace, actor = session.workspace, session.actor
    known = {each.label for each in operations.projects.list_models(workspace, actor, name)}
    if model in known:
        confirmed(session, f"Overwrite the trained model {model} of {name}?", yes)
    for advice in operations.projects.guidance_of(workspace, actor, name):
        session.tell(f"{advice.code}: {advice.sentence}")
    stated = operations.projects.stated_evaluation(workspace, actor, name)
    options = stated if evaluation is None else EvaluationOptions(evaluation)
    if options.kind == "manual":
        session.tell("Evaluated on the documents that are marked for testing.")
    job = operations.projects.submit_training(
        workspace, actor, name, model, options=options, in_this_process=True
    )
    session.tell(f"Job {job.id}; `cultivar project status {name}` follows it.")
    run(
        session, f"Training {model}", ("project_training", {"job_id": job.id}),
        subjects=(f"project:{name}",),
    )  # fmt: skip
    done = _job(session, name, job.id)
    session.answer(
        {"job": as_json(done)},
        lambda console: _show_job(console, done),
        f"cultivar project evaluate {quote(name)} {quote(model)}",
    )


def _job(session: Session, name: str, job_id: str) -> "Job":
    return operations.projects.job(session.workspace, session.actor, name, job_id)


@click.argument("name")
@click.argument("job", required=False)
def status(session: Session, *, name: str, job: str | None) -> None:
    """Show the newest jobs of the project NAME, or one JOB."""
    if job is not None:
        found = [_job(session, name, job)]
    else:
        found = operations.projects.list_jobs(session.workspace, session.actor, name)[:10]

    def show(console: "Console") -> None:
        for each in found:
            _show_job(console, each)
        if not found:
            console.print("There is no job of this project.")

    session.answer({"jobs": [as_json(each) for each in found]}, show)


def _show_job(console: "Console", job: "Job") -> None:
    model = job.parameters.get("model")
    what = f"{job.kind} {model}" if model else str(job.kind)
    console.print(f"{job.id}  {what}: {strong(job.status)}, {job.percent} %")
    for name, phase in job.phases.items():
        console.print(f"  {name}: {phase['status']}")
    for told in (*job.errors, *job.warnings):
        console.print(f"  {told['code']}: {told['sentence']}", markup=False)


@click.argument("name")
@click.argument("job")
def cancel(session: Session, *, name: str, job: str) -> None:
    """Cancel the JOB of the project NAME; nothing of it is kept."""
    found = operations.projects.cancel_job(session.workspace, session.actor, name, job)
    session.answer({"job": as_json(found)}, lambda console: _show_job(console, found))


@click.argument("name")
@click.argument("model")
def evaluate(session: Session, *, name: str, model: str) -> None:
    """Show the evaluation of MODEL over the documents that it has never met."""
    found = operations.projects.evaluation_of(session.workspace, session.actor, name, model)
    warnings = operations.projects.model_named(
        session.workspace, session.actor, name, model
    ).warnings
    session.answer(
        {"evaluation": found, "warnings": list(warnings)},
        lambda console: _show_evaluation(console, found, warnings),
        f"cultivar project errors {quote(name)} {quote(model)}",
    )


def _show_evaluation(
    console: "Console", found: Mapping[str, Any], warnings: tuple[Mapping[str, Any], ...]
) -> None:
    columns = ("Class", "Precision", "Recall", "F1", "TP", "FP", "FN")
    show_table(console, columns, [_measures_row(each) for each in class_measures(found)])
    for pair in confusions(found["confusion"] or {}):
        console.print(pair, markup=False)
    for warning in warnings:
        console.print(f"{warning['code']}: {warning['sentence']}", markup=False)


def _measures_row(found: "ClassMeasures") -> list[str]:
    measures = [f"{each:.3f}" for each in (found.precision, found.recall, found.f1)]
    if found.is_average:
        return [strong(found.name), *measures, "", "", ""]
    counts = (found.true_positives, found.false_positives, found.false_negatives)
    return [found.name, *measures, *(str(count) for count in counts)]


@click.argument("name")
@click.argument("model")
@click.option("--all", "everything", is_flag=True, help="List rightly predicted documents too.")
def errors(session: Session, *, name: str, model: str, everything: bool) -> None:
    """List the validation documents that MODEL predicts wrongly.

    Documents of the test set are never listed: who tunes to them has no test any more.
    """
    found = operations.projects.validation_of(
        session.workspace, session.actor, name, model, only_wrong=not everything
    )

    def show(console: "Console") -> None:
        if not found:
            console.print("No validation document is predicted wrongly.")
            return
        rows = [[e.document, ", ".join(e.tagged), ", ".join(e.predicted)] for e in found]
        show_table(console, ("Document", "Tagged", "Predicted"), rows)

    session.answer({"documents": found}, show)


@click.argument("name")
@click.argument("deployment")
@click.argument("model")
@yes_option
def deploy(session: Session, *, name: str, deployment: str, model: str, yes: bool) -> None:
    """Let DEPLOYMENT of the project NAME answer with MODEL."""
    operations.projects.model_named(
        session.workspace, session.actor, name, model
    )  # before anybody is asked
    known = {
        each.name: each
        for each in operations.projects.list_deployments(session.workspace, session.actor, name)
    }
    if deployment in known:
        held = known[deployment].model_label
        confirmed(session, f"{deployment} answers with {held}. Let {model} take its place?", yes)
    job = operations.projects.deploy(session.workspace, session.actor, name, deployment, model)
    session.answer(
        {"job": as_json(job)},
        lambda console: console.print(f"{deployment} answers with {model}."),
        f"cultivar project predict {quote(name)} {quote(deployment)} TEXT",
    )


@click.argument("name")
@click.argument("deployment")
@click.argument("texts", nargs=-1)
@click.option(
    "--file", "path", default=None, metavar="FILE", help="One text a line; - reads stdin."
)
def predict(
    session: Session, *, name: str, deployment: str, texts: tuple[str, ...], path: str | None
) -> None:
    """Classify TEXTS, or each line of a file, with DEPLOYMENT of the project NAME.

    Lines of a file are answered as they come, one line of JSON for each; the answer to a line
    without text is {"error": ...}.
    """
    predictor = operations.projects.Predictor(session.workspace)
    if path is not None:
        _stream(predictor.classify_batches(session.actor, name, deployment, _lines(path)))
        return
    if not texts:
        raise click.UsageError("Name texts, or --file.")
    found = predictor.classify(session.actor, name, deployment, _whole(texts))

    def show(console: "Console") -> None:
        for judged in found:
            shown = ", ".join(f"{each} {score:.3f}" for each, score in judged.classes)
            said = "" if judged.enough else " (not enough to go by: too little of it is known)"
            console.print(f"{shown or 'no class'}{said}", markup=False)

    session.answer({"documents": [_listed(judged) for judged in found]}, show)


def _listed(judged: "Judged") -> list[dict[str, Any]]:
    doubt = {} if judged.enough else {"enough": False}
    return [{"class": name, "score": round(score, 6), **doubt} for name, score in judged.classes]


_NO_TEXT = {"error": {"code": "not-readable", "message": "The line holds no text."}}


def _stream(batches: "Iterator[list[Judged | None]]") -> None:
    for batch in batches:
        lines = (json_text(_NO_TEXT if each is None else _listed(each)) for each in batch)
        print("\n".join(lines), flush=True)


def _lines(path: str) -> Iterator[list[str]]:
    try:
        with sys.stdin if path == "-" else Path(path).open(encoding="utf-8") as stream:
            while batch := [line.rstrip("\n") for line in islice(stream, _BATCH)]:
                if any("\0" in line for line in batch):
                    raise InvalidInput("no-source", f"{path} is no text: it holds zero bytes.")
                yield _whole(batch)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            "no-source", f"{path} cannot be read as UTF-8 text ({type(error).__name__})."
        ) from error


def _whole(texts: T) -> T:
    """Return texts that are UTF-8: what stdin and the command line bring may be anything."""
    if not all(is_whole(each) for each in texts):
        raise InvalidInput("half-character", "A text is not UTF-8, so it cannot be classified.")
    return texts


def add_to(project: click.Group) -> None:
    """Add the commands in the order in which a person needs them."""
    command(
        project, "train", examples=["cultivar project train news first"],
        then="cultivar project evaluate shows how good it is.",
    )(train)  # fmt: skip
    command(project, "status", examples=["cultivar project status news"])(status)
    command(project, "cancel", examples=["cultivar project cancel news JOB"])(cancel)
    command(
        project, "evaluate", examples=["cultivar project evaluate news first"],
        then="cultivar project errors lists what to improve.",
    )(evaluate)  # fmt: skip
    command(project, "errors", examples=["cultivar project errors news first"])(errors)
    command(
        project, "deploy", examples=["cultivar project deploy news production first"],
        then="cultivar project predict classifies with it.",
    )(deploy)  # fmt: skip
    command(
        project, "predict",
        examples=["cultivar project predict news production 'some text' --json"],
    )(predict)  # fmt: skip
