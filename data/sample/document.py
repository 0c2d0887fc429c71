"""What a generated document is before it becomes a file: titled blocks of text with dates.

It knows nothing of grammars or file formats.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

_ARTICLE = re.compile(r"\b([Aa]) (?=(?!one\b|once\b|uni|use|usu|eu|ewe)[aeiou]|8\d?\b|1[18]\b)")
_LOOSE = re.compile(r" +(?=[,.](?:\s|$))")
_STARTS = re.compile(r"(?<=[a-z)]{2}[.?!] )[a-z]")


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of text: ``heading``, ``text``, ``item``, ``row`` (cells parted by bars), ``gap``."""

    kind: str
    text: str = ""
    level: int = 0

    @property
    def cells(self) -> list[str]:
        """Texts of a row's cells."""
        return [cell.strip() for cell in self.text.strip("|").split("|")]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes or receives: a name and a mail address."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Document:
    """One document, ready to be written in any format; times are UTC."""

    title: str
    blocks: tuple[Block, ...]
    author: Person
    recipient: Person
    created: datetime
    modified: datetime
    language: str = "en"
    key: str = field(default="0", compare=False)
    attachment: "Document | None" = None

    @property
    def lines(self) -> list[str]:
        """The text as lines, an empty one where a gap is."""
        return [plain_line(block) for block in self.blocks]

    @property
    def text(self) -> str:
        """The text that every format carries, title and attachment apart."""
        return "\n".join(self.lines)

    @property
    def whole_text(self) -> str:
        """The text, and the title and text of the attachment where there is one."""
        attached = self.attachment
        return f"{self.text}\n{attached.title}\n{attached.text}" if attached else self.text


def plain_line(block: Block) -> str:
    """A block as one line of plain text."""
    if block.kind == "item":
        return f"- {block.text}"
    return "  ".join(block.cells) if block.kind == "row" else block.text


def read_blocks(text: str, language: str) -> tuple[str, tuple[Block, ...]]:
    """Title and blocks of expanded material.

    A line that starts with ``!`` is the title, ``#`` a heading, ``-`` a list item, ``|`` a table
    row, ``%.`` a numbered heading and ``%%.`` a numbered clause; lines between ``>>>`` and ``<<<``
    are quoted.
    """
    if language == "en":
        text = _STARTS.sub(lambda found: found[0].upper(), _ARTICLE.sub(r"\1n ", text))
    text = _LOOSE.sub("", text)
    title, blocks = "", list[Block]()
    for line in _numbered(_quoted(text.split("\n"))):
        if line.startswith("! "):
            title = line[2:].strip()
        else:
            blocks.append(_block(line))
    return title, tuple(_trimmed(blocks))


def _quoted(lines: list[str]) -> Iterator[str]:
    depth = 0
    for line in lines:
        if line in (">>>", "<<<"):
            depth += 1 if line == ">>>" else -1
        else:
            yield "> " * depth + line if depth else line.strip()


def _numbered(lines: Iterator[str]) -> Iterator[str]:
    section = clause = 0
    for line in lines:
        if line.startswith("%. "):
            section, clause = section + 1, 0
            yield f"## {section}. {line[3:]}"
        elif line.startswith("%%. "):
            clause += 1
            yield f"{section}.{clause} {line[4:]}" if section else f"{clause}. {line[4:]}"
        else:
            yield line


def _block(line: str) -> Block:
    if not line:
        return Block("gap")
    if line.startswith("#"):
        marks, _, text = line.partition(" ")
        return Block("heading", text, len(marks))
    if line.startswith("- "):
        return Block("item", line[2:])
    return Block("row", line) if line.startswith("|") else Block("text", re.sub(" +", " ", line))


def _trimmed(blocks: list[Block]) -> list[Block]:
    """Blocks without gaps at either end or twice in a row."""
    kept = list[Block]()
    for block in blocks:
        if block.kind != "gap" or (kept and kept[-1].kind != "gap"):
            kept.append(block)
    return kept[:-1] if kept and kept[-1].kind == "gap" else kept
