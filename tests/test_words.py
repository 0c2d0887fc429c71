"""Sentences that people read use plain, current words: in help, messages, docstrings and pages."""

import ast
import re
from collections.abc import Iterator

import click
import pytest

from cli.base.program import program
from tests.test_house import ROOMS, ROOT

# what is said another way, and how
AVOIDED = {
    r"\banew\b": "again",
    r"\bfor ever\b": "permanently, without end",
    r"\bin force\b": "active, applied",
    r"\bshut\b": "closed",
    r"\bdeeds?\b": "action, transaction",
    r"\bcase aside\b": "ignoring case",
    r"\bfor want of\b": "because there is no",
    r"\bon its account\b": "because of it",
    r"\bas it should be\b": "in order",
    r"\bhow one begins\b": "the start of one",
    r"\bhalf of a character\b": "an unpaired surrogate",
    r"\bstates? a key\b": "send a key",
    r"\b(?:room|house)s?\b": "package, the name of the package",
    r"\bis no (?:workload|order|bound|condition|address|training)\b": "unknown, is not a valid",
    r"\b(?:row a line|folder a class|models a project|items a status)\b": "per",
    r"\bit is (?:one|none)[.;]": "a full phrase",
    r"\bbelieve it when\b": "accept",
}
# stored names that keep their words, and room that is space
KEPT = {
    "aggregated-anew",
    "test items scored anew",
    "in force",
    "deed",
    "Make room there, or name another folder in TMPDIR.",
    "Return a width for each column: its own while there is room, narrow ones served first.",
}


def _texts_of_code() -> Iterator[tuple[str, str]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "generated" in path.parts or "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value


def _texts_of_help() -> Iterator[tuple[str, str]]:
    ahead: list[tuple[str, click.Command]] = list(program.every().items())
    while ahead:
        name, each = ahead.pop()
        yield name, each.get_help(click.Context(each, info_name=name))
        if isinstance(each, click.Group):
            context = click.Context(each)
            names = each.list_commands(context)
            ahead += [(f"{name} {one}", found) for one in names
                      if (found := each.get_command(context, one)) is not None]  # fmt: skip


def _texts() -> dict[str, str]:
    files = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    pages = {page.name: page.read_text(encoding="utf-8") for page in files}
    return {**pages, **dict(_texts_of_help()), **dict(_texts_of_code())}


def _found(pattern: str, text: str) -> bool:
    for kept in KEPT:
        text = text.replace(kept, "")
    return re.search(pattern, text, re.IGNORECASE) is not None


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return _texts()


@pytest.mark.parametrize("pattern", AVOIDED)
def test_no_sentence_uses_a_word_that_is_said_another_way(
    pattern: str, texts: dict[str, str]
) -> None:
    places = [place for place, text in texts.items() if _found(pattern, text)]
    assert places == [], f"say: {AVOIDED[pattern]}"


def test_such_a_word_is_found() -> None:
    assert _found(r"\banew\b", "It is made anew.")
    assert not _found(r"\banew\b", "code ``aggregated-anew``")
