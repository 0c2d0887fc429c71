"""What takes how much: artifacts by kind and by what needs them, and everything else of the home.

It counts; it opens no file, and changes nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import func, select, text

from cultivar.core.roles import Action, AnyActor
from cultivar.operations.artifacts.needs import Need, needs
from cultivar.operations.artifacts.sweeping import Share
from cultivar.operations.transactions import snapshot
from cultivar.store.tables import ArtifactRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class KindUsage:
    """The artifacts of one kind, by what needs them."""

    kind: str
    live: Share
    evidence: Share
    audit: Share
    unneeded: Share

    @property
    def total(self) -> Share:
        """All of them."""
        return self.live + self.evidence + self.audit + self.unneeded


@dataclass(frozen=True, slots=True)
class StoreUsage:
    """What takes how much, in bytes.

    ``beside`` holds what else the home holds: the registry, the explorer, Prefect, the logs and
    the rest. ``swept`` is how many artifacts were removed by sweeps so far.
    """

    artifacts_at: str
    kinds: tuple[KindUsage, ...]
    beside: Mapping[str, int]
    swept: int

    def of(self, need: Need) -> Share:
        """Return all that is kept for one reason."""
        return sum((getattr(each, need.value) for each in self.kinds), Share())

    @property
    def total(self) -> int:
        """Everything together, in bytes."""
        return sum(each.total.size for each in self.kinds) + sum(self.beside.values())


def store_usage(workspace: Workspace, actor: AnyActor) -> StoreUsage:
    """Return what takes how much.

    Raises:
        NotPermitted: the actor may not read the area.
    """
    with snapshot(workspace, actor, Action.READ) as tx:
        found = needs(tx.session)
        rows = tx.session.execute(
            select(ArtifactRow.sha256, ArtifactRow.schema_name, ArtifactRow.size).where(
                ArtifactRow.swept_at.is_(None)
            )
        )
        held: dict[str, dict[Need, Share]] = {}
        for sha256, kind, size in rows:
            of_kind = held.setdefault(kind, dict.fromkeys(Need, Share()))
            of_kind[found.need(sha256)] += Share(1, size)
        gone = select(func.count()).where(ArtifactRow.swept_at.is_not(None))
        swept = tx.session.scalar(gone) or 0
        registry = _registry_size(workspace, tx.session)
    kinds = tuple(
        KindUsage(kind, *(shares[need] for need in Need)) for kind, shares in sorted(held.items())
    )
    beside = {"registry": registry} | dict(_home(workspace))
    return StoreUsage(_shown(workspace), kinds, MappingProxyType(beside), swept)


def _shown(workspace: Workspace) -> str:
    return workspace.settings.shown()["artifacts_url"]


def _registry_size(workspace: Workspace, session: object) -> int:
    url = workspace.registry.url
    if url.drivername == "sqlite":
        path = Path(url.database or "")
        return sum(_size(path.with_name(path.name + end)) for end in ("", "-wal", "-shm"))
    asked = text("SELECT pg_database_size(current_database())")
    return int(session.scalar(asked) or 0)  # type: ignore[attr-defined]


def _home(workspace: Workspace) -> Iterator[tuple[str, int]]:
    """Yield each part of the home that is no artifact, and its bytes."""
    home = workspace.settings.home
    named = {"explorer": "explorer", "prefect": "Prefect", "logs": "logs"}
    for folder, name in named.items():
        yield name, _size_below(home / folder)
    registry, store = workspace.registry.url.database, workspace.artifacts.files.url("")
    apart = {home / folder for folder in named} | {Path(store.removeprefix("file://"))}
    rest = 0
    for path in home.iterdir() if home.is_dir() else ():
        is_registry = str(path).startswith(str(registry))
        if path not in apart and not is_registry:
            rest += _size_below(path) if path.is_dir() else _size(path)
    yield "other files of the home", rest


def _size_below(folder: Path) -> int:
    return sum(_size(path) for path in folder.rglob("*"))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:  # gone at this moment
        return 0
