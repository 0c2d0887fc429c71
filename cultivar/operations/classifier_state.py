"""Where a classifier stands, in the few facts by which the flows find what comes next.

It reads one row; details for people are another module's.
"""

from dataclasses import dataclass

from cultivar.core.lifecycle import Status
from cultivar.operations.lookups import classifier_named
from cultivar.store.tables import ClassifierRow
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ClassifierState:
    """Identity, status and artifacts of a classifier; hashes and ids are None until they exist."""

    classifier_id: str
    name: str
    owner: str
    status: Status
    seed_set_sha256: str | None
    test_set_sha256: str | None
    predictions_sha256: str | None
    candidate_version: str | None
    published_version: str | None


def classifier_state(workspace: Workspace, classifier: str) -> ClassifierState:
    """Return where the classifier of that name or id stands.

    Raises:
        NotFound: code ``unknown-classifier``; the sentence offers near matches.
    """
    with workspace.registry.reading() as session:
        return _standing(classifier_named(session, classifier))


def _standing(row: ClassifierRow) -> ClassifierState:
    return ClassifierState(
        row.id,
        row.name,
        row.owner,
        Status(row.status),
        row.seed_set_sha256,
        row.test_set_sha256,
        row.predictions_sha256,
        row.candidate_version_id,
        row.published_version_id,
    )
