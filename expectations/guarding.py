"""What each gate guards, which thresholds it asks for, and which findings a person may answer for.

For people: nothing is evaluated here, and the validation library is not imported.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cultivar.core.gates import OVERRIDABLE
from cultivar.core.limits import BATCH_SIZE, STABLE_BATCHES, Thresholds
from expectations import COLUMNS, rules_of
from expectations.rules import Rule, columns_exist


@dataclass(frozen=True, slots=True)
class Guard:
    """A gate: the flow that evaluates it, and the thresholds that it asks for.

    ``guards`` ends the sentence "it must pass before ...".
    """

    flow: str
    guards: str
    thresholds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """One rule as a page shows it; ``overridable`` says whether a person may answer for it."""

    code: str
    name: str
    expected: str
    sentence: str
    overridable: bool


GUARDS: Mapping[str, Guard] = MappingProxyType(
    {
        "items": Guard(
            "crawl", "a crawl replaces the items of its location", ("plausible_times_at_least",)
        ),
        "baseline": Guard("opt_in", "the organisation is opted in"),
        "document_frequencies": Guard("opt_in", "the organisation is opted in"),
        "unlabelled": Guard("opt_in", "the organisation is opted in"),
        "seed_set": Guard(
            "seed_ingest",
            "a classifier is trained from its seeds",
            ("seeds_at_least", "seeds_at_most", "plausible_times_at_least"),
        ),
        "test_set": Guard(
            "test_scoring",
            "test items are scored",
            (
                "test_items_recommended",
                "test_items_at_most",
                "minority_share_at_least",
                "seed_overlap_at_most",
                "plausible_times_at_least",
            ),
        ),
        "predictions": Guard(
            "test_scoring, review_gate",
            "predictions are shown to reviewers",
            ("minority_share_at_least",),
        ),
        "reviews": Guard("review_gate", "verdicts are learned from and count"),
        "accuracy": Guard(
            "review_gate",
            "a version may be published",
            ("accuracy_target", "reviews_at_least", "movement_at_most"),
        ),
        "assignments": Guard("labelling", "what was found becomes the newest of its location"),
        "labels": Guard("apply_policies", "policies put labels on items"),
        "label_changes": Guard("apply_policies", "changed labels are written"),
        "feedback": Guard("retrain", "a retraining learns from feedback"),
        "content_verdicts": Guard("training", "a version learns from verdicts on the content"),
        "comparison": Guard("retrain", "a retrained version may be recommended"),
        "overview": Guard("retrain", "the overview of a retraining is shown"),
        "project_documents": Guard("project_training", "a project is trained"),
        "project_split": Guard("project_training", "a project is trained"),
        "project_validation": Guard("project_training", "a model of a project is kept"),
    }
)


def asked_of(gate: str, thresholds: Thresholds) -> list[Asked]:
    """Return every rule of a gate, with what it expects by the active thresholds."""
    found = {rule.code: rule for rule in _rules(gate, thresholds)}
    shown = [_asked(rule) for rule in found.values()]
    wrong_type = Asked(
        "wrong-type", "every column has its declared type", f"schema {gate}",
        "Columns of another type than declared.", False,
    )  # fmt: skip
    further = _stability(thresholds) if gate == "accuracy" else []
    return [*shown[:2], wrong_type, *shown[2:], *further]


def _rules(gate: str, thresholds: Thresholds) -> list[Rule]:
    labelled = dict.fromkeys(COLUMNS[gate], True)
    rules = rules_of(gate, labelled, thresholds)
    return [rules[0], columns_exist(COLUMNS[gate]), *rules[1:]]


def _asked(rule: Rule) -> Asked:
    return Asked(rule.code, rule.name, rule.expected, rule.sentence, rule.code in OVERRIDABLE)


def _stability(asked: Thresholds) -> list[Asked]:
    """Return the rule of stability, which is the core's and no matter of one table."""
    return [
        Asked(
            "too-few-reviews",
            "enough reviews are decided",
            f"at least {asked.reviews_at_least:,}",
            "Too few predictions are decided in closed batches.",
            True,
        ),
        Asked(
            "accuracy-below-target",
            "the assured accuracy reaches the target",
            f"at least {asked.accuracy_target:.0%}",
            "The accuracy that is assured however often it is looked at is below the target.",
            True,
        ),
        Asked(
            "accuracy-moving",
            f"accuracy stays over the last {STABLE_BATCHES} batches of {BATCH_SIZE}",
            f"moved by at most {asked.movement_at_most:.0%}",
            "Accuracy moved by more over the last batches, or there are too few of them.",
            True,
        ),
    ]
