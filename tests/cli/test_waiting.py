"""A sign of life at a terminal until a command says something, and none elsewhere."""

import io
import sys
import time

import pytest

from cli.terminal.waiting import AFTER, SAID, Waiting
from tests.cli.conftest import Command
from tests.cli.terminals import Terminal


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Put screens in the place of both streams, and return that of the errors."""
    made = Screen()
    monkeypatch.setattr("sys.stderr", made)
    monkeypatch.setattr("sys.stdout", Screen())
    return made


def test_it_begins_within_half_a_second_and_is_wiped_by_the_first_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    errors = screen(monkeypatch)
    assert AFTER <= 0.5
    with Waiting(wanted=True):
        end = time.monotonic() + 5
        while SAID not in errors.getvalue() and time.monotonic() < end:
            time.sleep(0.01)
        assert SAID in errors.getvalue()
        print("done")
        time.sleep(0.3)
        shown = errors.getvalue()
        assert shown.endswith(" \r")
        time.sleep(0.3)
        assert errors.getvalue() == shown


def test_a_question_and_a_whole_screen_end_it_though_they_pass_by_the_stream(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for stream in ("stdout", "stderr"):
        errors = screen(monkeypatch)
        with Waiting(wanted=True):
            end = time.monotonic() + 5
            while SAID not in errors.getvalue() and time.monotonic() < end:
                time.sleep(0.01)
            getattr(sys, stream).flush()
            shown = errors.getvalue()
            assert shown.endswith(" \r")
            time.sleep(0.3)
            assert errors.getvalue() == shown


def test_a_quick_command_shows_none(monkeypatch: pytest.MonkeyPatch) -> None:
    errors = screen(monkeypatch)
    with Waiting(wanted=True):
        pass
    assert errors.getvalue() == ""


def test_the_streams_are_handed_back_and_another_one_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    errors = screen(monkeypatch)
    before = sys.stdout
    with Waiting(wanted=True):
        assert sys.stdout is not before
        proxy = Screen()
        monkeypatch.setattr("sys.stdout", proxy)
        print("x", file=sys.stderr)
        assert sys.stdout is proxy
        assert sys.stderr is errors


def test_a_pipe_and_a_script_hear_nothing(process: Command) -> None:
    answer = process("status")
    assert SAID not in answer.out + answer.err
    assert SAID not in process("status", "--json").err


def test_a_command_that_takes_long_to_import_shows_it_at_a_terminal() -> None:
    # fails only once everything is imported and the registry was looked for
    with Terminal("explain", "contracts", "--text", "x") as terminal:
        terminal.wait_for(SAID, 30)
        terminal.wait_for("not-set-up", 60)
