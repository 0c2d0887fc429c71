"""A retrained version against the published one, judged on what neither has learned from.

It trains and scores folds and writes the comparison; what it recommends is the core's, and nothing
here moves a pointer.

Whatever a version has learned from is judged by a twin of it that has learned everything but that
item's fold. The published version itself judges the items that are new to it. Items that equal a
seed are left out: every version has learned from those.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select

from cultivar import encoder
from cultivar.core.learning.engine import Engine
from cultivar.core.learning.model import Model
from cultivar.core.learning.training import Prepared, TrainingInput, prepare, train
from cultivar.core.operating_points import DEFAULT
from cultivar.core.reference import ArtifactReference
from cultivar.core.retraining.comparison import (
    ORIGINAL,
    WITH_FEEDBACK,
    Comparison,
    JudgedItem,
    Predicted,
    comparison,
)
from cultivar.core.retraining.crossfit import FOLDS, folds_of
from cultivar.core.schemas import COMPARISON, OVERVIEW
from cultivar.core.serialisation import as_json
from cultivar.operations.engines import model_at
from cultivar.operations.training.training import material_of
from cultivar.store.origin import Producer
from cultivar.store.tables import ClassifierRow, VersionRow
from cultivar.store.workspace import Workspace

_POINT = "point"
Advance = Callable[[int, int | None], None]
Chosen = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ComparedVersion:
    """A version to compare: its model file, the model, and all that it has learned from."""

    reference: ArtifactReference
    model: Model
    given: TrainingInput


@dataclass(frozen=True, slots=True)
class Compared:
    """The artifacts of a comparison, and the comparison itself."""

    comparison: ArtifactReference
    overview: ArtifactReference
    found: Comparison


def contender(workspace: Workspace, model: ArtifactReference) -> ComparedVersion:
    """Return a version with the material that its lineage names."""
    trained = model_at(workspace, model)
    inputs = workspace.artifacts.inputs_of(model.sha256)
    seed = int(trained.training["seed"])
    return ComparedVersion(model, trained, material_of(workspace, inputs, seed))


def compare_versions(
    workspace: Workspace, published: ComparedVersion, retrained: ComparedVersion, advance: Advance
) -> Compared:
    """Compare on every item that the retrained version has learned from people, out-of-fold.

    ``advance`` is told how many of the models for the folds are trained.
    """
    inputs = workspace.artifacts.inputs_of(retrained.reference.sha256)
    feedback = workspace.artifacts.reference(inputs["feedback"])
    sets = {
        WITH_FEEDBACK: _members(workspace, inputs.get("feedback")),
        ORIGINAL: _members(workspace, inputs.get("reviews")),
    }
    judged = _of(_judged(retrained.given), set().union(*sets.values()))
    point = _point(workspace, published.reference.sha256)
    judged = _judged_at(judged, sets[WITH_FEEDBACK], point)
    found = cross_fit(judged, published, retrained, advance)
    compared = comparison(_rows(judged, found, sets))
    known = {
        "feedback": feedback,
        "published": published.reference,
        "retrained": retrained.reference,
    }
    table = pa.Table.from_pylist(
        [_row(row, found[row.item_id]) for row in compared.rows], schema=COMPARISON.arrow
    )
    store = workspace.artifacts
    kept = store.write(COMPARISON.name, table, producer=Producer.RETRAIN, inputs=known)
    figures = pa.Table.from_pylist(_figures(compared), schema=OVERVIEW.arrow)
    overview = store.write(
        OVERVIEW.name, figures, producer=Producer.RETRAIN, inputs={"comparison": kept}
    )
    return Compared(kept, overview, compared)


def _members(workspace: Workspace, sha256: str | None) -> set[str]:
    if sha256 is None:
        return set()
    reference = workspace.artifacts.reference(sha256)
    return set(_ids(workspace.artifacts.read(reference, columns=["item_id"])))


def _ids(table: pa.Table) -> list[str]:
    found: list[str] = table.column("item_id").to_pylist()
    return found


def _of(judged: pa.Table, wanted: set[str]) -> pa.Table:
    """Return the rows of the sets that are compared; verdicts from the content only teach."""
    items = pa.array(sorted(wanted), pa.string())
    return judged.filter(pc.is_in(judged.column("item_id"), value_set=items))


def _point(workspace: Workspace, model_sha256: str) -> str:
    """Return the operating point of the live version, at which content is judged."""
    query = (
        select(ClassifierRow.operating_point)
        .join(VersionRow, VersionRow.id == ClassifierRow.published_version_id)
        .where(VersionRow.model_sha256 == model_sha256)
    )
    with workspace.registry.reading() as session:
        return session.scalars(query).first() or DEFAULT


def _judged_at(judged: pa.Table, in_content: set[str], point: str) -> pa.Table:
    """Say of each item at which operating point it is judged; null: at the review's threshold."""
    points = [point if item_id in in_content else None for item_id in _ids(judged)]
    return judged.append_column(_POINT, pa.array(points, pa.string()))


def _judged(given: TrainingInput) -> pa.Table:
    """Return item, text and truth of what people judged, without what equals a seed."""
    assert given.reviewed is not None  # noqa: S101 - a retraining learns from feedback
    decided = given.reviewed.filter(pc.is_valid(given.reviewed.column("relevant")))
    seeds = pc.unique(given.seeds.column("text"))
    return decided.filter(pc.invert(pc.is_in(decided.column("text"), value_set=seeds)))


