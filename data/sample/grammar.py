"""Expands hand-written material into text by seeded draws.

It knows nothing of kinds, files or formats, and it never reads a clock or unseeded randomness.

Material is a text file of rules. ``== name`` opens a list, one alternative a line. ``=== name``
opens a block: all lines up to the next rule are one alternative, and several blocks of one name
are alternatives of one another; words after the name are options (``key=value``). Within a line:

* ``{a|b}`` takes one, ``[a]`` is there half of the time, and both nest;
* ``<name>`` is the document's fact of that name, or else an alternative of the rule;
  ``<^name>`` starts it with a capital, ``<@name>`` draws it once and repeats it in the document,
  ``<kind:name>`` takes the rule of another kind's material;
* ``<3..9>`` is a number;
* ``<name*2-4>`` takes two to four different alternatives as sentences of one paragraph,
  ``<name+2-4>`` as paragraphs, ``<name#2-4>`` as list items, ``<name~2-4>`` as numbered clauses,
  ``<name/2-4>`` as lines.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import TypeAlias

Fact: TypeAlias = str | Callable[[Random], str]

_SLOT = re.compile(r"([@^]*)(?:(\w+):)?(\w+)(?:([*+#~/])(\d+)(?:-(\d+))?)?")
_RANGE = re.compile(r"(\d+)\.\.(\d+)")
_BEFORE = {"*": "", "+": "", "#": "- ", "~": "%%. ", "/": ""}
_BETWEEN = {"*": " ", "+": "\n\n", "#": "\n", "~": "\n", "/": "\n"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several sequences."""

    options: tuple["Sequence", ...]


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number between two bounds, both included."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A fact or a rule, drawn once or several times."""

    name: str
    marks: str = ""
    kind: str = ""
    join: str = ""
    low: int = 1
    high: int = 1


