"""Publish a classifier's newest version, when a person asks for it and accuracy is stable.

It moves no pointer by itself: the operation does, and refuses with its reason.
"""

from cultivar.operations import publishing
from flows.stage import stage
from flows.working import on_classifier
from tasks import reporting


@stage("publish: {classifier}")
def publish(classifier: str, actor: str | None = None, override_reason: str | None = None) -> str:
    """Make the newest version live and return its id.

    Args:
        classifier: Name or id of the classifier.
        actor: Who asks; the person of the settings when it is left out.
        override_reason: Opens the accuracy gate on the actor's word; it stays on record.
    """
    with on_classifier("publish", classifier, actor) as work:
        made = publishing.publish(work.workspace, work.actor, work.subject, override_reason)
        reporting.announce(
            "published", work.subject, {"version": made.version_id, "publication": made.number}
        )
        return made.version_id
