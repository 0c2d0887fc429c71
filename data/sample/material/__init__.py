"""Hand-written material, one file a kind of document, and the reader of these files.

It expands nothing and draws nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from data.sample.grammar import Alternative, Grammar, read_grammar

SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Form:
    """One genre of a kind: a letter, a form, a note; ``edge`` marks the less obvious ones."""

    name: str
    body: Alternative
    weight: float
    formats: dict[str, float]
    near: str
    edge: bool

    @property
    def facts(self) -> dict[str, str]:
        """Facts that the heading sets: ``let.name=value``, underscores for spaces."""
        return {
            name.removeprefix("let."): value.replace("_", " ")
            for name, value in self.body.options.items()
            if name.startswith("let.")
        }

    def option(self, name: str, default: str) -> str:
        """An option of the form's heading, or the default."""
        return self.body.options.get(name, default)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document: its grammar and its forms."""

    name: str
    language: str
    grammar: Grammar
    forms: tuple[Form, ...]


def kind_names() -> list[str]:
    """Names of all kinds, in alphabetical order."""
    return sorted(_file_names())


def _file_names() -> Iterator[str]:
    for file in files(__package__).iterdir():
        if file.name.endswith(".txt") and not file.name.startswith(SHARED):
            yield file.name.removesuffix(".txt")


@cache
def load_kind(name: str) -> Kind:
    """Read a kind's material; ``complaints.de`` is the German material of complaints.

    Raises:
        MaterialError: when the material cannot be read.
    """
    language = name.partition(".")[2] or "en"
    grammar = read_grammar(
        _read(name), load_shared(language), lambda other: load_kind(other).grammar
    )
    forms = tuple(_form(found) for found in grammar.find("form"))
    return Kind(name.partition(".")[0], language, grammar, forms)


@cache
def load_shared(language: str = "en") -> Grammar:
    """Names, places and phrases that every kind of a language may use."""
    if language == "en":
        return read_grammar(_read(SHARED))
    return read_grammar(_read(f"{SHARED}.{language}"), load_shared())


def _read(name: str) -> str:
    return (files(__package__) / f"{name}.txt").read_text(encoding="utf-8")


def _form(found: Alternative) -> Form:
    options = found.options
    formats = (entry.partition(":") for entry in options["formats"].split(","))
    return Form(
        name=options["name"],
        body=found,
        weight=float(options.get("weight", "1")),
        formats={extension: float(share or 1) for extension, _, share in formats},
        near=options.get("near", ""),
        edge="edge" in options,
    )
