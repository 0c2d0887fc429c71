"""Documents of a prediction request checked and classified, for the routes of both generations.

Nothing of a document is kept but its id, its classes and its scores.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from cultivar.core.errors import InvalidInput
from cultivar.core.projects.limits import PREDICTED_AT_ONCE, PREDICTED_CHARACTERS
from cultivar.core.projects.names import Kind
from cultivar.core.texts.given_texts import holds_text
from cultivar.web.context import Context, CurrentUser

ID_CHARACTERS = 200
NOT_ENOUGH = "NotEnoughKnownText"


class DocumentBody(BaseModel):
    """A document to classify."""

    model_config = ConfigDict(extra="ignore")
    id: str = Field(min_length=1, max_length=ID_CHARACTERS)
    text: str
    language: str | None = None


class InputBody(BaseModel):
    """The documents of a request."""

    model_config = ConfigDict(extra="ignore")
    documents: list[DocumentBody] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task's model answers."""

    project: str
    deployment: str
    kind: Kind


def checked(given: InputBody) -> list[DocumentBody]:
    """Return the documents of a request.

    Raises:
        InvalidInput: codes ``too-many-documents``, ``repeated-document``.
    """
    found = given.documents
    if len(found) > PREDICTED_AT_ONCE:
        raise InvalidInput(
            "too-many-to-predict",
            f"A request holds at most {PREDICTED_AT_ONCE} documents; found {len(found):,}.",
        )
    if len({each.id for each in found}) < len(found):
        raise InvalidInput("repeated-document", "Two documents of the request have the same id.")
    return found


def predicted(
    context: Context, user: CurrentUser, place: Place, documents: Sequence[DocumentBody]
) -> dict[str, Any]:
    """Return ``documents`` with their classes and scores, and ``errors`` of those without.

    Raises:
        NotFound: codes ``unknown-project``, ``unknown-deployment``.
        InvalidInput: code ``wrong-project-kind``.
    """
    model, threshold = context.predictor.answering(user.actor, place.project, place.deployment)
    if model.single != (place.kind is Kind.SINGLE):
        other = Kind.SINGLE if model.single else Kind.MULTI
        raise InvalidInput(
            "wrong-project-kind",
            f"The project {place.project} is {other}; the task is for {place.kind} ones.",
        )
    good = [each for each in documents if _trouble(each) is None]
    judged = model.judge([each.text for each in good], threshold) if good else []
    return {
        "documents": [
            {
                "id": each.id,
                "classes": [[name, float(score)] for name, score in found.classes],
                "enough": found.enough,
                "characters": len(each.text),
            }
            for each, found in zip(good, judged, strict=True)
        ],
        "errors": [
            {"id": each.id, "sentence": trouble}
            for each in documents
            if (trouble := _trouble(each)) is not None
        ],
    }


def _trouble(document: DocumentBody) -> str | None:
    if not holds_text(document.text):
        return "The document holds no text."
    if len(document.text) > PREDICTED_CHARACTERS:
        return (
            f"The document has {len(document.text):,} characters; at most "
            f"{PREDICTED_CHARACTERS:,} are classified."
        )
    return None


def errors_json(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the documents that were not classified, each with the reason."""
    return [
        {
            "id": each["id"],
            "error": {
                "code": "InvalidArgument",
                "message": each["sentence"],
                "innererror": {"code": "InvalidDocument", "message": each["sentence"]},
            },
        }
        for each in found["errors"]
    ]


def classes_json(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a document's classes, best first."""
    return [{"category": name, "confidenceScore": score} for name, score in found["classes"]]


def warnings_json(found: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return a document's warnings: that it is not enough to go by."""
    if found.get("enough", True):
        return []
    return [{"code": NOT_ENOUGH, "message": "Too little of the text is known to go by."}]


def document_statistics_json(found: Mapping[str, Any]) -> dict[str, int]:
    """Return how long a document is; each is one transaction."""
    return {"charactersCount": found.get("characters", 0), "transactionsCount": 1}


def statistics_json(found: Mapping[str, Any]) -> dict[str, int]:
    """Return how many documents were sent, and what became of them."""
    good, bad = len(found["documents"]), len(found["errors"])
    return {
        "documentsCount": good + bad,
        "validDocumentsCount": good,
        "erroneousDocumentsCount": bad,
        "transactionsCount": good,
    }
