"""The reference pages are what the code makes of them, and what they show runs."""

import subprocess
import sys

import pytest

import cultivar
from tests import pages

NAMES = {*cultivar.__all__, "__version__"}


@pytest.mark.parametrize("name", pages.PAGES)
def test_a_reference_page_is_what_the_code_makes(name: str) -> None:
    page = (pages.DOCS / name).read_text(encoding="utf-8")
    assert pages.remade(page) == page, "make docs"
    assert pages.BLOCK.search(page)


def test_each_block_stands_on_one_page() -> None:
    found = [
        block[2]
        for name in pages.PAGES
        for block in pages.BLOCK.finditer((pages.DOCS / name).read_text(encoding="utf-8"))
    ]
    assert sorted(found) == sorted(pages.BLOCKS)


def test_the_package_shows_its_public_names_before_and_after_they_are_used() -> None:
    code = (
        "import cultivar; first = dir(cultivar); cultivar.TextClassifier; "
        "print(first == dir(cultivar), *first)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    same, *names = done.stdout.split()
    assert same == "True"
    assert set(names) == NAMES


def test_every_public_name_is_there_and_says_what_it_is() -> None:
    for name in cultivar.__all__:
        assert getattr(cultivar, name).__doc__, name
