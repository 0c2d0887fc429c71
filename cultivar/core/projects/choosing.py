"""Choosing how strongly a model bends to its documents, and how much the encoder counts.

Documents that the model did not learn from decide: the validation set, and where that is small the
training documents too, each judged by a model that has not learned from it. The test set is not
handed in at all.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from cultivar.core.learning import joint
from cultivar.core.learning.arithmetic import logarithms
from cultivar.core.learning.joint import Costs, JointLinear
from cultivar.core.learning.solver import Rows
from cultivar.core.projects.calibration import Calibration, calibrate, log_losses, mean

Marks = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float64]
Going = Callable[[], None]

# Of the encoder's part beside the n-grams. The first is the default; the second stands where it
# wins against it, else what is left of the encoder is halved as long as that helps, down to none.
DEFAULT, MORE = 2.0, 4.0
LESS = (1.0, 0.5, 0.0)
# The share of the squared loss, the rest being that of the softmax; the first is the default.
# Measured: one wins on long texts of few classes, the other on short ones of many.
MIXES = (0.5, 1.0, 0.0)
SQUARED_COST = 1.0
SOFTMAX_COST = 10.0
FOLDS = 5
SMALL_VALIDATION = 100
SEARCHED_AT_MOST = 4_000  # training documents; more do not move the choice
UNTUNED = 4.0
# How far a rare class is lifted: halfway from the shares of the training documents to equal ones.
# Measured on complaints, half of them of one class: macro F1 rises by up to 15 points and accuracy
# by one; nothing changes where the classes are balanced.
BALANCE = 0.5
_FEWEST_FOLDED = 10


@dataclass(frozen=True)
class Material:
    """What is learned from: rows, each row's marks [rows, classes], and the places of two parts."""

    rows: Rows
    marks: Marks
    train: Places
    validation: Places
    single: bool
    seed: int


@dataclass(frozen=True)
class Recipe:
    """How a model is fitted: the encoder's ``scale``, and what each loss's decisions weigh.

    With several labels only the squared loss, one class against the rest, takes part.
    """

    scale: float
    squared: float
    softmax: float


@dataclass(frozen=True)
class Chosen:
    """The recipe, how its decisions become probabilities, and what was held out to find both.

    ``decisions`` and ``marks`` are of the held-out documents [held, classes]; none where there
    were too few documents to hold any out. ``losses`` are their log-losses (float64 [held]).
    """

    recipe: Recipe
    calibration: Calibration
    decisions: Matrix
    marks: Marks
    losses: npt.NDArray[np.float64]

    @property
    def loss(self) -> float:
        """The mean log-loss; 0 where nothing was held out."""
        return mean(self.losses) if len(self.losses) else 0.0


def choose(material: Material, going: Going = lambda: None) -> Chosen:
    """Return the recipe of the smallest log-loss on held-out documents.

    ``going`` is called before every fit and may raise to stop.
    """
    best = _tried(material, DEFAULT, None, going)
    for scale in LESS:
        before, best = best, _tried(material, scale, best, going)
        if best is before:
            break
    return _tried(material, MORE, best, going) if best.recipe.scale == DEFAULT else best


def _tried(material: Material, scale: float, best: Chosen | None, going: Going) -> Chosen:
    """Return the best of ``best`` and of all mixes at a scale."""
    held = _held_out(material, scale, going)
    if not len(held[-1]):
        return best or Chosen(
            _recipe(material, scale, MIXES[0], (UNTUNED, UNTUNED)),
            Calibration(1.0 if material.single else UNTUNED),
            *held[1:],
            _NONE,
        )
    for mix in MIXES if material.single else MIXES[1:2]:
        found = _mixed(material, scale, mix, held)
        best = found if best is None else _better(best, found)
    assert best is not None  # noqa: S101 - there is a mix
    return best


_NONE = np.zeros(0)


def _mixed(
    material: Material, scale: float, mix: float, held: tuple[Matrix, Matrix, Marks]
) -> Chosen:
    squared, softmax, marks = held
    slopes = (
        calibrate(squared, marks, material.single).slope,
        calibrate(softmax, marks, True).slope if material.single else 0.0,
    )
    recipe = _recipe(material, scale, mix, slopes)
    decisions = recipe.squared * squared + recipe.softmax * softmax + _lift(material)
    found = calibrate(decisions, marks, material.single)
    losses = log_losses(decisions, marks, found, material.single)
    return Chosen(recipe, found, decisions, marks, losses)


