"""The split: which documents a model learns from, is chosen on, and is judged by.

80, 10 and 10 %: floor(n / 10) validation, floor(n / 10) test, the rest train, stratified where
every class allows it. Documents of one text are drawn as one and stay together, so that no text is
judged that was learned. Seeded by the caller; the same documents and seed give the same split.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from unicodedata import normalize

import numpy as np
import numpy.typing as npt

from cultivar.core.errors import InvalidInput
from cultivar.core.projects.limits import DOCUMENTS_TO_EVALUATE

TRAIN, VALIDATION, TEST = "train", "validation", "test"
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class EvaluationOptions:
    """How the test set is made: by ``percentage``, or ``manual`` as the documents say.

    ``testing`` is the test set's share in per cent. The default of the contract, 80 and 20, means
    20 % that the model does not learn from: 10 % validation and 10 % test.
    """

    kind: str = "percentage"
    training: int = 80
    testing: int = 20

    def __post_init__(self) -> None:
        if self.kind not in {"percentage", "manual"}:
            raise InvalidInput(
                "bad-evaluation-options",
                f"The kind of evaluation is percentage or manual; found {self.kind!r:.40}.",
            )
        if self.kind == "percentage" and not (
            self.training + self.testing == 100 and 50 <= self.training <= 98
        ):
            raise InvalidInput(
                "bad-evaluation-options",
                "The training and testing percentages add up to 100 and 50 to 98 are for "
                f"training; found {self.training} and {self.testing}.",
            )

    def as_dict(self) -> dict[str, object]:
        """Return the form in which the registry keeps it with a job."""
        return {"kind": self.kind, "training": self.training, "testing": self.testing}


@dataclass(frozen=True)
class Split:
    """Positions of the documents of each part, ascending (int64), disjoint."""

    train: Places
    validation: Places
    test: Places

    def parts(self) -> list[str]:
        """Return each document's part, in the order of the documents."""
        found = np.full(len(self.train) + len(self.validation) + len(self.test), TRAIN, object)
        found[self.validation] = VALIDATION
        found[self.test] = TEST
        return [str(part) for part in found]


def split(
    classes: Sequence[Sequence[str]],
    seed: int,
    options: EvaluationOptions | None = None,
    declared: Sequence[str | None] = (),
    texts: Sequence[Hashable] = (),
) -> Split:
    """Return the parts of documents with these classes.

    Below ten documents all of them train. ``declared`` (``train``, ``test`` or None a document)
    counts for manual evaluation alone; there, a tenth of the others is validation. ``texts`` holds
    what stands for each document's text, such as its hash; without it no two are equal. A document
    whose text another one declares as ``test`` is in the test set as well.
    """
    options = options or EvaluationOptions()
    everything = np.arange(len(classes))
    if len(classes) < DOCUMENTS_TO_EVALUATE:
        return Split(everything, everything[:0], everything[:0])
    generator = np.random.Generator(np.random.PCG64(seed))
    copy_of = _first_with(texts) if len(texts) else everything
    firsts, joined = np.unique(copy_of), _joined(classes, copy_of)
    if options.kind == "manual":
        tested = np.unique(copy_of[np.array([each == TEST for each in declared], dtype=bool)])
        others = np.setdiff1d(firsts, tested)
        validated = _drawn(others, joined, len(others) // 10, generator)
    else:
        size = len(firsts) * options.testing // 200
        held = _drawn(firsts, joined, 2 * size, generator)
        labels = [joined[place] for place in held]
        tested = held[_drawn(np.arange(len(held)), labels, size, generator)]
        validated = np.setdiff1d(held, tested)
    in_test, in_validation = np.isin(copy_of, tested), np.isin(copy_of, validated)
    return Split(
        everything[~in_test & ~in_validation], everything[in_validation], everything[in_test]
    )


def text_form(text: str) -> str:
    """Return what texts share that differ in capitals, blanks or their form of Unicode alone."""
    plain = text if text.isascii() else normalize("NFKC", text)
    return sha256(" ".join(plain.casefold().split()).encode()).hexdigest()


def _first_with(texts: Sequence[Hashable]) -> Places:
    """Return, for each document, the place of the first one with its text."""
    first: dict[Hashable, int] = {}
    return np.array(
        [first.setdefault(text, place) for place, text in enumerate(texts)], dtype=np.int64
    )


def _joined(classes: Sequence[Sequence[str]], copy_of: Places) -> list[Sequence[str]]:
    """Return each document's classes; the first of several with one text has those of all."""
    joined = list(classes)
    for place in np.flatnonzero(copy_of != np.arange(len(copy_of))).tolist():
        first = int(copy_of[place])
        joined[first] = list(dict.fromkeys([*joined[first], *classes[place]]))
    return joined


def _drawn(
    places: Places,
    classes: Sequence[Sequence[str]],
    size: int,
    generator: np.random.Generator,
) -> Places:
    """Draw ``size`` of ``places``, each class in its share; its last document is left.

    A document of several classes belongs to the rarest of them.
    """
    strata = _strata(places, classes)
    order = generator.permutation(len(places))
    wanted = _shares({name: len(found) for name, found in strata.items()}, size)
    left = dict(wanted)
    member = {place: name for name, found in strata.items() for place in found}
    drawn = []
    for position in order:
        name = member[int(places[position])]
        if left[name]:
            left[name] -= 1
            drawn.append(int(places[position]))
    return np.sort(np.array(drawn, dtype=np.int64))


def _strata(places: Places, classes: Sequence[Sequence[str]]) -> dict[str, list[int]]:
    counts: dict[str, int] = {}
    for place in places:
        for name in classes[place]:
            counts[name] = counts.get(name, 0) + 1
    strata: dict[str, list[int]] = {}
    for place in places:
        rarest = min(classes[place], key=lambda name: (counts[name], name), default="")
        strata.setdefault(rarest, []).append(int(place))
    return dict(sorted(strata.items()))


def _shares(sizes: Mapping[str, int], size: int) -> dict[str, int]:
    """Return how many to draw of each stratum: its share, largest remainders first.

    A stratum keeps one document as long as the others can give enough.
    """
    total = sum(sizes.values())
    exact = {name: size * count / total for name, count in sizes.items()}
    spare = {name: max(count - 1, 0) for name, count in sizes.items()}
    found = {name: min(int(share), spare[name]) for name, share in exact.items()}
    by_remainder = sorted(sizes, key=lambda name: (found[name] - exact[name], name))
    for bound in (spare, sizes):
        while (missing := size - sum(found.values())) > 0:
            open_strata = [name for name in by_remainder if found[name] < bound[name]]
            if not open_strata:
                break
            for name in open_strata[:missing]:
                found[name] += 1
    return found
