"""Guidance: what a person can do for a better model, before a training and after it.

Advice never forbids; what forbids is an error elsewhere. It speaks of classes and counts, never of
a document.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from cultivar.core.projects.evaluation import Evaluation
from cultivar.core.projects.limits import (
    DOCUMENTS_A_CLASS_ADVISED,
    DOCUMENTS_TO_EVALUATE,
    IMBALANCE,
    SHORT_CHARACTERS,
    TRAINED_A_CLASS_ADVISED,
)
from cultivar.core.projects.splitting import Split
from cultivar.core.vocabulary import how_many

_NAMED = 5
_CONFUSED_AT_LEAST = 2
_CONFUSED_SHARE = 0.2
_MIX_APART = 0.2


@dataclass(frozen=True, slots=True)
class Advice:
    """One piece: a stable code, a sentence, and the figures that it states."""

    code: str
    sentence: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the form in which the registry keeps it with a model or a job."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Counted:
    """What guidance looks at: tags and lengths of the readable documents, and what is left out.

    ``contradicting`` documents have the text of another that is tagged otherwise.
    """

    classes: Sequence[str]
    tags: Sequence[Sequence[str]]
    characters: Sequence[int]
    repeated: int
    unreadable: int
    contradicting: int = 0


def contradicting(tagged: Iterable[tuple[str, tuple[str, ...]]]) -> int:
    """Return how many documents, each (hash of its text, classes), another one contradicts."""
    by_text: dict[str, Counter[tuple[str, ...]]] = {}
    for text, classes in tagged:
        if classes:
            by_text.setdefault(text, Counter())[classes] += 1
    return sum(found.total() for found in by_text.values() if len(found) > 1)


def before_training(found: Counted) -> list[Advice]:
    """Return the advice on tagged documents, most pressing first."""
    tagged = [tags for tags in found.tags if tags]
    held = dict.fromkeys(found.classes, 0) | Counter(name for tags in tagged for name in tags)
    pieces = [
        _few(len(tagged)),
        _untagged(len(found.tags) - len(tagged)),
        _unreadable(found.unreadable),
        _small(held),
        _unbalanced(held),
        _contradicting(found.contradicting),
        _repeated(found.repeated),
        _short(found.characters),
    ]
    return [each for each in pieces if each is not None]


def _few(tagged: int) -> Advice | None:
    if tagged >= DOCUMENTS_TO_EVALUATE:
        return None
    return Advice(
        "no-evaluation",
        f"{_have(tagged, 'document')} a tag. From {DOCUMENTS_TO_EVALUATE} on a part of them is set "
        "aside and the model is evaluated; below that all of them train.",
        {"tagged": tagged},
    )


def _untagged(count: int) -> Advice | None:
    if not count:
        return None
    return Advice(
        "untagged",
        f"{_have(count, 'document')} no tag, and so no part in the training.",
        {"untagged": count},
    )


def _unreadable(count: int) -> Advice | None:
    if not count:
        return None
    return Advice(
        "unreadable",
        f"{_have(count, 'document')} no text that can be read, and so no part in the "
        "training; `cultivar project documents` says why.",
        {"unreadable": count},
    )


def _small(held: Mapping[str, int]) -> Advice | None:
    small = [name for name, count in held.items() if count < DOCUMENTS_A_CLASS_ADVISED]
    if not small:
        return None
    return Advice(
        "few-documents-a-class",
        f"{_have(len(small), 'class', 'classes')} fewer than {DOCUMENTS_A_CLASS_ADVISED} "
        f"documents: {listed(small)}. About {DOCUMENTS_A_CLASS_ADVISED} a class are a good "
        "start; how distinct the classes are matters as much.",
        {"classes": {name: held[name] for name in small}},
    )


def _unbalanced(held: Mapping[str, int]) -> Advice | None:
    counts = {name: count for name, count in held.items() if count}
    if len(counts) < 2 or max(counts.values()) < IMBALANCE * min(counts.values()):
        return None
    least, most = min(counts, key=counts.__getitem__), max(counts, key=counts.__getitem__)
    return Advice(
        "imbalance",
        f"The class {most} has {counts[most]:,} documents and {least} only {counts[least]:,}. "
        "Add documents of the small classes.",
        {"most": most, "least": least},
    )


def _contradicting(count: int) -> Advice | None:
    if not count:
        return None
    return Advice(
        "contradicting",
        f"{_have(count, 'document')} the text of another that is tagged otherwise, so the model is "
        "told both; decide on one.",
        {"contradicting": count},
    )


def _repeated(count: int) -> Advice | None:
    if not count:
        return None
    return Advice(
        "duplicates",
        f"{_have(count, 'document')} the text of another. That teaches nothing new. Documents of "
        "one text are put into the same part of the split, so that no text is tested that was "
        "learned; in a manual evaluation that part is the test set where one of them is marked as "
        "test.",
        {"repeated": count},
    )


def _short(characters: Sequence[int]) -> Advice | None:
    count = sum(1 for each in characters if 0 < each < SHORT_CHARACTERS)
    if not count:
        return None
    return Advice(
        "too-short",
        f"{_have(count, 'document')} fewer than {SHORT_CHARACTERS} characters, which is little to "
        "learn from.",
        {"short": count},
    )


def after_training(
    tags: Sequence[Sequence[str]], split: Split, found: Evaluation | None
) -> list[Advice]:
    """Return the advice that a split and its evaluation give."""
    trained, tested = (
        Counter(name for place in places for name in tags[place])
        for places in (split.train, split.test)
    )
    pieces = [_unevaluated(len(tags), split), _little_trained(trained)]
    if found is not None:
        pieces += [_untested(trained, tested), _apart(trained, tested), *_confused(found)]
    return [each for each in pieces if each is not None]


def _unevaluated(documents: int, split: Split) -> Advice | None:
    if len(split.test) or documents < DOCUMENTS_TO_EVALUATE:
        return None
    return Advice(
        "no-evaluation",
        "The test set is empty, so the model is not evaluated: fewer than "
        f"{DOCUMENTS_TO_EVALUATE} of the documents have a text of their own, or the evaluation is "
        "manual and none is marked as test.",
        {"tagged": documents},
    )


def _little_trained(trained: Mapping[str, int]) -> Advice | None:
    small = sorted(name for name, count in trained.items() if count < TRAINED_A_CLASS_ADVISED)
    if not small:
        return None
    return Advice(
        "little-training-data",
        f"{_have(len(small), 'class', 'classes')} fewer than {TRAINED_A_CLASS_ADVISED} documents "
        f"to learn from: {listed(small)}.",
        {"classes": {name: trained[name] for name in small}},
    )


def _untested(trained: Mapping[str, int], tested: Mapping[str, int]) -> Advice | None:
    missing = sorted(set(trained) - set(tested))
    if not missing:
        return None
    return Advice(
        "class-not-tested",
        f"The test set holds no document of {listed(missing)}, so nothing is known of how well "
        "these are found.",
        {"classes": missing},
    )


def _apart(trained: Mapping[str, int], tested: Mapping[str, int]) -> Advice | None:
    sums = max(sum(trained.values()), 1), max(sum(tested.values()), 1)
    apart = sorted(
        name
        for name in trained
        if abs(trained[name] / sums[0] - tested.get(name, 0) / sums[1]) >= _MIX_APART
    )
    if not apart:
        return None
    return Advice(
        "different-mix",
        f"Training and test set hold {listed(apart)} in different shares.",
        {"classes": apart},
    )


def _confused(found: Evaluation) -> Iterable[Advice]:
    if found.confusion is None:
        return
    for actual, name in enumerate(found.classes):
        total = int(found.confusion[:, actual].sum())
        for predicted, other in enumerate(found.classes):
            count = int(found.confusion[predicted, actual])
            often = count >= max(_CONFUSED_AT_LEAST, _CONFUSED_SHARE * total)
            if predicted != actual and often:
                yield Advice(
                    "confused-classes",
                    f"{count} of {total} documents of {name} are predicted as {other}. Merge "
                    "the two, or add documents that tell them apart.",
                    {"actual": name, "predicted": other, "count": count, "of": total},
                )


def _have(count: int, noun: str, nouns: str | None = None) -> str:
    return f"{how_many(count, noun, nouns)} {'has' if count == 1 else 'have'}"


def listed(names: Sequence[str]) -> str:
    """Return the first few names, and how many more there are."""
    rest = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + rest
