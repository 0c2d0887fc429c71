"""Commands around a release: its report, its sample, and whether it drifts.

Figures are the operations'.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.cli.files import verdict_rows
from flows.cli.session import Session
from flows.cli.teaching import Sorted, classifier_argument, command
from flows.cli.texts import strong

if TYPE_CHECKING:
    from rich.console import Console

version_option = click.option("--version", "version", help="Of this version.")
SHARES = ("precision", "recall", "elusion")


@click.group(cls=Sorted)
def release() -> None:
    """Read release reports, and measure them on a reviewed sample."""


@classifier_argument
@version_option
def report(session: Session, name: str, version: str | None) -> None:
    """Show what a version of NAME labels and mislabels in this tenant, and how well it is known."""
    from cultivar.operations.release_reports import show_report

    found = show_report(session.workspace, session.actor, name, version)
    session.answer({"release_report": found}, lambda console: show(console, found))


def show(console: "Console", found: dict[str, Any]) -> None:
    """Print a release report."""
    from flows.cli.tables import show_table

    console.print(f"{strong(found['version'])}: {found['grade']}, {found['documents']:,} items")
    rows = [_figure(name, each) for name, each in found["figures"].items()]
    show_table(console, ("Figure", "Estimate", "95 % interval", "Grade"), rows)
    for gap in found["missing"]:
        console.print(gap["sentence"], markup=False)


def _figure(name: str, each: dict[str, Any]) -> list[str]:
    if "estimate" not in each:
        return [name, "", "", each["grade"]]
    form = "{:.1%}" if name in SHARES else "{:,.0f}"
    low, high = form.format(each["lower"]), form.format(each["upper"])
    return [name, form.format(each["estimate"]), f"{low} to {high}", each["grade"]]


@classifier_argument
@version_option
def sample(session: Session, name: str, version: str | None) -> None:
    """Draw the release sample of a version of NAME, once."""
    from cultivar.operations.release_samples import draw_release_sample

    sizes = draw_release_sample(session.workspace, session.actor, name, version)
    session.answer(
        {"reviews": sizes},
        lambda console: console.print(
            ", ".join(f"{count} of {kind}" for kind, count in sizes.items())
            + " are to be reviewed."
        ),
        f"cultivar release review {name}",
    )


@classifier_argument
@version_option
@click.option(
    "--verdicts",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV with the columns item_id and verdict (yes, no, not sure).",
)
@click.option("--list", "only_list", is_flag=True, help="List the next 30 items; stop.")
def review(
    session: Session, *, name: str, version: str | None, file: Path | None, only_list: bool
) -> None:
    """Review the release sample of NAME: by keys, or take verdicts from a file.

    Keys: y yes, n no, ? not sure, u the item before again, q quit. Yes agrees with the prediction
    shown, no does not. Nothing is learned from it. Come back at any time.
    """
    if file is not None:
        return _take(session, name, version, file)
    if only_list or session.json:
        return _list(session, name, version)
    from cultivar.operations.release_reports import show_report
    from flows.cli.sampled_reviewer import SampledReviewer

    reviewer = SampledReviewer(session, name, version)
    given = reviewer.run()
    found = show_report(session.workspace, session.actor, name, version)
    return session.answer(
        {"given": given, "release_report": found},
        lambda console: show(console, found),
        f"cultivar release {'report' if reviewer.left == 0 else 'review'} {name}",
    )


def _list(session: Session, name: str, version: str | None) -> None:
    from cultivar.operations.release_samples import next_sampled

    items = next_sampled(session.workspace, session.actor, name, version=version)
    rows = [_row(each) for each in items]
    session.answer({"items": rows}, lambda console: _show_items(console, rows))


def _take(session: Session, name: str, version: str | None, file: Path) -> None:
    from cultivar.operations.release_samples import judge_sampled

    rows = verdict_rows(file)
    verdicts = {row["item_id"].strip(): row["verdict"].strip().lower() for row in rows}
    left = judge_sampled(session.workspace, session.actor, name, verdicts, version=version)
    session.answer(
        {"given": len(verdicts), "left": left},
        lambda console: console.print(f"{len(verdicts)} verdicts are kept; {left} items are left."),
        f"cultivar release {'review' if left else 'report'} {name}",
    )


def _row(item: Any) -> dict[str, Any]:
    return {
        "item_id": item.item_id,
        "shown_as": item.shown_as,
        "score": item.score,
        "text": item.text,
    }


def _show_items(console: "Console", rows: list[dict[str, Any]]) -> None:
    from flows.cli.texts import printable

    for row in rows:
        console.print(f"{row['item_id']}  {row['shown_as']}?", markup=False)
        console.print(f"  {printable(row['text'][:200])}", markup=False)
    console.print(f"{len(rows)} items wait for a verdict.")


@click.argument("required", type=click.Choice(["on", "off"]))
def measured(session: Session, required: str) -> None:
    """Let publishing wait for measured evidence in this tenant, or not."""
    from cultivar.operations.release_reports import require_measured

    require_measured(session.workspace, session.actor, required == "on")
    session.answer(
        {"measured_required": required == "on"},
        lambda console: console.print(f"Measured evidence before publishing: {required}."),
    )


@classifier_argument
@click.option("--past", is_flag=True, help="Show what was found before; look at nothing anew.")
def drift(session: Session, name: str, past: bool) -> None:
    """Compare the live version of NAME with its release, and keep the report."""
    from cultivar.operations.drift import drift_reports, measure_drift

    if past:
        found = drift_reports(session.workspace, session.actor, name)
    else:
        found = [measure_drift(session.workspace, session.actor, name)]
    session.answer({"reports": found}, lambda console: _show_drift(console, found))


def _show_drift(console: "Console", found: list[dict[str, Any]]) -> None:
    for each in found:
        console.print(f"{each['at']:%Y-%m-%d %H:%M} UTC  {strong(each['verdict'])}")
        for finding in each["findings"]:
            console.print(f"  {finding['sentence']}", markup=False)


def add_to(program: click.Group) -> None:
    """Add the commands of this room."""
    program.add_command(release)
    command(release, "report", examples=("cultivar release report contracts",))(report)
    command(release, "sample", examples=("cultivar release sample contracts",))(sample)
    command(
        release,
        "review",
        examples=(
            "cultivar release review contracts",
            "cultivar release review contracts --verdicts verdicts.csv",
        ),
        then="`cultivar release report NAME` states what the reviews measure.",
    )(review)
    command(release, "measured", examples=("cultivar release measured on",))(measured)
    command(
        program, "drift", examples=("cultivar drift contracts", "cultivar drift contracts --past")
    )(drift)