Node: TypeAlias = str | Choice | Number | Slot
Sequence: TypeAlias = tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to expand a rule, with the options its heading gave."""

    body: Sequence
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Draw:
    """The state of one document: its randomness, its facts, and what it has used already."""

    random: Random
    facts: dict[str, Fact]
    used: dict[str, set[int]] = field(default_factory=dict)


class MaterialError(ValueError):
    """Material that cannot be read, or that names a rule which nobody wrote."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """Rules by name; a name that is missing here is looked up in the shared grammar.

    ``others`` finds the grammar of another kind by its name.
    """

    rules: Mapping[str, tuple[Alternative, ...]]
    shared: "Grammar | None" = None
    others: "Callable[[str], Grammar] | None" = None

    def find(self, name: str) -> tuple[Alternative, ...]:
        """Alternatives of a rule.

        Raises:
            MaterialError: when neither grammar has the rule.
        """
        if name in self.rules:
            return self.rules[name]
        if self.shared is None:
            msg = f"no rule or fact is called {name!r}"
            raise MaterialError(msg)
        return self.shared.find(name)

    def expand(self, name: str, draw: Draw) -> str:
        """Text of a fact, or of an alternative of a rule that the document has not used yet."""
        fact = draw.facts.get(name)
        if fact is not None:
            return fact if isinstance(fact, str) else fact(draw.random)
        return self.write(_deal(self.find(name), name, draw).body, draw)

    def write(self, body: Sequence, draw: Draw) -> str:
        """Text of a sequence of nodes."""
        return "".join(self._node(node, draw) for node in body)

    def _node(self, node: Node, draw: Draw) -> str:
        if isinstance(node, str):
            return node
        if isinstance(node, Number):
            return str(draw.random.randint(node.low, node.high))
        if isinstance(node, Choice):
            return self.write(draw.random.choice(node.options), draw)
        return self._slot(node, draw)

    def _slot(self, slot: Slot, draw: Draw) -> str:
        if slot.kind and self.others is not None:
            return self.others(slot.kind)._slot(replace(slot, kind=""), draw)
        if "@" in slot.marks and slot.name not in draw.facts:
            draw.facts[slot.name] = self.expand(slot.name, draw)
        if not slot.join:
            text = self.expand(slot.name, draw)
            return capitalise(text) if "^" in slot.marks else text
        count = draw.random.randint(slot.low, slot.high)
        parts = (capitalise(self.expand(slot.name, draw)) for _ in range(count))
        return _BETWEEN[slot.join].join(_BEFORE[slot.join] + part for part in parts)


def capitalise(text: str) -> str:
    """The text with its first letter in upper case and the rest left alone."""
    return text[:1].upper() + text[1:]


def _deal(options: tuple[Alternative, ...], name: str, draw: Draw) -> Alternative:
    used = draw.used.setdefault(name, set())
    if len(used) == len(options):
        used.clear()
    index = draw.random.choice([n for n in range(len(options)) if n not in used])
    used.add(index)
    return options[index]


def read_grammar(
    text: str,
    shared: Grammar | None = None,
    others: Callable[[str], Grammar] | None = None,
) -> Grammar:
    """Parse one file of material.

    Raises:
        MaterialError: on text before the first rule, or on brackets that do not close.
    """
    rules: dict[str, list[Alternative]] = {}
    for heading, lines in _sections(text):
        name, options = _heading(heading)
        rules.setdefault(name, []).extend(_alternatives(heading, lines, options))
    return Grammar({name: tuple(found) for name, found in rules.items()}, shared, others)


def _sections(text: str) -> Iterator[tuple[str, list[str]]]:
    heading, lines = "", list[str]()
    for line in text.splitlines():
        if line.startswith(("== ", "=== ")):
            if heading:
                yield heading, lines
            heading, lines = line, []
        elif heading:
            lines.append(line.rstrip())
        elif line.strip() and not line.startswith("//"):
            msg = f"material before the first rule: {line[:60]!r}"
            raise MaterialError(msg)
    if heading:
        yield heading, lines


def _heading(heading: str) -> tuple[str, dict[str, str]]:
    name, *options = heading.split()[1:]
    return name, dict(option.split("=", 1) for option in options)


def _alternatives(heading: str, lines: list[str], options: dict[str, str]) -> Iterable[Alternative]:
    if heading.startswith("=== "):
        return [Alternative(parse("\n".join(lines).strip("\n")), options)]
    written = (line.strip() for line in lines)
    return [
        Alternative(parse(line.replace("\\n", "\n")), options)
        for line in written
        if line and not line.startswith("//")
    ]


def parse(text: str) -> Sequence:
    """Nodes of a line or block.

    Raises:
        MaterialError: when a bracket is left open or closed too often.
    """
    options, end = _options(text, 0, "")
    if end != len(text):
        msg = f"unexpected {text[end]!r} at {end} in {text[:60]!r}"
        raise MaterialError(msg)
    return options[0]


_CLOSERS = {"{": "}", "[": "]"}
_PLAIN = re.compile(r"[^{}\[\]<|]+")


def _options(text: str, start: int, closer: str) -> tuple[list[Sequence], int]:
    """Sequences separated by bars, and the position of the closer (or of the end)."""
    options: list[list[Node]] = [[]]
    at = start
    while at < len(text) and text[at] not in "}]":
        if text[at] == "|" and closer == "}":
            options.append([])
            at += 1
            continue
        node, at = _next(text, at)
        options[-1].append(node)
    if closer and text[at : at + 1] != closer:
        msg = f"no {closer!r} for the bracket at {start - 1} in {text[:60]!r}"
        raise MaterialError(msg)
    return [tuple(option) for option in options], at


def _next(text: str, at: int) -> tuple[Node, int]:
    opener = text[at]
    if opener in _CLOSERS:
        options, end = _options(text, at + 1, _CLOSERS[opener])
        return Choice((*options, ()) if opener == "[" else tuple(options)), end + 1
    if opener == "<" and (end := text.find(">", at)) > 0:
        slot = _parse_slot(text[at + 1 : end])
        if slot is not None:
            return slot, end + 1
    if opener in "<|":
        return opener, at + 1
    plain = _PLAIN.match(text, at)
    assert plain is not None  # noqa: S101 - every other first letter is handled above
    return plain.group(), plain.end()


def _parse_slot(inside: str) -> Slot | Number | None:
    if numbers := _RANGE.fullmatch(inside):
        return Number(int(numbers[1]), int(numbers[2]))
    if not (found := _SLOT.fullmatch(inside)):
        return None
    marks, kind, name, join, low, high = found.groups()
    return Slot(name, marks, kind or "", join or "", int(low or 1), int(high or low or 1))
