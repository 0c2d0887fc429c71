"""Back up the home.

What belongs to a backup is the operation's.
"""

import logging
from functools import partial

from cultivar.core.vocabulary import how_many
from cultivar.operations.backups.backups import BackupMade, create_backup
from cultivar.store.workspace import Workspace
from tasks import Progress, Told, step


@partial(step, named="back up registry and artifacts")
def back_up(workspace: Workspace, actor: str, url: str, advance: Progress) -> Told[BackupMade]:
    """Back everything up to a place.

    Raises:
        NotPermitted: the actor may not.
        InvalidInput: code ``backup-in-home``.
        Conflict: codes ``already-running``, ``backup-of-another``.
        StoreUnavailable: the place is full, read-only or out of reach.
    """
    made = create_backup(workspace, actor, url, advance)
    found = made.backup
    said = f"backup {found.id}: {how_many(found.files, 'file')}, {found.copied:,} of them new"
    level = logging.WARNING if found.damaged else logging.INFO
    return Told(made, f"{said}. {made.warning}".rstrip(), level=level)
