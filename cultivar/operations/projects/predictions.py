"""Predictions that are to be asked after later: answered from memory, written behind in batches.

A commit costs more than a prediction, so many share one. What a crash loses is at most a moment's
predictions, which can be asked for again; nothing of a document is ever written.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from sqlalchemy import insert

from cultivar.core.errors import StoreUnavailable
from cultivar.core.projects.jobs import JobKind, Status
from cultivar.core.projects.limits import JOBS_LAST
from cultivar.core.roles import Action, AnyActor, as_actor
from cultivar.operations.projects.jobs import Job, job
from cultivar.operations.transactions import snapshot
from cultivar.store.tables import ProjectJobRow
from cultivar.store.workspace import Workspace

GATHER_SECONDS = 0.05
IN_MEMORY = 2_000
RETRY_SECONDS = 1.0


class Predictions:
    """The prediction jobs of one process; safe to share between threads.

    ``add`` keeps one and returns at once; a thread that ends when nothing is left writes them.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._kept: OrderedDict[str, Job] = OrderedDict()
        self._unwritten: list[Job] = []
        self._lock = threading.Lock()
        self._writing = False

    def add(
        self,
        actor: AnyActor,
        project: str,
        parameters: Mapping[str, Any],
        result: Mapping[str, Any],
    ) -> Job:
        """Keep what was predicted for an actor, who was allowed to, and return its job."""
        at = self._workspace.clock()
        made = Job(
            id=str(uuid4()), project=project, kind=JobKind.PREDICT, status=Status.SUCCEEDED,
            percent=100, parameters=dict(parameters), phases={}, warnings=(), errors=(),
            result=dict(result), created_by=as_actor(actor).person, created_at=at, updated_at=at,
            expires_at=at + JOBS_LAST, started_at=at, ended_at=at,
        )  # fmt: skip
        with self._lock:
            self._kept[made.id] = made
            self._unwritten.append(made)
            start, self._writing = not self._writing, True
        if start:
            threading.Thread(target=self._write_behind, name="predictions", daemon=True).start()
        return made

    def named(self, actor: AnyActor, job_id: str) -> Job:
        """Return a prediction's job, or whatever job of that id there is.

        Raises:
            NotFound: code ``unknown-job``.
            NotPermitted: the actor may not read projects.
        """
        with self._lock:
            found = self._kept.get(job_id)
        if found is None:
            return job(self._workspace, actor, None, job_id)
        with snapshot(self._workspace, actor, Action.READ_PROJECTS):
            return found

    def write(self) -> None:
        """Write what is not written yet.

        Raises:
            StoreUnavailable: it stays in memory, to be written later.
        """
        with self._lock:
            batch, self._unwritten = self._unwritten, []
        try:
            with self._workspace.registry.transaction() as session:
                if batch:
                    session.execute(insert(ProjectJobRow), [_row(each) for each in batch])
        except BaseException:
            with self._lock:
                self._unwritten = batch + self._unwritten
            raise

    def _write_behind(self) -> None:
        while True:
            time.sleep(GATHER_SECONDS)
            try:
                self.write()
            except StoreUnavailable:
                time.sleep(RETRY_SECONDS)
            with self._lock:
                if not self._unwritten:
                    self._forget()
                    self._writing = False
                    return

    def _forget(self) -> None:
        while len(self._kept) > IN_MEMORY:
            self._kept.popitem(last=False)


def _row(made: Job) -> dict[str, Any]:
    return {
        "id": made.id, "project": made.project, "kind": str(made.kind),
        "status": str(made.status), "percent": made.percent, "parameters": made.parameters,
        "phases": {}, "warnings": [], "errors": [], "result": made.result,
        "created_by": made.created_by, "created_at": made.created_at,
        "updated_at": made.updated_at, "expires_at": made.expires_at,
        "started_at": made.started_at, "ended_at": made.ended_at,
    }  # fmt: skip
