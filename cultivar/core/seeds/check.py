"""A look at a seed set: which seeds are in doubt, and what the set lacks.

The classifier itself is asked: it is trained, and each seed is judged by a model that has not
learned from it. It stores nothing, and takes no seed away: a person picked them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from cultivar.core.errors import InvalidInput
from cultivar.core.identity.families import Relative, families
from cultivar.core.learning import rounds
from cultivar.core.learning.engine import Engine
from cultivar.core.learning.estimates import familiarity
from cultivar.core.learning.model import Model
from cultivar.core.learning.rounds import NEGATIVE, POSITIVE, Material
from cultivar.core.learning.training import Prepared, TrainingInput, prepare, train
from cultivar.core.seeds.expected import expected_f1
from cultivar.core.seeds.groups import Group, groups_of
from cultivar.core.seeds.pages import shared_shares

Vector = npt.NDArray[np.float64]

# Measured on 12 categories with 4 of 60 seeds taken from other ones: 79 % of the planted lie
# below, and 4.5 % of the rest.
_ORDINARY = 0.2
_MOSTLY_SHARED = 0.5
UNDETERMINED = "und"
_SPOKEN = 0.05  # of the content that is in a language; a rarer one is not missed
COMPARED_FROM = 10


@dataclass(frozen=True, slots=True)
class Seed:
    """A seed as the check sees it: its text, its language (ISO 639-1), and what ties it."""

    text: str
    language: str | None
    ties: Relative


@dataclass(frozen=True, slots=True)
class SeedCheck:
    """What was found in a seed set.

    ``ordinary`` seeds score more like everyday content than like the other seeds, worst first;
    ``unknown`` ones share hardly a word with any other document; ``pages`` stand for more than
    half in lines that many seeds share. ``copies`` are families of copies and near copies that hold
    more than one seed. ``groups`` are what the seeds fall into, ``languages`` how many are in
    which, ``lacking`` the share of content in each language that no seed is in. ``apart``: typical
    members of the kind seem to score below the seeds. ``f1`` is from where to where F1 of labels in
    this content is expected, None where no share can be counted.
    """

    seeds: int
    ordinary: tuple[str, ...]
    unknown: tuple[str, ...]
    pages: tuple[str, ...]
    copies: tuple[tuple[str, ...], ...]
    groups: tuple[Group, ...]
    languages: Mapping[str, int]
    lacking: Mapping[str, float]
    apart: bool
    f1: tuple[float, float] | None

    @property
    def in_doubt(self) -> int:
        """How many seeds are in doubt, copies aside from the first of each family."""
        repeated = [item for family in self.copies for item in family[1:]]
        return len({*self.ordinary, *self.unknown, *self.pages, *repeated})


def require_enough(used: int, found: int) -> None:
    """Do nothing where seeds are enough to be compared with one another.

    Raises:
        InvalidInput: code ``too-few-seeds``.
    """
    if used < COMPARED_FROM:
        raise InvalidInput(
            "too-few-seeds",
            f"Seeds are compared with one another from {COMPARED_FROM} on; {used} of {found} items "
            "are usable. Add strong examples to the folder and crawl its location again.",
            {"found": found, "used": used},
        )


def check_seeds(
    seeds: Sequence[Seed],
    given: TrainingInput,
    engine: Engine,
    trained: Model | None = None,
    spoken: Sequence[str | None] = (),
) -> SeedCheck:
    """Train on ``given``, whose seeds are those, and return what is found in them.

    ``trained`` is the model that ``given`` teaches, where there is one already; ``spoken`` are the
    languages of items of the content.

    A seed is judged by a model that has not learned from it and takes everyday content for
    negatives.

    Raises:
        InvalidInput: code ``nothing-to-learn-from``.
    """
    prepared = prepare(given, engine)
    model = trained or train(given, engine, prepared)
    seen = _as_labelled(prepared.material)
    scores = rounds.learn_labelled(seen, given.seed)[1]
    names = np.array([each.ties.item_id for each in seeds], dtype=object)
    standing = _standing(scores[seen.roles == POSITIVE], scores[seen.roles == NEGATIVE])
    known = _known(prepared)
    shared = np.array(shared_shares([each.text for each in seeds]))
    order = np.argsort(standing, kind="stable")
    return SeedCheck(
        seeds=len(seeds),
        ordinary=tuple(names[order[standing[order] < _ORDINARY]]),
        unknown=tuple(names[known]),
        pages=tuple(names[shared > _MOSTLY_SHARED]),
        copies=_copies(seeds),
        groups=tuple(_groups(prepared, seeds)),
        languages=MappingProxyType(_languages(seeds)),
        lacking=MappingProxyType(_lacking(seeds, spoken)),
        apart=bool(model.training.get("seeds_apart")),
        f1=expected_f1(model.operating, model.prior) if model.operating else None,
    )


def _as_labelled(material: Material) -> Material:
    """Take everyday content for negatives: whoever doubts it would excuse a wrong seed with it."""
    roles = np.where(material.roles == POSITIVE, POSITIVE, NEGATIVE).astype(np.int8)
    return Material(material.rows, roles)


def _standing(seeds: Vector, content: Vector) -> Vector:
    """Return where each seed stands: 0 as the middle of content, 1 as the middle of the seeds."""
    low, high = float(np.median(content)), float(np.median(seeds))
    return (seeds - low) / (high - low) if high > low else np.zeros(len(seeds))


def _known(prepared: Prepared) -> npt.NDArray[np.bool_]:
    """Tell which seeds hold hardly an n-gram that any other document holds."""
    rows, roles = prepared.material.rows, prepared.material.roles
    shares = familiarity.known_shares(rows, familiarity.met_by(rows))
    familiar = familiarity.familiar_share(rows, familiarity.met_by(rows))
    return np.asarray(shares[roles == POSITIVE] < familiarity.FLOOR * familiar)


def _groups(prepared: Prepared, seeds: Sequence[Seed]) -> list[Group]:
    dense, roles = prepared.material.rows.dense, prepared.material.roles
    middle = dense[roles != POSITIVE].mean(axis=0, dtype=np.float64)
    return groups_of(dense[roles == POSITIVE], middle, [each.text for each in seeds])


def _copies(seeds: Sequence[Seed]) -> tuple[tuple[str, ...], ...]:
    family = families([each.ties for each in seeds])
    held = Counter(family.values())
    found: dict[str, list[str]] = {}
    for item, name in family.items():
        if held[name] > 1:
            found.setdefault(name, []).append(item)
    return tuple(tuple(items) for items in found.values())


def _languages(seeds: Sequence[Seed]) -> dict[str, int]:
    return dict(Counter(each.language or UNDETERMINED for each in seeds).most_common())


def _lacking(seeds: Sequence[Seed], spoken: Sequence[str | None]) -> dict[str, float]:
    known = Counter(each for each in spoken if each not in (None, UNDETERMINED))
    held = {each.language for each in seeds}
    shares = {str(name): count / known.total() for name, count in known.most_common()}
    return {name: at for name, at in shares.items() if at >= _SPOKEN and name not in held}
