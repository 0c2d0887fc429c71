"""A policy: its kind, what it waits for, what it does, and the checks before it is kept.

A policy is a value: changing one makes its next version, and nothing here keeps either.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar
from unicodedata import category

from cultivar.core.errors import InvalidInput, NotReady
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.policies.condition_json import condition_as_json, condition_from_json
from cultivar.core.policies.conditions import (
    Condition,
    LocationIn,
    classifier_nodes,
    nodes,
    require_well_formed,
    wrong,
)
from cultivar.core.policies.wording import condition_in_words
from cultivar.core.roles import Action as Transaction


class Kind(StrEnum):
    """What a classifier may be used for; the words of ``lifecycle.CONDITION_KINDS``."""

    SENSITIVITY = "sensitivity label"
    RETENTION = "retention label"
    COMMUNICATION = "communication compliance"


class Afterwards(StrEnum):
    """What follows when a retention period ends."""

    DELETE = "delete"
    REVIEW = "review before deletion"
    KEEP = "keep without a label"


# What a person must be allowed to do to write a policy of that kind.
DEEDS: Mapping[Kind, Transaction] = MappingProxyType(
    {
        Kind.SENSITIVITY: Transaction.USE_IN_SENSITIVITY,
        Kind.RETENTION: Transaction.USE_IN_RETENTION,
        Kind.COMMUNICATION: Transaction.USE_IN_COMMUNICATION,
    }
)


@dataclass(frozen=True, slots=True)
class Action:
    """What a policy does to an item: its label, and what else its kind asks for.

    Retention keeps an item for ``retain_days`` days and then ``afterwards`` happens; communication
    puts it into ``queue``.
    """

    label: str
    retain_days: int | None = None
    afterwards: Afterwards | None = None
    queue: str | None = None


LONGEST_NAME = 200
LONGEST_RETENTION = 36_500


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a policy.

    ``priority`` orders policies of one kind that reach the same item: 1 comes first. ``enabled``
    policies are applied by themselves; others can still be tried out.
    """

    policy_id: str
    version: int
    name: str
    kind: Kind
    condition: Condition
    action: Action
    priority: int = 1
    enabled: bool = True

    @property
    def sentence(self) -> str:
        """The policy in words."""
        return f"{condition_in_words(self.condition)}: {_action_in_words(self.kind, self.action)}"


def _action_in_words(kind: Kind, action: Action) -> str:
    label = f"{kind} {action.label}" if kind != Kind.COMMUNICATION else f"flag {action.label}"
    if kind == Kind.RETENTION:
        return f"{label}, retained for {action.retain_days:,} days, then {action.afterwards}"
    return label if kind == Kind.SENSITIVITY else f"{label}, put into the queue {action.queue}"


def require_complete(policy: Policy) -> Policy:
    """Return the policy itself when all that its kind asks for is given, and nothing else.

    Raises:
        InvalidInput: codes ``no-name``, ``no-label``, ``no-period``, ``no-queue``, ``bad-text``,
            ``unused-action``, ``bad-value``, ``no-classifier`` and those of a condition.
    """
    require_well_formed(policy.condition, "$.condition")
    checks = (
        (policy.name.strip(), "no-name", "$.name", "the policy has no name"),
        (policy.action.label.strip(), "no-label", "$.action.label", "no label is named"),
        (policy.priority >= 1, "bad-value", "$.priority", "priorities start at 1"),
        (
            classifier_nodes(policy.condition),
            "no-classifier",
            "$.condition",
            "no classifier is asked; a policy needs one in its condition",
        ),
        *_PARTS[policy.kind](policy.action),
        _short(policy.name, "$.name"),
        _short(policy.action.label, "$.action.label"),
        _short(policy.action.queue or "", "$.action.queue"),
    )
    for held, code, path, what in checks:
        if not held:
            raise wrong(code, path, what)
    return policy


Check = tuple[object, str, str, str]
Word = TypeVar("Word", bound=StrEnum)


def is_one_line(text: str) -> bool:
    """Tell whether a name or label is short and without control characters and half characters."""
    odd = any(category(letter) in {"Cc", "Cs"} for letter in text)
    return len(text) <= LONGEST_NAME and not odd


def _short(text: str, path: str) -> Check:
    what = f"a text is one line of at most {LONGEST_NAME} letters"
    return is_one_line(text), "bad-text", path, what


def _retention(action: Action) -> tuple[Check, ...]:
    return (
        (
            1 <= (action.retain_days or 0) <= LONGEST_RETENTION,
            "no-period",
            "$.action.retain_days",
            f"a retention label needs a period of 1 to {LONGEST_RETENTION:,} days, and "
            f"{_found(action.retain_days)}",
        ),
        (
            action.afterwards,
            "no-period",
            "$.action.afterwards",
            f"a retention label says what follows its period ({', '.join(Afterwards)}), and "
            f"{_found(action.afterwards)}",
        ),
        _unused(action.queue is None, "queue"),
    )


def _found(given: object) -> str:
    return "none is given" if given in {None, ""} else f"{given} is given"


def _communication(action: Action) -> tuple[Check, ...]:
    named = (action.queue or "").strip()
    what = "a communication policy needs a queue for the people who review what it finds"
    return ((named, "no-queue", "$.action.queue", what), *_no_period(action))


def _no_period(action: Action) -> tuple[Check, ...]:
    return (
        _unused(action.retain_days is None, "retain_days"),
        _unused(action.afterwards is None, "afterwards"),
    )


def _sensitivity(action: Action) -> tuple[Check, ...]:
    return (_unused(action.queue is None, "queue"), *_no_period(action))


