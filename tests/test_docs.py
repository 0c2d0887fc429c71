"""The README names every command, setting and make target that exists, and none that does not."""

import re
from pathlib import Path

import pytest

from cli.base.program import program
from cultivar.settings import SETTINGS, Setting

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.key)
def test_readme_states_each_setting_as_the_table_does(setting: Setting) -> None:
    default = "" if setting.default is None else setting.default
    assert f"| `{setting.variable}` | {default} | {setting.help} |" in README


def test_readme_names_no_setting_that_does_not_exist() -> None:
    named = set(re.findall(r"CULTIVAR_[A-Z_]+", README))
    assert named <= {setting.variable for setting in SETTINGS}


def test_readme_names_each_command_and_no_other() -> None:
    named = set(re.findall(r"`cultivar ([a-z-]+)", README))
    assert named == set(program.modules)


def test_readme_names_only_make_targets_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"(?:\$ |`)make ([a-z-]+)", README)) <= targets


def test_files_that_the_readme_links_exist() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    for link in links:
        assert (ROOT / link).exists(), link


@pytest.mark.requirement("RT-35")
def test_readme_says_whose_the_original_items_of_built_in_classifiers_are() -> None:
    assert "Built-in classifiers can be used and published but never retrained" in README
    assert "are their vendor's own" in README
