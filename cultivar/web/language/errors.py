"""Refusals of the language routes: the error object of their contract, which knows no 422."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel

from cultivar.core.errors import CultivarError, NotReady
from cultivar.web.errors import status_of

_CODES = {
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
_NAMES = {
    "unknown-project": "ProjectNotFound",
    "unknown-job": "OperationNotFound",
    "timeout": "Timeout",
}
_QUOTAS = frozenset({"too-many-models", "too-many-projects", "too-many-documents"})


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


class LanguageErrors:
    """The shape of refused requests of the language routes."""

    def refusal(
        self, status: int, code: str, sentence: str, headers: Mapping[str, str] | None = None
    ) -> JSONResponse:
        """Return the reply to a refused request; ``code`` becomes the inner one."""
        if status == HTTPStatus.UNPROCESSABLE_ENTITY:
            status = 400
        named = _NAMES.get(code) or _CODES.get(status, "InvalidRequest")
        named = "QuotaExceeded" if code in _QUOTAS else named
        inner = {"code": code, "message": sentence}
        error = {"code": named, "message": sentence, "innererror": inner}
        return JSONResponse({"error": error}, status, headers)

    def status_of(self, error: CultivarError) -> int:
        """Return the HTTP status of an error's family."""
        # to those clients 409 says that something of that name, or a job, is there already
        return 400 if isinstance(error, NotReady) else status_of(error)


LANGUAGE_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": HTTPStatus(status).phrase, "model": LanguageError}
    for status in (400, 401, 403, 404, 405, 408, 409, 413, 415, 429, 503)
}
