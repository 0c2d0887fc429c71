"""Retrain a published classifier once enough of its matches are judged.

It ends with an overview for a person. What is live stays live: nothing here moves the pointer.
"""

from contextlib import suppress
from datetime import timedelta

from cultivar.core.errors import CultivarError, NotReady, StoreUnavailable
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import Action
from cultivar.operations.outbox import RETRAINING_DUE, due
from cultivar.operations.retraining.crossfit import Compared
from cultivar.operations.retraining.retraining import (
    Begun,
    Made,
    begin_retraining,
    fail_retraining,
)
from cultivar.operations.retraining.retrainings import why_not_yet
from cultivar.operations.training.figures import version_figures
from flows.base.claims import Work, on_classifier
from flows.base.content_verdicts import check_content_verdicts
from flows.base.stage import stage
from tasks import Told, plots, reporting, say
from tasks.checking import Asked
from tasks.learning import learn
from tasks.retraining import collect_feedback, compare, finish
from tasks.reviewing import collect_reviews

# a review that learns from its batch at this moment is waited for
WAITS = timedelta(minutes=10)


@stage("retrain: {classifier}")
def retrain(
    classifier: str, actor: str | None = None, only_if_due: bool = False
) -> Told[str | None]:
    """Retrain, compare with the live version, and return the retrained version's id.

    Args:
        classifier: Name or id of the classifier.
        actor: Who asks; the person of the settings when it is left out.
        only_if_due: End without a version where no retraining may begin, as a second event of the
            same feedback does; else that is refused.
    """
    with on_classifier("retrain", Action.TRAIN, classifier, actor, WAITS) as work:
        if only_if_due and (waits := why_not_yet(work.workspace, work.subject)):
            return Told(None, f"Nothing was to be done: {waits}", state="Skipped")
        begun = begin_retraining(work.workspace, work.actor, work.subject)
        say(f"retraining {begun.number} {'goes on' if begun.resumed else 'begins'}")
        reporting.announce("retraining-started", work.subject, {"retraining": begun.number})
        try:
            version, sentence = _retrain(work, begun)
        except Exception as failure:
            _fail(work, begun, failure)
            raise
        reporting.announce("retraining-finished", work.subject, {"version": version})
        if any(each.subject == work.subject for each in due(work.workspace, RETRAINING_DUE)):
            reporting.announce("retraining-due", work.subject, {"actor": work.actor})
        return Told(version, sentence)


def _fail(work: Work, begun: Begun, failure: Exception) -> None:
    """Give the verdicts back; a store that is out of reach leaves it to the next attempt."""
    foreseen = isinstance(failure, CultivarError)
    reason = failure.sentence if foreseen else type(failure).__name__  # type: ignore[attr-defined]
    with suppress(StoreUnavailable):
        fail_retraining(work.workspace, work.actor, begun, reason, defect=not foreseen)


def _retrain(work: Work, begun: Begun) -> tuple[str, str]:
    workspace = work.workspace
    feedback = collect_feedback(workspace, begun)
    work.check("feedback", feedback)
    check_content_verdicts(work)
    model = learn(workspace, work.subject, _reviews(work), feedback)
    compared = compare(workspace, begun.published_model, model, work.advance)
    _check(work, compared)
    figures = compared.found.as_dict()
    made = Made(model, feedback, compared.comparison, compared.overview, figures)
    version = finish(workspace, work.actor, begun, made)
    _show(work, compared)
    kept, advised = version_figures(workspace, version).name, compared.found.recommendation.action
    return version, f"V{kept[1:]} is retrained; recommended: {advised}. A person decides."


def _reviews(work: Work) -> ArtifactReference | None:
    try:
        return collect_reviews(work.workspace, work.subject).reviews
    except NotReady:
        return None  # published on somebody's word, before any batch was closed


def _check(work: Work, compared: Compared) -> None:
    facts = {"items": len(compared.found.rows)}
    work.check("comparison", compared.comparison, Asked(facts))
    work.check("overview", compared.overview)


def _show(work: Work, compared: Compared) -> None:
    found = compared.found
    title = f"Retrained against published: {work.name}"
    plot = plots.versions_compared(found.as_dict()["sets"], title)
    reasons = "\n".join(f"- {reason}" for reason in found.recommendation.reasons)
    reporting.show_page(
        "retraining", work.subject, f"{plot}\n\n**{found.recommendation.action}**\n\n{reasons}"
    )
