"""Look whether what is live is still what was released, for one classifier or all of them.

It keeps a report and says when to sample more; it changes no classifier.
"""

import logging
from collections.abc import Mapping
from typing import Any

from cultivar.core.errors import NotReady
from cultivar.core.release_report.drift import CHANGED, Finding
from cultivar.core.roles import Action
from cultivar.operations.classifier_state import classifier_state
from cultivar.operations.publishing.drift import published_ids
from flows.base.claims import Work, on_tenant
from flows.base.stage import classifier_tag, stage, tag_run, today
from tasks import Told, reporting, say
from tasks.drifting import look


def _named(given: Mapping[str, Any]) -> str:
    return f"drift: {given.get('classifier') or 'every published classifier'}, {today()}"


@stage(_named)
def drift(classifier: str | None = None, actor: str | None = None) -> Told[dict[str, str]]:
    """Compare live versions with their releases and return the verdict by classifier.

    Args:
        classifier: Name or id; every published classifier when it is left out.
        actor: Who asks; the person of the settings when it is left out.
    """
    with on_tenant("drift", Action.LABEL, actor) as work:
        if classifier is not None:
            return _told({classifier: _look(work, classifier)})
        verdicts = {}
        for each in published_ids(work.workspace, work.actor):
            try:
                verdicts[each] = _look(work, each)
            except NotReady as early:
                verdicts[each] = early.code
                say(f"{each} is left out: {early.sentence}")
        return _told(verdicts)


def _told(verdicts: dict[str, str]) -> Told[dict[str, str]]:
    said = ", ".join(f"{name}: {verdict}" for name, verdict in verdicts.items())
    level = logging.WARNING if CHANGED in verdicts.values() else logging.INFO
    return Told(verdicts, f"{said or 'No classifier is published'}.", level=level)


def _look(work: Work, classifier: str) -> str:
    tag_run(classifier_tag(classifier_state(work.workspace, classifier).classifier_id))
    found = look(work.workspace, work.actor, classifier)
    reporting.show_table("drift", classifier, [_row(each) for each in found.findings])
    return found.verdict


def _row(finding: Finding) -> dict[str, object]:
    shown = ("measure", "verdict", "released", "live", "sentence")
    return {column: getattr(finding, column) for column in shown}
