"""Commands about gates in general: list them with their thresholds, and export their suites.

What a gate asks for is its suite's to say.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.base.files import written_aside
from cli.base.help import command
from cli.base.session import Session
from cli.terminal.texts import strong
from cultivar import operations
from expectations import SUITES
from expectations.guarding import GUARDS

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.operations.gates import LastOutcome


def _known_gates(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    return [name for name in SUITES if name.startswith(incomplete)]


def list_(session: Session) -> None:
    """List every gate: what waits behind it, its thresholds, its last outcome."""
    workspace = session.existing_workspace()
    last = operations.gates.last_outcomes(workspace, session.actor) if workspace else {}
    asked = session.settings.thresholds.as_dict()
    found = {
        name: {
            "flow": each.flow,
            "guards": each.guards,
            "thresholds": {key: asked[key] for key in each.thresholds},
            "last": last.get(name),
        }
        for name, each in GUARDS.items()
    }
    session.answer({"gates": found}, lambda console: _list(console, found))


def _list(console: "Console", found: dict[str, dict[str, Any]]) -> None:
    for name, each in found.items():
        console.print(f"{strong(name)} ({each['flow']}): {_last(each['last'])}")
        console.print(f"  must pass before {each['guards']}", markup=False)
        for key, value in each["thresholds"].items():
            console.print(f"  {key} {value:,}", markup=False)
    console.print("docs/gates.md lists the rules; `cultivar settings` says where thresholds stand.")


def _last(last: "LastOutcome | None") -> str:
    if last is None:
        return "not evaluated yet"
    of = f" for {last.classifier}" if last.classifier else ""
    return f"{last.outcome}{of}, {last.at:%Y-%m-%d %H:%M} UTC"


@click.argument("gate_name", metavar="GATE", shell_complete=_known_gates)
@click.option(
    "--to", "target", type=click.Path(dir_okay=False, path_type=Path), help="Write this file."
)
def export(session: Session, gate_name: str, target: Path | None) -> None:
    """Write the suite of GATE as Great Expectations JSON, to standard output or a file.

    It holds the active thresholds. `gx.ExpectationSuite(**json.load(file))` loads it; run
    `import expectations.custom` first where its meta names custom expectations.
    """
    if gate_name not in SUITES:
        raise operations.lookups.unknown("gate", gate_name, SUITES, {})
    from expectations.exporting import exported

    suite = exported(gate_name, session.settings.thresholds)
    if target is None:
        click.echo(json.dumps(suite, indent=2))
        return
    with written_aside(target) as file:
        file.write(json.dumps(suite, indent=2) + "\n")
    rules = len(suite["expectations"])
    session.answer(
        {"gate": gate_name, "file": str(target), "expectations": rules},
        lambda console: console.print(f"{rules} expectations written to {target}.", markup=False),
    )


def add_to(gate: click.Group) -> None:
    """Register the commands in the group of gates."""
    command(gate, "list", examples=("cultivar gate list", "cultivar gate list --json"))(list_)
    command(
        gate,
        "export",
        examples=(
            "cultivar gate export seed_set --to seed_set.json",
            "cultivar gate export accuracy > accuracy.json",
        ),
    )(export)
