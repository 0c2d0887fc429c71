"""Choosing how strongly a model bends to its documents, and how much the encoder counts.

Documents that the model did not learn from decide: the validation set, and where that is small the
training documents too, each judged by a model that has not learned from it. The test set is not
handed in at all.
"""

from collections.abc import Callable, Mapping
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

SQUARED, SOFTMAX = "squared", "softmax"

# Of the encoder's part beside the n-grams, times the share of words that the encoder knows. The
# first is the default; the second stands where it wins against it, else what is left of the encoder
# is halved as long as that helps, down to none.
DEFAULT, MORE = 2.0, 4.0
LESS = (1.0, 0.5, 0.0)
# The share of the squared loss, the rest being that of the softmax; the first is the default.
# Measured: one wins on long texts of few classes, the other on short ones of many. The squared loss
# alone is what the scale is found with.
MIXES = (0.5, 0.0)
SQUARED_COST = 1.0
# Several labels: few documents carry a class, and most classes are easily told from the rest.
# Measured on contract clauses: micro F1 rises by one to two points at every size.
SEVERAL_COST = 4.0
SOFTMAX_COST = 40.0
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
    """What is learned from: rows, each row's marks [rows, classes], and the places of two parts.

    ``known`` is the share of the texts' words that the encoder knows.
    """

    rows: Rows
    marks: Marks
    train: Places
    validation: Places
    single: bool
    seed: int
    known: float = 1.0


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
    ``fits`` are the linear classifiers of the recipe's scale by their loss, where the search
    fitted them on all training documents.
    """

    recipe: Recipe
    calibration: Calibration
    decisions: Matrix
    marks: Marks
    losses: npt.NDArray[np.float64]
    fits: Mapping[str, JointLinear]

    @property
    def loss(self) -> float:
        """The mean log-loss; 0 where nothing was held out."""
        return mean(self.losses) if len(self.losses) else 0.0


@dataclass(frozen=True)
class _Held:
    """One loss's decisions on held-out documents, their marks, and the fit on all others."""

    decisions: Matrix
    marks: Marks
    fits: Mapping[str, JointLinear]


def choose(material: Material, going: Going = lambda: None) -> Chosen:
    """Return the recipe of the smallest log-loss on held-out documents.

    The scale is found with the squared loss alone, which takes a fraction of the softmax's time;
    at that scale the mix of both is. ``going`` is called before every fit and may raise to stop.
    """
    held = _held_out(material, SQUARED, DEFAULT * material.known, going)
    if not len(held.marks):
        return _unchosen(material, held)
    best, held = _scaled(material, held, going)
    if not material.single:
        return best
    softmax = _held_out(material, SOFTMAX, best.recipe.scale, going)
    for mix in MIXES:
        best = _better(best, _mixed(material, best.recipe.scale, mix, (held, softmax)))
    return best


def _unchosen(material: Material, held: _Held) -> Chosen:
    calibration = Calibration(1.0 if material.single else UNTUNED)
    recipe = _recipe(material, DEFAULT * material.known, MIXES[0], (UNTUNED, UNTUNED))
    return Chosen(recipe, calibration, held.decisions, held.marks, np.zeros(0), {})


def _scaled(material: Material, held: _Held, going: Going) -> tuple[Chosen, _Held]:
    """Return what the squared loss gives at the best scale, beginning from the default one."""
    default, more = (each * material.known for each in (DEFAULT, MORE))
    best = _mixed(material, default, 1.0, (held, None))
    for scale in (each * material.known for each in LESS):
        tried = _held_out(material, SQUARED, scale, going)
        before, best = best, _better(best, _mixed(material, scale, 1.0, (tried, None)))
        if best is before:
            break
        held = tried
    if best.recipe.scale == default:
        tried = _held_out(material, SQUARED, more, going)
        before, best = best, _better(best, _mixed(material, more, 1.0, (tried, None)))
        held = held if best is before else tried
    return best, held


