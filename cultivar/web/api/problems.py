"""Refusals of the own API: problem details (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel

from cultivar.core.errors import CultivarError
from cultivar.web.errors import status_of

PROBLEM_JSON = "application/problem+json"


class Problem(BaseModel):
    """Why a request was refused; ``code`` is stable, ``detail`` is a sentence for a person."""

    type: str
    title: str
    status: int
    detail: str
    code: str


class Problems:
    """The shape of refused requests of the own API."""

    def refusal(
        self, status: int, code: str, sentence: str, headers: Mapping[str, str] | None = None
    ) -> JSONResponse:
        """Return the reply to a refused request."""
        found = {
            "type": f"urn:cultivar:problem:{code}",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": sentence,
            "code": code,
        }
        return JSONResponse(found, status, headers, PROBLEM_JSON)

    def status_of(self, error: CultivarError) -> int:
        """Return the HTTP status of an error's family."""
        return status_of(error)


OWN_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": HTTPStatus(status).phrase,
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status in (400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 429, 503)
}
