"""Train the first version of a classifier from its seeds and the tenant's baseline.

One training of a classifier at a time; the same inputs are learned from only once.
"""

from cultivar.core.errors import CultivarError
from cultivar.core.lifecycle import Status
from cultivar.operations.classifiers import fail_training, restart_training
from cultivar.operations.standing import standing_of
from cultivar.operations.training import record_version
from flows.stage import stage
from flows.working import Work, announce, on_classifier
from tasks.learning import learn


@stage("training: {classifier}")
def training(classifier: str, actor: str | None = None) -> str:
    """Train and return the id of the version; one that is trained already is returned as it is.

    Args:
        classifier: Name or id of the classifier.
        actor: Who asks; the person of the settings when it is left out.
    """
    with on_classifier("training", classifier, actor) as work:
        standing = standing_of(work.workspace, work.subject)
        if standing.status is Status.FAILED:
            announce(restart_training(work.workspace, work.actor, work.subject))
        elif standing.status is not Status.IN_PROGRESS:
            return standing.candidate_version or ""
        try:
            return _train(work)
        except CultivarError as refused:
            announce(fail_training(work.workspace, work.actor, work.subject, refused.sentence))
            raise


def _train(work: Work) -> str:
    work.advance(0, 2)
    model = learn(work.workspace, work.subject)
    work.advance(1, 2)
    version_id, moved = record_version(work.workspace, work.actor, work.subject, model)
    if moved is not None:
        announce(moved)
    return version_id