def _mixed(
    material: Material, scale: float, mix: float, parts: tuple[_Held, _Held | None]
) -> Chosen:
    """Return what a mix of the squared loss with that of the softmax, if any, comes to."""
    squared, softmax = parts
    slopes = [
        calibrate(part.decisions, part.marks, material.single).slope if part and weight else 0.0
        for part, weight in ((squared, mix), (softmax, 1.0 - mix))
    ]
    recipe = _recipe(material, scale, mix, (slopes[0], slopes[1]))
    decisions = recipe.squared * squared.decisions + _lift(material)
    if softmax:
        decisions += recipe.softmax * softmax.decisions
    found = calibrate(decisions, squared.marks, material.single)
    losses = log_losses(decisions, squared.marks, found, material.single)
    fits = {**squared.fits, **(softmax.fits if softmax else {})}
    return Chosen(recipe, found, decisions, squared.marks, losses, fits)


def _recipe(material: Material, scale: float, mix: float, slopes: tuple[float, float]) -> Recipe:
    if not material.single:
        return Recipe(scale, 1.0, 0.0)
    return Recipe(scale, mix * slopes[0], (1.0 - mix) * slopes[1])


def _better(one: Chosen, other: Chosen) -> Chosen:
    """Return the other where its loss on the held-out documents is smaller."""
    return other if mean(one.losses - other.losses) > 0.0 else one


def _held_out(material: Material, loss: str, scale: float, going: Going) -> _Held:
    """Return the decisions of one loss on the documents held out."""
    searched, fits = _searched(material), {}
    parts = []
    if len(material.validation):
        linear = _fit(material, searched, loss, scale, going)
        parts.append(_decided(material, linear, material.validation))
        if len(searched) == len(material.train):
            fits[loss] = linear
    if len(material.validation) < SMALL_VALIDATION and len(material.train) >= _FEWEST_FOLDED:
        parts += _folded(material, loss, scale, going)
    if not parts:
        nothing = material.marks[:0]
        return _Held(nothing.astype(np.float64), nothing, fits)
    decisions, marks = (np.concatenate(each) for each in zip(*parts, strict=True))
    return _Held(decisions, marks, fits)


def _searched(material: Material) -> Places:
    """Return the training documents that a search learns from: all, or so many at random."""
    if len(material.train) <= SEARCHED_AT_MOST:
        return material.train
    generator = np.random.Generator(np.random.PCG64(material.seed))
    return np.sort(generator.permutation(material.train)[:SEARCHED_AT_MOST])


def _folded(
    material: Material, loss: str, scale: float, going: Going
) -> list[tuple[Matrix, Marks]]:
    folds, train = _folds(material), material.train
    return [
        _decided(
            material,
            _fit(material, train[folds != fold], loss, scale, going),
            train[folds == fold],
        )
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


def _decided(material: Material, linear: JointLinear, outside: Places) -> tuple[Matrix, Marks]:
    """Return the decisions on documents that the linear classifier has not met, and their marks."""
    return linear.decide(material.rows, outside), material.marks[outside]


def fitted(
    material: Material,
    recipe: Recipe,
    fits: Mapping[str, JointLinear] | None = None,
    going: Going = lambda: None,
) -> JointLinear:
    """Return a recipe's linear classifier; what ``fits`` has of it is not fitted again."""
    known = fits or {}
    parts = [
        (weight, known.get(loss) or _fit(material, material.train, loss, recipe.scale, going))
        for loss, weight in ((SQUARED, recipe.squared), (SOFTMAX, recipe.softmax))
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


def _fit(material: Material, places: Places, loss: str, scale: float, going: Going) -> JointLinear:
    going()
    return (_squared if loss == SQUARED else _softmax)(material, places, scale)


def _squared(material: Material, places: Places, scale: float) -> JointLinear:
    """Fit each class against the rest; its costs stand halfway from equal to balanced.

    With several labels they stand a quarter of the way.
    """
    marks = material.marks[places]
    carrying = marks.sum(axis=0, dtype=np.float64) + 1.0
    tilt = np.sqrt((len(places) + 2.0 - carrying) / carrying)
    tilt, cost = (tilt, SQUARED_COST) if material.single else (np.sqrt(tilt), SEVERAL_COST)
    costs = Costs(cost * tilt, cost / tilt)
    return joint.fit(material.rows, places, marks, costs, scale, material.seed)


def _softmax(material: Material, places: Places, scale: float) -> JointLinear:
    classes = material.marks[places].argmax(axis=1)
    sizes = (material.marks.shape[1], SOFTMAX_COST, scale)
    return joint.fit_softmax(material.rows, places, classes, sizes, material.seed)
