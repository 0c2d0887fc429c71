"""Opt the tenant in: crawl its content and take the baseline of it.

Run again, every week, it renews the baseline; nothing is counted twice.
"""

from cultivar.operations.tenant import (
    BASELINE_GATES,
    Baseline,
    bootstrap,
    finish_opt_in,
    start_opt_in,
)
from cultivar.store.workspace import open_workspace
from flows.crawl import crawl_content
from flows.stage import stage
from flows.working import Work, on_tenant
from tasks.baseline import take_baseline
from tasks.checking import check


@stage("opt-in")
def opt_in(actor: str | None = None) -> int:
    """Opt in and return the number of readable documents in the baseline.

    Args:
        actor: Who asks, a global administrator; the person of the settings when left out.
    """
    with open_workspace() as workspace:
        person = actor or workspace.settings.user
        bootstrap(workspace, person)
        start_opt_in(workspace, person)
        crawl_content(workspace, person)
    with on_tenant("opt_in", actor) as work:
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
        return baseline.documents


def _require_gates(work: Work, baseline: Baseline) -> None:
    facts = {"document_frequencies": {"documents": baseline.documents}}
    for gate in BASELINE_GATES:
        artifact = getattr(baseline, gate)
        work.show(check(work.workspace, gate, artifact, facts=facts.get(gate))).require()
