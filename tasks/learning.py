"""Collect seeds and learn versions from them.

What is learned, and from what, is the operations'; this finds what was learned already.
"""

from cultivar.core.reference import ArtifactReference
from cultivar.operations.engines import engine_in_force, producer_of
from cultivar.operations.reuse import made_from
from cultivar.operations.seeds import build_seed_set
from cultivar.operations.training import train_on, training_inputs
from cultivar.store.origin import MODEL
from cultivar.store.workspace import Workspace
from tasks import step


@step
def collect_seeds(workspace: Workspace, actor: str, classifier: str) -> ArtifactReference:
    """Return the seed set of the classifier's seed folder.

    Raises:
        NotReady: code ``not-crawled``.
    """
    return build_seed_set(workspace, actor, classifier)


@step
def learn(
    workspace: Workspace,
    classifier: str,
    reviews: ArtifactReference | None = None,
    feedback: ArtifactReference | None = None,
) -> ArtifactReference:
    """Return the model learned from seeds, baseline, reviews and feedback.

    The same ones train only once with the same engine.

    Raises:
        NotReady: codes ``no-seed-set``, ``not-opted-in``.
    """
    inputs, seed = training_inputs(workspace, classifier, reviews, feedback)
    engine = engine_in_force(workspace)
    known = made_from(workspace, MODEL, producer_of(engine), inputs)
    return known or train_on(workspace, inputs, seed, engine)
