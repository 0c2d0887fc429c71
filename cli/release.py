"""Commands around a release: its report, its sample, and whether it drifts.

Figures are the operations'.
"""

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from cli.base.files import (
    list_options,
    read_verdicts,
    require_one,
    verdict_options,
)
from cli.base.help import Sorted, classifier_argument, command
from cli.base.session import Session
from cli.terminal.batch_lists import Listing, row_of
from cli.terminal.reviewer import Reviewer
from cli.terminal.sampled_items import SampledItems
from cli.terminal.tables import show_table
from cli.terminal.texts import strong
from cli.verdicts import Taken
from cultivar import operations
from cultivar.core.release_report.drift import CHANGED, JUDGED, SAMPLE_MORE
from cultivar.core.review.order import verdict_on
from cultivar.core.review.verdict_files import PREDICTION_RIGHT, REVIEW
from cultivar.core.vocabulary import how_many

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.core.release_report.grades import GradedFigure
    from cultivar.operations.publishing.drift import DriftReport
    from cultivar.operations.publishing.release_samples import ListedSample
    from cultivar.operations.publishing.summaries import ReleaseReport

version_option = click.option("--version", "version", help="Of this version.")
SHARES = ("precision", "recall", "elusion")


@click.group(cls=Sorted)
def release() -> None:
    """Read release reports, and measure them on a reviewed sample."""


@classifier_argument
@version_option
def report(session: Session, name: str, version: str | None) -> None:
    """Show what a version of NAME labels and mislabels in this tenant, and how well it is known."""
    found = operations.publishing.show_report(session.workspace, session.actor, name, version)
    live = operations.classifier_state.classifier_state(session.workspace, name).published_version

    def tell(console: "Console") -> None:
        show(console, found)
        if live is not None and live != found.version:
            console.print(
                f"This is the newest version; live is {live}: `cultivar release report "
                f"{quote(name)} --version {live}`.",
                markup=False,
            )

    session.answer({"release_report": found, "live": live}, tell)


def show(console: "Console", found: "ReleaseReport") -> None:
    """Print a release report."""
    console.print(f"{strong(found.version)}: {found.grade}, {found.documents:,} items")
    figures = dict(found.figures)
    counted = found.counted
    rows = []
    if counted is not None:
        figures.pop("labelled")
        rows.append(["labelled", f"{counted.labelled:,}", "", "counted"])
    rows += [_figure(name, each) for name, each in figures.items()]
    show_table(console, ("Figure", "Estimate", "95 % interval", "Grade"), rows)
    if counted is not None:
        console.print(
            f"Labelled is counted: the version has classified all {counted.documents:,} items."
        )
    right = found.calibration.sentence if found.calibration else None
    for said in (found.poorly_known, right, *(gap.sentence for gap in found.missing)):
        if said:
            console.print(said, markup=False)


def _figure(name: str, each: "GradedFigure") -> list[str]:
    if each.estimate is None:
        return [name, "", "", each.grade]
    form = "{:.1%}" if name in SHARES else "{:,.0f}"
    low, high = form.format(each.lower), form.format(each.upper)
    return [name, form.format(each.estimate), f"{low} to {high}", each.grade]


@classifier_argument
@version_option
def sample(session: Session, name: str, version: str | None) -> None:
    """Draw the release sample of a version of NAME, once."""
    sizes = operations.publishing.draw_release_sample(
        session.workspace, session.actor, name, version
    )
    session.answer(
        {"reviews": sizes},
        lambda console: console.print(
            f"{how_many(sum(sizes.values()), 'item')} to review: "
            f"{', '.join(f'{count} of {stratum}' for stratum, count in sizes.items())}."
        ),
        f"cultivar release review {quote(name)}",
    )


@classifier_argument
@version_option
@verdict_options(
    "relevant (yes, no, not sure: whether the document is one of the kind) or prediction_right "
    "(the same: whether the prediction listed is right)"
)
@list_options("the whole sample with its paths", "that list")
def review(
    session: Session,
    *,
    name: str,
    version: str | None,
    file: Path | None,
    skip_empty: bool,
    only_list: bool,
    target: Path | None,
) -> None:
    """Review the release sample of NAME: by keys, or take verdicts from a file.

    Keys: y yes, n no, m not sure, u take back, o open the document, ? help, q quit. Yes agrees with
    the prediction shown, no does not. Nothing is learned from it. Come back at any time.

    A file of verdicts is taken whole or refused whole. Its column relevant says what a document
    is; prediction_right says whether the prediction that the list shows is right.
    """
    require_one(file, lists=only_list or target is not None)
    if file is not None:
        return _take(session, name, version, file, skip_empty=skip_empty)
    if only_list or target is not None or session.json:
        return _list(session, name, version, target)

    pile = SampledItems(session, name, version)
    given = Reviewer(session, pile).run()
    if pile.ended:
        session.tell(pile.ended)
    found = operations.publishing.show_report(session.workspace, session.actor, name, version)
    return session.answer(
        {"given": given, "release_report": found},
        lambda console: show(console, found),
        f"cultivar release {'report' if pile.left == 0 else 'review'} {quote(name)}",
    )


