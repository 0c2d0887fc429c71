"""Settle a review, see whether publish is open, and make a version the live one.

Both are the operations' to decide; what a person is shown of it is written here.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from cultivar.core.figures import accuracy_stated, percent, probability
from cultivar.core.reference import ArtifactReference
from cultivar.core.vocabulary import how_many
from cultivar.operations.classifiers.details import classifier_details
from cultivar.operations.gates import GateOutcome
from cultivar.operations.publishing import publishing
from cultivar.operations.publishing.overrides import stated_reason
from cultivar.operations.publishing.publishing import (
    Publication,
    require_publishable,
    settle_review,
)
from cultivar.operations.review import from_content
from cultivar.operations.review.state import ReviewState
from cultivar.operations.tenant.accounts import actor_id
from cultivar.operations.training.figures import version_figures
from cultivar.operations.transitions import StatusChange
from cultivar.store.workspace import Workspace
from tasks import Told, step

NOT_STABLE = "Overridden"


@partial(step, named="settle the review")
def settle(
    workspace: Workspace,
    actor: str,
    classifier: str,
    reviews: ArtifactReference,
    accuracy: ArtifactReference,
) -> Told[StatusChange]:
    """Judge stability and tick the batch off; see ``settle_review``."""
    moved = settle_review(workspace, actor, classifier, reviews, accuracy)
    return Told(moved, f"{classifier}: {moved.after}")


@partial(step, named="settle the batch from the content")
def settle_content(workspace: Workspace, actor: str, classifier: str) -> Told[None]:
    """Tick a batch off that was learned from; see ``from_content.settle_content``."""
    from_content.settle_content(workspace, actor, classifier)
    return Told(None, f"{classifier}: learned from the content; no batch of the review is closed")


@partial(step, named="gate: publish is open")
def look_whether_open(
    workspace: Workspace, actor: str, classifier: str, override: int | None
) -> Told[ReviewState]:
    """Return the review that publishing rests on.

    Raises:
        GateClosed: codes ``too-few-reviews``, ``accuracy-not-stable``.
    """
    state = require_publishable(workspace, actor, classifier, overridden=override is not None)
    if state.stable:
        return Told(state, f"publish is open: {_accuracy(state)}, and stable")
    return Told(
        state,
        f"publish is open: {_accuracy(state)}. {' '.join(state.reasons)} "
        f"{_word(classifier, actor, override)}.",
        NOT_STABLE,
        logging.WARNING,
    )


@dataclass(frozen=True, slots=True)
class Published:
    """A publication, and the sentence that tells of it."""

    made: Publication
    sentence: str


@partial(step, named="move the published pointer")
def move_pointer(
    workspace: Workspace,
    actor: str,
    classifier: str,
    override: int | None,
    operating_point: str | None,
) -> Told[Published]:
    """Make the newest version live; ``override`` is the audit entry with the reason."""
    reason = stated_reason(workspace, actor, classifier, override) if override else None
    made = publishing.publish(workspace, actor, classifier, reason, operating_point)
    name = version_figures(workspace, made.version_id).name
    said = f"{name[0].upper()}{name[1:]} is published by {actor}: {_evidence(made.evidence)}"
    return Told(Published(made, said), said)


def page(workspace: Workspace, published: Published, override: int | None) -> str:
    """Return the publication as Markdown: version, accuracy, evidence, gates, who and why."""
    made = published.made
    kept = version_figures(workspace, made.version_id)
    gates = classifier_details(workspace, made.actor, made.classifier_id).gates
    stable = made.evidence.get("stable")
    by = actor_id(workspace, made.actor)  # no name can be erased from Prefect
    why = "Accuracy is stable" if stable else _word(made.classifier_id, by, override)
    rows = {
        "version": f"{kept.number} (`{made.version_id}`), threshold {probability(kept.threshold)}",
        "publication": f"{made.number}, at {made.at:%Y-%m-%d %H:%M:%S} UTC",
        "operating point": made.operating_point or "the review's threshold",
        "by": by,
        "why": why,
        "evidence": _evidence(made.evidence),
    }
    return "\n\n".join(
        (
            f"**{published.sentence}.**",
            _table(("", ""), rows.items()),
            _release(made.evidence.get("release_report")),
            "### Gates",
            _table(("gate", "outcome", "checks"), [_gate(workspace, each) for each in gates]),
            f"`cultivar verify {made.classifier_id}` proves what it was made from; "
            f"`cultivar point-back {made.classifier_id}` makes the version before live again.",
        )
    )


def _word(classifier: str, actor: str, override: int | None) -> str:
    """Return on whose word it is published, and where the reason stands, never the reason."""
    if override is None:
        return f"The accuracy gate was overridden before: `cultivar gate show {classifier}`"
    return (
        f"Overridden by {actor}; the reason is entry {override} of the audit log: "
        f"`cultivar audit list --subject {classifier} --action 'override stated'`"
    )


def _accuracy(state: ReviewState) -> str:
    if state.accuracy is None or state.assured is None:
        return "nothing is reviewed"
    said = accuracy_stated(state.accuracy, state.assured, state.decided)
    return f"{said}; target {percent(state.target)}"


def _evidence(evidence: Mapping[str, Any]) -> str:
    if not evidence.get("decided"):
        return "nothing is reviewed"
    return accuracy_stated(evidence["accuracy"], evidence["assured"], evidence["decided"])


def _release(report: Mapping[str, Any] | None) -> str:
    """Return what the version will label and mislabel here, as far as it is evaluated."""
    if report is None:
        return "No release report."
    rows = [
        (name, _figure(name, figure), figure["grade"]) for name, figure in report["figures"].items()
    ]
    heading = f"### Among {how_many(report['documents'], 'document')} of the tenant"
    return f"{heading}\n\n{_table(('figure', 'estimate', 'grade'), rows)}"


def _figure(name: str, figure: Mapping[str, Any]) -> str:
    if "estimate" not in figure:
        return "not evaluated"
    shares = name in ("precision", "recall", "elusion")
    parts = (figure[part] for part in ("estimate", "lower", "upper"))
    estimate, lower, upper = (percent(part) if shares else f"{part:,.0f}" for part in parts)
    return f"{estimate} ({lower} to {upper})"


def _gate(workspace: Workspace, gate: GateOutcome) -> tuple[str, str, str]:
    passed = sum(check.outcome == "pass" for check in gate.checks)
    person = gate.overridden_by
    by = f", overridden by {actor_id(workspace, person)}" if person else ""
    name = gate.gate.replace("_", " ")
    return name, f"{gate.outcome}{by}", f"{passed} of {len(gate.checks)} pass"


def _table(head: tuple[str, ...], rows: Any) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
