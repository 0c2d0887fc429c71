"""Whether a policy may be kept: all that its kind asks for is given, and what it names is there.

Changing a policy makes its next version, which is checked as the first was.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any
from unicodedata import category

from cultivar.core.errors import InvalidInput, NotReady
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.policies.conditions import (
    ClassifierIs,
    LocationIn,
    classifier_nodes,
    nodes,
    require_well_formed,
    wrong,
)
from cultivar.core.policies.policy import Action, Afterwards, Kind, Policy

LONGEST_NAME = 200
LONGEST_RETENTION = 36_500
Check = tuple[object, str, str, str]


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


def require_usable(
    policy: Policy, published: Mapping[str, bool], locations: Collection[str] | None = None
) -> Policy:
    """Return the policy itself, which is complete, when all that its condition names is there.

    ``published`` maps the id of every classifier there is to whether a version of it is;
    ``locations`` are the names of every location, or None where those are not checked.

    Raises:
        InvalidInput: codes ``unknown-classifier``, ``unknown-location``.
        NotReady: code ``unpublished-classifier``.
    """
    for node in nodes(policy.condition, "$.condition"):
        if isinstance(node.condition, ClassifierIs):
            _require_published(node.path, node.condition.classifier_id, published)
        elif isinstance(node.condition, LocationIn) and locations is not None:
            _require_known(node.path, node.condition.names, locations)
    return policy


def _require_published(path: str, classifier_id: str, published: Mapping[str, bool]) -> None:
    facts = {"path": path, "classifier": classifier_id}
    if classifier_id not in published:
        known = f" There are: {', '.join(sorted(published)[:5])}." if published else ""
        sentence = f"At {path}: there is no classifier {classifier_id!r}.{known}"
        raise InvalidInput("unknown-classifier", sentence, facts)
    if not published[classifier_id]:
        sentence = (
            f"At {path}: {classifier_id} is not published. A classifier can be used in a policy "
            "once it is."
        )
        publish = Remedy(NextStep.PUBLISH, classifier_id)
        raise NotReady("unpublished-classifier", sentence, facts, publish)


def _require_known(path: str, names: Iterable[str], locations: Collection[str]) -> None:
    for name in names:
        if name not in locations:
            there = f" There are: {', '.join(sorted(locations)[:5])}." if locations else ""
            raise InvalidInput(
                "unknown-location",
                f"At {path}: there is no location {name!r}.{there}",
                {"path": path, "location": name},
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
