"""Who may do what: the roles, the permissions that each action needs, and ownership.

It decides from facts handed in; it does not look people up.
"""

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from cultivar.core.errors import InvalidInput, NotPermitted
from cultivar.core.next_steps import NextStep, Remedy


class Role(StrEnum):
    """What a person may hold. No role implies another."""

    GLOBAL_ADMINISTRATOR = "global administrator"
    COMPLIANCE_ADMINISTRATOR = "compliance administrator"
    COMPLIANCE_DATA_ADMINISTRATOR = "compliance data administrator"
    SECURITY_ADMINISTRATOR = "security administrator"
    LIST_VIEWER = "content explorer list viewer"
    CONTENT_VIEWER = "content explorer content viewer"
    RECORD_MANAGEMENT = "record management"
    RETENTION_MANAGEMENT = "retention management"
    INSIDER_RISK_ADMINISTRATOR = "insider risk management administrator"
    SUPERVISORY_REVIEW_ADMINISTRATOR = "supervisory review administrator"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and the roles that they do not exceed here; None leaves all that they hold.

    ``key`` is the id of the key that they act by, where they do.
    """

    person: str
    within: frozenset[str] | None = None
    key: str | None = None

    def __str__(self) -> str:
        """Return the person's name."""
        return self.person


AnyActor = Actor | str
"""An actor, or the name of a person who acts with all roles that they hold."""


def as_actor(actor: AnyActor) -> Actor:
    """Return an actor, whose roles are unbounded where only a name is given."""
    return Actor(actor) if isinstance(actor, str) else actor


class Action(StrEnum):
    """What a person may ask for, worded to complete "you may not ..."."""

    READ = "read classifiers"
    OPT_IN = "opt the tenant in"
    SWEEP_STORE = "sweep the artifact store"
    GRANT_ROLES = "grant or revoke roles"
    BACK_UP = "back up the registry and the artifacts"
    ADD_LOCATION = "add or crawl locations"
    CREATE = "create classifiers"
    TRAIN = "train, test or review the classifier"
    PUBLISH = "publish the classifier"
    LABEL = "label locations"
    OVERRIDE_GATE = "override a gate"
    SEE_ITEMS = "see items and locations"
    OPEN_CONTENT = "open the content of items"
    USE_IN_SENSITIVITY = "use classifiers in a sensitivity policy"
    USE_IN_RETENTION = "use classifiers in a retention policy"
    USE_IN_COMMUNICATION = "use classifiers in a communication policy"
    READ_PROJECTS = "read projects and classify with them"
    WORK_ON_PROJECTS = "create, train, deploy or delete projects"


@dataclass(frozen=True, slots=True)
class Permission:
    """Any one of the roles suffices; ``owned`` asks for the creator or a person granted by them."""

    roles: frozenset[Role]
    owned: bool = False


_TRAINERS = frozenset({Role.COMPLIANCE_ADMINISTRATOR, Role.COMPLIANCE_DATA_ADMINISTRATOR})
_READERS = _TRAINERS | {Role.SECURITY_ADMINISTRATOR}

PERMISSIONS: Mapping[Action, Permission] = MappingProxyType(
    {
        Action.READ: Permission(_READERS),
        Action.OPT_IN: Permission(frozenset({Role.GLOBAL_ADMINISTRATOR})),
        Action.SWEEP_STORE: Permission(frozenset({Role.GLOBAL_ADMINISTRATOR})),
        Action.GRANT_ROLES: Permission(frozenset({Role.GLOBAL_ADMINISTRATOR})),
        Action.BACK_UP: Permission(frozenset({Role.GLOBAL_ADMINISTRATOR})),
        Action.ADD_LOCATION: Permission(_TRAINERS | {Role.GLOBAL_ADMINISTRATOR}),
        Action.CREATE: Permission(_TRAINERS),
        Action.TRAIN: Permission(_TRAINERS, owned=True),
        Action.PUBLISH: Permission(_TRAINERS, owned=True),
        Action.LABEL: Permission(_TRAINERS),
        Action.OVERRIDE_GATE: Permission(frozenset({Role.COMPLIANCE_ADMINISTRATOR})),
        Action.SEE_ITEMS: Permission(frozenset({Role.LIST_VIEWER})),
        Action.OPEN_CONTENT: Permission(frozenset({Role.CONTENT_VIEWER})),
        Action.USE_IN_SENSITIVITY: Permission(_READERS),
        Action.USE_IN_RETENTION: Permission(
            frozenset({Role.RECORD_MANAGEMENT, Role.RETENTION_MANAGEMENT})
        ),
        Action.USE_IN_COMMUNICATION: Permission(
            frozenset({Role.INSIDER_RISK_ADMINISTRATOR, Role.SUPERVISORY_REVIEW_ADMINISTRATOR})
        ),
        Action.READ_PROJECTS: Permission(_READERS),
        Action.WORK_ON_PROJECTS: Permission(_TRAINERS),
    }
)

