"""How projects, jobs and their errors look on the wire of the language contract.

Names and spellings follow the contract; each function turns one thing into plain values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from cultivar.core.errors import InvalidInput
from cultivar.core.projects.jobs import Status
from cultivar.core.projects.names import Kind
from cultivar.operations.projects.jobs import Job
from cultivar.web.idempotency import TolerantRoute
from cultivar.web.language.errors import LANGUAGE_RESPONSES, LanguageErrorBody

AUTHORING = "/language/authoring/analyze-text/projects"
SINGLE, MULTI = "CustomSingleLabelClassification", "CustomMultiLabelClassification"
KINDS = {Kind.SINGLE: SINGLE, Kind.MULTI: MULTI}
# The authoring client knows one l alone, and polls without end on the other spelling.
STATUSES = {
    Status.NOT_STARTED: "notStarted",
    Status.RUNNING: "running",
    Status.SUCCEEDED: "succeeded",
    Status.FAILED: "failed",
    Status.CANCELLING: "cancelling",
    Status.CANCELLED: "canceled",
}
_OURS = frozenset({"worker-ended", "server-ended", "never-began", "interrupted", "defect"})
# what clients of the contract state, from the first to the newest
API_VERSIONS = (
    "2022-05-01", "2022-10-01-preview", "2023-04-01", "2023-04-15-preview", "2023-11-15-preview",
    "2024-11-01", "2024-11-15-preview", "2025-05-15-preview", "2025-11-01", "2025-11-15-preview",
    "2026-05-01", "2026-05-15-preview",
)  # fmt: skip
MOST = 1_000_000

Project = Annotated[str, Path(min_length=1, max_length=100, description="Name of the project.")]
Label = Annotated[str, Path(min_length=1, max_length=100, description="Label of the model.")]
Name = Annotated[str, Path(min_length=1, max_length=100, description="Name of the deployment.")]
JobId = Annotated[str, Path(min_length=1, max_length=100, description="Id of the job.")]


async def api_version(version: Annotated[str, Query(alias="api-version")]) -> str:
    """Return the version that each request of the newer generation states; all mean the same.

    Raises:
        InvalidInput: code ``unsupported-api-version``.
    """
    if version not in API_VERSIONS:
        raise InvalidInput(
            "unsupported-api-version",
            f"The api-version {version[:60]!r} is not served. Send one of "
            f"{', '.join(API_VERSIONS)}.",
        )
    return version


@dataclass(frozen=True, slots=True)
class Pages:
    """Which part of a list is asked for, and by which address."""

    request: Request
    top: int | None
    skip: int
    size: int | None


async def pages(
    request: Request,
    top: Annotated[int | None, Query(ge=0, le=MOST)] = None,
    skip: Annotated[int, Query(ge=0, le=MOST)] = 0,
    size: Annotated[int | None, Query(alias="maxpagesize", ge=1, le=MOST)] = None,
) -> Pages:
    """Return which part of a list is asked for."""
    return Pages(request, top, skip, size)


Paging = Annotated[Pages, Depends(pages)]


class Body(BaseModel):
    """The body of a request; parts that the contract has and Cultivar does not need pass."""

    model_config = ConfigDict(extra="ignore")


class Listing(BaseModel):
    """A page of a list; ``nextLink`` is where the next one is."""

    value: list[dict[str, Any]]
    nextLink: str | None = None


class JobState(BaseModel):
    """A long-running operation."""

    model_config = ConfigDict(extra="allow")
    jobId: str
    createdDateTime: str
    lastUpdatedDateTime: str
    expirationDateTime: str
    status: str
    warnings: list[dict[str, Any]] = []
    errors: list[LanguageErrorBody] = []


ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {
        "description": "Accepted; poll the address in the header.",
        "headers": {
            name: {"schema": {"type": "string"}} for name in ("operation-location", "location")
        },
    }
}


def router_of(prefix: str, tag: str, *, versioned: bool = True) -> APIRouter:
    """Return a router whose routes answer with the contract's errors."""
    return APIRouter(
        prefix=prefix,
        tags=[tag],
        responses=LANGUAGE_RESPONSES,
        route_class=TolerantRoute,
        dependencies=[Depends(api_version)] if versioned else [],
    )


def moment(at: datetime) -> str:
    """Return a moment as ISO 8601 in UTC with Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(text: str) -> str:
    """Return a moment of the registry's JSON as ``moment`` does."""
    return moment(datetime.fromisoformat(text))


def without_none(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapping without the entries that are None."""
    return {name: value for name, value in found.items() if value is not None}


def error_json(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a job's error with the contract's code, and Cultivar's own inside."""
    code, sentence = str(found["code"]), str(found["sentence"])
    outer = "InternalServerError" if code in _OURS else "InvalidRequest"
    return {"code": outer, "message": sentence, "innererror": {"code": code, "message": sentence}}


def warning_json(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a job's warning."""
    return {"code": found["code"], "message": found["sentence"]}


def job_json(job: Job, spelling: Mapping[Status, str] = STATUSES) -> dict[str, Any]:
    """Return what every job's reply holds."""
    return {
        "jobId": job.id,
        "createdDateTime": moment(job.created_at),
        "lastUpdatedDateTime": moment(job.updated_at),
        "expirationDateTime": moment(job.expires_at),
        "status": spelling[job.status],
        "warnings": [warning_json(each) for each in job.warnings],
        "errors": [error_json(each) for each in job.errors],
    }


def accepted_prediction(request: Request, path: str) -> Response:
    """Return 202 with the absolute address of a job that predicts.

    Clients ask once more at an address in ``location``, and without ``showStats``.
    """
    answer = accepted(request, path)
    del answer.headers["location"]
    return answer


def accepted(request: Request, path: str) -> Response:
    """Return 202 with the absolute address of a job, in the headers of both generations."""
    base = str(request.base_url).rstrip("/")
    query = f"?{request.url.query}" if request.url.query else ""
    address = f"{base}{path}{query}"
    headers = {"operation-location": address, "location": address, "Retry-After": "1"}
    return Response(status_code=202, headers=headers)


def polled(body: Mapping[str, Any]) -> Response:
    """Return a job's state; until it ends, with how soon to ask again."""
    going = str(body["status"]) in {"notStarted", "running", "cancelling", "inProgress"}
    return JSONResponse(dict(body), headers={"Retry-After": "1"} if going else None)


def listing(paging: Pages, found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return a page of a list: at most ``top`` of what follows ``skip``, ``size`` at a time."""
    top, skip, size = paging.top, paging.skip, paging.size
    wanted = list(found[skip : None if top is None else skip + top])
    if size is None or len(wanted) <= size:
        return {"value": wanted}
    left = None if top is None else top - size
    query = without_none({"skip": skip + size, "top": left, "maxpagesize": size})
    url = paging.request.url.remove_query_params(["top"])
    return {"value": wanted[:size], "nextLink": str(url.include_query_params(**query))}
