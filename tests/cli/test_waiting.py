"""A sign of life at a terminal until a command says something, and none elsewhere."""

import io
import time

import pytest

from flows.cli.waiting import AFTER, SAID, Waiting
from tests.cli.conftest import Command
from tests.cli.terminals import Terminal


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    made = Screen()
    monkeypatch.setattr("sys.stderr", made)
    monkeypatch.setattr("sys.stdout", Screen())
    return made


def test_it_begins_within_half_a_second_and_is_wiped_by_the_first_word(screen: Screen) -> None:
    assert AFTER <= 0.5
    with Waiting(wanted=True):
        end = time.monotonic() + 5
        while SAID not in screen.getvalue() and time.monotonic() < end:
            time.sleep(0.01)
        assert SAID in screen.getvalue()
        print("done")
        time.sleep(0.3)
        shown = screen.getvalue()
        assert shown.endswith(" \r")
        time.sleep(0.3)
        assert screen.getvalue() == shown


def test_a_quick_command_shows_none(screen: Screen) -> None:
    with Waiting(wanted=True):
        pass
    assert screen.getvalue() == ""


def test_the_streams_are_handed_back_and_another_one_is_left_alone(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    before = sys.stdout
    with Waiting(wanted=True):
        assert sys.stdout is not before
        proxy = Screen()
        monkeypatch.setattr("sys.stdout", proxy)
        print("x", file=sys.stderr)
        assert sys.stdout is proxy
        assert sys.stderr is screen


def test_a_pipe_and_a_script_hear_nothing(process: Command) -> None:
    answer = process("status")
    assert SAID not in answer.out + answer.err
    assert SAID not in process("status", "--json").err


def test_a_command_that_takes_long_to_import_shows_it_at_a_terminal() -> None:
    # fails only once everything is imported and the registry was looked for
    with Terminal("explain", "contracts", "--text", "x") as terminal:
        terminal.wait_for(SAID, 30)
        terminal.wait_for("not-set-up", 60)
