"""Collect test items and score them with a version.

Which items are taken and what a score means is decided in the core.
"""

from dataclasses import dataclass
from functools import partial

from cultivar.content.locations import Source
from cultivar.core.figures import probability
from cultivar.core.reference import ArtifactReference
from cultivar.core.vocabulary import how_many
from cultivar.operations.scoring.scoring import score_test_set
from cultivar.operations.scoring.version_models import model_of
from cultivar.operations.training.figures import predicted, selected
from cultivar.operations.training.test_sets import build_test_set
from cultivar.operations.training.test_sources import build_without_source
from cultivar.store.workspace import Workspace
from tasks import Told, step

BINS = 20


@partial(step, named="collect the test items")
def collect_test_items(
    workspace: Workspace, actor: str, classifier: str, source: Source
) -> Told[ArtifactReference]:
    """Return the test set with the folder's items added.

    Raises:
        NotReady: code ``not-crawled``.
        InvalidInput: codes ``too-many-test-items``, ``bad-labels``.
    """
    found = build_test_set(workspace, actor, classifier, source)
    return Told(found, f"test set: {selected(workspace, found)}")


@partial(step, named="leave test items out")
def leave_test_items_out(
    workspace: Workspace, actor: str, classifier: str, source: Source
) -> Told[ArtifactReference]:
    """Return the test set without the items of a folder that no reviewer has seen.

    Raises:
        Conflict: code ``only-test-source``.
    """
    found = build_without_source(workspace, actor, classifier, source)
    return Told(found, f"test set: {selected(workspace, found)}")


@partial(step, named="score the test items")
def score_test_items(
    workspace: Workspace, classifier: str, version_id: str, test_set: ArtifactReference
) -> Told[ArtifactReference]:
    """Return a version's predictions for a test set; the same ones are scored only once."""
    made = score_test_set(workspace, classifier, version_id, test_set)
    before = ", before" if made.existed else ""
    return Told(made.artifact, f"{predicted(workspace, made.artifact)}{before}")


@dataclass(frozen=True, slots=True)
class Distribution:
    """How many scores fall into each of twenty equal bins from 0 to 1, and the threshold."""

    counts: tuple[int, ...]
    threshold: float

    @property
    def sentence(self) -> str:
        """How many scores there are, and how few of them are of the middle fifth."""
        middle = sum(self.counts[BINS * 2 // 5 : BINS * 3 // 5])
        return (
            f"{how_many(sum(self.counts), 'score')}, {middle:,} of them from 40 % to 60 %; "
            f"threshold {probability(self.threshold)}"
        )


@partial(step, named="draw the scores")
def distribution(
    workspace: Workspace, predictions: ArtifactReference, version_id: str
) -> Told[Distribution]:
    """Return how the scores of a version spread."""
    counts = [0] * BINS
    for score in workspace.artifacts.read(predictions, columns=["score"]).column("score"):
        counts[min(int(score.as_py() * BINS), BINS - 1)] += 1
    found = Distribution(tuple(counts), float(model_of(workspace, version_id).threshold))
    return Told(found, found.sentence)
