"""Which engine trains a version, and the one that a version needs to score.

It chooses; vectors are the engine's, and what is learned from them the core's.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from cultivar import encoder
from cultivar.core.errors import NotReady
from cultivar.core.learning.encoder import StaticEncoder
from cultivar.core.learning.engine import Engine, is_transformer, record_of
from cultivar.core.learning.model import Model
from cultivar.core.reference import ArtifactReference
from cultivar.store.models import read_model
from cultivar.store.workspace import Workspace

if TYPE_CHECKING:
    from cultivar.encoder.transformer import Transformer


def configured_engine(workspace: Workspace) -> Engine:
    """Return the engine that the settings choose for training.

    Raises:
        NotReady: code ``transformer-not-installed``.
        InvalidInput: code ``bad-transformer``.
    """
    return _transformer(workspace) or encoder.load()


def engine_of(workspace: Workspace, model: Model) -> Engine:
    """Return the engine that a version was trained with.

    Raises:
        NotReady: code ``other-engine``; the settings name no transformer, or another one.
    """
    if not is_transformer(model.engine):
        return encoder.load()
    found = _transformer(workspace)
    if found is None or record_of(found) != model.engine:
        raise NotReady(
            "other-engine",
            f"This version was trained with the transformer {str(model.engine.get('sha256'))[:12]},"
            f" and the setting transformer names {found.fingerprint[:12] if found else 'none'}. "
            "Set it to the folder of that model.",
        )
    return found


def model_at(workspace: Workspace, reference: ArtifactReference) -> Model:
    """Return a model that is ready to score: with its transformer, where it has one.

    Raises:
        Damaged: the model file is not what its hash says.
        NotReady: codes ``other-engine``, ``transformer-not-installed``.
    """
    model = read_model(workspace.artifacts, reference)
    if not is_transformer(model.engine):
        return model
    found = engine_of(workspace, model)
    assert not isinstance(found, StaticEncoder)  # noqa: S101 - the header names another
    return replace(model, encoder=found)


def producer_of(engine: Engine) -> str:
    """Return who trains with an engine, as lineage records it: the static one goes without name."""
    record = record_of(engine)
    if not is_transformer(record):
        return "training"
    return f"training with transformer {record['sha256'][:12]}"


def _transformer(workspace: Workspace) -> "Transformer | None":
    folder = workspace.settings.transformer
    if folder is None:
        return None
    from cultivar.encoder.transformer import load_transformer  # noqa: PLC0415 - an extra

    return load_transformer(folder)
