"""The demonstration: a classifier from documents to labels, through the real flows.

It prepares material, server and report; the lifecycle itself is played by `flows.demo_play`.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cultivar.operations.tenant import bootstrap
from cultivar.settings import Settings
from cultivar.store.workspace import Workspace, open_workspace
from flows import server
from flows.demo_material import Material, own_material, sample_material
from flows.showing import Showing, Tell, shown

if TYPE_CHECKING:
    from rich.console import Console

Review = Callable[[str], None]
"""Lets a person review a classifier, given its id, for as long as they like."""


def run_demo(
    settings: Settings,
    *,
    positives: Path | None = None,
    others: Path | None = None,
    review: Review | None = None,
    tell: Tell | None = print,
) -> dict[str, Any]:
    """Play the lifecycle in the settings' home and return a report as plain values.

    With ``positives`` and ``others`` it grows a classifier from a person's own documents, else
    from the sample organisation. ``review`` is a person's review; without it review is simulated
    from labels held back from the model, and called so. What was played before is not played
    again: a demonstration that was killed goes on.

    Raises:
        CultivarError: a gate or a limit refused; the sentence says what to do.
    """
    os.environ |= {"CULTIVAR_HOME": str(settings.home), "CULTIVAR_USER": settings.user}
    with shown(tell) as showing:
        material = _material(settings.home, positives, others, showing)
        with open_workspace(settings) as workspace:
            bootstrap(workspace, settings.user)
            url = _played(workspace, material, showing, review)
            return _report(workspace, material, review) | {
                "seconds": {lap.step: round(lap.seconds, 1) for lap in showing.laps},
                "home": str(settings.home),
                "prefect": url,
            }


def show_report(console: "Console", report: Mapping[str, Any]) -> None:
    """Print the report for a person."""
    from flows.demo_report import print_report  # noqa: PLC0415 - needs rich's tables

    print_report(console, report)


def _material(
    home: Path, positives: Path | None, others: Path | None, showing: Showing
) -> Material:
    if positives is not None and others is not None:
        with showing.step("Share out your documents"):
            return own_material(home, positives, others)
    with showing.step("Write the sample organisation"):
        return sample_material(home)


def _played(
    workspace: Workspace, material: Material, showing: Showing, review: Review | None
) -> str:
    """Play the lifecycle within one Prefect server and return the server's address."""
    with ExitStack() as stack:
        with showing.step("Start the Prefect server"):
            found = stack.enter_context(server.running(workspace.settings))
        with showing.step("Load the flows"):
            # Prefect reads its settings when it is first imported
            from flows.demo_play import Demo, play  # noqa: PLC0415
        play(Demo(workspace, workspace.settings.user, material, showing, review))
    return found.url


def _report(workspace: Workspace, material: Material, review: Review | None) -> dict[str, Any]:
    from flows.demo_report import report_of  # noqa: PLC0415

    found = report_of(workspace, workspace.settings.user, material)
    return found | {"review": "by a person" if review else "simulated from held labels"}
