"""Who may do what, over every route: each role alone, and no role at all.

Each route stands in one table with what it asks of whom; a route that is missing fails.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cultivar.core.roles import PERMISSIONS, Action, Role
from cultivar.operations.tenant.keys import create_key
from cultivar.operations.tenant.people import grant_role
from cultivar.store.tables import RoleAssignment
from cultivar.store.workspace import open_workspace
from cultivar.web.authentication import OPEN
from tests.web.conftest import copied_home, settings_of
from tests.web.talking import Web
from tests.web.test_contract import operations

VERSION = "?api-version=2023-04-01"
A = "/language/authoring/analyze-text/projects"
P = "/language/text/authoring/v1.0-preview.2/projects"
C = "/api/v1/classifiers"
N = f"{C}/{{name}}"
SINGLE = {"projectKind": "CustomSingleLabelClassification"}
TASKS = {"tasks": [{"trainingModelName": "M"}]}
DOCUMENTS = {"documents": [{"id": "1", "text": "x"}]}
POLICY = {
    "name": "Queue",
    "kind": "communication compliance",
    "condition": {"classifier": "contracts", "at_least": "match"},
    "action": {"label": "Contract talk", "queue": "legal"},
}
SOURCE = {"name": "Another", "seeds": "contracts-seeds/Documents/seeds"}

READ, WORK = Action.READ_PROJECTS, Action.WORK_ON_PROJECTS
# (method, path) → the actions of which each must be allowed, and a body that fits
ROUTES: dict[tuple[str, str], tuple[tuple[Action, ...], Any]] = {
    ("GET", "/api/v1/me"): ((), None),
    ("GET", "/api/v1/tenant"): ((), None),
    ("GET", C): ((Action.READ,), None),
    ("POST", C): ((Action.CREATE,), SOURCE),
    ("POST", f"{C}/plan"): ((Action.CREATE,), SOURCE),
    ("GET", N): ((Action.READ,), None),
    ("POST", f"{N}/training"): ((Action.TRAIN,), None),
    ("POST", f"{N}/test-items"): ((Action.TRAIN,), {"source": "tests/Documents"}),
    ("DELETE", f"{N}/test-items"): ((Action.TRAIN,), None),
    ("POST", f"{N}/trainers"): ((Action.TRAIN,), {"person": "kim"}),
    ("PUT", f"{N}/archived"): ((Action.TRAIN,), {"archived": True}),
    ("GET", f"{N}/release-report"): ((Action.READ,), None),
    ("GET", f"{N}/review"): ((Action.READ,), None),
    ("POST", f"{N}/review/batches"): ((Action.TRAIN,), None),
    ("POST", f"{N}/review/batches/close"): ((Action.TRAIN,), None),
    ("GET", f"{N}/review/items"): ((Action.TRAIN,), None),
    ("PUT", f"{N}/review/verdicts"): ((Action.TRAIN,), {"verdicts": {"x": "yes"}}),
    ("POST", f"{N}/review/corrections"): (
        (Action.TRAIN,), {"verdicts": {"x": "yes"}, "reason": "Filled in the wrong way."}
    ),
    ("DELETE", f"{N}/review/verdicts/{{item}}"): ((Action.TRAIN,), None),
    ("POST", f"{N}/review/items/{{item}}/skip"): ((Action.TRAIN,), None),
    ("GET", f"{N}/review/content"): ((Action.READ,), None),
    ("POST", f"{N}/review/content/batches"): ((Action.TRAIN,), None),
    ("POST", f"{N}/review/content/batches/renew"): ((Action.TRAIN,), None),
    ("POST", f"{N}/review/content/batches/close"): ((Action.TRAIN,), None),
    ("GET", f"{N}/review/content/items"): ((Action.TRAIN,), None),
    ("PUT", f"{N}/review/content/verdicts"): ((Action.TRAIN,), {"verdicts": {"x": "yes"}}),
    ("POST", f"{N}/review/content/corrections"): (
        (Action.TRAIN,), {"verdicts": {"x": "yes"}, "reason": "Filled in the wrong way."}
    ),
    ("DELETE", f"{N}/review/content/verdicts/{{item}}"): ((Action.TRAIN,), None),
    ("POST", f"{N}/publish"): ((Action.PUBLISH,), {}),
    ("GET", f"{N}/operating-points"): ((Action.READ,), None),
    ("PUT", f"{N}/operating-point"): ((Action.PUBLISH,), {"point": "be-sure"}),
    ("GET", f"{N}/retrainings"): ((Action.READ,), None),
    ("GET", f"{N}/retrainings/overview"): ((Action.READ,), None),
    ("GET", f"{N}/retrainings/comparison"): ((Action.READ,), None),
    ("POST", f"{N}/retrainings/comparison/batches"): ((Action.TRAIN,), None),
    ("POST", f"{N}/retrainings/comparison/batches/close"): ((Action.TRAIN,), None),
    ("GET", f"{N}/retrainings/comparison/items"): ((Action.TRAIN,), None),
    ("PUT", f"{N}/retrainings/comparison/verdicts"): (
        (Action.TRAIN,), {"verdicts": {"x": "yes"}}
    ),
    ("POST", f"{N}/retrainings/comparison/corrections"): (
        (Action.TRAIN,), {"verdicts": {"x": "yes"}, "reason": "Filled in the wrong way."}
    ),
    ("DELETE", f"{N}/retrainings/comparison/verdicts/{{item}}"): ((Action.TRAIN,), None),
    ("POST", f"{N}/retrainings/republish"): ((Action.PUBLISH,), {}),
    ("POST", f"{N}/retrainings/keep"): ((Action.PUBLISH,), {}),
    ("POST", f"{N}/point-back"): ((Action.PUBLISH,), {}),
    ("GET", f"{N}/feedback"): ((Action.READ,), None),
    ("GET", f"{N}/feedback/items"): ((Action.SEE_ITEMS, Action.TRAIN), None),
    ("POST", f"{N}/feedback"): ((Action.TRAIN,), {"items": [{"item": "x", "verdict": "match"}]}),
    ("DELETE", f"{N}/feedback/{{item}}"): ((Action.TRAIN,), None),
    ("GET", f"{N}/feedback/sends"): ((Action.READ,), None),
    ("DELETE", f"{N}/feedback/sends/{{number}}"): ((Action.TRAIN,), None),
    ("POST", "/api/v1/tenant/opt-in"): ((Action.OPT_IN,), None),
    ("GET", "/api/v1/locations"): ((Action.READ,), None),
    ("POST", "/api/v1/locations"): ((Action.ADD_LOCATION,), {"name": "drive", "url": "/srv/drive"}),
    ("GET", "/api/v1/locations/{name}"): ((Action.SEE_ITEMS,), None),
    ("GET", "/api/v1/locations/{name}/uses"): ((Action.ADD_LOCATION,), None),
    ("DELETE", "/api/v1/locations/{name}"): ((Action.ADD_LOCATION,), None),
    ("PUT", "/api/v1/locations/{name}/name"): ((Action.ADD_LOCATION,), {"name": "other"}),
    ("POST", "/api/v1/locations/{name}/crawl"): ((Action.ADD_LOCATION,), {}),
    ("GET", "/api/v1/runs"): ((Action.READ,), None),
    ("GET", "/api/v1/labellings"): ((Action.READ,), None),
    ("POST", "/api/v1/labellings"): ((Action.LABEL,), {}),
    ("POST", f"{N}/gates/{{gate}}/override"): ((Action.OVERRIDE_GATE,), {"reason": "Agreed."}),
    ("GET", f"{N}/drift"): ((Action.READ,), None),
    ("POST", f"{N}/drift"): ((Action.LABEL,), None),
    ("GET", "/api/v1/audit"): ((Action.READ,), None),
    ("GET", "/api/v1/audit/verification"): ((Action.READ,), None),
    ("GET", "/api/v1/audit/export"): ((Action.READ,), None),
    ("GET", "/api/v1/audit/items/{item}"): ((Action.READ, Action.SEE_ITEMS), None),
    ("GET", "/api/v1/roles"): ((Action.READ,), None),
    ("PUT", "/api/v1/roles/{person}/{role}"): ((Action.GRANT_ROLES,), None),
    ("DELETE", "/api/v1/roles/{person}/{role}"): ((Action.GRANT_ROLES,), None),
    ("GET", "/api/v1/keys"): ((), None),
    ("POST", "/api/v1/keys"): ((Action.GRANT_ROLES,), {"name": "a key", "person": "alex"}),
    ("DELETE", "/api/v1/keys/{key}"): ((), None),
    ("POST", "/api/v1/policies/preview"): ((Action.LABEL,), {}),
    ("POST", "/api/v1/policies/apply"): ((Action.LABEL,), {}),
    ("POST", "/api/v1/policies/{name}/undo/plan"): ((Action.USE_IN_RETENTION,), {}),
    ("POST", "/api/v1/policies/{name}/undo"): ((Action.USE_IN_RETENTION,), {}),
    ("PUT", "/api/v1/items/{item}/label"): (
        (Action.USE_IN_RETENTION,), {"kind": "retention label", "label": "Contract"}
    ),
    ("DELETE", "/api/v1/items/{item}/label/{kind}"): ((Action.USE_IN_RETENTION,), None),
    ("POST", "/api/v1/policies"): ((Action.USE_IN_COMMUNICATION,), POLICY),
    ("PATCH", "/api/v1/policies/{name}"): ((Action.USE_IN_RETENTION,), {"priority": 7}),
    ("PUT", "/api/v1/policies/{name}/archived"): ((Action.USE_IN_RETENTION,), {"archived": True}),
    ("PUT", "/api/v1/policies/{name}/enabled"): ((Action.USE_IN_RETENTION,), {"enabled": True}),
    ("POST", "/api/v1/policies/{name}/trial"): ((Action.USE_IN_RETENTION,), {}),
    ("GET", "/api/v1/explorer/groups"): ((Action.READ,), None),
    ("GET", "/api/v1/explorer/items"): ((Action.READ, Action.SEE_ITEMS), None),
    ("GET", "/api/v1/explorer/folders"): ((Action.READ, Action.SEE_ITEMS), None),
    ("GET", "/api/v1/explorer/not-found-again"): ((Action.SEE_ITEMS,), None),
    ("GET", "/api/v1/explorer/items/{item}"): ((Action.READ, Action.OPEN_CONTENT), None),
    ("POST", "/api/v1/classify"): ((Action.READ,), {"text": "x"}),
    ("GET", A): ((READ,), None),
    ("GET", f"{A}/global/languages"): ((), None),
    ("GET", f"{A}/global/training-config-versions"): ((), None),
    ("GET", f"{A}/global/deletion-jobs/{{job_id}}"): ((READ,), None),
    ("PATCH", f"{A}/{{project}}"): ((WORK,), SINGLE),
    ("GET", f"{A}/{{project}}"): ((READ,), None),
    ("DELETE", f"{A}/{{project}}"): ((WORK,), None),
    ("POST", f"{A}/{{project}}/:import"): ((WORK,), {"metadata": SINGLE, "assets": {
        "classes": [{"category": "a"}],
        "documents": [{"location": "1", "text": "x", "class": {"category": "a"}}]}}),
    ("GET", f"{A}/{{project}}/import/jobs/{{job_id}}"): ((READ,), None),
    ("POST", f"{A}/{{project}}/:export"): ((WORK,), None),
    ("GET", f"{A}/{{project}}/export/jobs/{{job_id}}"): ((READ,), None),
    ("GET", f"{A}/{{project}}/export/jobs/{{job_id}}/result"): ((READ,), None),
    ("POST", f"{A}/{{project}}/:train"): ((WORK,), {"modelLabel": "M"}),
    ("GET", f"{A}/{{project}}/train/jobs"): ((READ,), None),
    ("GET", f"{A}/{{project}}/train/jobs/{{job_id}}"): ((READ,), None),
    ("POST", f"{A}/{{project}}/train/jobs/{{job_id}}/:cancel"): ((WORK,), None),
    ("GET", f"{A}/{{project}}/models"): ((READ,), None),
    ("GET", f"{A}/{{project}}/models/{{label}}"): ((READ,), None),
    ("DELETE", f"{A}/{{project}}/models/{{label}}"): ((WORK,), None),
    ("GET", f"{A}/{{project}}/models/{{label}}/evaluation/summary-result"): ((READ,), None),
    ("GET", f"{A}/{{project}}/models/{{label}}/evaluation/result"): ((READ,), None),
    ("PUT", f"{A}/{{project}}/deployments/{{name}}"): ((WORK,), {"trainedModelLabel": "M"}),
    ("POST", f"{A}/{{project}}/deployments/:swap"): (
        (WORK,), {"firstDeploymentName": "a", "secondDeploymentName": "b"}),
    ("GET", f"{A}/{{project}}/deployments"): ((READ,), None),
    ("GET", f"{A}/{{project}}/deployments/{{name}}"): ((READ,), None),
    ("DELETE", f"{A}/{{project}}/deployments/{{name}}"): ((WORK,), None),
    ("GET", f"{A}/{{project}}/deployments/swap/jobs/{{job_id}}"): ((READ,), None),
    ("GET", f"{A}/{{project}}/deployments/{{name}}/jobs/{{job_id}}"): ((READ,), None),
    ("POST", "/language/analyze-text/jobs"): ((READ,), {"analysisInput": DOCUMENTS, "tasks": [{
        "kind": "CustomSingleLabelClassification",
        "parameters": {"projectName": "P", "deploymentName": "d"}}]}),
    ("GET", "/language/analyze-text/jobs/{job_id}"): ((READ,), None),
    ("POST", "/language/analyze-text/jobs/{job_id}:cancel"): ((READ,), None),
    ("GET", P): ((READ,), None),
    ("POST", P): ((WORK,), {"name": "New", "modelType": "SingleClassification"}),
    ("GET", f"{P}/{{project}}"): ((READ,), None),
    ("DELETE", f"{P}/{{project}}"): ((WORK,), None),
    ("GET", f"{P}/global/deletion-jobs/{{job_id}}"): ((READ,), None),
    ("POST", f"{P}/{{project}}/train"): ((WORK,), TASKS),
    ("GET", f"{P}/{{project}}/train/jobs/{{job_id}}"): ((READ,), None),
    ("POST", f"{P}/{{project}}/publish"): ((WORK,), TASKS),
    ("GET", f"{P}/{{project}}/publish/jobs/{{job_id}}"): ((READ,), None),
    ("GET", f"{P}/{{project}}/evaluation"): ((READ,), None),
    ("GET", f"{P}/{{project}}/validation"): ((READ,), None),
    ("POST", "/text/analytics/v3.1-preview.ct.1/analyze"): ((READ,), {
        "analysisInput": DOCUMENTS,
        "tasks": {"customClassificationTasks": [{"parameters": {"modelId": "x"}}]}}),
    ("GET", "/text/analytics/v3.1-preview.ct.1/analyze/jobs/{job_id}"): ((READ,), None),
}  # fmt: skip
# Read by whoever may read the area, or write policies of some kind.
POLICY_READERS = frozenset().union(
    *(PERMISSIONS[action].roles for action in Action if action.name.startswith("USE_IN_")),
    PERMISSIONS[Action.READ].roles,
)
READ_POLICIES = (("GET", "/api/v1/policies"), ("GET", "/api/v1/policies/{name}"))


@pytest.fixture(scope="module")
def matrix(used_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The application with one person for each role; each of them may train the classifier."""
    web = Web(open_workspace(settings_of(copied_home(used_home, tmp_path_factory.mktemp("m")))))
    for role in Role:
        grant_role(web.workspace, "alex", str(role), str(role))
        web.call("POST", f"{C}/contracts/trainers", {"person": str(role)})
    grant_role(web.workspace, "alex", "nobody", str(Role.GLOBAL_ADMINISTRATOR))
    create_key(web.workspace, "alex", "x", person="nobody")
    web.key("nobody")
    with web.workspace.registry.transaction() as session:
        session.delete(session.get_one(RoleAssignment, ("nobody", str(Role.GLOBAL_ADMINISTRATOR))))
    yield web
    web.close()


