"""What makes a classifier retrainable, and which items may be given feedback.

It decides from facts handed in and starts nothing.

A classifier retrains when it is custom, published and in use: an enabled retention policy reaches
an ``exchange`` location with the classifier as a condition. "Reaches" is decided by taking what is
known (the location, or the item) out of the condition: what is left must still be able to hold, and
must still ask the classifier for a match rather than for its absence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cultivar.core.errors import NotReady
from cultivar.core.policies.conditions import (
    And,
    ClassifierIs,
    Condition,
    Leaf,
    Not,
    Or,
    classifier_nodes,
)
from cultivar.core.policies.policy import Kind, Policy
from cultivar.core.policies.rowwise import leaf_truth

EXCHANGE = "exchange"


@dataclass(frozen=True, slots=True)
class Use:
    """What decides whether a classifier can be retrained.

    ``locations`` maps the name of each of the tenant's content locations to its workload.
    """

    classifier_id: str
    custom: bool
    published: bool
    policies: tuple[Policy, ...]
    locations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MissingCondition:
    """A condition of retraining that does not hold: its code, its name, and a sentence."""

    code: str
    name: str
    sentence: str


def missing_conditions(use: Use) -> tuple[MissingCondition, ...]:
    """Return what keeps a classifier from being retrained, all of it; nothing when it can be."""
    if not use.custom:
        return (
            MissingCondition(
                "built-in-classifier",
                "custom classifier",
                f"{use.classifier_id} is built in; only custom classifiers can be retrained.",
            ),
        )
    unpublished = MissingCondition(
        "not-published",
        "published version",
        f"{use.classifier_id} is not published. `cultivar publish {use.classifier_id}` publishes "
        "it; then use it in a retention policy.",
    )
    unused = _unused(use)
    return (*(() if use.published else (unpublished,)), *((unused,) if unused else ()))


def require_retrainable(use: Use) -> None:
    """Do nothing when the classifier can be retrained.

    Raises:
        NotReady: the code of the first missing condition; the sentence names each.
    """
    missing = missing_conditions(use)
    if missing:
        raise NotReady(
            missing[0].code,
            " ".join(condition.sentence for condition in missing),
            {"missing": [condition.name for condition in missing]},
        )


def _unused(use: Use) -> MissingCondition | None:
    """Name the first thing that is missing on the way to an enabled policy over mail."""
    asking = [
        policy
        for policy in use.policies
        if policy.kind == Kind.RETENTION and _asks(policy.condition, use.classifier_id)
    ]
    if not asking:
        return _missing_policy(use.classifier_id)
    if EXCHANGE not in use.locations.values():
        return MissingCondition(
            "no-exchange-location",
            "exchange location",
            "There is no location with the workload exchange; retraining needs a retention policy "
            "over one. `cultivar location add NAME FOLDER --workload exchange --crawl` adds one.",
        )
    covering = [policy for policy in asking if _covers_mail(policy, use)]
    if not covering:
        return _elsewhere(use.classifier_id, asking)
    if not any(policy.enabled for policy in covering):
        names = ", ".join(policy.name for policy in covering[:5])
        return MissingCondition(
            "policy-disabled",
            "enabled retention policy",
            f"The retention policy {names} uses {use.classifier_id} but is switched off. "
            f"`cultivar policy enable {covering[0].policy_id}` switches it on.",
        )
    return None


def _missing_policy(classifier_id: str) -> MissingCondition:
    return MissingCondition(
        "no-retention-policy",
        "retention policy",
        f"No retention policy has {classifier_id} as a condition. Retraining needs one over an "
        f"exchange location: `cultivar policy create NAME --kind retention --classifier "
        f'{classifier_id} --label LABEL --retain-days DAYS --then "review before deletion"`.',
    )


def _elsewhere(classifier_id: str, policies: Sequence[Policy]) -> MissingCondition:
    names = ", ".join(policy.name for policy in policies[:5])
    return MissingCondition(
        "no-exchange-policy",
        "retention policy over an exchange location",
        f"The retention policy {names} does not reach any exchange location with {classifier_id} "
        "as a condition. Retraining needs one that does: `cultivar policy update "
        f"{policies[0].policy_id} --workload exchange --classifier {classifier_id}`.",
    )


def _covers_mail(policy: Policy, use: Use) -> bool:
    return any(
        covers(policy, use.classifier_id, {"location": name, "workload": workload})
        for name, workload in use.locations.items()
        if workload == EXCHANGE
    )


def covers(policy: Policy, classifier_id: str, known: Mapping[str, Any]) -> bool:
    """Return whether a policy can reach an item through a match of the classifier.

    ``known`` maps columns of the items table to what is known of the item; what is absent could be
    anything, and so could every prediction.
    """
    left = remainder(policy.condition, known)
    return not isinstance(left, bool) and _asks(left, classifier_id)


def feedback_policy(use: Use, item: Mapping[str, Any]) -> Policy | None:
    """Return the policy by which an item of the classifier may be given feedback, None if none.

    ``item`` is a row of the items table; it must be of an ``exchange`` location.
    """
    if item.get("workload") != EXCHANGE:
        return None
    covering = [
        policy
        for policy in use.policies
        if policy.kind == Kind.RETENTION
        and policy.enabled
        and covers(policy, use.classifier_id, item)
    ]
    return min(covering, key=lambda policy: (policy.priority, policy.policy_id), default=None)


def _asks(condition: Condition, classifier_id: str) -> bool:
    return any(
        leaf.classifier_id == classifier_id and not node.negated
        for node, leaf in classifier_nodes(condition)
    )


def remainder(condition: Condition, known: Mapping[str, Any]) -> Condition | bool:
    """Return what is left of a condition when all that is known of an item is put into it."""
    match condition:
        case And(conditions=parts):
            return _joined(And, [remainder(part, known) for part in parts], decided=False)
        case Or(conditions=parts):
            return _joined(Or, [remainder(part, known) for part in parts], decided=True)
        case Not(condition=inner):
            left = remainder(inner, known)
            return not left if isinstance(left, bool) else Not(left)
        case _:
            return _leaf(condition, known)


def _leaf(leaf: Leaf, known: Mapping[str, Any]) -> Condition | bool:
    truth = None if isinstance(leaf, ClassifierIs) else leaf_truth(leaf, known)
    return leaf if truth is None else truth


def _joined(
    join: type[And] | type[Or], parts: list[Condition | bool], decided: bool
) -> Condition | bool:
    """Drop the parts that change nothing; one part with the deciding value decides."""
    if decided in parts:
        return decided
    left = tuple(part for part in parts if not isinstance(part, bool))
    if not left:
        return not decided
    return left[0] if len(left) == 1 else join(left)
