"""What the audit log says must stand in the registry by now, and where the two differ.

Rows are handed in, in their order; nothing is read here. Only what every change of is recorded is
replayed, so that a difference is never a matter of a missing record.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cultivar.core.audit_actions import AuditAction
from cultivar.core.lifecycle import Event

Key = tuple[str, ...]
NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Deed:
    """One row of the log, as far as it changes what stands."""

    actor: str
    action: str
    subject: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs of one kind of rows: those that are gone, that nobody made, or that changed."""

    kind: str
    gone: tuple[Key, ...] = ()
    made_up: tuple[Key, ...] = ()
    changed: tuple[Key, ...] = ()

    @property
    def sentence(self) -> str:
        """What is wrong, with the first row of each sort."""
        said = [
            f"{len(keys):,} {what} (the first: {' / '.join(keys[0])})"
            for keys, what in (
                (self.gone, "are gone"),
                (self.made_up, "are on no record"),
                (self.changed, "say something else than what was recorded"),
            )
            if keys
        ]
        return f"Of the {self.kind} in the registry {', '.join(said)}."


REVIEWS = "reviews"
CONTENT = "verdicts on content"
RELEASE = "verdicts on release samples"
FEEDBACK = "feedback"
ROLES = "roles"
TRAINERS = "grants of training"
KEYS = "keys"
STATUSES = "classifiers and their statuses"
POLICIES = "policies"
LOCATIONS = "locations"
PROJECTS = "projects"
ENTITLEMENT = "entitlement"
KINDS = (
    REVIEWS, CONTENT, RELEASE, FEEDBACK, ROLES, TRAINERS, KEYS, STATUSES, POLICIES, LOCATIONS,
    PROJECTS, ENTITLEMENT,
)  # fmt: skip


@dataclass(slots=True)
class Standing:
    """What stands, by kind: the value of each row by its key."""

    kinds: dict[str, dict[Key, str]] = field(default_factory=lambda: {kind: {} for kind in KINDS})

    def put(self, kind: str, key: Key, value: str) -> None:
        """Let a row stand, in place of what stood there."""
        self.kinds[kind][key] = value

    def drop(self, kind: str, key: Key) -> None:
        """Let no row stand there."""
        self.kinds[kind].pop(key, None)


def replayed(deeds: Iterable[Deed]) -> Standing:
    """Return what must stand once all deeds are done, in their order."""
    standing = Standing()
    for deed in deeds:
        if "after" in deed.details and deed.action in _EVENTS:
            standing.put(STATUSES, (deed.subject,), str(deed.details["after"]))
        replay = _REPLAYED.get(deed.action)
        if replay is not None:
            replay(standing, deed)
    return standing


def differences(told: Standing, held: Standing) -> tuple[Difference, ...]:
    """Return where the registry is not what the audit log says, by kind."""
    found = []
    for kind in KINDS:
        said, is_there = told.kinds[kind], held.kinds[kind]
        both = said.keys() & is_there.keys()
        each = Difference(
            kind,
            tuple(sorted(said.keys() - both)),
            tuple(sorted(is_there.keys() - both)),
            tuple(sorted(key for key in both if said[key] != is_there[key])),
        )
        if each.gone or each.made_up or each.changed:
            found.append(each)
    return tuple(found)


Replay = Callable[[Standing, Deed], None]
_EVENTS = frozenset(str(event) for event in Event)


def _item(deed: Deed) -> Key:
    return (deed.subject, str(deed.details["item"]))


def _verdict(kind: str) -> Replay:
    return lambda standing, deed: standing.put(kind, _item(deed), str(deed.details["verdict"]))


def _no_verdict(kind: str) -> Replay:
    return lambda standing, deed: standing.drop(kind, _item(deed))


def _release(deed: Deed) -> Key:
    return (str(deed.details["version"]), str(deed.details["item"]))


def _fed_back(deed: Deed) -> Key:
    return (*_item(deed), deed.actor)


def _set_up(standing: Standing, deed: Deed) -> None:
    for role in deed.details.get("roles", []):
        standing.put(ROLES, (deed.actor, str(role)), "")
    standing.put(ENTITLEMENT, ("tenant",), str(True))


def _role(deed: Deed) -> Key:
    return (deed.subject, str(deed.details["role"]))


