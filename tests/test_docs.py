"""The pages name every command, setting and make target that exists, and none that does not."""

import re
from pathlib import Path

import pytest

from cli.base.program import program
from cultivar.settings import SETTINGS, Setting

ROOT = Path(__file__).parent.parent
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
}
README = PAGES["README.md"]


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.key)
def test_the_page_of_settings_states_each_as_the_table_does(setting: Setting) -> None:
    default = "" if setting.default is None else setting.default
    assert f"| `{setting.variable}` | {default} | {setting.help} |" in PAGES["docs/settings.md"]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_no_setting_command_or_make_target_that_does_not_exist(page: str) -> None:
    text = PAGES[page]
    settings = set(re.findall(r"CULTIVAR_[A-Z_]*[A-Z]", text))
    assert settings <= {setting.variable for setting in SETTINGS}
    assert set(re.findall(r"`cultivar ([a-z-]+)", text)) <= set(program.modules)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"(?:\$ |`)make ([a-z-]+)", text)) <= targets


def test_the_page_of_commands_names_each() -> None:
    assert set(re.findall(r"`cultivar ([a-z-]+)", PAGES["docs/commands.md"])) == set(
        program.modules
    )


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_links_is_there(page: str) -> None:
    for link, _, heading in re.findall(r"\]\(([^)#:]*)(#([^)]+))?\)", PAGES[page]):
        target = (ROOT / page).parent / link if link else ROOT / page
        assert target.exists(), link
        if heading:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {_anchor(each) for each in headings}, f"{link}#{heading}"


def _anchor(heading: str) -> str:
    return re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-")


def test_the_readme_links_every_page() -> None:
    linked = set(re.findall(r"\]\((docs/[a-z]+\.md)", README))
    assert linked == set(PAGES) - {"README.md"}


@pytest.mark.requirement("RT-35")
def test_readme_says_whose_the_original_items_of_built_in_classifiers_are() -> None:
    assert "Built-in classifiers can be used and published but never retrained" in README
    assert "are their vendor's own" in README
