"""What users name is never markup: every list command, with names that try to be more."""

import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unicodedata import normalize

import pytest

from cli.base.session import Session
from cli.terminal.paper import Paper
from cli.terminal.texts import on_a_line
from cultivar.operations.policies.manual_labels import set_label
from cultivar.store.tables import ClassifierRow
from tests.cli.conftest import Command
from tests.operations.mail import in_use
from tests.operations.organisation import ADMINISTRATOR, CONTRACT, Organisation, documents
from tests.operations.policing import apply, empower, label, make

NAMES = (
    "[/b]x", "[bold]y", "[bold red]z[/]", ":smile:", "clear\x1b[2J", "turned\u202eback",
    "two\nlines", "[link=file:///etc/passwd]", "표 계약",
)  # fmt: skip
PRINTABLE = tuple(name for name in NAMES if name.isprintable())


@pytest.fixture(scope="module")
def _odd(_reviewable: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which whatever a person or a file can name is named oddly, made once."""
    import shutil

    from cultivar.operations.content.aggregation import aggregate
    from cultivar.settings import read_settings
    from cultivar.store.workspace import open_workspace

    home = tmp_path_factory.mktemp("odd") / "home"
    shutil.copytree(_reviewable, home)
    settings = read_settings({"CULTIVAR_HOME": str(home), "CULTIVAR_USER": "alex"})
    with open_workspace(settings) as workspace:
        made = Organisation(workspace)
        made.agree()
        in_use(made)
        empower(workspace)
        found = zip(NAMES, documents(CONTRACT, len(NAMES), "odd", 50_000), strict=True)
        made.add("drive", [replace(each, path=f"{name}/{name}.txt") for name, each in found])
        label(workspace)
        for name in PRINTABLE:
            make(workspace, kind="sensitivity label", name=name, action={"label": name})
        apply(workspace, location="drive")
        set_label(
            workspace, ADMINISTRATOR, f"drive/{NAMES[0]}/{NAMES[0]}.txt", "retention", NAMES[1]
        )
        with workspace.registry.transaction() as session:
            session.get_one(ClassifierRow, "contracts").name = "Contracts [/b][bold]"
        aggregate(workspace, ADMINISTRATOR)
    return home


@pytest.fixture
def odd(_odd: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CULTIVAR_HOME", str(_odd))
    return _odd


@pytest.fixture
def at_terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let commands print as a terminal of a width shows it, without colours."""

    def widened(width: int) -> None:
        console = property(
            lambda _: Paper(
                file=sys.stdout, width=width, force_terminal=True, color_system=None,
                highlight=False,
            )
        )  # fmt: skip
        monkeypatch.setattr(Session, "console", console)

    return widened


LISTS = {
    "audit list --limit 200": PRINTABLE,
    "policy list": PRINTABLE,
    "explore list --location drive": NAMES,
    "explore counts --location drive": NAMES,
    "explore groups": PRINTABLE[:2],
    "status": ("Contracts [/b][bold]",),
    "status contracts": ("Contracts [/b][bold]",),
    "location list": (),
    "location show drive": (),
    "feedback contracts --list": (),
    "gate show contracts --all": (),
    "retrain status contracts": (),
    "role list": (),
}


@pytest.mark.parametrize("command", LISTS)
def test_names_are_shown_letter_by_letter_and_harmlessly(
    cultivar: Command, odd: Path, at_terminal: Callable[[int], None], command: str
) -> None:
    for width in (None, 80):
        if width:
            at_terminal(width)
        answer = cultivar(*command.split())
        assert answer.code == 0, answer.err
        assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", answer.out + answer.err)
        shown = "".join(answer.out.split())
        for name in LISTS[command]:
            assert "".join(on_a_line(name).split()) in shown, name
        if width:
            # a command to be pasted is one line, however long
            lines = [each for each in answer.out.splitlines() if not each.startswith("Next: ")]
            assert all(len(each) <= width for each in lines)


@pytest.mark.parametrize("name", PRINTABLE)
def test_one_policy_of_such_a_name_is_shown_and_one_item_is_opened(
    cultivar: Command, odd: Path, name: str
) -> None:
    shown = cultivar("policy", "show", name)
    assert shown.code == 0, shown.err
    assert name in shown.out
    alone = f"{name}.txt".rpartition("/")[2]
    typed = normalize("NFD", alone)  # as some keyboards and file systems write it
    for item in (f"drive/{name}/{name}.txt", f"{name}/{name}.txt", alone, typed):
        opened = cultivar("explore", "open", item)
        assert opened.code == 0, opened.err
        assert f"drive/{name}/{name}.txt" in opened.out
    assert name in cultivar("audit", "item", alone).out


def test_a_label_by_hand_and_its_answer_hold_no_control_character(
    cultivar: Command, odd: Path
) -> None:
    name = "clear\x1b[2J"
    said = cultivar("policy", "label", f"{name}.txt", "--kind", "retention", "--set", "[/b]")
    assert said.code == 0, said.err
    assert "\x1b" not in said.out
    assert "[/b]" in said.out


def test_a_csv_holds_no_control_character(cultivar: Command, odd: Path, tmp_path: Path) -> None:
    target = tmp_path / "all.csv"
    assert cultivar("explore", "list", "--csv", str(target)).code == 0
    text = target.read_text(encoding="utf-8-sig")
    assert "\x1b" not in text
    assert "[/b]x" in text
    assert text.count("\n") == len(text.splitlines())


@pytest.mark.parametrize(
    "surroundings",
    [
        {"PYTHONIOENCODING": "cp1252"},
        {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    ],
    ids=["cp1252", "POSIX"],
)
def test_an_output_that_lacks_characters_shows_others(
    process: Command, odd: Path, surroundings: dict[str, str]
) -> None:
    answer = process("explore", "open", "표 계약.txt", **surroundings)
    assert answer.code == 0, answer.err
    assert "??" in answer.out
    listed = process("explore", "list", "--location", "drive", "--json", **surroundings)
    paths = {each["path"] for each in json.loads(listed.out)["items"]}
    assert paths == {f"{name}/{name}.txt" for name in NAMES}


@pytest.mark.parametrize(
    "command",
    [
        ("explore", "open", "bad\udcff.txt"),
        ("explore", "list", "--folder", "bad\udcff"),
        ("policy", "label", "bad\udcff", "--kind", "retention", "--none"),
        ("location", "add", "share", "/srv/bad\udcff"),
        ("explain", "contracts", "--text", "bad\udcff"),
        ("status", "bad\udcff"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_a_name_that_is_not_utf_8_is_a_sentence(
    cultivar: Command, odd: Path, command: tuple[str, ...]
) -> None:
    assert cultivar(*command, "--json").error == "half-character"
    assert "UTF-8" in cultivar(*command).err


def test_what_feedback_lists_is_accepted_back(
    cultivar: Command, odd: Path, at_terminal: Callable[[int], None]
) -> None:
    at_terminal(80)
    shown = cultivar("feedback", "contracts", "--list").out
    short, _, *_ = shown.splitlines()[3].split()
    place = shown.splitlines()[4].split()[1]
    sent = cultivar("feedback", "contracts", "--match", short, "--match", place, "--json")
    assert sent.code == 0, sent.out
    assert sent.json["sent"]["items"] == 2
