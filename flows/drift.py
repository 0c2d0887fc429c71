"""Look whether what is live is still what was released, for one classifier or all of them.

It keeps a report and says when to sample more; it changes no classifier.
"""

from collections.abc import Mapping
from typing import Any

from cultivar.core.errors import NotReady
from cultivar.operations.drift import published_ids
from flows.stage import stage
from flows.working import Work, on_tenant
from tasks import reporting
from tasks.drifting import look


@stage("drift")
def drift(classifier: str | None = None, actor: str | None = None) -> dict[str, str]:
    """Compare live versions with their releases and return the verdict by classifier.

    Args:
        classifier: Name or id; every published classifier when it is left out.
        actor: Who asks; the person of the settings when it is left out.
    """
    with on_tenant("drift", actor) as work:
        if classifier is not None:
            return {classifier: _look(work, classifier)}
        verdicts = {}
        for each in published_ids(work.workspace, work.actor):
            try:
                verdicts[each] = _look(work, each)
            except NotReady as early:
                verdicts[each] = early.code
        return verdicts


def _look(work: Work, classifier: str) -> str:
    found = look(work.workspace, work.actor, classifier)
    reporting.show_table("drift", classifier, [_row(each) for each in found["findings"]])
    return str(found["verdict"])


def _row(finding: Mapping[str, Any]) -> dict[str, object]:
    shown = ("measure", "verdict", "released", "live", "sentence")
    return {column: finding[column] for column in shown}
