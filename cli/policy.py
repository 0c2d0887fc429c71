"""Commands that write and list policies, and label single items by hand.

Who may, and what a policy does, is the operations' to say; trying and applying stand in modules of
their own.
"""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from cli import policy_apply as applying
from cli import policy_write as label_writing
from cli.base.confirmation import confirmed
from cli.base.help import Sorted, command, yes_option
from cli.base.session import Session
from cli.operating_point import show_points
from cli.policy_definitions import (
    KINDS,
    definition_of,
    definition_options,
    told_in_options,
    writers_of,
)
from cli.policy_dry_run import dry_run
from cli.terminal.tables import show_table
from cli.terminal.texts import strong
from cultivar import operations
from cultivar.core.errors import NotPermitted, NotReady
from cultivar.core.policies.conditions import classifiers_of
from cultivar.core.vocabulary import how_many

if TYPE_CHECKING:
    from rich.console import Console

    from cultivar.core.policies.policy import Policy
    from cultivar.operations.policies.summaries import PolicyDetails, PolicySummary
    from cultivar.operations.publishing.operating_points import PointsOfVersion


@click.group(cls=Sorted)
def policy() -> None:
    """Give labels to what published classifiers find, and take labels back."""


@click.argument("name")
@click.option(
    "--kind", required=True, type=click.Choice(tuple(KINDS)), help="What the policy gives."
)
@click.option("--disabled", is_flag=True, help="Keep it without applying it.")
@definition_options
def create(session: Session, *, name: str, kind: str, disabled: bool, **options: Any) -> None:
    """Create the policy NAME. Nothing is labelled until it is applied."""
    definition = {"name": name, "kind": KINDS[kind], "enabled": not disabled}
    whole = definition | {"condition": {}, "action": {}} | definition_of(options)
    with told_in_options(options):
        made = operations.policies.create_policy(
            session.workspace, session.actor, whole, writers_of(options) or []
        )
    _answer(session, made.policy_id, f"cultivar policy dry-run {made.policy_id}", made)


@click.argument("name")
@click.option("--rename", metavar="NAME", help="Another name; the id stays.")
@definition_options
def update(session: Session, *, name: str, rename: str | None, **options: Any) -> None:
    """Change the policy NAME: its next version. Earlier ones stay on record.

    Options of the condition replace the whole condition; of the rest only what is given changes.
    """
    workspace, actor = session.workspace, session.actor
    changes = definition_of(options) | ({"name": rename} if rename else {})
    if "action" in changes:
        held = operations.policies.policy_details(workspace, actor, name).versions[0]
        changes["action"] = held.definition["action"] | changes["action"]
    with told_in_options(options):
        made = operations.policies.update_policy(
            workspace, actor, name, changes, writers_of(options)
        )
    told = made if "condition" in changes else None
    _answer(session, made.policy_id, f"cultivar policy dry-run {made.policy_id}", told)


@click.argument("name")
def enable(session: Session, name: str) -> None:
    """Let `policy apply` apply the policy NAME again."""
    _switch(session, name, enabled=True)


@click.argument("name")
def disable(session: Session, name: str) -> None:
    """Leave the policy NAME out; `policy apply` shows which labels that takes back."""
    _switch(session, name, enabled=False)


def _switch(session: Session, name: str, *, enabled: bool) -> None:
    made = operations.policies.switch_policy(session.workspace, session.actor, name, enabled)
    _answer(session, made.policy_id, "cultivar policy apply --preview")


@click.argument("name")
def archive(session: Session, *, name: str, yes: bool) -> None:
    """Put the disabled policy NAME away: it is listed no more, and nothing of it is lost."""
    found = operations.policies.policy_details(session.workspace, session.actor, name)
    confirmed(session, f"Archive the policy {found.name} ({found.policy_id})?", yes)
    made = operations.policies.archive_policy(session.workspace, session.actor, found.policy_id)
    session.answer(
        {"archived": made},
        lambda console: console.print(f"{found.name} is archived.", markup=False),
        f"cultivar policy restore {made}",
    )


@click.argument("name")
def restore(session: Session, name: str) -> None:
    """Take the archived policy NAME back; it stays disabled."""
    made = operations.policies.restore_policy(session.workspace, session.actor, name)
    _answer(session, made, f"cultivar policy enable {made}")


@click.option("--archived", is_flag=True, help="Those that were put away.")
def list_(session: Session, archived: bool) -> None:
    """List the policies in words."""
    found = operations.policies.list_policies(session.workspace, session.actor, archived=archived)
    others = operations.policies.list_policies(
        session.workspace, session.actor, archived=not archived
    )

    def tell(console: "Console") -> None:
        if found:
            _table(console, found)
        else:
            console.print(_no_policy(archived, len(others)))

    session.answer({"policies": found}, tell)


@click.argument("name")
def show(session: Session, name: str) -> None:
    """Show the policy NAME and each version of it."""
    _answer(session, name, None)


def _answer(session: Session, name: str, then: str | None, written: "Policy | None" = None) -> None:
    """Tell a policy; of one just written also what each minimum confidence means in content."""
    details = operations.policies.policy_details(session.workspace, session.actor, name)
    points = _points(session, written) if written else []

    def tell(console: "Console") -> None:
        _details(console, details)
        for each in points:
            show_points(console, each)

    told = {"minimum_confidence": points} if points else {}
    session.answer({"policy": details} | told, tell, then)


