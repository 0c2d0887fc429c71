"""Learn from a closed batch of reviews, and open publish once accuracy is stable.

Nothing is held open while a person thinks: closing a batch leaves word in the registry, and this
flow takes that up, whenever it runs next. A batch is judged by the version before it was learned
from, so that accuracy stays an honest forecast.
"""

from datetime import timedelta

from cultivar.core.figures import accuracy_stated
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import Action
from cultivar.operations.classifier_state import classifier_state
from cultivar.operations.outbox import BATCH_COMPLETE, due
from cultivar.operations.review.verdicts import ReviewState, is_any_closed, review_state
from cultivar.operations.training.test_sets import record_predictions, report_test_set
from cultivar.operations.transactions import require_permitted
from cultivar.operations.transitions import StatusChange
from flows.base.claims import Work, announce, on_classifier
from flows.base.content_verdicts import check_content_verdicts
from flows.base.stage import stage
from tasks import Told, plots, reporting, say
from tasks.checking import Asked
from tasks.learning import learn, record
from tasks.publishing import settle, settle_content
from tasks.reviewing import Judged, Reviewed, collect_reviews, judge
from tasks.testing import score_test_items

STEPS = 5
LEARNING_TAKES = timedelta(minutes=10)


@stage("review gate: {classifier}")
def review_gate(classifier: str, actor: str | None = None) -> Told[ReviewState]:
    """Take up what the last closed batch left behind and return where the review stands.

    With nothing left behind it only looks. Another run that takes the batch up is waited for, since
    it does what is asked.

    Args:
        classifier: Name or id of the classifier.
        actor: Who asks; the person of the settings when it is left out.
    """
    with on_classifier("review_gate", Action.READ, classifier, actor, LEARNING_TAKES) as work:
        if any(each.subject == work.subject for each in due(work.workspace, BATCH_COMPLETE)):
            moved = _take_up(work)
            if moved is not None:
                announce(moved)
        else:
            say("no closed batch waits to be learned from")
        state = review_state(work.workspace, work.actor, work.subject)
        return Told(state, _told(work, state))


def _told(work: Work, state: ReviewState) -> str:
    if state.accuracy is None or state.assured is None:
        return f"{work.name}: nothing is reviewed."
    said = accuracy_stated(state.accuracy, state.assured, state.decided)
    stands = "publish is open" if state.stable else " ".join(state.reasons)
    return f"{work.name}: {said}; {stands.removesuffix('.')}."


def _take_up(work: Work) -> StatusChange | None:
    require_permitted(work.workspace, work.actor, Action.TRAIN, work.subject)
    work.advance(0, STEPS)
    if not is_any_closed(work.workspace, work.subject):
        _learn(work, None)
        return settle_content(work.workspace, work.actor, work.subject)
    reviewed = collect_reviews(work.workspace, work.subject)
    work.check("reviews", reviewed.reviews, Asked(required=False))
    _learn(work, reviewed.reviews)
    _judge(work, reviewed)
    return settle(work.workspace, work.actor, work.subject, reviewed.reviews, reviewed.accuracy)


def _learn(work: Work, reviews: ArtifactReference | None) -> None:
    """Refit with what is judged, and score the test items, if there are any, with the result."""
    workspace = work.workspace
    check_content_verdicts(work)
    model = learn(workspace, work.subject, reviews)
    work.advance(2, STEPS)
    version = record(workspace, work.actor, work.subject, model, "review").version_id
    scored = classifier_state(workspace, work.subject)
    if scored.predictions_sha256 is None:
        return
    test_set = workspace.artifacts.reference(scored.test_set_sha256 or "")
    predictions = score_test_items(workspace, work.subject, version, test_set)
    # balance was judged before the first review; a better model may predict another one
    used = report_test_set(workspace, work.subject, test_set).selection.used
    facts = {"items": used, "declared": True}
    work.check("predictions", predictions, Asked(facts))
    announce(record_predictions(workspace, work.actor, work.subject, predictions))
    work.advance(3, STEPS)


def _judge(work: Work, reviewed: Reviewed) -> None:
    """Record the accuracy gate: its figures and the stability rule."""
    target = review_state(work.workspace, work.actor, work.subject).target
    judged = judge(work.workspace, reviewed.accuracy)
    work.check("accuracy", reviewed.accuracy, Asked(further=judged.checks, required=False))
    _show(work, judged, target)


def _show(work: Work, judged: Judged, target: float) -> None:
    title = f"Accuracy by batch: {work.name}"
    plot = plots.accuracy_by_batch(judged.batches, target, title)
    reporting.show_page("accuracy", work.subject, f"{plot}\n\n{judged.sentence}")
