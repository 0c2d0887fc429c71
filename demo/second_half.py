"""The second half of a classifier's life as the demonstration plays it: policies to republishing.

Like the first half it asks the registry first and does only what is missing. What a person decides
is simulated, and called so.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from cultivar.core import vocabulary as words
from cultivar.core.errors import NotFound, NotReady
from cultivar.core.limits import CORRECTIONS_TO_RETRAIN
from cultivar.core.retraining.feedback import MATCH, NOT_A_MATCH
from cultivar.core.review.order import NO, NOT_SURE, YES
from cultivar.core.roles import Role
from cultivar.operations.outbox import UNDO_DUE, due
from cultivar.operations.policies.dry_run import Trial, try_policy
from cultivar.operations.policies.policies import create_policy, policy_named
from cultivar.operations.policies.policy_changes import applications
from cultivar.operations.policies.undo import begin_undo
from cultivar.operations.publishing.drawn_samples import draw_release_sample
from cultivar.operations.publishing.release_samples import (
    SampledItem,
    judge_sampled,
    next_sampled,
)
from cultivar.operations.retraining.candidates import Candidate
from cultivar.operations.retraining.decisions import republish
from cultivar.operations.retraining.feedback import Verdict, give_feedback
from cultivar.operations.retraining.feedback_views import feedback_status, items_to_judge
from cultivar.operations.retraining.retrainings import (
    overview,
    retraining_status,
)
from cultivar.operations.retraining.summaries import RetrainingSummary
from cultivar.operations.scoring.measurement import labels_by_item
from cultivar.operations.tenant.people import grant_role
from cultivar.operations.transactions import TENANT
from cultivar.store.workspace import Workspace
from demo.material import sample_material
from demo.play import Demo, step
from flows.apply_policies import apply_policies
from flows.sweep import sweep
from flows.undo_labels import undo_labels
from processes.events import is_heard, is_quiet, nudge
from processes.up import runner_of

LETTERS, COMPLAINTS = "patient-letters", "complaints"
DESK = "Complaints desk"
POLICIES: tuple[dict[str, Any], ...] = (
    {
        "name": "Patient letters are confidential",
        "kind": "sensitivity label",
        "condition": {"classifier": LETTERS, "at_least": "match"},
        "action": {"label": "Confidential"},
    },
    {
        "name": "Keep complaints",
        "kind": "retention label",
        "condition": {"classifier": COMPLAINTS, "at_least": "match"},
        "action": {
            "label": "Complaint, 6 years",
            "retain_days": 2190,
            "afterwards": "review before deletion",
        },
    },
    {
        "name": DESK,
        "kind": "communication compliance",
        "condition": {
            "and": [
                {"classifier": COMPLAINTS, "at_least": "match"},
                {"workload": ["exchange"]},
            ]
        },
        "action": {"label": "Complaint", "queue": "complaints desk"},
    },
)
ROLES = (Role.RECORD_MANAGEMENT, Role.INSIDER_RISK_ADMINISTRATOR)
REASON = "The demonstration republishes all the same, to show how labels are evaluated again."
NUDGES = 3
HEARD_WITHIN, RETRAINED_WITHIN, SECONDS_BETWEEN_LOOKS = 20.0, 600.0, 0.5
QUIET_WITHIN = 30.0


@dataclass(frozen=True, slots=True)
class Played:
    """What this sitting saw that the registry does not keep: the trials of the policies."""

    trials: tuple[Trial, ...]


def play_second_half(demo: Demo) -> Played:
    """Play what is missing of the second half; ``demo`` is that of the retrained classifier.

    Raises:
        NotReady: code ``demo-not-published``; a review was left before publish opened.
        CultivarError: a gate or a limit refused.
    """
    _require_published(demo)
    trials: tuple[Trial, ...] = ()
    made = newest(demo)
    if made is None or made.decision is None:
        for each in _both(demo):
            _review_release_sample(each)
        _write_policies(demo)
        trials = _try_policies(demo)
        _apply(demo, "Apply the policies")
        _give_feedback(demo)
        _retrain(demo)
        _decide(demo)
    if not _is_undone(demo):
        _apply(demo, "Evaluate the labels again, accept the difference")
        _undo(demo)
    elif due(demo.workspace, UNDO_DUE):
        _undo(demo)
    return Played(trials)


def newest(demo: Demo) -> RetrainingSummary | None:
    """Return the last retraining of the classifier, None before the first."""
    status = retraining_status(demo.workspace, demo.actor, demo.classifier)
    return next(reversed(status.retrainings), None)


def _require_published(demo: Demo) -> None:
    if demo.state.published_version is None:
        raise NotReady(
            "demo-not-published",
            f"{demo.material.classifier} is not published, so no policy can use it. Review until "
            "publish opens; the same command goes on from there.",
        )


def _both(demo: Demo) -> tuple[Demo, Demo]:
    """Return the demonstrations of the first classifier and of the second."""
    return replace(demo, material=sample_material(demo.workspace.settings.home)), demo


def _review_release_sample(demo: Demo) -> None:
    """Measure on a random sample of the tenant what the test items could only let be inferred."""
    workspace, actor, classifier = demo.workspace, demo.actor, demo.classifier
    version = demo.state.published_version
    if newest(demo) is not None:
        return
    truths = {
        item_id: label
        for place in demo.material.places
        for item_id, label in labels_by_item(workspace, place.name, demo.material.held)
    }
    with demo.showing.step(f"Review the release sample of {classifier} (simulated)"):
        draw_release_sample(workspace, actor, classifier, version)
        while items := next_sampled(workspace, actor, classifier, version=version):
            judge_sampled(
                workspace,
                actor,
                classifier,
                {each.item_id: _said(each, truths.get(each.item_id)) for each in items},
                version=version,
            )


def _said(item: SampledItem, relevant: bool | None) -> str:
    """Return the verdict on the claim that is shown; what has no held label is *not sure*."""
    if relevant is None:
        return NOT_SURE
    return YES if relevant == (item.prediction == words.MATCH) else NO


def _write_policies(demo: Demo) -> None:
    for role in ROLES:
        grant_role(demo.workspace, demo.actor, demo.actor, str(role))
    for definition in POLICIES:
        try:
            policy_named(demo.workspace, demo.actor, definition["name"])
        except NotFound:
            made = create_policy(demo.workspace, demo.actor, definition)
            demo.showing.say(f"Policy {made.name}: {made.sentence}")


def _try_policies(demo: Demo) -> tuple[Trial, ...]:
    with demo.showing.step("Try the three policies, label nothing"):
        found = tuple(
            try_policy(
                demo.workspace, demo.actor, policy_named(demo.workspace, demo.actor, each["name"])
            )
            for each in POLICIES
        )
    for trial in found:
        demo.showing.say(f"{trial.policy.name}: {trial.would_label:,} of {trial.items:,} items")
    return found


def _apply(demo: Demo, name: str) -> None:
    """Apply what is due, and accept a difference after it was shown."""
    with step(demo, name, f"{TENANT}:apply_policies"):
        found = apply_policies(actor=demo.actor)
        for each in found:
            demo.showing.say(_difference(each))
        tokens = [each["token"] for each in found if each["waits"]]
        if tokens:
            apply_policies(actor=demo.actor, accepted=tokens)


def _difference(found: dict[str, Any]) -> str:
    counts = found["counts"]
    said = ", ".join(f"{counts[name]:,} {name}" for name in ("added", "removed", "changed"))
    waits = "; waits until it is accepted" if found["waits"] else ""
    return f"{found['location']}: labels {said}, {counts['unchanged']:,} unchanged{waits}"


def _give_feedback(demo: Demo) -> None:
    """Judge 30 listed mails by held labels in one send, unless that was done."""
    feedback = feedback_status(demo.workspace, demo.actor, demo.classifier)
    if newest(demo) is not None or not feedback.missing:
        return
    with demo.showing.step(f"Judge {CORRECTIONS_TO_RETRAIN} listed mails (simulated)"):
        sent = give_feedback(demo.workspace, demo.actor, demo.classifier, _verdicts(demo))
    demo.showing.say(sent.sentence)


def _verdicts(demo: Demo) -> list[Verdict]:
    """Return verdicts on the first items to judge; for what is none, the other is suggested."""
    items = items_to_judge(demo.workspace, demo.actor, demo.classifier)
    truths = {
        item_id: label
        for location in {str(each.known["location"]) for each in items}
        for item_id, label in labels_by_item(demo.workspace, location, demo.material.held)
    }
    judged = [each for each in items if each.item_id in truths][:CORRECTIONS_TO_RETRAIN]
    return [_verdict(each, truths[each.item_id]) for each in judged]


def _verdict(item: Candidate, relevant: bool) -> Verdict:
    if relevant:
        return Verdict(item.item_id, MATCH)
    return Verdict(item.item_id, NOT_A_MATCH, (LETTERS,))


def _retrain(demo: Demo) -> None:
    """Let the 30th verdict start the retraining, and wait for its overview."""
    made = newest(demo)
    if made is not None and made.outcome == "finished":
        return
    with step(demo, "Retrain, started by the 30th verdict", demo.classifier):
        if is_heard(demo.workspace.settings):
            _wait_for_retraining(demo)
        else:
            with runner_of(demo.workspace.settings):
                _wait_for_retraining(demo)
                # what the runner has at work when it ends is shown as cancelled
                _comes(lambda: is_quiet(demo.workspace.settings), QUIET_WITHIN)


def _wait_for_retraining(demo: Demo) -> None:
    """Send the event; where no automation hears it, the sweep does what is due."""
    if not any(_is_taken_up(demo) for _ in range(NUDGES)):
        demo.showing.say("No automation took the event; the sweep takes up what is due.")
        sweep()
    ended = _comes(lambda: _has_ended(newest(demo)), RETRAINED_WITHIN)
    made = newest(demo)
    if not ended or made is None or made.outcome != "finished":
        raise NotReady(
            "retraining-failed",
            f"The retraining came to nothing: {(made and made.reason) or 'it did not end'}. Its "
            "verdicts are kept; the same command tries again.",
        )


def _has_ended(made: RetrainingSummary | None) -> bool:
    return made is not None and made.ended_at is not None


def _is_taken_up(demo: Demo) -> bool:
    # an automation that was made a moment ago misses an event, so that one may not be enough
    heard = nudge(demo.workspace.settings, demo.classifier, demo.actor)
    return heard and _comes(lambda: newest(demo) is not None, HEARD_WITHIN)


def _comes(holds: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return False


def _decide(demo: Demo) -> None:
    """Republish: as recommended, or with a reason that stays on record."""
    found = overview(demo.workspace, demo.actor, demo.classifier).recommendation
    demo.showing.say(f"The overview recommends: {found['action']}. {' '.join(found['reasons'])}")
    recommended = found["decision"] == "republish"
    with demo.showing.step("Republish" if recommended else "Republish, with a reason"):
        republish(
            demo.workspace, demo.actor, demo.classifier, reason=None if recommended else REASON
        )


def _is_undone(demo: Demo) -> bool:
    done = any(each.cause == "undo" for each in applications(demo.workspace, demo.actor))
    return done or bool(due(demo.workspace, UNDO_DUE))


def _undo(demo: Demo) -> None:
    with step(demo, f"Undo the policy {DESK}", f"{TENANT}:apply_policies"):
        undone = begin_undo(
            demo.workspace, demo.actor, policy=DESK, reason="Shown by the demonstration"
        )
        undo_labels(undone.subject, demo.actor)


def judged_ids(workspace: Workspace, actor: str, classifier: str) -> frozenset[str]:
    """Return the ids of the items that people judged."""
    feedback = feedback_status(workspace, actor, classifier)
    return frozenset(each.item_id for each in feedback.verdicts)
