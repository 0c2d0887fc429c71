"""What the opt-in needs, asked before anything is started for it."""

from cultivar.core.errors import NotReady
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.content.locations import KnownLocation, locations
from cultivar.operations.transactions import require_permitted
from cultivar.store.workspace import Workspace


def plan_opt_in(workspace: Workspace, actor: AnyActor) -> list[KnownLocation]:
    """Return the content locations that an opt-in crawls.

    Raises:
        NotPermitted: the actor is not a global administrator.
        NotReady: code ``no-location``.
    """
    require_permitted(workspace, actor, Action.OPT_IN)
    return content_locations(workspace)


def content_locations(workspace: Workspace) -> list[KnownLocation]:
    """Return the content locations.

    Raises:
        NotReady: code ``no-location``; there is none.
    """
    known = locations(workspace, "content")
    if not known:
        raise NotReady(
            "no-location",
            "There is no location to take a baseline of.",
            remedy=Remedy(NextStep.ADD_LOCATION),
        )
    return known
