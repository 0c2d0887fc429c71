"""The client's requests of those who run Cultivar: locations, labelling, policies, the audit log.

What takes time is begun by one method; ``wait`` returns once it has ended.
"""

import time
from collections.abc import Iterator, Sequence
from typing import Any

from cultivar.client.connection import API, Connection, part_of
from cultivar.core.errors import CultivarError, NotReady

_COMPLETED = "completed"


class Administration(Connection):
    """What administrators ask of a server."""

    def locations(self) -> Iterator[dict[str, Any]]:
        """Yield every location, with the counts of its last crawl."""
        return self._pages(f"{API}/locations")

    def add_location(
        self, name: str, url: str, *, workload: str = "files", purpose: str = "content"
    ) -> dict[str, Any]:
        """Add a place where content lives, below one that the server's setting `web_places` names.

        Raises:
            NotPermitted: code ``place-not-permitted``.
        """
        body = {"name": name, "url": url, "workload": workload, "purpose": purpose}
        answer: dict[str, Any] = self._call("POST", f"{API}/locations", body)
        return answer

    def crawl(self, location: str, *, retry: bool = False) -> dict[str, Any]:
        """Begin to read what is new or changed in a location."""
        return self._begun(f"{API}/locations/{part_of(location)}/crawl", {"retry": retry})

    def opt_in(self) -> dict[str, Any]:
        """Begin to crawl all content and to take the baseline."""
        return self._begun(f"{API}/tenant/opt-in")

    def label(self, locations: Sequence[str] | None = None) -> dict[str, Any]:
        """Begin to classify what is new at locations, or everywhere."""
        return self._begun(f"{API}/labellings", {"locations": locations and list(locations)})

    def labellings(self) -> Iterator[dict[str, Any]]:
        """Yield how many items of each location match each published classifier."""
        return self._pages(f"{API}/labellings")

    def preview_policies(self, locations: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """Return what applying the policies would change, with the token that accepts it."""
        body = {"locations": locations and list(locations)}
        return list(self._call("POST", f"{API}/policies/preview", body)["items"])

    def apply_policies(
        self,
        locations: Sequence[str] | None = None,
        *,
        accepted: Sequence[str] = (),
        additions: bool = False,
    ) -> dict[str, Any]:
        """Begin to apply the policies, as far as tokens, or ``additions``, agree to it."""
        body = {"locations": locations and list(locations), "accepted": list(accepted)}
        return self._begun(f"{API}/policies/apply", body | {"additions": additions})

    def undo_policy(self, policy: str, *, reason: str = "") -> dict[str, Any]:
        """Begin to take back what a policy's newest version has labelled."""
        return self._begun(f"{API}/policies/{part_of(policy)}/undo", {"reason": reason})

    def wait(self, begun: dict[str, Any], *, seconds: float = 3_600.0) -> dict[str, Any]:
        """Return the run of what a method of this client began, once it has ended well.

        Raises:
            NotReady: code ``still-running``; it did not end in so many seconds.
            CultivarError: code ``run-failed``; the sentence has its reason.
        """
        until, pause = time.monotonic() + seconds, 0.1
        while True:
            query = {"subject": begun["subject"], "since": begun["asked_at"], "limit": "1"}
            for run in self._call("GET", f"{API}/runs", params=query)["items"]:
                if run["outcome"] == _COMPLETED:
                    return dict(run)
                if run["outcome"] is not None:
                    raise CultivarError("run-failed", f"{begun['stage']}: {run['reason']}")
            if time.monotonic() > until:
                raise NotReady(
                    "still-running", f"{begun['stage']} did not end in {seconds:.0f} seconds."
                )
            time.sleep(pause)
            pause = min(pause * 1.5, 2.0)

    def runs(self, subject: str | None = None) -> list[dict[str, Any]]:
        """Return the newest runs, of one subject where it is named."""
        query = {} if subject is None else {"subject": subject}
        return list(self._call("GET", f"{API}/runs", params=query)["items"])

    def audit(self, *, subject: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
        """Return rows of the audit log, the newest first."""
        query = {"limit": str(limit)} | ({} if subject is None else {"subject": subject})
        return list(self._call("GET", f"{API}/audit", params=query)["items"])

    def item_history(self, item: str) -> dict[str, Any]:
        """Return what labelled an item, who approved that, and on what evidence."""
        answer: dict[str, Any] = self._call("GET", f"{API}/audit/items/{part_of(item)}")
        return answer

    def grant(self, person: str, role: str) -> None:
        """Give a person a role."""
        self._call("PUT", f"{API}/roles/{part_of(person)}/{part_of(role)}")

    def revoke(self, person: str, role: str) -> None:
        """Take a role from a person."""
        self._call("DELETE", f"{API}/roles/{part_of(person)}/{part_of(role)}")

    def create_key(self, name: str, *, roles: Sequence[str] = (), days: int = 90) -> str:
        """Make a key for oneself and return its text, which cannot be had again."""
        body = {"name": name, "roles": list(roles), "days": days}
        return str(self._call("POST", f"{API}/keys", body)["text"])

    def _begun(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer: dict[str, Any] = self._call("POST", path, body)
        return answer
