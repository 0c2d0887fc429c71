"""Apply the enabled policies: label what is due, evaluate, check, and put labels in force.

A difference that rests on other versions than the labels in force waits until a person accepts it.
"""

from typing import Any

from cultivar.operations.policy_evaluating import Evaluated, locations_to_apply
from flows.labelling import labelling
from flows.stage import stage
from flows.working import Work, on_tenant
from tasks import reporting
from tasks.checking import check
from tasks.exploring import aggregate_explorer
from tasks.policies import evaluate_policies, put_labels


@stage("apply policies")
def apply_policies(
    locations: list[str] | None = None,
    actor: str | None = None,
    accepted: list[str] | None = None,
    preview: bool = False,
) -> list[dict[str, Any]]:
    """Return for each location that was due what changes, and the application's number.

    The number is None where nothing was applied: in a preview, or where the difference waits to be
    accepted.

    Args:
        locations: Names of locations; every content location when it is left out.
        actor: Who asks; the person of the settings when it is left out.
        accepted: Tokens of the differences that a person has seen and accepts.
        preview: Evaluate and show alone.
    """
    labelling(locations, actor)
    with on_tenant("apply_policies", actor) as work:
        due = locations_to_apply(work.workspace, work.actor, locations)
        found = [_applied(work, name, accepted or [], preview) for name in due]
        aggregate_explorer(work.workspace)
    if found:
        reporting.show_table("policies", "tenant", [_row(each) for each in found])
    return found


def _applied(work: Work, location: str, accepted: list[str], preview: bool) -> dict[str, Any]:
    evaluated = evaluate_policies(work.workspace, work.actor, location, work.advance)
    _check(work, evaluated)
    waits = evaluated.needs_acceptance and evaluated.token not in accepted
    number = None
    if not (preview or waits):
        number = put_labels(work.workspace, work.actor, evaluated, accepted)
    return {
        "location": location,
        "counts": dict(evaluated.counts),
        "token": evaluated.token,
        "changes": evaluated.changes.sha256,
        "waits": waits,
        "application": number,
    }


def _check(work: Work, evaluated: Evaluated) -> None:
    counts, tables = evaluated.counts, (evaluated.labels, evaluated.changes)
    facts = (
        {"items": counts["items"], "listed": counts["labels"]},
        {"changes": evaluated.changes.rows},
    )
    for table, stated in zip(tables, facts, strict=True):
        gate = check(work.workspace, table.schema, table, facts=stated)
        work.show(gate).require()


def _row(found: dict[str, Any]) -> dict[str, Any]:
    number = found["application"]
    state = "waits to be accepted" if found["waits"] else "shown" if number is None else "applied"
    return {"location": found["location"], "state": state, **found["counts"]}
