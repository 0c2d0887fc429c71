"""Replies kept for requests that name an idempotency key, so that sending one twice does it once.

It keeps bytes and knows no route; what is kept goes after a day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from cultivar.core.errors import Conflict, InvalidInput, NotPermitted
from cultivar.core.roles import Actor
from cultivar.operations.transactions import roles_held
from cultivar.store.tables import KeptReplyRow
from cultivar.store.workspace import Workspace

KEPT = timedelta(hours=24)
# A request that its process did not survive may be sent again after this long.
ABANDONED = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Reply:
    """A finished request's answer."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Named:
    """A request by the key that sent it, the name it was given, and a hash of what it asks."""

    key_id: str
    idempotency_key: str
    request_sha256: str
    actor: Actor


def begin(workspace: Workspace, named: Named) -> Reply | None:
    """Return the reply kept for a request, or None when it is to be done now.

    Raises:
        InvalidInput: code ``idempotency-key-reused``; the name stands for another request.
        Conflict: code ``request-at-work``; the first sending is not answered yet.
        NotPermitted: code ``roles-lost``; the key acts with less than when the reply was given.
    """
    at = workspace.clock()
    try:
        with workspace.registry.transaction() as session:
            old = KeptReplyRow.began_at < at - KEPT
            session.execute(delete(KeptReplyRow).where(old))
            row = session.get(KeptReplyRow, (named.key_id, named.idempotency_key))
            if row is not None and row.status is None and row.began_at < at - ABANDONED:
                session.delete(row)
                session.flush()
                row = None
            roles = roles_held(session, named.actor)
            if row is None:
                session.add(_row(named, at, roles))
                return None
            return _kept(row, named, roles)
    except IntegrityError as error:
        raise _at_work() from error


def _row(named: Named, at: datetime, roles: list[str]) -> KeptReplyRow:
    return KeptReplyRow(
        key_id=named.key_id,
        idempotency_key=named.idempotency_key,
        request_sha256=named.request_sha256,
        began_at=at,
        roles=roles,
    )


def _kept(row: KeptReplyRow, named: Named, roles: list[str]) -> Reply:
    if row.request_sha256 != named.request_sha256:
        raise InvalidInput(
            "idempotency-key-reused",
            "This idempotency key was used for another request. Choose a new one for each.",
        )
    if row.status is None:
        raise _at_work()
    if lost := sorted(set(row.roles or ()) - set(roles)):
        raise NotPermitted(
            "roles-lost",
            "This request was done when the key acted with more roles than it does now "
            f"({', '.join(lost)}), so its answer is not given again.",
            {"lost": lost},
        )
    return Reply(row.status, dict(row.headers or {}), row.body or "")


def _at_work() -> Conflict:
    return Conflict(
        "request-at-work",
        "A request with this idempotency key is being answered. Send it again in a moment.",
    )


def finish(workspace: Workspace, named: Named, reply: Reply) -> None:
    """Keep a reply for whoever sends the request again."""
    with workspace.registry.transaction() as session:
        row = session.get(KeptReplyRow, (named.key_id, named.idempotency_key))
        if row is not None:
            row.status, row.headers, row.body = reply.status, reply.headers, reply.body


def forget(workspace: Workspace, named: Named) -> None:
    """Let a request that was refused be sent again under the same name."""
    with workspace.registry.transaction() as session:
        row = session.get(KeptReplyRow, (named.key_id, named.idempotency_key))
        if row is not None:
            session.delete(row)