def _recipe(material: Material, scale: float, mix: float, slopes: tuple[float, float]) -> Recipe:
    if not material.single:
        return Recipe(scale, 1.0, 0.0)
    return Recipe(scale, mix * slopes[0], (1.0 - mix) * slopes[1])


def _better(one: Chosen, other: Chosen) -> Chosen:
    """Return the other where its loss on the held-out documents is smaller."""
    return other if mean(one.losses - other.losses) > 0.0 else one


def _held_out(material: Material, scale: float, going: Going) -> tuple[Matrix, Matrix, Marks]:
    """Return the decisions of both losses and the marks of the documents held out."""
    parts = [_outside(material, _searched(material), material.validation, scale, going)]
    if len(material.validation) < SMALL_VALIDATION and len(material.train) >= _FEWEST_FOLDED:
        parts += _folded(material, scale, going)
    squared, softmax, marks = (np.concatenate(each) for each in zip(*parts, strict=True))
    return squared, softmax, marks


def _searched(material: Material) -> Places:
    """Return the training documents that a search learns from: all, or so many at random."""
    if len(material.train) <= SEARCHED_AT_MOST:
        return material.train
    generator = np.random.Generator(np.random.PCG64(material.seed))
    return np.sort(generator.permutation(material.train)[:SEARCHED_AT_MOST])


def _folded(material: Material, scale: float, going: Going) -> list[tuple[Matrix, Matrix, Marks]]:
    folds, train = _folds(material), material.train
    return [
        _outside(material, train[folds != fold], train[folds == fold], scale, going)
        for fold in range(FOLDS)
    ]


def _folds(material: Material) -> Places:
    """Return each training document's fold; the classes are spread evenly."""
    generator = np.random.Generator(np.random.PCG64(material.seed))
    shuffled = generator.permutation(len(material.train))
    first = material.marks[material.train].argmax(axis=1)[shuffled]
    folds = np.empty(len(material.train), dtype=np.int64)
    folds[shuffled[np.argsort(first, kind="stable")]] = np.arange(len(folds)) % FOLDS
    return folds


def _outside(
    material: Material, inside: Places, outside: Places, scale: float, going: Going
) -> tuple[Matrix, Matrix, Marks]:
    """Return both losses' decisions on documents by models that learn from others."""
    nothing = np.zeros((len(outside), material.marks.shape[1]))
    if not len(outside):
        return nothing, nothing, material.marks[:0]
    squared = _squared(material, inside, scale, going).decide(material.rows, outside)
    softmax = nothing
    if material.single:
        softmax = _softmax(material, inside, scale, going).decide(material.rows, outside)
    return squared, softmax, material.marks[outside]


def fitted(material: Material, recipe: Recipe, going: Going = lambda: None) -> JointLinear:
    """Fit a recipe on the training documents."""
    parts = [
        (weight, fit(material, material.train, recipe.scale, going))
        for weight, fit in ((recipe.squared, _squared), (recipe.softmax, _softmax))
        if weight > 0.0
    ]
    linear = joint.summed(parts)
    return replace(linear, bias=linear.bias + _lift(material))


def _lift(material: Material) -> npt.NDArray[np.float64]:
    """Return what each class's decision value is raised by; nothing with several labels.

    A recipe's decision values are log-odds, so this takes half of the classes' shares out of them.
    """
    marks = material.marks[material.train]
    if not material.single:
        return np.zeros(marks.shape[1])
    shares = (marks.sum(axis=0) + 1.0) / (len(marks) + marks.shape[1])
    return -BALANCE * np.asarray(logarithms(shares))


def _squared(material: Material, places: Places, scale: float, going: Going) -> JointLinear:
    """Fit each class against the rest; its costs stand halfway from equal to balanced."""
    going()
    marks = material.marks[places]
    carrying = marks.sum(axis=0, dtype=np.float64) + 1.0
    tilt = np.sqrt((len(places) + 2.0 - carrying) / carrying)
    costs = Costs(SQUARED_COST * tilt, SQUARED_COST / tilt)
    return joint.fit(material.rows, places, marks, costs, scale, material.seed)


def _softmax(material: Material, places: Places, scale: float, going: Going) -> JointLinear:
    going()
    classes = material.marks[places].argmax(axis=1)
    sizes = (material.marks.shape[1], SOFTMAX_COST, scale)
    return joint.fit_softmax(material.rows, places, classes, sizes, material.seed)
