"""Figures of what a run made, for the sentence with which its run ends.

They say how much and how well, and never which: no row, text or path of an item leaves here.
"""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy.orm import Session

from cultivar.core.figures import probability
from cultivar.core.reference import ArtifactReference
from cultivar.core.vocabulary import how_many
from cultivar.store.models import read_model
from cultivar.store.tables import ClassifierRow, VersionRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class VersionFigures:
    """A version as people name it: its classifier, its number, its threshold (0 to 1)."""

    classifier_id: str
    classifier: str
    number: int
    threshold: float

    @property
    def name(self) -> str:
        """How a sentence names it."""
        return f"version {self.number} of {self.classifier}"


def version_figures(workspace: Workspace, version_id: str) -> VersionFigures:
    """Return the figures of a version that is kept."""
    with workspace.registry.reading() as session:
        return figures_within(session, version_id)


def figures_within(session: Session, version_id: str) -> VersionFigures:
    """Return the figures of a version, within a session that is open."""
    version = session.get_one(VersionRow, version_id)
    classifier = session.get_one(ClassifierRow, version.classifier_id)
    return VersionFigures(classifier.id, classifier.name, version.number, version.threshold)


def selected(workspace: Workspace, items: ArtifactReference) -> str:
    """Return how many items of a selection are used, and how many are not for which reason."""
    columns = workspace.artifacts.read(items, columns=["used", "skipped"])
    used = sum(columns.column("used").to_pylist())
    said = f"{used:,} of {how_many(columns.num_rows, 'item')} used"
    skipped = Counter(columns.column("skipped").drop_null().to_pylist()).most_common()
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in skipped)
    return f"{said}; left out: {reasons}" if reasons else said


def learned(workspace: Workspace, model: ArtifactReference) -> str:
    """Return what a model has learned from, and the threshold and prior that came of it."""
    trained = read_model(workspace.artifacts, model)
    from_people = trained.training.get("reviewed", 0)
    return (
        f"{how_many(trained.training['seeds'], 'seed')}, {trained.training['unlabelled']:,} "
        f"unlabelled, {from_people:,} judged by people; "
        f"threshold {probability(trained.threshold)}, prior {probability(trained.prior)}"
    )


def predicted(workspace: Workspace, predictions: ArtifactReference) -> str:
    """Return how many items a version scored, and what it predicts of them."""
    found = workspace.artifacts.read(predictions, columns=["prediction"]).column("prediction")
    counts = Counter(found.to_pylist())
    said = ", ".join(f"{count:,} {prediction}" for prediction, count in sorted(counts.items()))
    return f"{how_many(len(found), 'item')} scored: {said or 'none'}"
