"""Opt the tenant in: crawl its content and take the baseline of it.

Run again, every week, it renews the baseline; nothing is counted twice.
"""

import logging

from cultivar.core.roles import Action
from cultivar.core.vocabulary import how_many
from cultivar.operations.content.locations import not_readable
from cultivar.operations.tenant.accounts import actor_id
from cultivar.operations.tenant.tenant import (
    BASELINE_GATES,
    Baseline,
    bootstrap,
    finish_opt_in,
    start_opt_in,
)
from cultivar.store.workspace import open_workspace
from flows.base.claims import Work, on_tenant
from flows.base.stage import stage, today
from flows.crawl import crawl_content
from tasks import Told, say
from tasks.baseline import take_baseline
from tasks.checking import Asked


@stage(lambda _: f"opt-in: baseline of {today()}")
def opt_in(actor: str | None = None) -> Told[int]:
    """Opt in and return the number of readable documents in the baseline.

    Args:
        actor: Who asks, a global administrator; the person of the settings when left out.
    """
    with open_workspace() as workspace:
        person = actor_id(workspace, actor)
        say(f"opt-in begins, asked for by {person}")
        bootstrap(workspace, person)
        start_opt_in(workspace, person)
        crawled = crawl_content(workspace, person)
        crawled.require_known()
    with on_tenant("opt_in", Action.OPT_IN, actor, "baseline") as work:
        baseline = take_baseline(work.workspace)
        _require_gates(work, baseline)
        finish_opt_in(
            work.workspace,
            work.actor,
            baseline=baseline.baseline,
            document_frequencies=baseline.document_frequencies,
            unlabelled=baseline.unlabelled,
            documents=baseline.documents,
        )
        documents = how_many(baseline.documents, "readable document")
        level = logging.WARNING if crawled.failed else logging.INFO
        unread = sum(not_readable(work.workspace).values())
        left_out = f"; {how_many(unread, 'item')} could not be read" if unread else ""
        sentence = f"Opted in: the baseline holds {documents}{left_out}.{crawled.warning}"
        return Told(baseline.documents, sentence, level=level)


def _require_gates(work: Work, baseline: Baseline) -> None:
    facts = {"document_frequencies": {"documents": baseline.documents}}
    for gate in BASELINE_GATES:
        work.check(gate, getattr(baseline, gate), Asked(facts.get(gate, {})))
