"""What the routes of the own API share: prefix, errors, names, and plain JSON.

It holds no route.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict

from cultivar.web.api.problems import OWN_RESPONSES
from cultivar.web.idempotency import IdempotentRoute

API = "/api/v1"

Name = Annotated[
    str, Path(min_length=1, max_length=200, description="Name or id of the classifier.")
]
ItemId = Annotated[str, Path(min_length=1, max_length=100, description="Id of the item.")]


class Body(BaseModel):
    """The body of a request; unknown parts are refused, as they may be misspelt."""

    model_config = ConfigDict(extra="forbid")


class Page(BaseModel):
    """A page of a list; ``next`` is the cursor of the page that follows."""

    items: list[dict[str, Any]]
    next: str | None


def router_of(tag: str) -> APIRouter:
    """Return a router whose routes answer with problem details."""
    return APIRouter(prefix=API, tags=[tag], responses=OWN_RESPONSES, route_class=IdempotentRoute)
