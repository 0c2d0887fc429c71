"""What a person sees of one item: text, prediction, question; a page and a terminal show the same.

No card of a tested item says where it lies or how its file is called: folders and names tell what
somebody took it for.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cultivar.core.figures import probability, probability_in_words
from cultivar.core.texts.safe_text import printable

if TYPE_CHECKING:
    from cultivar.operations.publishing.release_samples import SampledItem
    from cultivar.operations.retraining.candidates import Candidate
    from cultivar.operations.review.content_items import ContentItem
    from cultivar.operations.review.items import ItemToReview
    from cultivar.operations.training.seed_suggestions import Suggestion


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown of one item; ``question`` asks whether its prediction is right.

    ``basis`` says what the prediction rests on: the probability beside the threshold.
    """

    item_id: str
    version_id: str
    title: str
    text: str
    question: str
    basis: str


def card_of(item: "ItemToReview", threshold: float) -> Card:
    """Return the card of a test item whose prediction is reviewed."""
    basis = _basis(item.score, threshold, 'this balanced test says "Relevant"')
    return _reviewed(item, item.title or "", basis)


def card_of_sampled(item: "SampledItem | ContentItem") -> Card:
    """Return the card of an item of the content whose prediction is reviewed."""
    title = getattr(item, "title", None) or ""
    return _reviewed(item, title, _basis(item.score, item.threshold, 'it is "Relevant"'))


def _reviewed(item: "ItemToReview | SampledItem | ContentItem", title: str, basis: str) -> Card:
    return Card(
        item.item_id, item.version_id, _line(title or f"Item {item.item_id[:12]}"), item.text,
        f'We predict this item is "{item.shown_as}". Do you agree?', basis,
    )  # fmt: skip


def card_of_listed(item: "Candidate", text: str, threshold: float, before: str | None) -> Card:
    """Return the card of a listed item; ``before`` is what the person said of it earlier."""
    known = item.known
    place = "/".join(str(known[part]) for part in ("location", "folder", "name") if known[part])
    question = f'We predict this item is a "{item.prediction}". Is it a match?'
    if before is not None:
        question += f' Your verdict so far: "{before}".'
    title = f"{known['title']} · {place}" if known["title"] else place
    return Card(
        item.item_id, item.version_id, _line(title), text, question,
        _basis(item.score, threshold, 'it is "match"'),
    )  # fmt: skip


def card_of_suggestion(item: "Suggestion") -> Card:
    """Return the card of a document that may be a good seed; no version predicts anything of it."""
    place = f"{item.location}/{item.path}"
    title = f"{item.title} · {place}" if item.title else place
    return Card(
        item.item_id, "", _line(title), item.text,
        "Is it a good example of the kind?", f"likeness {item.likeness:.2f}",
    )  # fmt: skip


def _line(title: str) -> str:
    """Return a title on one line, whatever the document put into it."""
    return " ".join(printable(title).split())


def _basis(score: float, threshold: float, said: str) -> str:
    """Return what a score means, and from where on what is said."""
    return (
        f"{probability_in_words(score, threshold)}; from {probability(threshold, score)} on {said}"
    )
