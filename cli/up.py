"""The command that keeps a Prefect server and serves every flow.

Holding the processes is the serving's.
"""

from typing import TYPE_CHECKING

import click

from cli.base.help import command
from cli.base.session import Session
from processes import up as serving
from processes.deployments import deployed
from processes.prefect_server.shell_lines import environment

if TYPE_CHECKING:
    from rich.console import Console


@click.option(
    "--env",
    "only_env",
    is_flag=True,
    help="Only print the lines that let Prefect's own commands use the running server.",
)
def up(session: Session, only_env: bool) -> None:
    """Serve every flow with its schedule until Ctrl-C.

    It starts the Prefect server where none runs, and starts it again where it dies. The nightly
    crawl and labelling, the weekly baseline and the sweep that takes up what was left behind run
    while it is up; other commands use its server. The server is locked: its page asks for a
    log-in, and `prefect` needs the variables that --env prints.
    """
    if only_env:
        _print_environment(session)
        return

    serving.up(session.settings, click.echo)


def _print_environment(session: Session) -> None:
    lines = environment(session.settings)

    def show(_console: "Console") -> None:
        for name, value in lines.items():
            click.echo(f"export {name}={value}")

    session.answer({"environment": lines}, show)


def add_to(program: click.Group) -> None:
    """Register the commands."""
    command(
        program,
        "up",
        examples=(
            "cultivar up",
            "CULTIVAR_PREFECT_PORT=4300 cultivar up",
            'eval "$(cultivar up --env)"',
        ),
        then="Open the address that it prints. In another terminal, after the line with --env: "
        f"prefect deployment run {deployed('labelling').full_name}",
    )(up)
