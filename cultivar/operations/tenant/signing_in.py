"""Signing in to the console: a set-up link, a password, a session; and ending them.

Passwords are kept as argon2id hashes (RFC 9106), sessions and links as hashes of random bits.
"""

import secrets
import threading
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import delete
from sqlalchemy.orm import Session

from cultivar.core.audit_actions import AuditAction
from cultivar.core.errors import NotFound, NotPermitted
from cultivar.core.people.signing_in import (
    LINK_LASTS,
    SEEN_EVERY,
    is_live,
    locked_until,
    require_password,
)
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.identities import find_person, person_named
from cultivar.operations.transactions import Transaction, transaction
from cultivar.store.tables import PasswordRow, PersonRow, SessionRow, SetUpLinkRow
from cultivar.store.workspace import Workspace

if TYPE_CHECKING:
    from pwdlib import PasswordHash

# a hash takes 64 MiB and a core for 80 ms; more at once would let guesses take the machine
_AT_ONCE = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class SetUpLink:
    """The secret part of a link, shown once, whose it is, and until when it works."""

    person: str
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser's session: whom it acts as, and its secret, which only the browser keeps."""

    person: str
    token: str


def invite(workspace: Workspace, actor: AnyActor, person: str) -> SetUpLink:
    """Make the link with which a person chooses a password; it takes the place of an earlier one.

    Raises:
        NotPermitted: the actor is not a global administrator; code ``person-erased``.
        NotFound: code ``unknown-person``.
    """
    token = secrets.token_urlsafe(32)
    with transaction(workspace, actor, Action.GRANT_ROLES) as tx:
        found = person_named(tx.session, person)
        row = tx.session.get(SetUpLinkRow, found.name)
        if row is None:
            row = SetUpLinkRow(person=found.name)
            tx.session.add(row)
        row.sha256, row.made_by, row.expires_at = _hash(token), tx.actor, tx.at + LINK_LASTS
        tx.audit(AuditAction.PERSON_INVITED, found.id)
        return SetUpLink(found.name, token, row.expires_at)


def invited(workspace: Workspace, token: str) -> str | None:
    """Return whose set-up link this is; None for one that is unknown, used or expired."""
    with workspace.registry.reading() as session:
        row = _link(session, token, workspace.clock())
        return row.person if row else None


def _link(session: Session, token: str, at: datetime) -> SetUpLinkRow | None:
    row = session.query(SetUpLinkRow).filter_by(sha256=_hash(token)).one_or_none()
    return row if row is not None and at < row.expires_at else None


def set_password(workspace: Workspace, token: str, password: str) -> SignedIn:
    """Choose a password by a set-up link, end every other session, and sign in.

    Raises:
        InvalidInput: code ``bad-password``; the link still works.
        NotFound: code ``unknown-link``; it is unknown, used or expired.
    """
    require_password(password)
    with _AT_ONCE:
        encoded = _hasher().hash(password)
    person = invited(workspace, token)
    if person is None:
        raise _unknown_link()
    with transaction(workspace, person, None) as tx:
        row = _link(tx.session, token, tx.at)
        if row is None:
            raise _unknown_link()
        tx.session.delete(row)
        tx.session.execute(delete(PasswordRow).where(PasswordRow.person == person))
        kept = PasswordRow(person=person, encoded=encoded, set_at=tx.at, failures=0)
        tx.session.add(kept)
        _end_sessions(tx.session, person)
        tx.audit(AuditAction.PASSWORD_SET, tx.actor_id)
        return _begin(tx, person)


def _unknown_link() -> NotFound:
    return NotFound(
        "unknown-link",
        "This link does not work: it was used, a newer one was made, or it is older than a day. "
        "`cultivar person invite PERSON` makes another.",
    )


