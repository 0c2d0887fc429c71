"""Policies as JSON, there and back, with errors that name the place of what is wrong."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from cultivar.core.policies.condition_json import condition_as_json, parse_condition
from cultivar.core.policies.conditions import wrong
from cultivar.core.policies.policy import Action, Afterwards, Kind, Policy
from cultivar.core.policies.policy_checks import require_complete

Word = TypeVar("Word", bound=StrEnum)


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
    fields["condition"] = parse_condition(fields["condition"], "$.condition")
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
