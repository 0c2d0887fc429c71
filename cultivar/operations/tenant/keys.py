"""Keys to the web interface: made, listed, revoked, and turned back into who may act.

A key's text is shown once and never kept; what a person may do is the roles' to say.
"""

import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import select

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import InvalidInput, NotFound, NotPermitted
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.roles import Action, Actor, AnyActor, Role, may, role_named
from cultivar.operations.identities import ensure_person, id_of
from cultivar.operations.lookups import unknown
from cultivar.operations.transactions import (
    Transaction,
    roles_held,
    snapshot,
    transaction,
)
from cultivar.store.tables import KeyRow
from cultivar.store.workspace import Workspace

PREFIX = "cv"
DAYS_AT_MOST = 3_650
NAME_CHARACTERS = 100
_KEY = re.compile(rf"{PREFIX}_([0-9a-f]{{12}})_([A-Za-z0-9_-]{{43}})")


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret. ``roles`` empty: whatever roles the person holds."""

    id: str
    name: str
    person: str
    roles: tuple[str, ...]
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class Caller:
    """A key that is live, and whom it acts as."""

    key_id: str
    actor: Actor

    @property
    def person(self) -> str:
        """The person whom the key acts as."""
        return self.actor.person


def create_key(
    workspace: Workspace,
    actor: AnyActor,
    name: str,
    *,
    person: str | None = None,
    roles: Sequence[str] = (),
    days: int = 90,
) -> tuple[Key, str]:
    """Make a key and return it with its text, which cannot be had again.

    It acts as ``person`` (the actor, when left out) within ``roles``, which that person holds.

    Raises:
        NotPermitted: codes ``wrong-role`` (only a global administrator makes keys for others),
            ``role-not-held``.
        InvalidInput: codes ``empty-name``, ``bad-expiry``, ``unknown-role``.
    """
    named = sorted({str(role_named(each)) for each in roles})
    _require_sensible(name, days)
    with transaction(workspace, actor, None) as tx:
        known = ensure_person(tx.session, person or tx.actor, tx.at)
        holder = known.name
        if holder != tx.actor:
            tx.allow(Action.GRANT_ROLES)
        elif not named and tx.acting.within is not None:
            # a key that is bounded makes none that is not
            named = tx.roles
        _require_held(tx, holder, named)
        key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        text = f"{PREFIX}_{key_id}_{secret}"
        row = KeyRow(
            id=key_id, sha256=_hash(text), name=name.strip(), person=holder, roles=named,
            created_by=tx.actor, created_at=tx.at, expires_at=tx.at + timedelta(days=days),
        )  # fmt: skip
        tx.session.add(row)
        tx.audit(AuditAction.KEY_CREATED, f"key:{key_id}", person=known.id, roles=named)
        return _plain(row, tx.at), text


def _require_sensible(name: str, days: int) -> None:
    if not 1 <= len(name.strip()) <= NAME_CHARACTERS:
        raise InvalidInput(
            "empty-name", f"A key has a name of 1 to {NAME_CHARACTERS} characters: what it is for."
        )
    if not 1 <= days <= DAYS_AT_MOST:
        raise InvalidInput(
            "bad-expiry", f"A key lasts 1 to {DAYS_AT_MOST:,} days; found {days}.", {"days": days}
        )


def _require_held(tx: Transaction, person: str, roles: Sequence[str]) -> None:
    held = tx.roles if person == tx.actor else roles_held(tx.session, person)
    missing = sorted(set(roles) - set(held))
    if missing or not held:
        raise NotPermitted(
            "role-not-held",
            f"{person} holds {', '.join(held) or 'no role'}, so a key cannot act with "
            f"{', '.join(missing) or 'any'}.",
            {"person": person, "missing": missing},
            Remedy(NextStep.GRANT_ROLE),
        )


def list_keys(workspace: Workspace, actor: AnyActor) -> list[Key]:
    """Return the actor's own keys by time; everybody's for a global administrator."""
    with snapshot(workspace, actor, None) as tx:
        query = select(KeyRow).order_by(KeyRow.created_at, KeyRow.id)
        if not may(tx.roles, Action.GRANT_ROLES):
            query = query.where(KeyRow.person == tx.actor)
        return [_plain(row, tx.at) for row in tx.session.scalars(query)]


def revoke_key(workspace: Workspace, actor: AnyActor, key: str) -> Key:
    """End a key, by its id or its name, from the next request on; ending it again is harmless.

    Raises:
        NotFound: code ``unknown-key``.
        NotPermitted: the key is somebody else's, and the actor no global administrator.
    """
    with transaction(workspace, actor, None) as tx:
        row = _named(tx, key)
        if row.person != tx.actor:
            tx.allow(Action.GRANT_ROLES)
        if row.revoked_at is None:
            row.revoked_at, row.revoked_by = tx.at, tx.actor
            tx.audit(AuditAction.KEY_REVOKED, f"key:{row.id}", person=id_of(tx.session, row.person))
        return _plain(row, tx.at)


def _named(tx: Transaction, key: str) -> KeyRow:
    found = tx.session.get(KeyRow, key)
    if found is not None:
        return found
    live = select(KeyRow).where(KeyRow.revoked_at.is_(None))
    rows = tx.session.scalars(live.order_by(KeyRow.id)).all()
    named = [row for row in rows if row.name == key]
    if len(named) == 1:
        return named[0]
    if named:
        raise NotFound(
            "unknown-key",
            f"{len(named)} keys are named {key!r}: name one by its id, "
            f"{' or '.join(row.id for row in named)}.",
        )
    own = [row.name for row in rows if row.person == tx.actor]
    raise unknown("key", key, own, {})


def caller_of(workspace: Workspace, text: str) -> Caller | None:
    """Return whom a key's text stands for; None for one that is unknown, revoked or expired."""
    parts = _KEY.fullmatch(text)
    if parts is None:
        return None
    with workspace.registry.reading() as session:
        row = session.get(KeyRow, parts.group(1))
    if row is None or not hmac.compare_digest(row.sha256, _hash(text)):
        return None
    if _state(row, workspace.clock()) != "live":
        return None
    within = frozenset(row.roles) if row.roles else None
    return Caller(row.id, Actor(row.person, within, row.id))


def _hash(text: str) -> str:
    # 256 random bits cannot be guessed, so a slow hash would only slow every request down.
    return sha256(text.encode()).hexdigest()


def _state(row: KeyRow, at: datetime) -> str:
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if at >= row.expires_at else "live"


def _plain(row: KeyRow, at: datetime) -> Key:
    return Key(
        row.id, row.name, row.person, tuple(str(Role(each)) for each in row.roles),
        row.created_by, row.created_at, row.expires_at, row.revoked_at, _state(row, at),
    )  # fmt: skip
