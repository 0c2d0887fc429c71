"""Labels files that lie in a project's container, found by their path inside it.

It opens nothing that the container's own listing does not hold; what a file says is read elsewhere.
"""

from pathlib import Path
from typing import BinaryIO, cast

from cultivar.content.entries import Entry
from cultivar.content.locations import Location, is_local, list_location
from cultivar.core.errors import InvalidInput, NotFound, StoreUnavailable
from cultivar.core.projects.names import checked_document
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.projects.importing import container_named
from cultivar.operations.transactions import snapshot
from cultivar.store.workspace import Workspace


def labels_file(
    workspace: Workspace, actor: AnyActor, container: str, path: str | None
) -> bytes | None:
    """Return the bytes of a labels file; None where none is named, once the container was listed.

    Raises:
        NotPermitted: the actor may not work on projects.
        NotFound: codes ``unknown-container``, ``unknown-labels-file``.
        InvalidInput: codes ``bad-document-name``, ``too-large``.
        StoreUnavailable: the container cannot be listed, or the file not be opened.
    """
    with snapshot(workspace, actor, Action.WORK_ON_PROJECTS):
        pass
    location = container_named(workspace, container).location
    entries = {entry.path: entry for entry in list_location(location).entries}
    if path is None:
        return None
    entry = entries.get(checked_document(path))
    if entry is None or entry.problem is not None:
        raise NotFound(
            "unknown-labels-file", f"The container {container} holds no such labels file."
        )
    most = workspace.settings.max_bytes
    if entry.size > most:
        raise InvalidInput("too-large", f"A labels file has at most {most:,} bytes.")
    return _read(location, entry)


def _read(location: Location, entry: Entry) -> bytes:
    try:
        with _opened(location, entry) as file:
            return file.read()
    except OSError as error:
        raise StoreUnavailable(
            "store-unreachable", f"The labels file cannot be opened: {type(error).__name__}."
        ) from error


def _opened(location: Location, entry: Entry) -> BinaryIO:
    file_system, _ = location.store
    if is_local(file_system):
        return Path(entry.address).open("rb")
    return cast(BinaryIO, file_system.open(entry.address, "rb"))
