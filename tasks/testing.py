"""Collect test items and score them with a version.

Which items are taken and what a score means is decided in the core.
"""

from dataclasses import dataclass

from cultivar.content.locations import Source
from cultivar.core.reference import ArtifactReference
from cultivar.core.schemas import PREDICTIONS
from cultivar.operations.reuse import made_from
from cultivar.operations.scoring import model_of, score_test_set, version_model
from cultivar.operations.testing import build_test_set
from cultivar.store.workspace import Workspace
from tasks import step

PRODUCER = "test_scoring"
BINS = 20


@step
def collect_test_items(
    workspace: Workspace, actor: str, classifier: str, source: Source
) -> ArtifactReference:
    """Return the test set with the folder's items added.

    Raises:
        NotReady: code ``not-crawled``.
        InvalidInput: codes ``too-many-test-items``, ``bad-labels``.
    """
    return build_test_set(workspace, actor, classifier, source)


@step
def score_test_items(
    workspace: Workspace, classifier: str, version_id: str, test_set: ArtifactReference
) -> ArtifactReference:
    """Return a version's predictions for a test set; the same ones are scored only once."""
    inputs = {"test_set": test_set.sha256, "model": version_model(workspace, version_id)}
    known = made_from(workspace, PREDICTIONS.name, PRODUCER, inputs)
    return known or score_test_set(workspace, classifier, version_id, test_set)


@dataclass(frozen=True, slots=True)
class Distribution:
    """How many scores fall into each of twenty equal bins from 0 to 1, and the threshold."""

    counts: tuple[int, ...]
    threshold: float


@step
def distribution(
    workspace: Workspace, predictions: ArtifactReference, version_id: str
) -> Distribution:
    """Return how the scores of a version spread."""
    counts = [0] * BINS
    for score in workspace.artifacts.read(predictions, columns=["score"]).column("score"):
        counts[min(int(score.as_py() * BINS), BINS - 1)] += 1
    return Distribution(tuple(counts), float(model_of(workspace, version_id).threshold))
