"""Whether a classifier waits to be trained from its seeds, asked before anything is started."""

from cultivar.core.lifecycle import Status
from cultivar.core.roles import Action, AnyActor
from cultivar.operations.transactions import snapshot
from cultivar.store.workspace import Workspace


def training_due(workspace: Workspace, actor: AnyActor, classifier: str) -> bool:
    """Tell whether a classifier waits for its first version; its later ones are learned otherwise.

    Raises:
        NotFound: code ``unknown-classifier``.
        NotPermitted: the actor may not train it.
    """
    with snapshot(workspace, actor, Action.TRAIN) as tx:
        row = tx.classifier(classifier, Action.TRAIN)
        return row.status in (Status.IN_PROGRESS, Status.FAILED)
