"""What the routes of the own API share: prefix, errors, names, and plain JSON.

It holds no route.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict

from cultivar.core.serialisation import as_json
from cultivar.web.api.problems import OWN_RESPONSES
from cultivar.web.idempotency import IdempotentRoute
from cultivar.web.pagination import Asked, page

API = "/api/v1"
T = TypeVar("T")

Name = Annotated[
    str, Path(min_length=1, max_length=200, description="Name or id of the classifier.")
]
ItemId = Annotated[str, Path(min_length=1, max_length=100, description="Id of the item.")]


class Body(BaseModel):
    """The body of a request; unknown parts, which may be misspelt, and other types are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ArchiveBody(Body):
    """Whether it is put away."""

    archived: bool


class Page(BaseModel):
    """A page of a list; ``next`` is the cursor of the page that follows."""

    items: list[dict[str, Any]]
    next: str | None


def answer_of(found: object) -> dict[str, Any]:
    """Return what an operation returned as an answer holds it; times as ISO 8601, Z for UTC."""
    answer: dict[str, Any] = as_json(found, moment)
    return answer


def page_of(entries: Sequence[T], key: Callable[[T], list[Any]], asked: Asked) -> Page:
    """Return a page of a list; ``key`` is each entry's place in the order, as ``page`` has it."""
    return Page(**answer_of(page(entries, key, asked)))


def moment(at: datetime) -> str:
    """Return a time as ISO 8601, Z for UTC."""
    return at.isoformat().replace("+00:00", "Z")


def router_of(tag: str) -> APIRouter:
    """Return a router whose routes answer with problem details."""
    return APIRouter(prefix=API, tags=[tag], responses=OWN_RESPONSES, route_class=IdempotentRoute)
