"""Back up the home to the place that the settings name.

It decides nothing; where no place is named, or nothing is set up, there is nothing to do.
"""

import logging

from cultivar.core.roles import Action
from cultivar.operations.tenant.accounts import actor_id
from cultivar.operations.transactions import is_set_up
from cultivar.store.workspace import open_workspace
from flows.base.claims import require_permitted_if_set_up
from flows.base.stage import stage, today
from tasks import Told, reporting
from tasks.backups import back_up

NOWHERE = "No place for backups is named: the setting `backup_url` does."


@stage(lambda _: f"backup: {today()}")
def backup(place: str | None = None, actor: str | None = None) -> Told[str | None]:
    """Back everything up and return the backup's id, None where there was nothing to do.

    Args:
        place: A folder or an fsspec URL without a password; the setting `backup_url` names it when
            it is left out.
        actor: Who asks; the person of the settings when it is left out.
    """
    with open_workspace() as workspace:
        settings = workspace.settings
        if actor is not None:
            # a schedule names nobody, and ends well where no place is named
            require_permitted_if_set_up(workspace, actor, Action.BACK_UP)
        url = place or settings.backup_url
        if url is None:
            return Told(None, NOWHERE, "Skipped")
        if not is_set_up(workspace):
            return Told(None, "Nothing is set up, so there is nothing to back up.", "Skipped")
        with reporting.progress("backup", "tenant", lambda _done, _total: None) as advance:
            made = back_up(workspace, actor_id(workspace, actor), url, advance)
        level = logging.WARNING if made.warning else logging.INFO
        said = f"Backup {made.backup.id}: {made.backup.files:,} files. {made.warning}".rstrip()
        return Told(made.backup.id, said, level=level)
