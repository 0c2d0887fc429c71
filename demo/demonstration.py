"""The demonstration: a classifier from documents to labels, through the real flows.

It prepares material, server and report; the lifecycle itself is played by `demo.play`, its
second half by `demo.second_half`.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import demo
from cultivar.operations.tenant.tenant import bootstrap
from cultivar.settings import Settings
from cultivar.store.homes import private_folder
from cultivar.store.workspace import Workspace, open_workspace
from demo.material import COMPLAINTS, Material, own_material, sample_material
from demo.progress import Showing, Tell, shown
from processes import children
from processes.prefect_server import server

if TYPE_CHECKING:
    from rich.console import Console

    from demo.play import Demo

Review = Callable[[str], None]
"""Lets a person review a classifier, given its id, for as long as they like."""


def run_demo(
    settings: Settings,
    *,
    positives: Path | None = None,
    others: Path | None = None,
    review: Review | None = None,
    retrain: bool = False,
    tell: Tell | None = print,
) -> dict[str, Any]:
    """Play the lifecycle in the settings' home and return a report as plain values.

    With ``positives`` and ``others`` it grows a classifier from a person's own documents, else
    from the sample organisation. ``review`` is a person's review; without it review is simulated
    from labels held back from the model, and called so. ``retrain`` plays the second half too, on
    the sample organisation: a second classifier, policies, feedback, a retraining and what follows.
    What was played before is not played again: a demonstration that was killed goes on.

    Raises:
        CultivarError: a gate or a limit refused; the sentence says what to do.
    """
    os.environ |= {"CULTIVAR_HOME": str(settings.home), "CULTIVAR_USER": settings.user}
    private_folder(settings.home, settings.home)
    with shown(tell) as showing:
        material = _material(settings.home, positives, others, showing)
        with open_workspace(settings) as workspace:
            bootstrap(workspace, settings.user)
            with _server(workspace, showing) as url:
                first = demo.Demo(workspace, settings.user, material, showing, review)
                demo.play(first)
                further = _second_half(first) if retrain else {}
            return (
                _report(workspace, material, review)
                | further
                | {
                    "seconds": {lap.step: round(lap.seconds, 1) for lap in showing.laps},
                    "home": str(settings.home),
                    "prefect": url,
                }
            )


def show_report(console: "Console", report: Mapping[str, Any]) -> None:
    """Print the report for a person."""
    demo.print_report(console, report)
    if "second_half" in report:
        demo.print_second_half(console, report["second_half"])
    demo.print_times(console, report)


def _material(
    home: Path, positives: Path | None, others: Path | None, showing: Showing
) -> Material:
    if positives is not None and others is not None:
        with showing.step("Share out your documents"):
            return own_material(home, positives, others)
    with showing.step("Write the sample organisation"):
        return sample_material(home)


@contextmanager
def _server(workspace: Workspace, showing: Showing) -> Iterator[str]:
    """Hold a Prefect server for the block, with the flows loaded; yields its address."""
    with ExitStack() as stack:
        with showing.step("Start the Prefect server"):
            stack.enter_context(children.working_there(workspace.settings.home))
            found = stack.enter_context(server.running(workspace.settings))
        with showing.step("Load the flows"):
            _ = demo.play, demo.play_second_half
        yield found.url


def _second_half(first: "Demo") -> dict[str, Any]:
    """Grow the second classifier, play the second half, and return the report of it."""
    material = sample_material(first.workspace.settings.home, COMPLAINTS)
    second = replace(first, material=material, mark=f"{material.classifier}: ")
    demo.play(second)
    played = demo.play_second_half(replace(second, mark=""))
    return {"second_half": demo.second_report(second, played)}


def _report(workspace: Workspace, material: Material, review: Review | None) -> dict[str, Any]:
    found = demo.report_of(workspace, workspace.settings.user, material)
    return found | {"review": "by a person" if review else "simulated from held labels"}