def _list(session: Session, name: str, version: str | None, target: Path | None) -> None:
    items = operations.publishing.sampled_items(
        session.workspace, session.actor, name, version=version
    )
    rows = [
        row_of(each.named, "path", each.shown_as, each.score)
        | {"shown_as": each.shown_as, "relevant": each.relevant}
        for each in items
    ]
    wait = _waiting(sum(row["relevant"] is None for row in rows))
    left = f"{how_many(len(rows), 'item')} in the sample; {wait}."
    Listing(rows, "path", left, written=f"; {wait}").answer(
        session, {}, target, f"cultivar release review {quote(name)}"
    )


def _take(
    session: Session, name: str, version: str | None, file: Path, *, skip_empty: bool
) -> None:
    items = operations.publishing.sampled_items(
        session.workspace, session.actor, name, version=version
    )
    read = read_verdicts(file, REVIEW, skip_empty=skip_empty)
    verdicts = operations.publishing.answers_of_file(items, read)
    stand = {each.named.item_id: each.verdict for each in items}
    new = {item: verdict for item, verdict in verdicts.items() if stand[item] != verdict}
    left = operations.publishing.judge_sampled(
        session.workspace, session.actor, name, new, version=version
    )
    taken = Taken(read.says, _answers(items, new, read.says), len(verdicts) - len(new), read.empty)
    said = f"{taken.sentence} In the sample {_waiting(left)}."
    session.answer(
        {"given": len(new), "left": left, "verdicts": taken.figures},
        lambda console: console.print(said, markup=False),
        f"cultivar release {'review' if left else 'report'} {quote(name)}",
    )


def _answers(
    items: "Sequence[ListedSample]", verdicts: Mapping[str, str], says: str
) -> Counter[str]:
    """Count verdicts in the words of the column that gave them."""
    kinds = {each.named.item_id: each.prediction for each in items}
    if says == PREDICTION_RIGHT:
        return Counter(verdicts.values())
    return Counter(verdict_on(kinds[item], verdict) for item, verdict in verdicts.items())


def _waiting(left: int) -> str:
    return f"{how_many(left, 'item')} {'waits' if left == 1 else 'wait'} for a verdict"


@click.argument("required", type=click.Choice(["on", "off"]))
def measured(session: Session, required: str) -> None:
    """Require measured evidence before publishing, or stop requiring it."""
    operations.publishing.require_measured(session.workspace, session.actor, required == "on")
    session.answer(
        {"measured_required": required == "on"},
        lambda console: console.print(f"Measured evidence before publishing: {required}."),
    )


@classifier_argument
@click.option("--past", is_flag=True, help="Show earlier reports; measure nothing.")
def drift(session: Session, name: str, past: bool) -> None:
    """Compare the live version of NAME with its release, and keep the report."""
    if past:
        found = operations.publishing.drift_reports(session.workspace, session.actor, name)
    else:
        found = [operations.publishing.measure_drift(session.workspace, session.actor, name)]
    session.answer(
        {"reports": found},
        lambda console: _show_drift(console, found),
        _after_drift(found[0]) if found else f"cultivar drift {shlex.quote(name)}",
    )


def _after_drift(newest: "DriftReport") -> str | None:
    """Return the command that brings what the newest report asks for; none where all is steady."""
    name, version = newest.classifier, newest.version
    if newest.verdict == CHANGED:
        return f"cultivar release sample {quote(name)} --version {version}"
    asking = [each.measure for each in newest.findings if each.verdict == SAMPLE_MORE]
    if not asking:
        return None
    # matches are judged by people; scores and match rate are of the content that is crawled
    return f"cultivar feedback {quote(name)}" if JUDGED in asking else "cultivar crawl"


def _show_drift(console: "Console", found: "list[DriftReport]") -> None:
    if not found:
        console.print("No drift report is kept yet.")
    for each in found:
        console.print(f"{each.at:%Y-%m-%d %H:%M} UTC  {strong(each.verdict)}")
        for finding in each.findings:
            console.print(f"  {finding.sentence}", markup=False)


def add_to(program: click.Group) -> None:
    """Register the commands."""
    program.add_command(release)
    command(release, "report", examples=("cultivar release report contracts",))(report)
    command(release, "sample", examples=("cultivar release sample contracts",))(sample)
    command(
        release,
        "review",
        examples=(
            "cultivar release review contracts",
            "cultivar release review contracts --csv sample.csv",
            "cultivar release review contracts --verdicts sample.csv",
        ),
        then="`cultivar release report NAME` states what the reviews measure.",
    )(review)
    command(release, "measured", examples=("cultivar release measured on",))(measured)
    command(
        program, "drift", examples=("cultivar drift contracts", "cultivar drift contracts --past")
    )(drift)