def ask(web: Web, method: str, path: str, person: str, body: Any = None) -> int:
    known = {
        "{name}": "contracts" if "policies" not in path else "keep-contracts",
        "{project}": "P", "{label}": "M", "{item}": "x", "{job_id}": "x", "{number}": "1",
        "{person}": "x", "{role}": "record management", "{key}": "x", "{kind}": "retention label",
        "{gate}": "review",
    }  # fmt: skip
    for part, value in known.items():
        path = path.replace(part, value)
    if "/language/authoring" in path or "/analyze-text/jobs" in path:
        path += VERSION
    if method == "DELETE" and path.endswith("/test-items"):
        path += "?source=tests/Documents"
    if path.endswith(("/evaluation", "/validation")):
        path += "?trainingModelName=M"
    status: int = web.call(method, path, body, person=person).status_code
    return status


def test_every_route_stands_in_the_table() -> None:
    listed = {*ROUTES, *READ_POLICIES, *(("GET", path) for path in OPEN)}
    assert set(operations()) == listed - {("GET", "/openapi.json")}


@pytest.mark.requirement("TC-08", "TC-09", "TC-10", "TC-11", "TC-31", "RT-03", "RT-04", "RT-10")
@pytest.mark.parametrize("role", Role)
def test_a_role_opens_what_it_should_and_nothing_else(matrix: Web, role: Role) -> None:
    wrong = []
    for (method, path), (actions, body) in ROUTES.items():
        allowed = all(role in PERMISSIONS[action].roles for action in actions)
        status = ask(matrix, method, path, str(role), body)
        assert status < 500
        assert status not in {400, 422} or allowed
        if (status == 403) == allowed:
            wrong.append((method, path, status, allowed))
    # granting is the creator's alone, whoever else may train; of places the settings decide too
    further = ("/trainers", "/locations")
    wrong = [each for each in wrong if not (each[1].endswith(further) and each[3])]
    for method, path in READ_POLICIES:
        status = ask(matrix, method, path, str(role))
        if (status == 403) == (role in POLICY_READERS):
            wrong.append((method, path, status, role in POLICY_READERS))
    assert wrong == []


def test_without_a_role_nothing_opens(matrix: Web) -> None:
    for (method, path), (actions, body) in ROUTES.items():
        status = ask(matrix, method, path, "nobody", body)
        assert (status == 403) == bool(actions), (method, path, status)


def test_no_route_but_the_open_ones_answers_without_a_key(matrix: Web) -> None:
    for method, path in operations():
        if path not in OPEN:
            answer = matrix.http.request(method, path)
            assert answer.status_code in {401, 429}


@pytest.mark.requirement("TC-12")
def test_a_role_alone_does_not_open_another_persons_classifier(matrix: Web) -> None:
    role = str(Role.COMPLIANCE_DATA_ADMINISTRATOR)
    grant_role(matrix.workspace, "alex", "stranger", role)
    for (method, path), (actions, body) in ROUTES.items():
        if actions and PERMISSIONS[actions[-1]].owned:
            assert ask(matrix, method, path, "stranger", body) == 403, (method, path)
