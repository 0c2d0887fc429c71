"""What the server answers: shapes of results, and refusals as the errors that they are."""

from collections.abc import Mapping
from typing import Any, Literal, TypedDict

import httpx

from cultivar.core.errors import (
    Conflict,
    CultivarError,
    InvalidInput,
    NotFound,
    NotPermitted,
    NotReady,
    StoreUnavailable,
)

_KINDS: Mapping[int, type[CultivarError]] = {
    400: InvalidInput,
    401: NotPermitted,
    403: NotPermitted,
    404: NotFound,
    409: Conflict,
    413: InvalidInput,
    422: InvalidInput,
    503: StoreUnavailable,
}


class Word(TypedDict):
    """A word behind a score; ``text[start:end]`` is ``word``."""

    start: int
    end: int
    word: str
    weight: float


class Classification(TypedDict):
    """What a published classifier says of a text."""

    classifier: str
    name: str
    version: str
    score: float
    prediction: Literal["match", "close match", "no match"]
    threshold: float
    bias: float
    words: list[Word]


class ClassScore(TypedDict):
    """A project's class for a text, and how sure its model is."""

    category: str
    confidenceScore: float


class Job(TypedDict, total=False):
    """A long-running operation; ``result`` as the language contract has it."""

    jobId: str
    status: str
    errors: list[dict[str, Any]]
    warnings: list[dict[str, Any]]
    result: dict[str, Any]


def succeeded(job: Job) -> Job:
    """Return a job that ended well.

    Raises:
        NotReady: the job's own code; it ended otherwise.
    """
    if job["status"] == "succeeded":
        return job
    error = (job.get("errors") or [{}])[0]
    code = error.get("innererror", {}).get("code", job["status"])
    raise NotReady(code, error.get("message", f"The job ended as {job['status']}."))


def refusal(answer: httpx.Response) -> CultivarError:
    """Return what the server refused as the error that it is."""
    kind = _KINDS.get(answer.status_code, CultivarError)
    try:
        body = answer.json()
        if "error" in body:
            inner = body["error"].get("innererror") or body["error"]
            return kind(inner["code"], body["error"]["message"])
        return kind(body["code"], body["detail"])
    except (ValueError, KeyError, TypeError):
        return kind("unreadable-answer", f"The server answered {answer.status_code}.")
