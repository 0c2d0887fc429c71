"""Compare a live version with its release.

What counts as a change is the core's.
"""

import logging
from functools import partial

from cultivar.core.release_report.drift import CHANGED
from cultivar.operations.publishing.drift import DriftReport, measure_drift
from cultivar.store.workspace import Workspace
from tasks import Told, step


@partial(step, named="compare {classifier} with its release")
def look(workspace: Workspace, actor: str, classifier: str) -> Told[DriftReport]:
    """Return the kept report of one classifier."""
    found = measure_drift(workspace, actor, classifier)
    said = " ".join(each.sentence for each in found.findings)
    level = logging.WARNING if found.verdict == CHANGED else logging.INFO
    return Told(found, f"{classifier}: {found.verdict}. {said}", level=level)
