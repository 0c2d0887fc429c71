"""Prediction with a deployment: one text to a million, models read once and kept in memory.

It keeps neither text nor result; whoever asked gets both.
"""

from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa

from cultivar.core.cache import Cache
from cultivar.core.projects.model import Judged, ProjectModel
from cultivar.core.roles import Action, AnyActor
from cultivar.core.texts.given_texts import holds_text, require_text
from cultivar.operations.projects.projects import is_threshold
from cultivar.operations.projects.rows import deployment_row, project_row
from cultivar.operations.transactions import snapshot
from cultivar.store.models import read_project_model
from cultivar.store.workspace import Workspace

MODELS_KEPT = 8


class Predictor:
    """Classifies texts with deployments; keeps the models used last, and may be shared by threads.

    A model is kept by the hash of its file, so a deployment that changes is followed at once.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._models: Cache[ProjectModel] = Cache(MODELS_KEPT)

    def classify(
        self, actor: AnyActor, project: str, deployment: str, texts: Sequence[str]
    ) -> list[Judged]:
        """Return the classes of each text with their probabilities, likeliest first.

        Each also tells whether the text is enough to go by. Single-label: exactly one class.
        Several labels: those from the model's threshold on, or from the project's setting
        ``confidenceThreshold``; maybe none.

        Raises:
            NotFound: codes ``unknown-project``, ``unknown-deployment``.
            NotPermitted: the actor may not classify with projects.
            Damaged: the model file is not what its hash says.
            InvalidInput: code ``not-readable``; a text holds no character that can be read.
        """
        model, threshold = self.answering(actor, project, deployment)
        for number, text in enumerate(texts, 1):
            require_text(text, "The text" if len(texts) == 1 else f"Text {number}")
        return model.judge(texts, threshold)

    def classify_batches(
        self, actor: AnyActor, project: str, deployment: str, batches: Iterable[Sequence[str]]
    ) -> Iterator[list[Judged | None]]:
        """Yield the classes of each batch of texts as ``classify`` gives them; memory stays flat.

        A text without a character that can be read has None. All batches are judged by the model
        that answered when the first one came.
        """
        model, threshold = self.answering(actor, project, deployment)
        for texts in batches:
            good = [text for text in texts if holds_text(text)]
            given = model.judge(pa.array(good, pa.large_string()), threshold) if good else []
            found = iter(given)
            yield [next(found) if holds_text(text) else None for text in texts]

    def answering(
        self, actor: AnyActor, project: str, deployment: str
    ) -> tuple[ProjectModel, float | None]:
        """Return the model that answers for a deployment, and the project's own threshold.

        Raises: as ``classify``.
        """
        with snapshot(self._workspace, actor, Action.READ_PROJECTS) as tx:
            row = deployment_row(tx.session, project, deployment)
            stated = project_row(tx.session, project).settings.get("confidenceThreshold")
            sha256 = row.model_sha256
        return self._model(sha256), float(stated) if is_threshold(stated) else None

    def _model(self, sha256: str) -> ProjectModel:
        store = self._workspace.artifacts
        return self._models.get(sha256, lambda: read_project_model(store, store.reference(sha256)))