def _id(deed: Deed) -> Key:
    """Return what the subject names behind its kind, such as ``policy:``."""
    return (deed.subject.partition(":")[2],)


def _key_made(standing: Standing, deed: Deed) -> None:
    standing.put(KEYS, _id(deed), key_value(deed.details["person"], deed.details["roles"], "live"))


def _key_revoked(standing: Standing, deed: Deed) -> None:
    before = standing.kinds[KEYS].get(_id(deed), "")
    standing.put(KEYS, _id(deed), before.replace("live", "revoked", 1))


def key_value(person: str, roles: Iterable[str], state: str) -> str:
    """Return what a key says: for whom, with which roles, and whether it is revoked."""
    return f"{state} for {person} with {', '.join(sorted(roles)) or 'all roles'}"


def _erased(standing: Standing, deed: Deed) -> None:
    """Take away what an erased person held; their keys stay, revoked."""
    person = deed.subject
    for kind, at in ((ROLES, 0), (TRAINERS, 1)):
        for key in [key for key in standing.kinds[kind] if key[at] == person]:
            standing.drop(kind, key)
    for key, value in list(standing.kinds[KEYS].items()):
        if value.startswith(f"live for {person} "):
            standing.put(KEYS, key, value.replace("live", "revoked", 1))


def _renamed(standing: Standing, deed: Deed) -> None:
    standing.drop(LOCATIONS, (str(deed.details["before"]),))
    standing.put(LOCATIONS, _id(deed), "")


_REPLAYED: dict[str, Replay] = {
    AuditAction.SET_UP: _set_up,
    AuditAction.VERDICT: _verdict(REVIEWS),
    AuditAction.VERDICT_CORRECTED: _verdict(REVIEWS),
    AuditAction.VERDICT_UNDONE: _no_verdict(REVIEWS),
    AuditAction.SKIPPED: _no_verdict(REVIEWS),
    AuditAction.CONTENT_VERDICT: _verdict(CONTENT),
    AuditAction.CONTENT_VERDICT_CORRECTED: _verdict(CONTENT),
    AuditAction.CONTENT_VERDICT_UNDONE: _no_verdict(CONTENT),
    AuditAction.RELEASE_ITEM_REVIEWED: lambda standing, deed: standing.put(
        RELEASE, _release(deed), str(deed.details["verdict"])
    ),
    AuditAction.RELEASE_REVIEW_UNDONE: lambda standing, deed: standing.drop(
        RELEASE, _release(deed)
    ),
    AuditAction.FEEDBACK_GIVEN: lambda standing, deed: standing.put(
        FEEDBACK, _fed_back(deed), str(deed.details["verdict"])
    ),
    AuditAction.FEEDBACK_WITHDRAWN: lambda standing, deed: standing.put(
        FEEDBACK, _fed_back(deed), str(deed.details.get("stands_again", NOTHING))
    ),
    AuditAction.ROLE_GRANTED: lambda standing, deed: standing.put(ROLES, _role(deed), ""),
    AuditAction.ROLE_REVOKED: lambda standing, deed: standing.drop(ROLES, _role(deed)),
    AuditAction.TRAINER_GRANTED: lambda standing, deed: standing.put(
        TRAINERS, (deed.subject, str(deed.details["person"])), ""
    ),
    AuditAction.PERSON_ERASED: _erased,
    AuditAction.KEY_CREATED: _key_made,
    AuditAction.KEY_REVOKED: _key_revoked,
    AuditAction.POLICY_CREATED: lambda standing, deed: standing.put(POLICIES, _id(deed), ""),
    AuditAction.LOCATION_ADDED: lambda standing, deed: standing.put(LOCATIONS, _id(deed), ""),
    AuditAction.LOCATION_REMOVED: lambda standing, deed: standing.drop(LOCATIONS, _id(deed)),
    AuditAction.LOCATION_RENAMED: _renamed,
    AuditAction.PROJECT_CREATED: lambda standing, deed: standing.put(PROJECTS, _id(deed), ""),
    AuditAction.PROJECT_DELETED: lambda standing, deed: standing.drop(PROJECTS, _id(deed)),
    AuditAction.ENTITLEMENT_CHANGED: lambda standing, deed: standing.put(
        ENTITLEMENT, ("tenant",), str(deed.details["entitled"])
    ),
}
