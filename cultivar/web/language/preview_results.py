"""The preview generation's evaluation and validation errors.

The test set appears in sums alone; rows of documents are those of the validation set.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query

from cultivar.core.projects.names import Kind
from cultivar.operations.projects import models
from cultivar.operations.projects.projects import project_named
from cultivar.web.context import Context, CurrentUser
from cultivar.web.language.preview import PREVIEW, TYPES
from cultivar.web.language.wire import Project, router_of

router = router_of(PREVIEW, "preview", versioned=False)
_NAMES = {Kind.SINGLE: "singleClassification", Kind.MULTI: "multiClassification"}
ModelName = Annotated[str, Query(alias="trainingModelName", min_length=1, max_length=100)]


@router.get("/{project}/evaluation")
def show_evaluation(
    context: Context, user: CurrentUser, project: Project, model: ModelName
) -> dict[str, Any]:
    """Show a model's evaluation over the test set."""
    kind = project_named(context.workspace, user.actor, project).kind
    found = models.evaluation_of(context.workspace, user.actor, project, model)
    shown: dict[str, Any] = {
        "classes": {name: _class_json(figures) for name, figures in found["classes"].items()}
    }
    for average in ("micro", "macro"):
        for measure in ("f1", "precision", "recall"):
            shown[f"{average}{measure.capitalize()}"] = found[average][measure]
    return {"modelType": TYPES[kind], f"{_NAMES[kind]}Evaluation": shown}


def _class_json(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "f1": figures["f1"],
        "precision": figures["precision"],
        "recall": figures["recall"],
        "countTruePositives": figures["true_positives"],
        "countTrueNegatives": figures["true_negatives"],
        "countFalsePositives": figures["false_positives"],
        "countFalseNegatives": figures["false_negatives"],
    }


@router.get("/{project}/validation")
def show_validation(
    context: Context,
    user: CurrentUser,
    project: Project,
    model: ModelName,
    only_wrong: bool = False,
) -> dict[str, Any]:
    """Show the validation documents with what they are and what the model takes them for."""
    kind = project_named(context.workspace, user.actor, project).kind
    found = models.validation_of(
        context.workspace, user.actor, project, model, only_wrong=only_wrong
    )
    documents = [_judged_json(kind, each) for each in found]
    return {"modelType": TYPES[kind], f"{_NAMES[kind]}Validation": {"documents": documents}}


def _judged_json(kind: Kind, judged: models.Judged) -> dict[str, Any]:
    tagged, predicted = list(judged.tagged), list(judged.predicted)
    if kind is Kind.SINGLE:
        classes: dict[str, Any] = {
            "labeledClass": next(iter(tagged), None),
            "predictedClass": next(iter(predicted), None),
        }
        return {"classes": classes, "location": judged.document, "culture": judged.language}
    classes = {"labeledClasses": tagged, "predictedClasses": predicted}
    return {"classes": classes, "location": judged.document, "culture": judged.language}
