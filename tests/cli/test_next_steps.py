"""Every step has a command, and the command with its options is one that there is."""

import copy
import shlex

import click
import pytest

from cli.base.program import program
from cultivar.core.errors import CultivarError, NotReady
from cultivar.core.next_steps import NextStep, Remedy, command_for


@pytest.mark.parametrize("step", NextStep)
@pytest.mark.parametrize("subject", ["contracts", ""])
def test_each_step_has_a_command(step: NextStep, subject: str) -> None:
    program_name, *words = shlex.split(command_for(step, subject))
    assert program_name == "cultivar"
    command: click.Command = program
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words.pop(0))
        assert found is not None
        command = found
    options = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


def test_a_remedy_is_part_of_the_sentence_and_travels_with_the_error() -> None:
    remedy = Remedy(NextStep.CRAWL, "my mail")
    error = NotReady("not-crawled", "It was not crawled yet.", {"location": "my mail"}, remedy)
    assert str(error) == "It was not crawled yet. `cultivar crawl 'my mail'` crawls it."
    again = copy.copy(error)  # by the same way as between processes
    assert isinstance(again, CultivarError)
    assert (again.code, again.sentence, again.remedy) == (error.code, error.sentence, remedy)
