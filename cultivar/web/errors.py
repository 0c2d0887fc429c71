"""Refusals on the wire: a status for each family of errors; each surface has a shape of its own.

No sentence holds a document's text.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Protocol

from fastapi.responses import JSONResponse

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


class ErrorShape(Protocol):
    """How a surface words a refused request."""

    def refusal(
        self, status: int, code: str, sentence: str, headers: Mapping[str, str] | None = None
    ) -> JSONResponse:
        """Return the reply to a request that is refused with a stable code and a sentence."""

    def status_of(self, error: CultivarError) -> int:
        """Return the HTTP status of an error's family."""


class Refused(Exception):
    """A request that goes no further; its surface words the answer."""

    def __init__(
        self, status: int, code: str, sentence: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.sentence, self.headers = status, code, sentence, headers


def status_of(error: CultivarError) -> int:
    """Return the HTTP status of an error's family."""
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), 500)


def refusal_of(shape: ErrorShape, error: CultivarError) -> JSONResponse:
    """Return the reply to a request that an operation refused."""
    status = shape.status_of(error)
    headers = {"Retry-After": "5"} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
    return shape.refusal(status, error.code, error.sentence, headers)


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