def sign_in(workspace: Workspace, name: str, password: str) -> SignedIn:
    """Begin a session for whoever knows the password.

    Raises:
        NotPermitted: codes ``wrong-password`` (the same for names that nobody has), ``locked``.
    """
    with workspace.registry.reading() as session:
        known = find_person(session, name.strip())
        row = session.get(PasswordRow, known.name) if known else None
    encoded = row.encoded if row else _nobodys()
    at = workspace.clock()
    until = locked_until(row.failures, row.failed_at) if row else None
    if until is not None and at < until:
        raise _locked(until)
    right = _matches(password, encoded)
    if row is None or known is None or not right:
        _note_failure(workspace, known)
        raise NotPermitted("wrong-password", "The name or the password is not right.")
    with transaction(workspace, known.name, None) as tx:
        kept = tx.session.get_one(PasswordRow, known.name)
        # guesses that came in at the same moment count before a right one does
        until = locked_until(kept.failures, kept.failed_at)
        if until is not None and tx.at < until:
            raise _locked(until)
        kept.failures, kept.failed_at = 0, None
        tx.audit(AuditAction.SIGNED_IN, tx.actor_id)
        return _begin(tx, known.name)


def _locked(until: datetime) -> NotPermitted:
    return NotPermitted(
        "locked",
        f"After several wrong passwords no other is looked at until {until:%H:%M:%S} UTC.",
        {"until": until.isoformat()},
    )


def _note_failure(workspace: Workspace, known: PersonRow | None) -> None:
    if known is None:
        return
    with workspace.registry.transaction() as session:
        row = session.get(PasswordRow, known.name)
        if row is not None:
            row.failures, row.failed_at = row.failures + 1, workspace.clock()


def _matches(password: str, encoded: str) -> bool:
    with _AT_ONCE:
        return _hasher().verify(password, encoded)


@cache
def _hasher() -> "PasswordHash":
    from pwdlib import PasswordHash  # noqa: PLC0415 - compiled code that few commands need
    from pwdlib.hashers.argon2 import Argon2Hasher  # noqa: PLC0415

    return PasswordHash((Argon2Hasher(),))


@cache
def _nobodys() -> str:
    """Return a hash that nothing matches, so that an unknown name takes as long as a known one."""
    return _hasher().hash(secrets.token_urlsafe(32))


def _begin(tx: Transaction, person: str) -> SignedIn:
    token = secrets.token_urlsafe(32)
    tx.session.add(SessionRow(sha256=_hash(token), person=person, began_at=tx.at, seen_at=tx.at))
    return SignedIn(person, token)


def session_of(workspace: Workspace, token: str) -> str | None:
    """Return whom a session acts as; None for one that has ended, and forget that one."""
    at, key = workspace.clock(), _hash(token)
    with workspace.registry.reading() as session:
        row = session.get(SessionRow, key)
    if row is None:
        return None
    if is_live(row.began_at, row.seen_at, at) and at - row.seen_at < SEEN_EVERY:
        return row.person
    with workspace.registry.transaction() as session:
        found = session.get(SessionRow, key)
        if found is None:
            return None
        if not is_live(found.began_at, found.seen_at, at):
            session.delete(found)
            return None
        found.seen_at = at
        return found.person


def sign_out(workspace: Workspace, token: str) -> None:
    """End a session; ending one that has ended is harmless."""
    with workspace.registry.transaction() as session:
        session.execute(delete(SessionRow).where(SessionRow.sha256 == _hash(token)))


def sign_out_everywhere(workspace: Workspace, actor: AnyActor, person: str) -> int:
    """End all sessions of a person, and return how many there were; one's own need no role.

    Raises:
        NotPermitted: they are somebody else's, and the actor no global administrator.
        NotFound: code ``unknown-person``.
    """
    with transaction(workspace, actor, None) as tx:
        found = person_named(tx.session, person)
        if found.name != tx.actor:
            tx.allow(Action.GRANT_ROLES)
        ended = _end_sessions(tx.session, found.name)
        tx.audit(AuditAction.SIGNED_OUT_EVERYWHERE, found.id, sessions=ended)
        return ended


def _end_sessions(session: Session, person: str) -> int:
    rows = session.query(SessionRow).filter(SessionRow.person == person).all()
    for row in rows:
        session.delete(row)
    return len(rows)


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
