"""Classifying one text or file that is nobody's item: what published versions say of it.

It keeps nothing; models stay in memory as long as they are asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
from sqlalchemy import select

from cultivar.content.documents.parsing import Parsed
from cultivar.content.formats import file_type_of
from cultivar.content.limits import limits_of
from cultivar.content.one_file import read_bytes
from cultivar.core.cache import Cache
from cultivar.core.errors import InvalidInput, NotReady
from cultivar.core.learning.explanation import Contribution
from cultivar.core.learning.model import Model
from cultivar.core.operating_points import Cut
from cultivar.core.roles import Action, AnyActor
from cultivar.core.texts.given_texts import is_binary, require_text
from cultivar.core.texts.reading_status import has_text
from cultivar.operations.content_thresholds import cut_of
from cultivar.operations.scoring.version_models import model_of
from cultivar.operations.transactions import Transaction, require_permitted, snapshot
from cultivar.store.tables import ClassifierRow, VersionRow
from cultivar.store.workspace import Workspace

MODELS_KEPT = 32


class Models:
    """Models of versions, read once; the one that was asked for longest ago goes first."""

    def __init__(self, kept: int = MODELS_KEPT) -> None:
        self._models: Cache[Model] = Cache(kept)

    def of(self, workspace: Workspace, version_id: str) -> Model:
        """Return a version's model. A version never changes, so what is kept stays right."""
        return self._models.get(version_id, lambda: model_of(workspace, version_id))


@dataclass(frozen=True, slots=True)
class Classified:
    """What a published version says of a text: score, prediction, and the words behind it.

    ``words`` is empty unless asked for; with all words their weights and ``bias`` add up to the
    decision value that the score stands for. ``enough`` is False where too little of the text is
    known to go by: the prediction is then no match, and the score says nothing of the text.
    """

    classifier: str
    name: str
    version: str
    score: float
    prediction: str
    threshold: float
    bias: float
    words: tuple[Contribution, ...]
    enough: bool = True


def classify(
    workspace: Workspace,
    actor: AnyActor,
    text: str,
    classifiers: Sequence[str] = (),
    *,
    models: Models,
    words: int = 0,
) -> list[Classified]:
    """Return what the named classifiers (every published one, when none is) say of a text.

    Raises:
        NotPermitted: the actor may not read the area.
        NotFound: code ``unknown-classifier``.
        NotReady: code ``not-published``; a named classifier has no live version.
        InvalidInput: code ``not-readable``; the text holds no character that can be read.
    """
    require_text(text)
    live = require_classifying(workspace, actor, classifiers)
    return [_classified(each, models.of(workspace, each.version), text, words) for each in live]


def require_classifying(
    workspace: Workspace, actor: AnyActor, classifiers: Sequence[str] = ()
) -> "list[Live]":
    """Return the versions that would classify a text; so it is asked before a file is parsed.

    Raises:
        NotPermitted, NotFound, NotReady: as ``classify``.
    """
    with snapshot(workspace, actor, Action.READ) as tx:
        return _live(tx, classifiers)


@dataclass(frozen=True, slots=True)
class Live:
    """A published version; ``cut`` is where it matches in content."""

    classifier: str
    name: str
    version: str
    cut: Cut | None


def _live(tx: Transaction, names: Sequence[str]) -> list[Live]:
    if names:
        rows = list({row.id: row for row in (tx.classifier(name) for name in names)}.values())
    else:
        published = ClassifierRow.published_version_id.is_not(None)
        query = select(ClassifierRow).where(published).order_by(ClassifierRow.id)
        rows = list(tx.session.scalars(query))
    for row in rows:
        if row.published_version_id is None:
            raise NotReady(
                "not-published", f"{row.name} is not published, so it classifies nothing yet."
            )
    found = [(row, tx.session.get_one(VersionRow, row.published_version_id)) for row in rows]
    return [
        Live(row.id, row.name, version.id, cut_of(version, row.operating_point))
        for row, version in found
    ]


def _classified(live: Live, model: Model, text: str, words: int) -> Classified:
    scores = model.score(pa.array([text], pa.large_string()))
    threshold = live.cut.threshold if live.cut else model.threshold
    return Classified(
        live.classifier, live.name, live.version, float(scores[0]),
        model.decide(scores, live.cut)[0].as_py(), threshold, model.bias,
        tuple(model.explain(text, words)) if words else (), model.is_enough(text),
    )  # fmt: skip


def text_of_file(
    workspace: Workspace, actor: AnyActor, name: str, content: bytes, *, seconds: int | None = None
) -> str:
    """Return the text of a file, read as a crawl reads it: in a worker, within the same limits.

    ``seconds`` allows less time than a crawl has. Only the ending of ``name`` counts; nothing of
    the file touches a disk.

    Raises:
        NotPermitted: the actor may not read the area, so nothing is parsed.
        InvalidInput: code ``not-readable``; the sentence gives the reason.
    """
    require_permitted(workspace, actor, Action.READ)
    if file_type_of(name).family == "text" and is_binary(content):
        raise InvalidInput(
            "not-readable",
            "The file is no text, whatever its ending says.",
            {"status": "unsupported"},
        )
    limits = limits_of(workspace.settings)
    if seconds is not None:
        limits = replace(limits, seconds=min(seconds, limits.seconds))
    read = read_bytes(f"file{_ending(name)}", content, limits)
    texts = [_counted(each) for each in read if has_text(each.status)]
    if not texts:
        status = read[0].status if read else "empty"
        why = (read[0].reason if read else None) or "it holds no text"
        raise InvalidInput("not-readable", f"The file is {status}: {why}.", {"status": status})
    return "\n\n".join(filter(None, texts))


def _counted(item: Parsed) -> str:
    return (item.text if item.own_text is None else item.own_text) or ""


def _ending(name: str) -> str:
    ending = Path(name.replace("\\", "/")).suffix
    return ending if ending[1:].isalnum() and len(ending) <= 12 else ""
