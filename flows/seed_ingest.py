"""Take the items of a classifier's seed folder as its seed set.

Which items are used is decided in the core; whether they suffice, by the gate.
"""

from cultivar.core.errors import CultivarError
from cultivar.core.lifecycle import Status
from cultivar.core.reference import ArtifactReference
from cultivar.core.roles import Action
from cultivar.operations.classifier_state import classifier_state
from cultivar.operations.classifiers.classifiers import fail_training, restart_training
from cultivar.operations.training.figures import selected
from cultivar.operations.training.seeds import attach_seed_set
from flows.base.claims import Work, announce, on_classifier
from flows.base.stage import stage
from tasks import Told
from tasks.learning import collect_seeds


@stage("seed ingest: {classifier}")
def seed_ingest(classifier: str, actor: str | None = None) -> Told[ArtifactReference]:
    """Return the seed set; once a model was built from it, it stays as it is.

    Args:
        classifier: Name or id of the classifier.
        actor: Who asks; the person of the settings when it is left out.
    """
    with on_classifier("seed_ingest", Action.TRAIN, classifier, actor) as work:
        state = classifier_state(work.workspace, work.subject)
        if state.candidate_version is not None and state.seed_set_sha256 is not None:
            seeds = work.workspace.artifacts.reference(state.seed_set_sha256)
            return Told(seeds, f"The seeds of {work.name} stay, as a model was built from them.")
        if state.status is Status.FAILED:
            announce(restart_training(work.workspace, work.actor, work.subject))
        return _ingest(work)


def _ingest(work: Work) -> Told[ArtifactReference]:
    seeds = collect_seeds(work.workspace, work.actor, work.subject)
    attach_seed_set(work.workspace, work.actor, work.subject, seeds)
    try:
        work.check("seed_set", seeds)
    except CultivarError as refused:
        announce(fail_training(work.workspace, work.actor, work.subject, refused.sentence))
        raise
    return Told(seeds, f"Seeds of {work.name}: {selected(work.workspace, seeds)}.")
