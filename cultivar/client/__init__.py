"""A small client of the REST API: `from cultivar import Client`.

It sends and reads; every rule is the server's. What the server refuses is raised as the error that
it is, with the same code and sentence.
"""

import base64
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from cultivar.client.administration import Administration
from cultivar.client.answers import Classification, ClassScore, Job, succeeded
from cultivar.client.connection import API, part_of
from cultivar.core.errors import InvalidInput, NotReady

PROJECTS = "/language/authoring/analyze-text/projects"
ANALYZE = "/language/analyze-text/jobs"
VERSION = {"api-version": "2023-04-01"}
DOCUMENTS_A_REQUEST = 25
Batches = Literal["review", "content", "comparison"]
_AT = {
    "review": "review",
    "content": "review/content",
    "comparison": "retrainings/comparison",
}
_ENDED = frozenset({"succeeded", "failed", "canceled"})


class Client(Administration):
    """Speaks with one server under one key; use it as a context manager, or ``close`` it.

    ``seconds`` bounds each request. Raises ``InvalidInput``, code ``bad-key``, where the key cannot
    be sent.
    """

    def classify(
        self,
        text: str | None = None,
        *,
        file: Path | None = None,
        classifiers: Sequence[str] = (),
        words: int = 0,
    ) -> list[Classification]:
        """Return what published classifiers say of a text or a file.

        Raises:
            CultivarError: what the server refuses.
        """
        body: dict[str, Any] = {"classifiers": list(classifiers), "words": words}
        if text is not None:
            body["text"] = text
        if file is not None:
            content = base64.b64encode(file.read_bytes()).decode()
            body["file"] = {"name": file.name, "content": content}
        found: list[Classification] = self._call("POST", f"{API}/classify", body)["results"]
        return found

    def classifiers(self) -> Iterator[dict[str, Any]]:
        """Yield every classifier: id, name, owner, status, live version."""
        return self._pages(f"{API}/classifiers")

    def classifier(self, name: str) -> dict[str, Any]:
        """Return a classifier with its steps, versions, gates and accuracy."""
        return self._call("GET", f"{API}/classifiers/{part_of(name)}")

    def review_items(self, classifier: str, of: Batches = "review") -> list[dict[str, Any]]:
        """Open a batch where none is open, and return its items that have no verdict.

        Batches ``of`` the review count as accuracy; those of the ``content`` teach, and those of a
        ``comparison`` decide between the two versions of a retraining.
        """
        review = _batches(classifier, of)
        self._call("POST", f"{review}/batches", {})
        return list(self._pages(f"{review}/items"))

    def give_verdicts(
        self,
        classifier: str,
        verdicts: Mapping[str, Literal["yes", "no", "not sure"]],
        of: Batches = "review",
    ) -> dict[str, Any]:
        """Keep verdicts on items of the open batch, and return where it stands."""
        body = {"verdicts": dict(verdicts)}
        return self._call("PUT", f"{_batches(classifier, of)}/verdicts", body)

    def close_batch(self, classifier: str, of: Batches = "review") -> dict[str, Any]:
        """Close the open batch and return the accuracy, the state, or what is recommended now."""
        return self._call("POST", f"{_batches(classifier, of)}/batches/close", {})

    def publish(self, classifier: str, override_reason: str | None = None) -> dict[str, Any]:
        """Make a classifier's newest version live."""
        body = {} if override_reason is None else {"override_reason": override_reason}
        return self._call("POST", f"{API}/classifiers/{part_of(classifier)}/publish", body)

    def policies(self) -> Iterator[dict[str, Any]]:
        """Yield every policy."""
        return self._pages(f"{API}/policies")

    def projects(self) -> list[dict[str, Any]]:
        """Return every project."""
        return list(self._call("GET", PROJECTS, params=VERSION)["value"])

    def create_project(
        self, name: str, kind: str, *, container: str = "", language: str = "en"
    ) -> dict[str, Any]:
        """Create a project of kind ``single-label`` or ``multi-label``, or change it."""
        stated = {"projectName": name, "projectKind": kind, "language": language}
        body = {**stated, "storageInputContainerName": container}
        return self._call("PATCH", f"{PROJECTS}/{part_of(name)}", body, VERSION)

    def import_labels(self, project: str, labels: Mapping[str, Any]) -> Job:
        """Bring in documents with tags and wait until they are read."""
        return self._done("POST", f"{PROJECTS}/{part_of(project)}/:import", dict(labels))

    def train(self, project: str, label: str, *, seconds: float = 3_600.0) -> Job:
        """Train a model of a project and wait until it is evaluated."""
        body = {"modelLabel": label, "trainingConfigVersion": "latest"}
        return self._done("POST", f"{PROJECTS}/{part_of(project)}/:train", body, seconds)

    def evaluation(self, project: str, label: str) -> dict[str, Any]:
        """Return a model's evaluation over the test set."""
        path = f"{PROJECTS}/{part_of(project)}/models/{part_of(label)}/evaluation/summary-result"
        return self._call("GET", path, params=VERSION)

    def deploy(self, project: str, deployment: str, label: str) -> Job:
        """Let a model answer under a deployment's name."""
        path = f"{PROJECTS}/{part_of(project)}/deployments/{part_of(deployment)}"
        return self._done("PUT", path, {"trainedModelLabel": label})

    def predict(
        self, project: str, deployment: str, texts: Sequence[str], *, kind: str = "single-label"
    ) -> list[list[ClassScore]]:
        """Return each text's classes, best first, in the order of the texts.

        Raises:
            InvalidInput: code ``InvalidDocument``; a text is empty or too long.
            CultivarError: what else the server refuses.
        """
        found: list[list[ClassScore]] = []
        for first in range(0, len(texts), DOCUMENTS_A_REQUEST):
            part = texts[first : first + DOCUMENTS_A_REQUEST]
            found += self._predicted((project, deployment, kind), part)
        return found

    def delete_project(self, project: str) -> Job:
        """Delete a project with everything in it."""
        return self._done("DELETE", f"{PROJECTS}/{part_of(project)}", None)

    def _predicted(
        self, place: tuple[str, str, str], texts: Sequence[str]
    ) -> list[list[ClassScore]]:
        project, deployment, kind = place
        label = "Multi" if kind.lower().startswith("multi") else "Single"
        task = {
            "kind": f"Custom{label}LabelClassification",
            "parameters": {"projectName": project, "deploymentName": deployment},
        }
        documents = [{"id": str(n), "text": text} for n, text in enumerate(texts)]
        body = {"analysisInput": {"documents": documents}, "tasks": [task]}
        answer = self._sent("POST", ANALYZE, body, VERSION)
        job = self._call("GET", answer.headers["operation-location"])
        results = job["tasks"]["items"][0]["results"]
        for refused in results["errors"]:
            raise InvalidInput("InvalidDocument", refused["error"]["message"])
        by_id = {each["id"]: each["class"] for each in results["documents"]}
        return [by_id[str(n)] for n in range(len(texts))]

    def _done(
        self, method: str, path: str, body: dict[str, Any] | None, seconds: float = 600.0
    ) -> Job:
        """Begin an operation and wait until it ends well."""
        answer = self._sent(method, path, body, VERSION)
        until, wait = time.monotonic() + seconds, 0.05
        while True:
            job = self._call("GET", answer.headers["operation-location"])
            if job["status"] in _ENDED:
                return succeeded(job)
            if time.monotonic() > until:
                raise NotReady(
                    "still-running", f"The job {job['jobId']} did not end in {seconds:.0f} seconds."
                )
            time.sleep(wait)
            wait = min(wait * 1.5, 2.0)


def _batches(classifier: str, of: Batches) -> str:
    return f"{API}/classifiers/{part_of(classifier)}/{_AT[of]}"
