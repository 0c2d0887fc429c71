"""Who calls, and where the tenant stands."""

from typing import Any

from pydantic import BaseModel

from cultivar.operations.tenant.people import roles_of
from cultivar.operations.tenant.tenant import tenant_state
from cultivar.web.api.routing import answer_of, router_of
from cultivar.web.context import Context, CurrentUser

router = router_of("me")


class Me(BaseModel):
    """The user that the key acts for, and with which roles."""

    person: str
    key: str
    roles: list[str]


@router.get("/me")
def show_me(context: Context, user: CurrentUser) -> Me:
    """Tell whom the key acts as, and with which roles."""
    roles = roles_of(context.workspace, user.actor, user.person)
    return Me(person=user.person, key=user.key_id, roles=roles)


@router.get("/tenant")
def show_tenant(context: Context, user: CurrentUser) -> dict[str, Any]:
    """Show where the tenant stands: opt-in, baseline, accuracy target."""
    return answer_of(tenant_state(context.workspace, user.actor))
