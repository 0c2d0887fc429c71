"""Tell a running Prefect server that a retraining is due, without waiting for it or for Prefect.

It is only a nudge: what is due stands in the registry, and a sweep starts it where nobody heard.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from cultivar.core.errors import NotReady
from cultivar.settings import Settings
from processes.deployments import deployed
from processes.prefect_server import server
from processes.prefect_server.http import get, post

RETRAINING_DUE_EVENT = "cultivar.classifier.retraining-due"
RETRAIN = deployed("retrain").full_name
SECONDS = 5.0


def nudge(settings: Settings, classifier_id: str, actor: str) -> bool:
    """Emit the event; return whether a server took it. No server is no error."""
    found = _server(settings)
    if found is None:
        return False
    try:
        post(found.api_url, "/events", [_event(classifier_id, actor)], found.login, SECONDS)
    except (OSError, ValueError):
        return False
    return True


def is_heard(settings: Settings) -> bool:
    """Tell whether the event will start a retraining: it is served, and an automation listens."""
    found = _server(settings)
    if found is None:
        return False
    try:
        served = get(f"{found.api_url}/deployments/name/{RETRAIN}", found.login, SECONDS)
        related = f"{found.api_url}/automations/related-to/prefect.deployment.{served['id']}"
        rules = get(related, found.login, SECONDS)
        return served["status"] == "READY" and any(_listens(each) for each in rules)
    except (OSError, ValueError, KeyError):
        return False


def is_quiet(settings: Settings) -> bool:
    """Tell whether no flow run is at work, as far as a server answers."""
    found = _server(settings)
    working = {"flow_runs": {"state": {"type": {"any_": ["PENDING", "RUNNING"]}}}}
    try:
        return found is None or not post(
            found.api_url, "/flow_runs/count", working, found.login, SECONDS
        )
    except (OSError, ValueError):
        return True


def _listens(rule: Mapping[str, Any]) -> bool:
    return bool(rule["enabled"]) and RETRAINING_DUE_EVENT in rule["trigger"].get("expect", [])


def _server(settings: Settings) -> server.Server | None:
    try:
        return server.named_by_environment() or server.find(settings.home)
    except NotReady:
        return None


def _event(classifier_id: str, actor: str) -> dict[str, object]:
    return {
        "id": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": RETRAINING_DUE_EVENT,
        "resource": {
            "prefect.resource.id": f"cultivar.classifier.{classifier_id}",
            "prefect.resource.name": classifier_id,
        },
        "payload": {"actor": actor},
    }
