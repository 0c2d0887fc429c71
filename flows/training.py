"""Train the first version of a classifier from its seeds and the tenant's baseline.

One training of a classifier at a time; the same inputs are learned from only once.
"""

from cultivar.core.errors import CultivarError
from cultivar.core.figures import probability
from cultivar.core.lifecycle import Status
from cultivar.core.roles import Action
from cultivar.operations.classifier_state import classifier_state
from cultivar.operations.classifiers.classifiers import fail_training, restart_training
from cultivar.operations.training.figures import version_figures
from flows.base.claims import Work, announce, on_classifier
from flows.base.content_verdicts import check_content_verdicts
from flows.base.stage import stage
from tasks import Told
from tasks.learning import learn, record


@stage("training: {classifier}")
def training(classifier: str, actor: str | None = None) -> Told[str]:
    """Train and return the id of the version; one that is trained already is returned as it is.

    Args:
        classifier: Name or id of the classifier.
        actor: Who asks; the person of the settings when it is left out.
    """
    with on_classifier("training", Action.TRAIN, classifier, actor) as work:
        state = classifier_state(work.workspace, work.subject)
        if state.status is Status.FAILED:
            announce(restart_training(work.workspace, work.actor, work.subject))
        elif state.status is not Status.IN_PROGRESS:
            return _told(work, state.candidate_version or "", "was trained before")
        try:
            return _train(work)
        except CultivarError as refused:
            announce(fail_training(work.workspace, work.actor, work.subject, refused.sentence))
            raise


def _train(work: Work) -> Told[str]:
    work.advance(0, 2)
    check_content_verdicts(work)
    model = learn(work.workspace, work.subject)
    work.advance(1, 2)
    recorded = record(work.workspace, work.actor, work.subject, model, "training")
    if recorded.moved is not None:
        announce(recorded.moved)
    return _told(work, recorded.version_id, "is trained")


def _told(work: Work, version_id: str, done: str) -> Told[str]:
    if not version_id:
        return Told("", f"{work.name} has no version and waits for none.")
    kept = version_figures(work.workspace, version_id)
    return Told(version_id, f"V{kept.name[1:]} {done}: threshold {probability(kept.threshold)}.")
