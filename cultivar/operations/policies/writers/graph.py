"""The retention label of a drive item, through Microsoft Graph.

A label that stands there by another hand is never replaced nor removed; the queue sees to that.
"""

from urllib.parse import quote

from cultivar.operations.policies.writers.calls import call
from cultivar.operations.policies.writers.places import CannotWrite, Place, require_whole


class Graph:
    """The writer ``graph``; ``url`` is the service's root, ``token`` a bearer token for it."""

    blind = False

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}

    def form(self, label: str) -> str:
        """Return the label as it is: it names a retention label of the organisation."""
        return label

    def look(self, place: Place) -> str | None:
        """Return the name of the item's retention label."""
        answer = call("GET", self._address(place), headers=self._headers)
        found = answer.json() if answer.content else {}
        return found.get("name") or None

    def put(self, place: Place, label: str, key: str) -> None:
        """Set the item's retention label."""
        call("PATCH", self._address(place), headers=self._headers, json={"name": label})

    def take(self, place: Place, label: str, key: str) -> None:
        """Remove the item's retention label."""
        call("DELETE", self._address(place), headers=self._headers)

    def _address(self, place: Place) -> str:
        require_whole(place)
        if place.drive is None:
            raise CannotWrite("no drive is named for the location")
        drive, path = quote(place.drive, safe=""), quote(place.path)
        return f"{self._url}/drives/{drive}/root:/{path}:/retentionLabel"
