"""Why an item, or any text, gets its score: the words with their weights.

It reads; the explanation is the model's own, and exact.
"""

from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from cultivar.core.errors import NotFound, NotReady
from cultivar.core.learning.explanation import Contribution
from cultivar.core.roles import Action
from cultivar.operations.deeds import viewing
from cultivar.operations.locations import locations
from cultivar.operations.scoring import model_of
from cultivar.store.workspace import Workspace

SHORTEST_ID = 6


@dataclass(frozen=True, slots=True)
class Explanation:
    """A version's score of one text, and the words that moved it most, strongest first.

    All weights and ``bias`` add up to the decision value that the score stands for.
    """

    version_id: str
    score: float
    prediction: str
    threshold: float
    bias: float
    words: tuple[Contribution, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def explain_text(
    workspace: Workspace, actor: str, classifier: str, text: str, top: int | None = 20
) -> Explanation:
    """Explain a text by the published version, or by the newest where none is published.

    Raises:
        NotReady: code ``no-version``; nothing is trained yet.
        NotPermitted: the actor may not read the area.
    """
    with viewing(workspace, actor, Action.READ) as deed:
        row = deed.classifier(classifier)
    version_id = row.published_version_id or row.candidate_version_id
    if version_id is None:
        raise NotReady("no-version", f"{row.name} has no trained version yet.")
    model = model_of(workspace, version_id)
    scores = model.score(pa.array([text], pa.large_string()))
    return Explanation(
        version_id,
        float(scores[0]),
        model.decide(scores)[0].as_py(),
        model.threshold,
        model.bias,
        tuple(model.explain(text, top)),
    )


def text_of_item(workspace: Workspace, actor: str, item: str) -> str:
    """Return the text of a crawled item, by its id (or how it begins) or its path.

    Raises:
        NotPermitted: the actor may not open content.
        NotFound: code ``unknown-item``.
    """
    with viewing(workspace, actor, Action.OPEN_CONTENT):
        crawled = [each.items_sha256 for each in locations(workspace)]
    for sha256 in crawled:
        found = _in_artifact(workspace, sha256, item) if sha256 else None
        if found is not None:
            return found
    raise NotFound("unknown-item", f"No crawled item has the id or the path {item!r}.")


def _in_artifact(workspace: Workspace, sha256: str, item: str) -> str | None:
    store = workspace.artifacts
    with store.open(store.reference(sha256)) as file:
        for group in range(file.num_row_groups):
            names = file.read_row_group(group, columns=["item_id", "path"]).to_pydict()
            pairs = zip(names["item_id"], names["path"], strict=True)
            for row, (item_id, path) in enumerate(pairs):
                if item == path or (len(item) >= SHORTEST_ID and item_id.startswith(item)):
                    texts = file.read_row_group(group, columns=["text"])
                    return texts.column("text")[row].as_py() or ""
    return None