# The roles of the first person of an empty registry, so that one person can try everything.
FOUNDING_ROLES = (
    Role.GLOBAL_ADMINISTRATOR,
    Role.COMPLIANCE_ADMINISTRATOR,
    Role.LIST_VIEWER,
    Role.CONTENT_VIEWER,
)


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who created a classifier, and to whom the creator granted training."""

    owner: str
    granted: frozenset[str] = field(default_factory=frozenset)
    classifier_id: str = "NAME"

    def includes(self, person: str) -> bool:
        """Whether the person may train, as far as ownership goes."""
        return person == self.owner or person in self.granted


def may(held: Iterable[str], action: Action) -> bool:
    """Return whether the roles held allow the action, ownership aside."""
    return not PERMISSIONS[action].roles.isdisjoint(held)


# Where several roles suffice, the first of these is offered: the one that allows the least.
_OFFERED = (
    Role.LIST_VIEWER,
    Role.CONTENT_VIEWER,
    Role.RECORD_MANAGEMENT,
    Role.SUPERVISORY_REVIEW_ADMINISTRATOR,
    Role.SECURITY_ADMINISTRATOR,
    Role.COMPLIANCE_DATA_ADMINISTRATOR,
    Role.COMPLIANCE_ADMINISTRATOR,
    Role.GLOBAL_ADMINISTRATOR,
)


def offered_role(action: Action) -> Role:
    """Return the role to ask for: of those that allow the action, the one that allows least."""
    return next(role for role in _OFFERED if role in PERMISSIONS[action].roles)


def grant_command(person: str, role: Role) -> str:
    """Return the command that gives a person a role, ready to be pasted."""
    return f'cultivar role grant {shlex.quote(person)} "{role}"'


def require_role(
    person: str,
    held: Iterable[str],
    action: Action,
    administrators: Iterable[str] = (),
    *,
    also: Iterable[Action] = (),
) -> None:
    """Do nothing when the person's roles allow the action.

    ``administrators`` are the people who can grant roles, for the sentence; ``also`` are actions
    that this one needs as well and the roles do not allow either.

    Raises:
        NotPermitted: code ``wrong-role``; the sentence names the roles that would do, and the
            command that grants one.
    """
    held = sorted(held)
    if may(held, action):
        return
    needed = sorted(PERMISSIONS[action].roles)
    raise NotPermitted(
        "wrong-role",
        f"{person} may not {action}: that needs the role {' or '.join(needed)}, "
        f"and {person} holds {', '.join(held) if held else 'no role'}. "
        f"{_way_out(person, held, (action, *also), administrators)}",
        {"person": person, "action": str(action), "needed": needed, "held": held},
    )


def _way_out(
    person: str, held: Iterable[str], actions: Iterable[Action], administrators: Iterable[str]
) -> str:
    roles = dict.fromkeys(map(offered_role, actions))
    commands = " and ".join(f"`{grant_command(person, role)}`" for role in roles)
    if may(held, Action.GRANT_ROLES):
        return f"{commands} {'grants it' if len(roles) == 1 else 'grant it together'}."
    named = f" ({', '.join(sorted(administrators)[:3])})" if administrators else ""
    return f"A global administrator{named} grants it: {commands}."


def require_ownership(person: str, ownership: Ownership, action: Action) -> None:
    """Do nothing when the action needs no ownership or the person has it.

    Raises:
        NotPermitted: code ``not-owner``; the sentence names who can grant it.
    """
    if not PERMISSIONS[action].owned or ownership.includes(person):
        return
    raise NotPermitted(
        "not-owner",
        f"{person} may not {action}: {ownership.owner} created it and has not granted "
        f"{person} training. {ownership.owner} grants it: "
        f"`cultivar grant {ownership.classifier_id} {shlex.quote(person)}`.",
        {"person": person, "owner": ownership.owner, "action": str(action)},
    )


def require_creator(person: str, ownership: Ownership, trainer: str) -> None:
    """Do nothing when the person created the classifier, and so may let ``trainer`` train it.

    Raises:
        NotPermitted: code ``not-owner``; the sentence names who can.
    """
    if person == ownership.owner:
        return
    raise NotPermitted(
        "not-owner",
        f"{person} may not let others train {ownership.classifier_id}: {ownership.owner} created "
        f"it. {ownership.owner} grants it: `cultivar grant {ownership.classifier_id} "
        f"{shlex.quote(trainer)}`.",
        {"person": person, "owner": ownership.owner, "action": str(Action.TRAIN)},
    )


def require_entitled(entitled: bool) -> None:
    """Do nothing when the tenant's licence covers trainable classifiers.

    Raises:
        NotPermitted: code ``not-entitled``.
    """
    if not entitled:
        raise NotPermitted(
            "not-entitled",
            "This organisation is not entitled to trainable classifiers, so every call is refused. "
            "When the licence covers them, a global administrator switches the entitlement on.",
            remedy=Remedy(NextStep.SWITCH_ENTITLEMENT_ON),
        )


def role_named(name: str) -> Role:
    """Return the role of that name.

    Raises:
        InvalidInput: code ``unknown-role``; the sentence lists the roles.
    """
    try:
        return Role(name.strip().lower())
    except ValueError:
        raise InvalidInput(
            "unknown-role",
            f"{name!r} is not a role. The roles are: {', '.join(Role)}.",
            {"role": name},
        ) from None
