"""Trained models on the authoring route: listed, evaluated, deleted.

The test set appears in sums alone; rows of documents are those of the validation set.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import Response

from cultivar.core.projects.names import Kind
from cultivar.operations.projects import models
from cultivar.operations.projects.projects import project_named
from cultivar.web.context import Context, CurrentUser
from cultivar.web.language.wire import (
    AUTHORING,
    KINDS,
    Body,
    Label,
    Listing,
    Paging,
    Project,
    listing,
    moment,
    router_of,
)

router = router_of(AUTHORING, "authoring")
# The contract wants a date; models do not expire.
NEVER = "9999-12-31"


class ModelResponse(Body):
    """A trained model."""

    label: str
    modelId: str
    lastTrainedDateTime: str
    lastTrainingDurationInSeconds: int
    modelExpirationDate: str
    modelTrainingConfigVersion: str
    hasSnapshot: bool


@router.get("/{project}/models", response_model=Listing, response_model_exclude_none=True)
def list_models(
    context: Context,
    user: CurrentUser,
    project: Project,
    paging: Paging,
) -> dict[str, Any]:
    """List the project's models by label."""
    found = models.list_models(context.workspace, user.actor, project)
    return listing(paging, [model_json(each) for each in found])


@router.get("/{project}/models/{label}", response_model=ModelResponse)
def show_model(
    context: Context, user: CurrentUser, project: Project, label: Label
) -> dict[str, Any]:
    """Show a model."""
    return model_json(models.model_named(context.workspace, user.actor, project, label))


@router.delete("/{project}/models/{label}", status_code=204, response_class=Response)
def delete_model(context: Context, user: CurrentUser, project: Project, label: Label) -> None:
    """Delete a model that no deployment answers with."""
    models.delete_model(context.workspace, user.actor, project, label)


@router.get("/{project}/models/{label}/evaluation/summary-result")
def show_evaluation(
    context: Context, user: CurrentUser, project: Project, label: Label
) -> dict[str, Any]:
    """Show the evaluation over the test set."""
    kind = project_named(context.workspace, user.actor, project).kind
    found = models.evaluation_of(context.workspace, user.actor, project, label)
    model = models.model_named(context.workspace, user.actor, project, label)
    named = (
        "customSingleLabelClassification"
        if kind is Kind.SINGLE
        else "customMultiLabelClassification"
    )
    return {
        "projectKind": KINDS[kind],
        "evaluationOptions": _options_json(model.evaluation_options),
        f"{named}Evaluation": _evaluation_json(found),
    }


def _options_json(options: Mapping[str, Any]) -> dict[str, Any]:
    if options.get("kind") != "percentage":
        return {"kind": options.get("kind")}
    return {
        "kind": "percentage",
        "trainingSplitPercentage": options.get("training"),
        "testingSplitPercentage": options.get("testing"),
    }


def _evaluation_json(found: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "classes": {name: _class_json(figures) for name, figures in found["classes"].items()}
    }
    for average in ("micro", "macro"):
        for measure in ("f1", "precision", "recall"):
            shown[f"{average}{measure.capitalize()}"] = found[average][measure]
    if found.get("confusion") is not None:
        shown["confusionMatrix"] = _matrix_json(list(found["classes"]), found["confusion"])
    return shown


def _class_json(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "f1": figures["f1"],
        "precision": figures["precision"],
        "recall": figures["recall"],
        "truePositiveCount": figures["true_positives"],
        "trueNegativeCount": figures["true_negatives"],
        "falsePositiveCount": figures["false_positives"],
        "falseNegativeCount": figures["false_negatives"],
    }


def _matrix_json(
    classes: list[str], confusion: Mapping[str, Mapping[str, int]]
) -> dict[str, dict[str, dict[str, float]]]:
    """Return predicted class to actual class to the count, and its percentage of the row."""
    matrix = {}
    for predicted in classes:
        row = {actual: confusion.get(predicted, {}).get(actual, 0) for actual in classes}
        total = sum(row.values())
        matrix[predicted] = {
            actual: {"rawValue": count, "normalizedValue": 100 * count / total if total else 0.0}
            for actual, count in row.items()
        }
    return matrix


@router.get(
    "/{project}/models/{label}/evaluation/result",
    response_model=Listing,
    response_model_exclude_none=True,
)
def list_results(
    context: Context,
    user: CurrentUser,
    project: Project,
    label: Label,
    paging: Paging,
) -> dict[str, Any]:
    """List the validation documents with what they are and what the model takes them for."""
    kind = project_named(context.workspace, user.actor, project).kind
    found = models.validation_of(context.workspace, user.actor, project, label)
    return listing(paging, [_judged_json(kind, each) for each in found])


def _judged_json(kind: Kind, judged: models.Judged) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "projectKind": KINDS[kind],
        "location": judged.document,
        "language": judged.language,
    }
    if kind is Kind.SINGLE:
        result: dict[str, Any] = {
            "expectedClass": next(iter(judged.tagged), ""),
            "predictedClass": next(iter(judged.predicted), ""),
        }
        return shown | {"customSingleLabelClassificationResult": result}
    result = {"expectedClasses": list(judged.tagged), "predictedClasses": list(judged.predicted)}
    return shown | {"customMultiLabelClassificationResult": result}


def model_json(found: models.TrainedModel) -> dict[str, Any]:
    """Return a model."""
    return {
        "label": found.label,
        "modelId": found.model_id,
        "lastTrainedDateTime": moment(found.trained_at),
        "lastTrainingDurationInSeconds": max(1, round(found.seconds)),
        "modelExpirationDate": NEVER,
        "modelTrainingConfigVersion": found.config_version,
        "hasSnapshot": False,
    }
