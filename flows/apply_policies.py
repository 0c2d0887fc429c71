"""Apply the enabled policies: label what is due, evaluate, check, and activate labels.

A difference that rests on other versions than the active labels waits until a person accepts it;
whoever agrees to what only adds labels accepts that in advance.
"""

import logging
from collections.abc import Mapping
from typing import Any

from cultivar.core.roles import Action
from cultivar.core.vocabulary import how_many
from cultivar.operations.policies.application import Agreement
from cultivar.operations.policies.evaluation import Evaluated, locations_to_apply
from cultivar.operations.policies.policies import is_any_enabled
from flows.base.claims import Work, on_tenant
from flows.base.stage import location_tag, stage, tag_run
from flows.labelling import labelling, named_by_places
from tasks import Told, reporting, say
from tasks.checking import Asked
from tasks.exploring import aggregate_explorer
from tasks.policies import evaluate_policies, put_labels


def _named(given: Mapping[str, Any]) -> str:
    return named_by_places("preview policies" if given.get("preview") else "apply policies", given)


@stage(_named)
def apply_policies(
    locations: list[str] | None = None,
    actor: str | None = None,
    accepted: list[str] | None = None,
    preview: bool = False,
    additions: bool = False,
) -> Told[list[dict[str, Any]]]:
    """Return for each location that was due what changes, and the application's number.

    The number is None where nothing was applied: in a preview, or where the difference waits to be
    accepted.

    Args:
        locations: Names of locations; every content location when it is left out.
        actor: Who asks; the person of the settings when it is left out.
        accepted: Tokens of the differences that a person has seen and accepts.
        preview: Evaluate and show alone.
        additions: Accept every difference that takes back and changes no label.
    """
    say("what is due is classified first")
    labelling(locations, actor)
    with on_tenant("apply_policies", Action.LABEL, actor) as work:
        due = locations_to_apply(work.workspace, work.actor, locations)
        tag_run(*map(location_tag, due))
        agreed = Agreement(frozenset(accepted or ()), additions)
        found = [_applied(work, name, agreed, preview) for name in due]
        aggregate_explorer(work.workspace)
        if not found:
            return Told(found, _NONE_DUE if is_any_enabled(work.workspace) else _NONE_ENABLED)
    reporting.show_table("policies", "tenant", [_row(each) for each in found])
    return _told(found)


_NONE_DUE = "Nothing was due: the active labels rest on the newest items."
_NONE_ENABLED = "Nothing was due: no policy is enabled."


def _told(found: list[dict[str, Any]]) -> Told[list[dict[str, Any]]]:
    applied = sum(each["application"] is not None for each in found)
    waits = [each["location"] for each in found if each["waits"]]
    labels = how_many(sum(each["counts"]["labels"] for each in found), "label")
    said = f"{labels} at {how_many(len(found), 'location')}; active at {applied}"
    if not waits:
        return Told(found, f"{said}.")
    accepting = f"waits to be accepted: {', '.join(waits)} (`cultivar policy apply`)"
    return Told(found, f"{said}; {accepting}.", level=logging.WARNING)


def _applied(work: Work, location: str, agreed: Agreement, preview: bool) -> dict[str, Any]:
    evaluated = evaluate_policies(work.workspace, work.actor, location, work.advance)
    _check(work, evaluated)
    accepted = agreed.covers(evaluated)
    waits = evaluated.needs_acceptance and not accepted
    number = None
    if not (preview or waits):
        tokens = [evaluated.token] if accepted else []
        number = put_labels(work.workspace, work.actor, evaluated, tokens)
    return {
        "location": location,
        "counts": dict(evaluated.counts),
        "token": evaluated.token,
        "changes": evaluated.changes.sha256,
        "labels": evaluated.labels.sha256,
        "waits": waits,
        "why": evaluated.why_it_waits if waits else None,
        "application": number,
    }


def _check(work: Work, evaluated: Evaluated) -> None:
    counts, tables = evaluated.counts, (evaluated.labels, evaluated.changes)
    facts = (
        {"items": counts["items"], "listed": counts["labels"]},
        {"changes": evaluated.changes.rows},
    )
    for table, stated in zip(tables, facts, strict=True):
        work.check(table.schema, table, Asked(stated, about=evaluated.location))


def _row(found: dict[str, Any]) -> dict[str, Any]:
    number = found["application"]
    state = "waits to be accepted" if found["waits"] else "shown" if number is None else "applied"
    return {"location": found["location"], "state": state, **found["counts"]}
