"""Every step that the operations name has a command, and the command is one that there is."""

import click
import pytest

from cli.base.next_command import command_for
from cli.base.program import program
from cultivar.operations.classifiers.next_step import NextStep


@pytest.mark.parametrize("step", NextStep)
@pytest.mark.parametrize("classifier", ["contracts", ""])
def test_each_step_has_a_command(step: NextStep, classifier: str) -> None:
    words = command_for(step, classifier).split()
    assert words[0] == "cultivar"
    found = program.get_command(click.Context(program), words[1])
    assert found is not None
    if isinstance(found, click.Group):
        assert found.get_command(click.Context(found), words[2]) is not None