def _unused(absent: bool, part: str) -> Check:
    return absent, "unused-action", f"$.action.{part}", "a policy of this kind has no use for it"


_PARTS = {
    Kind.SENSITIVITY: _sensitivity,
    Kind.RETENTION: _retention,
    Kind.COMMUNICATION: _communication,
}


def require_usable(policy: Policy, published: Mapping[str, bool]) -> Policy:
    """Return the policy itself, which is complete, when each of its classifiers is published.

    ``published`` maps the id of every classifier there is to whether a version of it is.

    Raises:
        InvalidInput: code ``unknown-classifier``.
        NotReady: code ``unpublished-classifier``.
    """
    for node, leaf in classifier_nodes(policy.condition, "$.condition"):
        facts = {"path": node.path, "classifier": leaf.classifier_id}
        if leaf.classifier_id not in published:
            known = f" There are: {', '.join(sorted(published)[:5])}." if published else ""
            sentence = f"At {node.path}: there is no classifier {leaf.classifier_id!r}.{known}"
            raise InvalidInput("unknown-classifier", sentence, facts)
        if not published[leaf.classifier_id]:
            sentence = (
                f"At {node.path}: {leaf.classifier_id} is not published. A classifier can be used "
                "in a policy once it is."
            )
            publish = Remedy(NextStep.PUBLISH, leaf.classifier_id)
            raise NotReady("unpublished-classifier", sentence, facts, publish)
    return policy


def require_places(policy: Policy, known: Collection[str]) -> None:
    """Do nothing when each location that the condition names is one that there is.

    Raises:
        InvalidInput: code ``unknown-location``.
    """
    for node in nodes(policy.condition, "$.condition"):
        named = node.condition.names if isinstance(node.condition, LocationIn) else ()
        for name in named:
            if name not in known:
                there = f" There are: {', '.join(sorted(known)[:5])}." if known else ""
                raise InvalidInput(
                    "unknown-location",
                    f"At {node.path}: there is no location {name!r}.{there}",
                    {"path": node.path, "location": name},
                )


def next_version(policy: Policy, **changes: Any) -> Policy:
    """Return the policy's next version with some of its fields changed.

    Raises:
        InvalidInput: code ``nothing-changed``, and those of ``require_complete``.
    """
    changed = replace(policy, **changes)
    if changed == policy:
        raise InvalidInput(
            "nothing-changed",
            f"Version {policy.version} of the policy {policy.name} says the same already.",
            {"version": policy.version},
        )
    return require_complete(replace(changed, version=policy.version + 1))


def policy_as_json(policy: Policy) -> dict[str, Any]:
    """Return plain values that ``policy_from_json`` reads back as the same policy."""
    action = policy.action
    given = {
        "label": action.label,
        "retain_days": action.retain_days,
        "afterwards": action.afterwards and str(action.afterwards),
        "queue": action.queue,
    }
    return {
        "policy_id": policy.policy_id,
        "version": policy.version,
        "name": policy.name,
        "kind": str(policy.kind),
        "condition": condition_as_json(policy.condition),
        "action": {name: value for name, value in given.items() if value is not None},
        "priority": policy.priority,
        "enabled": policy.enabled,
    }


_FIELDS: Mapping[str, tuple[type, Any]] = MappingProxyType(
    {
        "policy_id": (str, None),
        "version": (int, 1),
        "name": (str, None),
        "kind": (str, None),
        "condition": (dict, None),
        "action": (dict, None),
        "priority": (int, 1),
        "enabled": (bool, True),
    }
)
_ACTION_FIELDS: Mapping[str, tuple[type, Any]] = MappingProxyType(
    {"label": (str, None), "retain_days": (int, ...), "afterwards": (str, ...), "queue": (str, ...)}
)


def policy_from_json(found: object) -> Policy:
    """Read a policy; what is left out has its default.

    Raises:
        InvalidInput: codes ``bad-policy`` (something is missing, unknown or of the wrong type),
            ``bad-value``, and those of ``require_complete`` and of a condition. The sentence and
            the facts name the path, as in ``$.condition.and[1]``.
    """
    fields = _read(found, "$", _FIELDS)
    action = _read(fields["action"], "$.action", _ACTION_FIELDS)
    if action["afterwards"] is not None:
        action["afterwards"] = _word(Afterwards, action["afterwards"], "$.action.afterwards")
    fields["kind"] = _word(Kind, fields["kind"], "$.kind")
    fields["condition"] = condition_from_json(fields["condition"], "$.condition")
    return require_complete(Policy(**(fields | {"action": Action(**action)})))


def _read(found: object, path: str, fields: Mapping[str, tuple[type, Any]]) -> dict[str, Any]:
    """Return each field's value or default; None marks what must be given, ... what need not."""
    if not isinstance(found, Mapping):
        raise wrong("bad-policy", path, "an object is needed")
    unknown = [str(name)[:40] for name in found if name not in fields]
    if unknown:
        raise wrong("bad-policy", path, f"{unknown[0]} is unknown; there are {', '.join(fields)}")
    values = {}
    for name, (kind, default) in fields.items():
        if name not in found and default is None:
            raise wrong("bad-policy", path, f"{name} is missing")
        values[name] = found.get(name, None if default is ... else default)
        if name in found and not _is_a(kind, values[name]):
            raise wrong("bad-policy", f"{path}.{name}", "the value is of another type")
    return values


def _is_a(kind: type, value: object) -> bool:
    # a bool is an int to Python
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _word(words: type[Word], found: str, path: str) -> Word:
    try:
        return words(found)
    except ValueError:
        raise wrong("bad-value", path, f"it is one of: {', '.join(words)}") from None
