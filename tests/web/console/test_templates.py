"""Templates: nothing beyond their page's fields, every word translatable and translated."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from jinja2 import nodes
from jinja2.meta import find_undeclared_variables

from cultivar.web.console import pages
from cultivar.web.console.languages import LOCALES
from cultivar.web.console.rendering import GLOBALS, HERE, STATIC, Page, environment

TEMPLATES = HERE / "templates"
PAGES = [
    each
    for each in vars(pages).values()
    if isinstance(each, type) and issubclass(each, Page) and each is not Page
]
BUILT_IN = {"_", "gettext", "ngettext", "range", "dict", "loop", "self", "namespace", "caller"}
WORD = re.compile(r"[^\W\d_]{2,}")


def parsed(name: str) -> nodes.Template:
    return environment().parse((TEMPLATES / name).read_text(encoding="utf-8"))


def parts_of(name: str) -> set[str]:
    """Return a template and all that it extends or imports."""
    found = {name}
    extended = [each.template for each in parsed(name).find_all(nodes.Extends)]
    imported = [each.template for each in parsed(name).find_all(nodes.FromImport)]
    for each in (*extended, *imported):
        assert isinstance(each, nodes.Const)
        found |= parts_of(each.value)
    return found


def macros_of(name: str) -> set[str]:
    """Return the names of the macros that a template has or imports."""
    own = {each.name for each in parsed(name).find_all(nodes.Macro)}
    imported = [each.names for each in parsed(name).find_all(nodes.FromImport)]
    return own | {str(each) for names in imported for each in names}


@pytest.mark.parametrize("page", PAGES, ids=lambda each: each.__name__)
def test_a_template_uses_no_more_than_its_page_holds(page: type[Page]) -> None:
    known = {each.name for each in fields(page)} | set(GLOBALS) | BUILT_IN
    for name in parts_of(page.template):
        assert find_undeclared_variables(parsed(name)) <= known | macros_of(name), name


def test_every_template_belongs_to_a_page() -> None:
    reached = {part for page in PAGES for part in parts_of(page.template)}
    assert {path.name for path in TEMPLATES.iterdir()} == reached


@pytest.mark.parametrize("name", sorted(path.name for path in TEMPLATES.iterdir()))
def test_every_word_of_a_page_can_be_translated(name: str) -> None:
    """What stands outside tags and calls is punctuation, keys, commands and the product's name."""
    text = "".join(
        each.data for found in parsed(name).find_all(nodes.Output) for each in found.nodes
        if isinstance(each, nodes.TemplateData)
    )  # fmt: skip
    shown = re.sub(r"<(code|kbd)>.*?</\1>|<[^>]*>|&\w+;", " ", text, flags=re.DOTALL)
    assert set(WORD.findall(shown)) - {"Cultivar", "doctype", "html"} == set()


def messages() -> set[str]:
    method = [("**.html", "jinja2.ext.babel_extract")]
    found = extract_from_dir(str(TEMPLATES), method, keywords={"_": None, "ngettext": (1, 2)})
    ids = (each[2] for each in found)
    return {each if isinstance(each, str) else each[0] for each in ids}


@pytest.mark.parametrize("language", ["de"])
def test_every_message_is_translated_and_no_other(language: str) -> None:
    source = LOCALES / language / "LC_MESSAGES" / "console.po"
    with source.open("rb") as stream:
        catalogue = read_po(stream, locale=language)
    translated = {
        (each.id if isinstance(each.id, str) else each.id[0]): each for each in catalogue if each.id
    }
    assert set(translated) == messages()
    for each in translated.values():
        said = [each.string] if isinstance(each.string, str) else list(each.string or [""])
        assert all(said), each.id
        assert not each.fuzzy
        assert not list(each.check(catalogue)), each.id


def test_the_script_is_small_and_evaluates_nothing() -> None:
    script = STATIC["review.js"].decode()
    assert script.count("\n") <= 200
    for word in ("innerHTML", "eval(", "Function(", "insertAdjacentHTML", "document.write"):
        assert word not in script


def test_every_badge_has_a_handler() -> None:
    script = STATIC["review.js"].decode()
    table = script[script.index("const KEYS") : script.index("};")]
    handled = set(re.findall(r'^\s+"?([^":\s]+)"?: \(\)', table, re.MULTILINE))
    shown = set(re.findall(r"<kbd>(.)</kbd>", (TEMPLATES / "review.html").read_text("utf-8")))
    assert shown == handled


@pytest.mark.parametrize("path", sorted(Path(TEMPLATES).glob("*.html")), ids=lambda each: each.name)
def test_no_page_asks_for_what_its_policy_forbids(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:|https?://|\|\s*safe", text)
    assert not re.search(r"<script(?! src=)", text)
