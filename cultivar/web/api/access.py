"""Who may do what: roles of people, and keys to this interface.

A key within some roles gives away no more than those.
"""

from typing import Annotated, Any

from fastapi import Path, Response
from pydantic import BaseModel, Field

from cultivar.operations.tenant.keys import create_key, list_keys, revoke_key
from cultivar.operations.tenant.people import everybodys_roles, grant_role, revoke_role
from cultivar.web.api.routing import Body, Page, answer_of, page_of, router_of
from cultivar.web.context import Context, CurrentUser
from cultivar.web.idempotency import read_only
from cultivar.web.pagination import Paging

router = router_of("access")
Person = Annotated[str, Path(min_length=1, max_length=200, description="Name of the person.")]
RoleName = Annotated[str, Path(min_length=1, max_length=100, description="Name of the role.")]
KeyId = Annotated[str, Path(min_length=1, max_length=100, description="Id or name of the key.")]


class KeyBody(Body):
    """A key to be made; it acts as ``person``, who is the caller when left out."""

    name: str = Field(min_length=1, max_length=100)
    person: str | None = Field(default=None, min_length=1, max_length=200)
    roles: list[str] = Field(default=[], max_length=20)
    days: int = Field(default=90, ge=1, le=3_650)


class NewKeyAnswer(BaseModel):
    """A key with its text, which is shown this once."""

    key: dict[str, Any]
    text: str


@router.get("/roles")
def show_roles(context: Context, user: CurrentUser, paging: Paging) -> Page:
    """List everybody who holds a role, with all of theirs."""
    found = everybodys_roles(context.workspace, user.actor)
    people = [{"person": person, "roles": roles} for person, roles in found.items()]
    return page_of(people, lambda each: [each["person"]], paging)


@router.put("/roles/{person}/{role}", status_code=204, response_class=Response)
def grant(context: Context, user: CurrentUser, person: Person, role: RoleName) -> None:
    """Give a person a role."""
    grant_role(context.workspace, user.actor, person, role)


@router.delete("/roles/{person}/{role}", status_code=204, response_class=Response)
def revoke(context: Context, user: CurrentUser, person: Person, role: RoleName) -> None:
    """Take a role from a person."""
    revoke_role(context.workspace, user.actor, person, role)


@router.get("/keys")
def show_keys(context: Context, user: CurrentUser, paging: Paging) -> Page:
    """List one's own keys, everybody's for a global administrator; without their texts."""
    found = list_keys(context.workspace, user.actor)
    return page_of(found, lambda each: [each.created_at.isoformat(), each.id], paging)


@router.post("/keys", status_code=201)
@read_only
def create(context: Context, user: CurrentUser, given: KeyBody) -> NewKeyAnswer:
    """Make a key. Its text is in the answer alone, so no reply is kept for a repetition."""
    key, text = create_key(
        context.workspace, user.actor, given.name, person=given.person, roles=given.roles,
        days=given.days,
    )  # fmt: skip
    return NewKeyAnswer(key=answer_of(key), text=text)


@router.delete("/keys/{key}")
def end(context: Context, user: CurrentUser, key: KeyId) -> dict[str, Any]:
    """End a key, from the next request on."""
    return answer_of(revoke_key(context.workspace, user.actor, key))
