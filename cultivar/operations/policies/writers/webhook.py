"""Labels told to any other system: a POST that is signed, dated and carries an idempotency key.

The signature is HMAC-SHA256, in hexadecimal, of the timestamp, a dot and the body, under the
shared secret; a receiver compares it, refuses old timestamps, and does one key's work once.
"""

import hmac
import json
import time
from hashlib import sha256

from cultivar.operations.policies.writers.calls import call
from cultivar.operations.policies.writers.places import Place

SIGNATURE, TIMESTAMP, KEY = "X-Cultivar-Signature", "X-Cultivar-Timestamp", "Idempotency-Key"


class Webhook:
    """The writer ``webhook``."""

    blind = True

    def __init__(self, url: str, secret: str) -> None:
        self._url = url
        self._secret = secret.encode()

    def form(self, label: str) -> str:
        """Return the label as it is."""
        return label

    def look(self, place: Place) -> str | None:
        """Return nothing: there is nobody to ask."""
        return None

    def put(self, place: Place, label: str, key: str) -> None:
        """Tell that an item has a label."""
        self._tell("label set", place, label, key)

    def take(self, place: Place, label: str, key: str) -> None:
        """Tell that an item has a label no more."""
        self._tell("label removed", place, label, key)

    def _tell(self, event: str, place: Place, label: str, key: str) -> None:
        body = json.dumps(
            {
                "event": event,
                "item": place.item_id,
                "location": place.location,
                "path": place.path,
                "kind": place.kind,
                "policy": place.slot or None,
                "label": label,
            },
            sort_keys=True,
        ).encode()
        moment = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            TIMESTAMP: moment,
            SIGNATURE: f"sha256={signature(self._secret, moment, body)}",
            KEY: key,
        }
        call("POST", self._url, headers=headers, content=body)


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """Return the signature of a body sent at a moment (seconds since 1970)."""
    return hmac.new(secret, f"{timestamp}.".encode() + body, sha256).hexdigest()