def _points(session: Session, written: "Policy") -> "list[PointsOfVersion]":
    """Return the operating points of the classifiers that a policy asks; none of older versions."""
    found = []
    for classifier in classifiers_of(written.condition):
        with suppress(NotReady, NotPermitted):
            asked = (session.workspace, session.actor, classifier)
            found.append(operations.publishing.operating_points(*asked))
    return found


def _table(console: "Console", found: "list[PolicySummary]") -> None:
    rows = [
        [each.name, str(each.version), _state(each), each.sentence,
         ", ".join(each.writers) or "none"]
        for each in found
    ]  # fmt: skip
    show_table(console, ("Policy", "Version", "State", "What it does", "Writers"), rows)


def _no_policy(archived: bool, others: int) -> str:
    if archived:
        return "No policy is archived."
    if not others:
        return "There is no policy yet."
    put_away = f"{how_many(others, 'policy', 'policies')} {'is' if others == 1 else 'are'} archived"
    return f"No policy is in use; {put_away}: `cultivar policy list --archived`."


def _state(policy: "PolicySummary") -> str:
    state = "enabled" if policy.enabled else "disabled"
    return f"{state}, undone" if policy.undone else state


def _details(console: "Console", policy: "PolicyDetails") -> None:
    console.print(
        f"{strong(policy.name)} ({policy.policy_id}), {policy.kind}, "
        f"{_state(policy)}, priority {policy.priority}"
    )
    for each in policy.versions:
        writers = f"; writers: {', '.join(each.writers)}" if each.writers else ""
        undone = "; undone: it labels nothing any more" if each.undone else ""
        stated = each.definition
        console.print(
            f"  version {each.version}, {each.created_at:%Y-%m-%d %H:%M} UTC by "
            f"{each.created_by}: {stated['name']}, priority {stated['priority']}: "
            f"{each.sentence}{writers}{undone}",
            markup=False,
        )


@click.argument("item")
@click.option(
    "--kind", required=True, type=click.Choice(("sensitivity", "retention")), help="Which label."
)
@click.option("--set", "label", metavar="LABEL", help="Give the item this label.")
@click.option("--none", "take_away", is_flag=True, help="No label, whatever policies say.")
@click.option("--release", is_flag=True, help="Leave it to the policies again.")
def label(
    session: Session, *, item: str, kind: str, label: str | None, take_away: bool, release: bool
) -> None:
    """Set the label of one ITEM by hand: no policy overwrites it.

    ITEM is an id or the start of one, a path, or a name that only one item has.
    """
    if sum((label is not None, take_away, release)) != 1:
        raise click.UsageError("Give one of --set, --none and --release.")
    workspace, actor = session.workspace, session.actor
    if release:
        held = operations.policies.release_label(workspace, actor, item, kind)
        said = "is left to the policies" if held else "was not set by a person"
    else:
        operations.policies.set_label(workspace, actor, item, kind, label)
        said = f"is {label}" if label else "is taken away; no policy gives one"
    session.answer(
        {"item": item, "kind": KINDS[kind], "label": label, "released": release},
        lambda console: console.print(f"The {kind} label of {item} {said}.", markup=False),
        "cultivar policy apply",
    )


def add_to(program: click.Group) -> None:
    """Register the commands."""
    program.add_command(policy)
    command(
        policy,
        "create",
        examples=(
            'cultivar policy create "Keep contracts" --kind retention --classifier contracts '
            '--label "Contract, 10 years" --retain-days 3650 --then "review before deletion"',
            "cultivar policy create Confidential --kind sensitivity --label Confidential "
            '--condition \'{"or": [{"classifier": "contracts", "at_least": 0.9}, '
            '{"folder": "legal"}]}\'',
            "cultivar policy create Tone --kind communication --classifier complaints --workload "
            "exchange --label Complaint --queue desk --writer webhook",
        ),
        then="`cultivar policy dry-run NAME` shows what it would label; nothing is labelled yet.",
    )(create)
    command(
        policy,
        "update",
        examples=("cultivar policy update keep-contracts --classifier contracts --at-least 0.9",),
        then="`cultivar policy apply --preview` shows what the new version changes.",
    )(update)
    command(policy, "list", examples=("cultivar policy list",))(list_)
    command(policy, "show", examples=("cultivar policy show keep-contracts --json",))(show)
    command(
        policy,
        "dry-run",
        examples=("cultivar policy dry-run keep-contracts", "cultivar policy dry-run tone --json"),
        then="`cultivar policy apply` labels.",
    )(dry_run)
    applying.add_to(policy)
    label_writing.add_to(policy)
    command(policy, "enable", examples=("cultivar policy enable keep-contracts",))(enable)
    command(policy, "disable", examples=("cultivar policy disable keep-contracts",))(disable)
    command(
        policy, "archive", examples=("cultivar policy archive keep-contracts",)
    )(yes_option(archive))  # fmt: skip
    command(policy, "restore", examples=("cultivar policy restore keep-contracts",))(restore)
    command(
        policy,
        "label",
        examples=(
            'cultivar policy label 4f0c2a91 --kind retention --set "Contract, 10 years"',
            "cultivar policy label legal/draft.docx --kind sensitivity --none",
            "cultivar policy label 4f0c2a91 --kind retention --release",
        ),
    )(label)
