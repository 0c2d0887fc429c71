"""Tell a running Prefect server that a retraining is due, without waiting for it or for Prefect.

It is only a nudge: what is due stands in the registry, and a sweep starts it where nobody heard.
"""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from cultivar.settings import Settings
from flows import server
from flows.deployments import deployed

RETRAINING_DUE_EVENT = "cultivar.classifier.retraining-due"
RETRAIN = deployed("retrain").full_name
SECONDS = 5.0


def nudge(settings: Settings, classifier_id: str, actor: str) -> bool:
    """Emit the event; return whether a server took it. No server is no error."""
    url = _api_url(settings)
    if not url:
        return False
    request = urllib.request.Request(  # noqa: S310 - the address of our own server
        f"{url}/events",
        data=json.dumps([_event(classifier_id, actor)]).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            return 200 <= answer.status < 300
    except (urllib.error.URLError, OSError):
        return False


def is_heard(settings: Settings) -> bool:
    """Tell whether the event will start a retraining: it is served, and an automation listens."""
    url = _api_url(settings)
    if not url:
        return False
    try:
        found = _read(f"{url}/deployments/name/{RETRAIN}")
        resource = f"prefect.deployment.{found['id']}"
        rules = _read(f"{url}/automations/related-to/{resource}")
        return found["status"] == "READY" and any(_listens(each) for each in rules)
    except (urllib.error.URLError, OSError, ValueError, KeyError):
        return False


def _read(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310 - our own server
        return json.load(answer)


def _listens(rule: Mapping[str, Any]) -> bool:
    return bool(rule["enabled"]) and RETRAINING_DUE_EVENT in rule["trigger"].get("expect", [])


def _api_url(settings: Settings) -> str | None:
    stated = os.environ.get("PREFECT_API_URL")
    if stated:
        return stated.rstrip("/")
    found = server.find(settings.home)
    return found.api_url if found else None


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
