"""Compare a live version with its release.

What counts as a change is the core's.
"""

import logging
from functools import partial
from typing import Any

from cultivar.core.drift import STEADY
from cultivar.operations.drift import measure_drift
from cultivar.store.workspace import Workspace
from tasks import Told, step


@partial(step, named="compare {classifier} with its release")
def look(workspace: Workspace, actor: str, classifier: str) -> Told[dict[str, Any]]:
    """Return the kept report of one classifier."""
    found = measure_drift(workspace, actor, classifier)
    said = " ".join(str(each["sentence"]) for each in found["findings"])
    level = logging.INFO if found["verdict"] == STEADY else logging.WARNING
    return Told(found, f"{classifier} is {found['verdict']}: {said}", level=level)
