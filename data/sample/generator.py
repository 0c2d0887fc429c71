"""Writes the sample organisation into a folder: the order of work, and nothing else.

It composes no text and knows no format; equal seed and scale give equal bytes on any machine.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

from data.sample.broken import broken_items
from data.sample.compose import Composed, Composer, FormTest
from data.sample.copies import exact_copies, near_copies
from data.sample.items import Item, Shelf, body_item, set_item, write_items
from data.sample.manifest import Manifest
from data.sample.material import Form, load_kind
from data.sample.plan import BODY, BROKEN, COPIES, FOREIGN, TARGETS, Target, scaled


def generate(target: Path, seed: int = 0, scale: float = 1.0) -> Manifest:
    """Write the organisation and its held labels (``labels.csv``) below ``target``.

    ``scale`` multiplies the number of items of the main body, from 0.01 to 1; the seed and test
    sets of the classifiers keep their size, since the lifecycle needs them whole.

    Raises:
        FileExistsError: when the target holds files already.
        ValueError: when the scale is out of range.
    """
    if not 0.01 <= scale <= 1:
        msg = f"scale must lie between 0.01 and 1, not {scale}"
        raise ValueError(msg)
    if target.exists() and any(target.iterdir()):
        msg = f"{target.name!r} is not empty: choose a new folder for the sample organisation"
        raise FileExistsError(msg)
    manifest = Manifest(tuple(write_items(target, organisation(seed, scale))))
    manifest.write(target)
    return manifest


def organisation(seed: int = 0, scale: float = 1.0) -> Iterator[Item]:
    """All items before they are written: seed and test sets, body, copies, broken files."""
    composer, shelf = Composer(seed), Shelf()
    for goal in TARGETS:
        yield from _sets(goal, composer, shelf)
    body = [body_item(composed, shelf) for composed in _body(composer, scale)]
    yield from body
    copies = scaled(COPIES, scale)
    yield from exact_copies(body, Random(f"{seed}/exact"), copies, shelf)
    yield from near_copies(body, Random(f"{seed}/near"), copies, shelf)
    yield from broken_items(body, Random(f"{seed}/broken"), scaled(BROKEN, scale), shelf)


def _body(composer: Composer, scale: float) -> Iterator[Composed]:
    for material, count in {**BODY, **FOREIGN}.items():
        for _ in range(scaled(count, scale)):
            yield composer.compose(material)


def _sets(goal: Target, composer: Composer, shelf: Shelf) -> Iterator[Item]:
    """Seeds (plain examples only) and a balanced test set with its less obvious items."""

    def item(composed: Composed, role: str, label: str) -> Item:
        folder = f"seeds/{goal.kind}" if role == "seed" else f"tests/{goal.kind}/{label}"
        made = set_item(composed, folder, shelf)
        entry = replace(made.entry, role=role, classifier=goal.kind, label=label)
        return replace(made, entry=entry)

    for _ in range(goal.seeds):
        yield item(composer.compose(goal.kind, lambda form: not form.edge), "seed", "positive")
    for _ in range(goal.positives):
        yield item(composer.compose(goal.kind), "test", "positive")
    for composed in _negatives(goal, composer):
        yield item(composed, "test", "negative")


def _negatives(goal: Target, composer: Composer) -> Iterator[Composed]:
    """Items of other kinds: those that resemble the goal's, then those that do not."""
    others = [(kind, form) for kind in BODY if kind != goal.kind for form in load_kind(kind).forms]
    near = [(kind, form) for kind, form in others if form.near == goal.kind]
    far = [(kind, form) for kind, form in others if form.near != goal.kind]
    random = Random(f"{goal.kind}/negatives")
    for choices, count in ((near, goal.hard), (far, goal.easy)):
        weights = [BODY[kind] * form.weight for kind, form in choices]
        for kind, form in random.choices(choices, weights, k=count):
            yield composer.compose(kind, _only(form))


def _only(form: Form) -> FormTest:
    return lambda found: found is form
