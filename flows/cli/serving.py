"""The command that keeps a Prefect server and serves every flow.

Holding the processes is the serving's.
"""

import click

from flows.cli.session import Session
from flows.cli.teaching import command
from flows.deployments import deployed


def up(session: Session) -> None:
    """Serve every flow with its schedule until Ctrl-C.

    It starts the Prefect server where none runs. The nightly crawl and labelling, the weekly
    baseline and the sweep that takes up what was left behind run while it is up; other commands
    use its server.
    """
    from flows import serving

    serving.up(session.settings, click.echo)


def add_to(program: click.Group) -> None:
    """Add the commands of this room."""
    command(
        program,
        "up",
        examples=("cultivar up", "CULTIVAR_PREFECT_PORT=4300 cultivar up"),
        then="Open the address that it prints, or start a flow from elsewhere: "
        f"prefect deployment run {deployed('labelling').full_name}",
    )(up)
