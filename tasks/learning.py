"""Collect seeds, learn versions from them, and record these.

What is learned, and from what, is the operations'.
"""

from dataclasses import dataclass
from functools import partial

from cultivar.core.figures import probability
from cultivar.core.reference import ArtifactReference
from cultivar.operations.training.figures import learned, selected, version_figures
from cultivar.operations.training.seeds import build_seed_set
from cultivar.operations.training.training import record_version, train_version
from cultivar.operations.transitions import StatusChange
from cultivar.store.workspace import Workspace
from tasks import Told, step


@partial(step, named="collect the seeds of {classifier}")
def collect_seeds(workspace: Workspace, actor: str, classifier: str) -> Told[ArtifactReference]:
    """Return the seed set of the classifier's seed folder.

    Raises:
        NotReady: code ``not-crawled``.
    """
    found = build_seed_set(workspace, actor, classifier)
    return Told(found, f"seeds: {selected(workspace, found)}")


@partial(step, named="learn {classifier}")
def learn(
    workspace: Workspace,
    classifier: str,
    reviews: ArtifactReference | None = None,
    feedback: ArtifactReference | None = None,
) -> Told[ArtifactReference]:
    """Return the model learned from seeds, baseline, reviews and feedback.

    The same ones train only once with the same engine.

    Raises:
        NotReady: codes ``no-seed-set``, ``not-opted-in``.
    """
    made = train_version(workspace, classifier, reviews, feedback)
    how = "learned from the same before" if made.existed else "learned"
    return Told(made.artifact, f"{how}: {learned(workspace, made.artifact)}")


@dataclass(frozen=True, slots=True)
class Recorded:
    """The id of a candidate version, and the transition that it brought, if there is one."""

    version_id: str
    moved: StatusChange | None


@partial(step, named="record the version")
def record(
    workspace: Workspace, actor: str, classifier: str, model: ArtifactReference, reason: str
) -> Told[Recorded]:
    """Make a model the candidate version; see ``record_version`` for ``reason``."""
    found = Recorded(*record_version(workspace, actor, classifier, model, reason))
    kept = version_figures(workspace, found.version_id)
    return Told(found, f"{kept.name} is the candidate: threshold {probability(kept.threshold)}")
