"""Refusals on the wire: a status for each family of errors, in the shape that clients know.

Cultivar's own routes answer with problem details (RFC 9457); the language routes with the error
object of their contract. No sentence holds a document's text.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel

from cultivar.core.errors import (
    Conflict,
    CultivarError,
    Damaged,
    GateClosed,
    InvalidInput,
    NotFound,
    NotPermitted,
    NotReady,
    StoreUnavailable,
)

LANGUAGE = ("/language/", "/text/analytics/")
PROBLEM_JSON = "application/problem+json"

_STATUSES: Sequence[tuple[type[CultivarError], int]] = (
    (NotPermitted, 403),
    (NotFound, 404),
    (InvalidInput, 422),
    (GateClosed, 409),
    (NotReady, 409),
    (Conflict, 409),
    (StoreUnavailable, 503),
    (Damaged, 500),
)
# What the language contract calls each status; its clients know no 422.
_LANGUAGE_CODES = {
    400: "InvalidRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "InvalidRequest",
    408: "Timeout",
    409: "Conflict",
    413: "InvalidRequest",
    415: "InvalidRequest",
    429: "TooManyRequests",
    500: "InternalServerError",
    503: "ServiceUnavailable",
}
_LANGUAGE_NAMES = {
    "unknown-project": "ProjectNotFound",
    "unknown-job": "OperationNotFound",
    "timeout": "Timeout",
}
_QUOTAS = frozenset({"too-many-models", "too-many-projects", "too-many-documents"})


class Problem(BaseModel):
    """Why a request was refused; ``code`` is stable, ``detail`` is a sentence for a person."""

    type: str
    title: str
    status: int
    detail: str
    code: str


class InnerError(BaseModel):
    """The stable code behind an error of the language contract."""

    code: str
    message: str


class LanguageErrorBody(BaseModel):
    """An error of the language contract."""

    code: str
    message: str
    target: str | None = None
    innererror: InnerError | None = None


class LanguageError(BaseModel):
    """The reply to a refused request of the language routes."""

    error: LanguageErrorBody


def status_of(error: CultivarError) -> int:
    """Return the HTTP status of an error's family."""
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), 500)


def is_language(path: str) -> bool:
    """Whether a path belongs to the routes of the language contract."""
    return path.startswith(LANGUAGE)


def refusal(
    path: str,
    status: int,
    code: str,
    sentence: str,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return the reply to a refused request in the shape of the path's family."""
    if is_language(path):
        status = 400 if status == HTTPStatus.UNPROCESSABLE_ENTITY else status
        return JSONResponse(language_error(status, code, sentence), status, headers)
    return JSONResponse(problem(status, code, sentence), status, headers, PROBLEM_JSON)


def refusal_of(path: str, error: CultivarError) -> JSONResponse:
    """Return the reply to a request that an operation refused."""
    status = status_of(error)
    if isinstance(error, NotReady) and is_language(path):
        # to those clients 409 says that something of that name, or a job, is there already
        status = 400
    headers = {"Retry-After": "5"} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
    return refusal(path, status, error.code, error.sentence, headers)


def problem(status: int, code: str, sentence: str) -> dict[str, Any]:
    """Return problem details."""
    return {
        "type": f"urn:cultivar:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": sentence,
        "code": code,
    }


def language_error(status: int, code: str, sentence: str) -> dict[str, Any]:
    """Return the error object of the language contract; ``code`` becomes the inner one."""
    named = _LANGUAGE_NAMES.get(code) or _LANGUAGE_CODES.get(status, "InvalidRequest")
    named = "QuotaExceeded" if code in _QUOTAS else named
    inner = {"code": code, "message": sentence}
    return {"error": {"code": named, "message": sentence, "innererror": inner}}


def validation_sentence(errors: Sequence[Mapping[str, Any]]) -> str:
    """Return what is wrong with a request's parts: where and why, never the value itself."""
    shown = [f"{_place(each.get('loc', ()))}: {each.get('msg', 'invalid')}" for each in errors[:5]]
    more = f" and {len(errors) - 5} more" if len(errors) > 5 else ""
    return f"The request is not valid. {'; '.join(shown)}{more}."


def syntax_sentence(error: Mapping[str, Any], body: str) -> str:
    """Return where a body stops being JSON, by line and column from 1."""
    place = int(error["loc"][-1])
    line = body.count("\n", 0, place) + 1
    column = place - (body.rfind("\n", 0, place) + 1) + 1
    why = str(error.get("ctx", {}).get("error", "")).rstrip(".")
    return f"The body is not JSON: line {line}, column {column}: {why or 'malformed'}."


def _place(location: Sequence[Any]) -> str:
    return ".".join(str(part)[:60] for part in location) or "body"


OWN_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": HTTPStatus(status).phrase,
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status in (400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 429, 503)
}
LANGUAGE_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": HTTPStatus(status).phrase, "model": LanguageError}
    for status in (400, 401, 403, 404, 405, 408, 409, 413, 415, 429, 503)
}