@dataclass(frozen=True, slots=True)
class Judgement:
    """What both versions say of one item: its fold, and whether the published one learned it."""

    fold: int
    learned: bool
    published: Predicted
    retrained: Predicted


def cross_fit(
    judged: pa.Table, published: ComparedVersion, retrained: ComparedVersion, advance: Advance
) -> dict[str, Judgement]:
    """Return item id → what both versions say of it, having learned nothing from it.

    ``judged`` has the columns ``item_id``, ``text`` and ``relevant`` (1 or 0), and may have
    ``point``: the operating point at which an item is judged.
    """
    texts = judged.column("text").to_pylist()
    relevant = [value == 1 for value in judged.column("relevant").to_pylist()]
    folds = np.array(folds_of(texts, relevant, retrained.given.seed), dtype=np.int64)
    learned = _learned_by(judged, published.given)
    everything = np.ones(len(judged), dtype=bool)
    tell = _Counter(advance, FOLDS + len(np.unique(folds[learned])))
    before = _predict(judged, folds, learned, published, tell)
    after = _predict(judged, folds, everything, retrained, tell)
    parts = zip(folds.tolist(), learned.tolist(), before, after, strict=True)
    return {item_id: Judgement(*part) for item_id, part in zip(_ids(judged), parts, strict=True)}


def _learned_by(judged: pa.Table, given: TrainingInput) -> Chosen:
    if given.reviewed is None:
        return np.zeros(len(judged), dtype=bool)
    texts = pc.unique(given.reviewed.column("text"))
    return np.asarray(pc.is_in(judged.column("text"), value_set=texts).to_numpy())


class _Counter:
    """Tells how many models are trained."""

    def __init__(self, advance: Advance, total: int) -> None:
        self._advance, self._total, self._done = advance, total, 0

    def __call__(self) -> None:
        self._done += 1
        self._advance(self._done, self._total)


def _predict(
    judged: pa.Table,
    folds: npt.NDArray[np.int64],
    learned: Chosen,
    version: ComparedVersion,
    tell: Callable[[], None],
) -> list[Predicted]:
    """Let the version judge what is new to it, and a twin a fold the rest."""
    found = _predicted(version.model, judged)
    table = version.model.encoder or encoder.load()
    ready = prepare(version.given, table) if learned.any() else None
    for fold in np.unique(folds[learned]):
        inside = folds == fold
        twin = _held_out_model(version.given, judged.filter(pa.array(inside)), table, ready)
        places = np.flatnonzero(inside & learned)
        for place, told in zip(
            places.tolist(), _predicted(twin, judged.take(pa.array(places))), strict=True
        ):
            found[place] = told
        tell()
    return found


def _held_out_model(
    given: TrainingInput, held: pa.Table, table: Engine, ready: Prepared | None
) -> Model:
    """Return the version as it would be without the held items and their copies."""
    assert given.reviewed is not None  # noqa: S101 - only what was learned is held out
    copies = pc.is_in(given.reviewed.column("text"), value_set=pc.unique(held.column("text")))
    left = given.reviewed.filter(pc.invert(copies))
    return train(replace(given, reviewed=left), table, ready)


def _predicted(model: Model, items: pa.Table) -> list[Predicted]:
    """Return what a model says; a model without operating points has its one threshold."""
    scores = model.score(items.column("text"))
    kinds = model.decide(scores).to_pylist()
    if _POINT in items.column_names and model.operating is not None:
        points = items.column(_POINT).to_pylist()
        cuts = {point: model.operating.cut(point) for point in set(points) if point}
        kinds = [
            cuts[point].prediction(score) if point else kind
            for point, score, kind in zip(points, scores, kinds, strict=True)
        ]
    return [Predicted(float(score), kind) for score, kind in zip(scores, kinds, strict=True)]


def _rows(
    judged: pa.Table, found: Mapping[str, Judgement], sets: Mapping[str, set[str]]
) -> list[JudgedItem]:
    truths = zip(_ids(judged), judged.column("relevant").to_pylist(), strict=True)
    return [
        JudgedItem(
            item_id,
            frozenset(name for name, members in sets.items() if item_id in members),
            relevant == 1,
            found[item_id].published,
            found[item_id].retrained,
        )
        for item_id, relevant in truths
    ]


def _row(item: JudgedItem, found: Judgement) -> dict[str, object]:
    return {
        "item_id": item.item_id,
        "with_feedback": int(WITH_FEEDBACK in item.sets),
        "original": int(ORIGINAL in item.sets),
        "relevant": int(item.relevant),
        "fold": found.fold,
        "published_learned": int(found.learned),
        "published_score": item.published.score,
        "published_prediction": item.published.prediction,
        "retrained_score": item.retrained.score,
        "retrained_prediction": item.retrained.prediction,
        "flips": int(item.flips),
        "right": item.right,
    }


def _figures(found: Comparison) -> list[dict[str, object]]:
    return [
        {
            "items": items,
            "version": version,
            "measure": measure.replace("_", " "),
            "size": performance.items,
            **as_json(figure),
        }
        for items, versions in found.performance.items()
        for version, performance in versions.items()
        for measure in ("precision", "recall", "accuracy", "true_positives", "false_positives")
        if (figure := getattr(performance, measure)) is not None
    ]
