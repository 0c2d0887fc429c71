"""Commands about the artifact store as a whole: what takes how much, and sweeping it.

What is needed, and what may go, is the operations' to say.
"""

from typing import TYPE_CHECKING, Any

import click

from cli.base.confirmation import confirmed
from cli.base.help import Sorted, command, same_command, yes_option
from cli.base.session import Session
from cli.terminal.tables import show_table
from cultivar import operations
from cultivar.core.figures import bytes_in_words
from cultivar.core.vocabulary import how_many

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.operations.artifacts.sweeping import Share, SweepPlan
    from cultivar.operations.artifacts.usage import KindUsage, StoreUsage


@click.group(cls=Sorted)
def store() -> None:
    """See what takes how much, and remove what nothing needs any more.

    Every crawl and labelling leaves files. What is in use, what is evidence of a decision, and what
    a question about a past day needs (`cultivar audit item --on DAY`) is kept for good.
    """


def usage(session: Session) -> None:
    """Show how much each kind of artifact takes, what needs it, and what else the home holds."""
    found = operations.artifacts.store_usage(session.workspace, session.actor)
    session.answer(
        {"usage": _plain(found)},
        lambda console: _show_usage(console, found),
        "cultivar store sweep",
    )


def _plain(found: "StoreUsage") -> dict[str, Any]:
    return {
        "artifacts_at": found.artifacts_at,
        "kinds": found.kinds,
        "beside": dict(found.beside),
        "swept": found.swept,
        "bytes": found.total,
    }


def _show_usage(console: "Console", found: "StoreUsage") -> None:
    columns = ("Kind", "Files", "Live", "Evidence", "Audit", "Unneeded", "Together")
    largest_first = sorted(found.kinds, key=lambda each: -each.total.size)
    show_table(console, columns, [_usage_row(each) for each in largest_first], lead="Kind")
    rows = [[name, bytes_in_words(size)] for name, size in found.beside.items()]
    show_table(console, ("Beside artifacts", "Size"), rows)
    console.print(
        f"{bytes_in_words(found.total)} in all. Artifacts at {found.artifacts_at}. "
        f"{how_many(found.swept, 'artifact')} removed by sweeps so far.",
        markup=False,
    )


def _usage_row(each: "KindUsage") -> list[str]:
    shares = (each.live, each.evidence, each.audit, each.unneeded, each.total)
    sizes = [bytes_in_words(share.size) if share.files else "" for share in shares]
    return [each.kind, f"{each.total.files:,}", *sizes]


@click.option("--kind", "kinds", multiple=True, help="Only of this kind; may be repeated.")
@click.option(
    "--older-than",
    type=click.IntRange(min=0),
    metavar="DAYS",
    help="Unneeded for so many days; default: the setting store_grace_days. Less than that is "
    "refused while a stage is at work.",
)
@click.option("--delete", is_flag=True, help="Remove it for good, after a question.")
@yes_option
def sweep(
    session: Session, kinds: tuple[str, ...], older_than: int | None, delete: bool, yes: bool
) -> None:
    """Show what nothing needs any more; with --delete remove what has been so for long enough.

    What is unneeded is noted by a sweep with --delete and by the weekly one of `cultivar up`; from
    then on the days count. Without --delete nothing is changed.
    """
    plan = operations.artifacts.plan_sweep(session.workspace, session.actor, kinds, older_than)
    if not delete:
        session.answer({"plan": plan}, lambda console: _show_plan(console, plan), _then(plan))
        return
    due = plan.total_due
    if due.files:
        told = f"{how_many(due.files, 'file')} ({bytes_in_words(due.size)})"
        confirmed(session, f"Remove {told} for good?", yes)
    with session.working("Sweeping"):
        found = operations.artifacts.sweep_store(
            session.workspace, session.actor, kinds, older_than
        )
    session.answer({"swept": found}, lambda console: console.print(found.sentence, markup=False))


def _then(plan: "SweepPlan") -> str | None:
    if not plan.unneeded and not plan.strays.files:
        return None
    return same_command(delete=True)


def _show_plan(console: "Console", plan: "SweepPlan") -> None:
    if not plan.unneeded and not plan.strays.files:
        console.print("Everything in the store is needed.")
        return
    rows = [
        [kind, f"{share.files:,}", bytes_in_words(share.size), *_due(plan.due.get(kind))]
        for kind, share in plan.unneeded.items()
    ]
    if plan.strays.files:
        rows.append(["on no record", *_due(plan.strays), *_due(plan.strays)])
    show_table(console, ("Kind", "Unneeded", "Size", "Due", "Size of it"), rows)
    console.print(_what_is_due(plan), markup=False)


def _due(share: "Share | None") -> list[str]:
    return [f"{share.files:,}", bytes_in_words(share.size)] if share else ["0", ""]


def _what_is_due(plan: "SweepPlan") -> str:
    days = how_many(plan.days, "day")
    if plan.next_at is not None:
        return f"Due is what nothing has needed for {days}; more is on {plan.next_at:%Y-%m-%d}."
    if not plan.noted:
        return (
            f"Due is what nothing has needed for {days}. Since when that is so is not noted yet: "
            "a sweep with --delete notes it, and so does the weekly one."
        )
    return f"Due is what nothing has needed for {days}."


def add_to(program: click.Group) -> None:
    """Register the commands."""
    program.add_command(store)
    command(store, "usage", examples=("cultivar store usage", "cultivar store usage --json"))(usage)
    command(
        store,
        "sweep",
        examples=(
            "cultivar store sweep",
            "cultivar store sweep --delete",
            "cultivar store sweep --kind items --older-than 30 --delete --yes",
        ),
    )(sweep)
