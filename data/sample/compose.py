"""Composes one document of a kind from the material, by a randomness of its own.

Each document depends on the seed, its kind and its number alone, never on those made before it,
except that one too close to an earlier one of its kind is drawn again.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

from data.sample.document import Document, read_blocks
from data.sample.facts import created_time, draw_facts
from data.sample.grammar import Draw
from data.sample.material import Form, Kind, load_kind
from data.sample.originality import Collection, five_grams
from data.sample.words import file_name, hasty

LIMIT = 0.30
_ATTEMPTS = 60

FormTest = Callable[[Form], bool]


@dataclass(frozen=True, slots=True)
class Composed:
    """A document, its form and its place among the other files."""

    document: Document
    form: Form
    kind: str
    format: str
    folder: str
    mailbox: str
    name: str


class Composer:
    """Composes documents and keeps those of one kind apart."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._numbers: dict[str, int] = {}
        self._collections: dict[str, Collection] = {}

    def compose(self, material: str, suits: FormTest = lambda _: True) -> Composed:
        """The next document of a kind's material, in a form that suits.

        Raises:
            ValueError: when the material cannot yield one that is new enough.
        """
        kind = load_kind(material)
        number = self._numbers.get(material, 0)
        self._numbers[material] = number + 1
        collection = self._collections.setdefault(kind.name, Collection())
        for attempt in range(_ATTEMPTS):
            random = Random(f"{self._seed}/{material}/{number}/{attempt}")
            composed = _compose(kind, random, suits, f"{material}/{number}")
            grams = five_grams(composed.document.whole_text)
            if collection.closest(grams)[0] <= LIMIT:
                collection.add(grams)
                return composed
        msg = f"the material of {material} is used up: document {number} repeats an earlier one"
        raise ValueError(msg)


def _compose(kind: Kind, random: Random, suits: FormTest, key: str) -> Composed:
    forms = [form for form in kind.forms if suits(form)]
    form = random.choices(forms, [form.weight for form in forms])[0]
    created = created_time(random)
    draw = Draw(random, {})
    staff, outside = draw_facts(kind.grammar, draw, created, kind.language)
    draw.facts.update(form.facts)
    text = kind.grammar.write(form.body.body, draw)
    if random.random() < float(form.option("hasty", "0")):
        text = hasty(text, random)
    people = {"staff": staff, "outside": outside}
    extension = random.choices(list(form.formats), list(form.formats.values()))[0]
    bare = Document(
        title="",
        blocks=(),
        author=people[form.option("from", "staff")],
        recipient=people[form.option("to", "staff")],
        created=created,
        modified=created + timedelta(minutes=random.randrange(9, 20_000)),
        language=kind.language,
        key=key,
    )
    document = _filled(bare, text)
    folder, mailbox, name = (
        file_name(kind.grammar.expand(rule, draw)) for rule in ("folder", "mailbox", "filename")
    )
    name = name.replace("/", "-")
    return Composed(document, form, kind.name, extension, folder, mailbox, name)


def _filled(bare: Document, text: str) -> Document:
    """The document with its text; what follows a line ``~~~`` is attached to it."""
    own, _, attached = text.partition("\n~~~\n")
    title, blocks = read_blocks(own, bare.language)
    attachment = _filled(bare, attached) if attached else None
    return replace(bare, title=title, blocks=blocks, attachment=attachment)
