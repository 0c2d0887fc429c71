"""A workspace: the settings, registry, artifact store and clock that every action is handed.

Opens what the settings name; decides nothing itself.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from cultivar.core.closing import Closing
from cultivar.settings import Settings, read_settings, system_account
from cultivar.settings.channels import Channel, present_channel
from cultivar.store.artifacts import ArtifactStore
from cultivar.store.registry import Registry


def now() -> datetime:
    """Return the present moment in UTC: the only clock that a workspace has by default."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Workspace(Closing):
    """What an action works with. Use it as a context manager, or ``close`` it."""

    settings: Settings
    registry: Registry
    artifacts: ArtifactStore
    clock: Callable[[], datetime] = now
    channel: Channel = Channel.PYTHON

    def origin_of(self, key: str | None) -> dict[str, str]:
        """Return what the audit log keeps of a deed besides who did it."""
        account = system_account() or f"user-{os.getuid()}"
        origin = {"channel": str(self.channel), "account": account}
        return origin if key is None else origin | {"key": key}

    def close(self) -> None:
        """Give the registry's connections back; closing twice is harmless."""
        self.registry.close()


def open_workspace(
    settings: Settings | None = None,
    *,
    create: bool = True,
    clock: Callable[[], datetime] = now,
) -> Workspace:
    """Open the registry and the artifact store that the settings name.

    Cheap: no Arrow, object-store client or migration tool is imported until it is needed.

    Raises:
        NotFound: there is no registry and, without ``create``, none shall be made.
        StoreUnavailable: the registry is full, read-only, busy or out of reach.
    """
    settings = settings or read_settings()
    registry = Registry.open(settings.registry_url, create=create)
    artifacts = ArtifactStore(settings.artifacts_url, registry, clock=clock)
    return Workspace(settings, registry, artifacts, clock, present_channel())
