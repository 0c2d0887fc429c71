"""The application as tests talk to it: in this process, under keys of several people."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from starlette.testclient import TestClient

from cultivar.core.errors import CultivarError
from cultivar.operations.projects.importing import run_import
from cultivar.operations.tenant.keys import create_key
from cultivar.store.workspace import Workspace
from cultivar.web.application import create_app

ADMINISTRATOR = "alex"


class Recorded:
    """Takes runs and remembers them; nothing starts, except the import of a project, at once."""

    is_here = True

    def __init__(self, workspace: Workspace) -> None:
        self.started: list[tuple[str, dict[str, Any]]] = []
        self._workspace = workspace

    def __call__(self, flow: str, parameters: Mapping[str, Any]) -> None:
        if flow == "project_import":
            # a flow that fails says so in its job alone
            with suppress(CultivarError):
                run_import(self._workspace, parameters["job_id"])
            return
        self.started.append((flow, dict(parameters)))


class Web:
    """The application over a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.runs = Recorded(workspace)
        self.app = create_app(workspace, self.runs)
        self.http = TestClient(self.app, raise_server_exceptions=False)
        self._keys: dict[tuple[str, tuple[str, ...]], str] = {}

    def close(self) -> None:
        self.app.state.app_context.predictions.write()
        self.http.close()
        self.workspace.close()

    def key(self, person: str = ADMINISTRATOR, roles: Sequence[str] = ()) -> str:
        """Return a key of a person, made when it is first asked for."""
        wanted = (person, tuple(roles))
        if wanted not in self._keys:
            made = create_key(
                self.workspace, ADMINISTRATOR, "for a test", person=person, roles=roles
            )
            self._keys[wanted] = made[1]
        return self._keys[wanted]

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        person: str = ADMINISTRATOR,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Send a request under a person's key."""
        stated = {"Ocp-Apim-Subscription-Key": self.key(person), **(headers or {})}
        return self.http.request(method, path, json=body, headers=stated)

    def get(self, path: str, **options: Any) -> Any:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.call("POST", path, {} if body is None else body, **options)
