"""Why an item, or any text, gets its score: the words with their weights.

It reads; the explanation is the model's own, and exact.
"""

from dataclasses import dataclass

from cultivar.core.errors import NotReady
from cultivar.core.learning.explanation import Contribution
from cultivar.core.next_steps import NextStep, Remedy
from cultivar.core.roles import Action, AnyActor
from cultivar.core.schemas.arrays import arrow_texts
from cultivar.core.texts.given_texts import require_text
from cultivar.operations.content.items import counted_text_of
from cultivar.operations.content_thresholds import cut_in_content
from cultivar.operations.scoring.version_models import model_of
from cultivar.operations.transactions import snapshot
from cultivar.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Explanation:
    """A version's score of one text, and the words that moved it most, strongest first.

    All weights, ``bias`` and ``whole`` add up to the decision value that the score stands for.
    ``whole`` is what a transformer adds for the text as a whole; 0 where the engine is static.
    ``enough`` is False where too little of the text is known to go by: the prediction is then no
    match, and the score is not that of the words.
    """

    version_id: str
    score: float
    prediction: str
    threshold: float
    bias: float
    words: tuple[Contribution, ...]
    whole: float = 0.0
    enough: bool = True


def explain_text(
    workspace: Workspace, actor: AnyActor, classifier: str, text: str, top: int | None = 20
) -> Explanation:
    """Explain a text by the published version, or by the newest where none is published.

    The published one decides as in content, another one as in its review.

    Raises:
        NotReady: code ``no-version``; nothing is trained yet.
        NotPermitted: the actor may not read the area.
        InvalidInput: code ``not-readable``; the text holds no character that can be read.
    """
    with snapshot(workspace, actor, Action.READ) as tx:
        row = tx.classifier(classifier)
    require_text(text)
    version_id = row.published_version_id or row.candidate_version_id
    if version_id is None:
        raise NotReady(
            "no-version",
            f"{row.name} has no trained version yet.",
            remedy=Remedy(NextStep.TRAIN, row.id),
        )
    model = model_of(workspace, version_id)
    alone = arrow_texts([text])
    scores = model.score(alone)
    cut = cut_in_content(workspace, version_id) if row.published_version_id else None
    return Explanation(
        version_id,
        float(scores[0]),
        model.decide(scores, cut)[0].as_py(),
        cut.threshold if cut else model.threshold,
        model.bias,
        tuple(model.explain(text, top)),
        float(model.whole(alone)[0]),
        model.is_enough(text),
    )


def text_of_item(workspace: Workspace, actor: AnyActor, item: str) -> str:
    """Return what counts of a crawled item's text, by its id (or how it begins) or its path.

    Opening it is recorded before the text is handed over.

    Raises:
        NotPermitted: the actor may not open content.
        NotFound: code ``unknown-item``.
    """
    return counted_text_of(workspace, actor, item, why="score explained")
